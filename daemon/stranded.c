/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See stranded.h. */
#include "daemon/stranded.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/conntrack.h"
#include "daemon/log.h"
#include "policy/mark.h"

/* A packet that was classified just before failover is pinned just after it. */
#define FORGET_AGAIN_S 0.2

struct stranded {
	struct ev_loop *loop;
	ev_timer again;
	uint32_t mask;                      /* of marks */
	unsigned slots;                     /* bit of each whose connections were last forgotten */
	unsigned left;                      /* bit of each whose path is no longer in the config */
	uint32_t address[CONFIG_PATHS_MAX]; /* by slot: that its connections were translated to */
};

static void forget(uint32_t mask, unsigned slot, bool all)
{
	int r = conntrack_forget(mark_of_path(mask, slot), all ? mark_path_mask(mask) : mask);

	if (r < 0)
		log_warn("cannot forget connections of a lost path: %s", strerror(-r));
}

static void forget_slots(uint32_t mask, unsigned slots)
{
	for (unsigned slot = 0; slot < CONFIG_PATHS_MAX; slot++)
		if (slots >> slot & 1)
			forget(mask, slot, false);
}

static void on_again(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct stranded *stranded = w->data;

	(void)loop;
	(void)revents;
	forget_slots(stranded->mask, stranded->slots);
}

struct stranded *stranded_new(struct ev_loop *loop)
{
	struct stranded *stranded = xcalloc(1, sizeof(*stranded));

	stranded->loop = loop;
	ev_timer_init(&stranded->again, on_again, 0, 0);
	stranded->again.data = stranded;
	return stranded;
}

void stranded_free(struct stranded *stranded)
{
	if (!stranded)
		return;
	ev_timer_stop(stranded->loop, &stranded->again);
	free(stranded);
}

static void look_at_lost(struct stranded *stranded, const struct config *config, const struct facts *facts)
{
	unsigned paths = compile_stranded(config, facts), slots = 0, before = stranded->slots;

	for (size_t i = 0; i < config->paths; i++)
		if (paths >> i & 1)
			slots |= 1u << config->path[i].slot;
	stranded->slots = slots;
	if (!(slots & ~before))
		return;
	forget_slots(stranded->mask, slots & ~before);
	ev_timer_stop(stranded->loop, &stranded->again);
	ev_timer_set(&stranded->again, FORGET_AGAIN_S, 0);
	ev_timer_start(stranded->loop, &stranded->again);
}

/* No rule knows their mark any more, and the next path to have the slot would take them for its own. */
static void look_at_left(struct stranded *stranded)
{
	for (unsigned slot = 0; slot < CONFIG_PATHS_MAX; slot++)
		if (stranded->left >> slot & 1) {
			forget(stranded->mask, slot, true);
			stranded->address[slot] = 0;
		}
	stranded->left = 0;
}

void stranded_leave(struct stranded *stranded, unsigned slot)
{
	stranded->left |= 1u << slot;
}

static void look_at_address(struct stranded *stranded, const struct path_config *config, uint32_t address)
{
	uint32_t *known = &stranded->address[config->slot];

	if (config->kind == PATH_DSLITE || !address || address == *known)
		return;
	if (*known)
		forget(stranded->mask, config->slot, true);
	*known = address;
}

void stranded_look(struct stranded *stranded, const struct config *config, const struct facts *facts)
{
	stranded->mask = config->router.mark_mask;
	look_at_left(stranded);
	look_at_lost(stranded, config, facts);
	for (size_t i = 0; i < config->paths; i++)
		look_at_address(stranded, &config->path[i], facts->path[i].address);
}

void stranded_forget_all(const struct config *config)
{
	for (unsigned slot = 0; slot < CONFIG_PATHS_MAX; slot++)
		forget(config->router.mark_mask, slot, true);
}
