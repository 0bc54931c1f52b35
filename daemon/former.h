/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon before this one made and this one would lose sight of, because the configuration was changed while none ran:
 * routes and rules under another route-protocol, connections whose mark means another path now.  Where nothing of the kind
 * changed nothing is touched.  Called by router.c at its start.
 */
#ifndef DUALPATH_DAEMON_FORMER_H
#define DUALPATH_DAEMON_FORMER_H

#include <ev.h>

#include "daemon/events.h"
#include "policy/config.h"

/*
 * Give the paths of config their slots: those that they had (former: running_conf_read(), may be NULL), so that connections
 * go on where they are, unless marks are written otherwise now.
 */
void former_assign_slots(struct config *config, const struct config *former);

/*
 * Before anything is made: routes, rules and addresses of a line that bear another tag than config's.  The rules of nftables
 * stay, so that nothing leaves where it must not; they are changed in place as ever.
 */
void former_take_away(struct ev_loop *loop, const struct config *config, const struct config *former, struct events *events);

/* Connections of paths that are no more, and all where marks are written otherwise: their marks would name another path. */
void former_forget(const struct config *config, const struct config *former);

#endif
