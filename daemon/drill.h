/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A failover on request, short and measured: the path is treated as lost for a moment, and from the outside of our
 * own machinery, by probes of a socket that goes where the home's own would, it is told how long nothing worked.
 * Owned by main.c, asked for by daemon/verbs_test.c.
 */
#ifndef DUALPATH_DAEMON_DRILL_H
#define DUALPATH_DAEMON_DRILL_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/router.h"

/* Microseconds since it was asked for; -1: it did not come to that. */
struct drill_leg {
	int64_t commit_us; /* the kernel had it */
	int64_t works_us;  /* the first probe that was sent after that had its answer */
	char over[CONFIG_NAME_MAX]; /* the path that new connections went to; "": none */
	bool unmeasured;   /* nobody there is asked by the way that they go: an LCP echo is its only target */
};

struct drill_report {
	char path[CONFIG_NAME_MAX];
	uint32_t for_ms;
	struct drill_leg away, back;
	unsigned connections; /* that were on the path */
	unsigned forgotten;   /* of them: they begin anew on another */
	const char *trouble;  /* why it was not gone through with; NULL: it was */
};

typedef void drill_done_fn(void *arg, const struct drill_report *report);

struct drill;

struct drill *drill_new(struct ev_loop *loop, struct router *router);
/* The path comes back, and whoever waits is told why it was not gone through with (static text); where none runs, nothing. */
void drill_stop(struct drill *drill, const char *why);
/* The same, as the daemon ends.  NULL is fine. */
void drill_free(struct drill *drill);
/* Why not now, for people (static text); NULL: it can begin.  force: also where nothing else works. */
const char *drill_refuses(const struct drill *drill, const struct path *path, bool force);
/* Begin, where drill_refuses() does not; done comes once, in a later turn of the loop, its report borrowed. */
void drill_start(struct drill *drill, struct path *path, uint32_t for_ms, drill_done_fn *done, void *arg);

#endif
