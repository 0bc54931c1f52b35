/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do the forwards answer the outside?  Called on demand (dualpathctl test inbound) and on a schedule ([router]
 * inbound-check); remembers what came of it for status and doctor, and tells of changes as events.
 * Owned by daemon/router.c.
 */
#ifndef DUALPATH_DAEMON_INBOUND_H
#define DUALPATH_DAEMON_INBOUND_H

#include <ev.h>

#include "daemon/inbound_run.h"
#include "daemon/router.h"

struct inbound;

/* router is borrowed, and has its config. */
struct inbound *inbound_new(struct ev_loop *loop, struct router *router);
/* Ends what runs; those who wait are told so (see inbound_test).  NULL is fine. */
void inbound_free(struct inbound *inbound);
/* The router has another config than old now. */
void inbound_reconfigure(struct inbound *inbound, const struct config *old);

/* Are so many at it that no more may be? */
bool inbound_busy(const struct inbound *inbound);
/*
 * Call every forward, or the one of that name; not while busy.  done (may be NULL) is called once, in a later turn of
 * the loop; with NULL for the results where the daemon ends before.
 */
void inbound_test(struct inbound *inbound, const char *only, inbound_done_fn *done, void *arg);

/* What was last found out about a forward; NULL: nothing yet. */
const struct inbound_result *inbound_known(const struct inbound *inbound, const char *forward);

#endif
