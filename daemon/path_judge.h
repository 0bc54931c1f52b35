/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a round of probes means for its path: works, is lost, is below what was asked for, or is held back since it came and went of
 * late.  Where rounds add up to a verdict is policy/health.c, how long a path must stand is policy/damping.c; here they
 * become events, flaws and reasons.  Keeps nothing of its own.  Called by daemon/path.c.
 */
#ifndef DUALPATH_DAEMON_PATH_JUDGE_H
#define DUALPATH_DAEMON_PATH_JUDGE_H

#include "daemon/path.h"

/* A round of path's prober: its outcome stands, or it is late.  May stop the prober, or start it anew. */
void path_judge_round(struct path *path, const struct health_round *round);

#endif
