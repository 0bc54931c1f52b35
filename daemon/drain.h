/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is still under way to the ends that a tunnel has just left: notes those ends in its path's facts for some
 * seconds, and the plan has a device that takes it in (struct plan_tunnel).  Called by daemon/dslite.c and
 * daemon/ipip.c, which own one each.
 */
#ifndef DUALPATH_DAEMON_DRAIN_H
#define DUALPATH_DAEMON_DRAIN_H

#include "daemon/path.h"

struct drain *drain_new(struct path *path);
void drain_free(struct drain *drain); /* NULL: nothing to do */

/* Both ends are known (facts.local, facts.remote), and tunnel_look() comes next: is the tunnel about to leave its ends of now? */
void drain_look(struct drain *drain, const struct plan *have);

#endif
