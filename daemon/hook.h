/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The owner's own program, [hooks] on-change, run for each change of a path's state with the
 * facts in its environment: one at a time, in order, in the background, for so long and no longer.
 * Used by daemon/router.c.
 */
#ifndef DUALPATH_DAEMON_HOOK_H
#define DUALPATH_DAEMON_HOOK_H

#include <ev.h>

#include "daemon/events.h"

struct hook;

struct hook *hook_new(struct ev_loop *loop);
/* What runs goes on without us. */
void hook_free(struct hook *hook);
/*
 * Run program for a change of state; both are copied.  It gets DUALPATH_PATH, DUALPATH_FROM,
 * DUALPATH_TO, DUALPATH_CAUSE and DUALPATH_TIME (UTC), a plain PATH, and nothing else; its output is ours.
 */
void hook_run(struct hook *hook, const char *program, const struct event *event);

#endif
