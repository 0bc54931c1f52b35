/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads policy/home.h's values from this machine: used by status.c and config_load.c. */
#ifndef DUALPATH_DAEMON_HOME_H
#define DUALPATH_DAEMON_HOME_H

#include "daemon/rtnl.h"
#include "policy/home.h"

/* Links and networks; machines as well where rtnl is not NULL.  What cannot be read is left out.
 * Fills a zeroed home; free with home_free(). */
void home_read(struct rtnl *rtnl, struct home *home);

#endif
