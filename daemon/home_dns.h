/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RUN_DIR/resolv.conf: the name servers that the home's DNS proxy is to ask now (policy/home_dns.h).  Written where it is
 * to change, and in one piece: dnsmasq reads it as soon as it does.  Owned by daemon/router.c.
 */
#ifndef DUALPATH_DAEMON_HOME_DNS_H
#define DUALPATH_DAEMON_HOME_DNS_H

#include "daemon/path.h"

struct home_dns {
	char *written; /* NULL: nothing yet by this daemon, and what an earlier one wrote stays */
};

/* After the paths have changed.  path: as in config. */
void home_dns_update(struct home_dns *dns, const char *run_dir, const struct config *config, struct path *const *path);
/* The file stays: the home asks on. */
void home_dns_free(struct home_dns *dns);

#endif
