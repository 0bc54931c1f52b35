/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * While the tunnel goes to an AFTR that the config names later than another: asks the earlier ones now and then, by an IPv4 ping
 * within IPv6 as the tunnel would carry it, and says when to go back (policy/aftr_choice.h).  Owned by dslite.c.
 */
#ifndef DUALPATH_DAEMON_AFTR_RETURN_H
#define DUALPATH_DAEMON_AFTR_RETURN_H

#include "daemon/aftr.h"
#include "daemon/path.h"

struct aftr_watch;

/* It carries, and the time has come.  why: for an event. */
typedef void aftr_watch_fn(void *arg, const struct in6_addr *aftr, const char *why);

/* path and known (what was found; not copied) outlive the watch. */
struct aftr_watch *aftr_watch_new(struct path *path, const struct aftr_result *known, aftr_watch_fn *back, void *arg);
void aftr_watch_free(struct aftr_watch *watch);
/* To be called whenever the tunnel's ends, the path's state or its config may have changed; what is the same is cheap. */
void aftr_watch_look(struct aftr_watch *watch);

#endif
