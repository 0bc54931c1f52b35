/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See drain.h. */
#include "daemon/drain.h"

#include <stdlib.h>

#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/tunnel.h"

/* A packet is on its way for a fraction of a second, and may wait in the carrier's queue for some more. */
#define DRAIN_S 3.0

struct drain {
	struct path *path;
	ev_timer end;
};

static void on_end(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct drain *drain = w->data;
	struct path *path = drain->path;

	(void)revents;
	ev_timer_stop(loop, w);
	path->facts.drains = false;
	path->env->changed(path->env->arg);
}

/* The kernel takes in nothing at an address that the line no longer has. */
static bool line_has(const struct path *path, const struct in6_addr *address)
{
	struct addr6 own;

	return rtnl_address6(path->env->rtnl, address, &own);
}

/* Where the path is not up nothing is under way, and the move is not to wait for a device that nobody needs. */
void drain_look(struct drain *drain, const struct plan *have)
{
	const struct plan_tunnel *t = tunnel_find(drain->path, have);
	struct path *path = drain->path;

	if (!t || !t->up || !t->tagged || path->state != PATH_UP || tunnel_has_ends(t, &path->facts) || !line_has(path, &t->local))
		return;
	path->facts.drain_local = t->local;
	path->facts.drain_remote = t->remote;
	path->facts.drains = true;
	log_info("%s: %s moves; what is under way to its ends of before is taken in for %g s", path->config->name, t->device,
	         DRAIN_S);
	ev_timer_stop(path->env->loop, &drain->end);
	ev_timer_set(&drain->end, DRAIN_S, 0);
	ev_timer_start(path->env->loop, &drain->end);
}

struct drain *drain_new(struct path *path)
{
	struct drain *drain = xcalloc(1, sizeof(*drain));

	drain->path = path;
	ev_timer_init(&drain->end, on_end, 0, 0);
	drain->end.data = drain;
	return drain;
}

void drain_free(struct drain *drain)
{
	if (!drain)
		return;
	ev_timer_stop(drain->path->env->loop, &drain->end);
	free(drain);
}
