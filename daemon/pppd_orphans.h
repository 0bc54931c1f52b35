/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sessions that an earlier daemon left running and that the configuration has no more: their section was renamed or taken out
 * while no daemon ran.  Nobody would supervise them, and an interface of theirs would stand in the way of another's.  They are
 * ended.  Called by router.c at its start, and waited for at teardown.
 */
#ifndef DUALPATH_DAEMON_PPPD_ORPHANS_H
#define DUALPATH_DAEMON_PPPD_ORPHANS_H

#include <ev.h>
#include <stdbool.h>

#include "daemon/router.h"

struct pppd_orphans;

/* Looks for their notes in the run folder, and asks each to end.  options and config are borrowed, config for the call alone. */
struct pppd_orphans *pppd_orphans_new(struct ev_loop *loop, const struct router_options *options, const struct config *config);
/* Has each of them ended? */
bool pppd_orphans_ended(const struct pppd_orphans *orphans);
void pppd_orphans_free(struct pppd_orphans *orphans);

#endif
