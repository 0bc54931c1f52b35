/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See former.h. */
#include "daemon/former.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/conntrack.h"
#include "daemon/log.h"
#include "daemon/rtnl.h"
#include "daemon/stranded.h"
#include "policy/diff.h"
#include "policy/mark.h"

static bool same_marks(const struct config *config, const struct config *former)
{
	return config->router.mark_mask == former->router.mark_mask;
}

void former_assign_slots(struct config *config, const struct config *former)
{
	config_assign_slots(config, former && same_marks(config, former) ? former : NULL);
}

/* ---- routes and rules ---- */

static void on_changed(void *arg)
{
	(void)arg;
}

/* Tunnels are known by their name and stay: what is under way in them need not be lost. */
static int read_tagged(struct rtnl *rtnl, const struct config *former, struct plan *have)
{
	int r = rtnl_read(rtnl, former, have);

	have->tunnels = have->addresses = 0;
	return r;
}

static unsigned delete_all(struct rtnl *rtnl, const struct plan *have)
{
	const struct plan nothing = { 0 };
	struct op_list ops = { 0 };
	unsigned gone = 0;

	diff(&nothing, have, &ops);
	for (size_t i = 0; i < ops.count; i++) {
		const char *why = "";

		if (rtnl_apply(rtnl, &ops.op[i], &why) == 0) {
			gone++;
		} else {
			char *text = op_print(&ops.op[i]);

			log_warn("cannot take away what an earlier daemon made: '%s': %s", text, why);
			free(text);
		}
	}
	op_list_free(&ops);
	return gone;
}

void former_take_away(struct ev_loop *loop, const struct config *config, const struct config *former, struct events *events)
{
	struct plan have = { 0 };
	struct rtnl *rtnl;
	int r;

	if (!former || former->router.route_protocol == config->router.route_protocol)
		return;
	r = rtnl_new(loop, former->router.route_protocol, on_changed, NULL, &rtnl);
	if (r == 0) {
		r = read_tagged(rtnl, former, &have);
		if (r == 0)
			events_add(events, "router", "", "",
			           "route-protocol was %u and is %u: %u routes and rules of an earlier daemon are gone",
			           former->router.route_protocol, config->router.route_protocol, delete_all(rtnl, &have));
		plan_free(&have);
		rtnl_free(rtnl);
	}
	if (r < 0)
		log_warn("cannot read what an earlier daemon made: %s", strerror(-r));
}

/* ---- connections ---- */

void former_forget(const struct config *config, const struct config *former)
{
	const uint32_t mask = config->router.mark_mask;

	if (!former)
		return;
	if (!same_marks(config, former)) {
		log_info("mark-mask was 0x%08x and is 0x%08x: the connections that bear the old marks are forgotten",
		         former->router.mark_mask, mask);
		stranded_forget_all(former);
		return;
	}
	for (size_t i = 0; i < former->paths; i++)
		if (config_path_index(config, former->path[i].name) < 0)
			conntrack_forget(mark_of_path(mask, former->path[i].slot), mark_path_mask(mask));
}
