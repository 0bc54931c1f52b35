/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See returns.h. */
#include "daemon/returns.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/conntrack.h"
#include "daemon/log.h"
#include "policy/fallback.h"
#include "policy/mark.h"

/* A packet that was classified just before a return is pinned just after it. */
#define LOOK_AGAIN_S 1

struct returns {
	struct ev_loop *loop;
	struct events *events;
	const struct config *config;
	struct fallback_since since; /* monotonic */
	ev_timer timer;
};

struct sweep {
	struct fallback_works works;
	int64_t next_s; /* -1: nothing to wait for */
};

static struct sweep sweep_of(const struct returns *returns)
{
	struct sweep sweep = { .next_s = -1 };

	for (unsigned slot = 0; slot < CONFIG_PATHS_MAX; slot++)
		sweep.works.s[slot] = !returns->since.ms[slot] ? -1
		                      : (int64_t)(clock_monotonic_ms() - returns->since.ms[slot]) / 1000;
	return sweep;
}

static bool is_over(void *arg, uint32_t label)
{
	struct fallback fallback = fallback_unpack(label);
	struct sweep *sweep = arg;
	int64_t left = fallback_left(&fallback, &sweep->works);

	if (left > 0 && (sweep->next_s < 0 || left < sweep->next_s))
		sweep->next_s = left;
	return left == 0;
}

static void wait_for(struct returns *returns, int64_t s)
{
	ev_timer_stop(returns->loop, &returns->timer);
	if (s < 0)
		return;
	ev_timer_set(&returns->timer, (double)s, 0);
	ev_timer_start(returns->loop, &returns->timer);
}

/* All that may move, on whichever path it is: which one it came from, its label says. */
static void sweep(struct returns *returns, bool again)
{
	const struct config *config = returns->config;
	uint32_t mask = config->router.mark_mask, over = config->router.reset_after_ms ? mark_over(mask) : 0;
	struct sweep sweep = sweep_of(returns);

	for (size_t i = 0; i < config->paths; i++) {
		const struct path_config *path = &config->path[i];
		int n = conntrack_end(mark_of_path(mask, path->slot), mask, over, is_over, &sweep);

		if (n < 0)
			log_warn("cannot end connections that fell back: %s", strerror(-n));
		if (n > 0)
			events_add(returns->events, path->name, "", "",
			           "connections that had fallen back to it are ended (on-return): %d", n);
	}
	wait_for(returns, again && (sweep.next_s < 0 || sweep.next_s > LOOK_AGAIN_S) ? LOOK_AGAIN_S : sweep.next_s);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	sweep(w->data, false);
}

void returns_reconfigure(struct returns *returns, const struct config *config)
{
	returns->config = config;
}

void returns_look(struct returns *returns, const struct config *config, const struct facts *facts)
{
	bool any;

	returns->config = config;
	any = fallback_note(&returns->since, config, facts, clock_monotonic_ms());
	if (!config->drains)
		ev_timer_stop(returns->loop, &returns->timer);
	else if (any)
		sweep(returns, true);
}

struct returns *returns_new(struct ev_loop *loop, struct events *events)
{
	struct returns *returns = xcalloc(1, sizeof(*returns));

	returns->loop = loop;
	returns->events = events;
	ev_timer_init(&returns->timer, on_timer, 0, 0);
	returns->timer.data = returns;
	return returns;
}

void returns_free(struct returns *returns)
{
	if (!returns)
		return;
	ev_timer_stop(returns->loop, &returns->timer);
	free(returns);
}
