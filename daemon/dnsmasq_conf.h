/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RUN_DIR/dnsmasq.conf: which names dnsmasq is to put into which sets.  There also where no rule has a name, so
 * that dnsmasq can be told of it once and for all.  Used by daemon/router.c.
 */
#ifndef DUALPATH_DAEMON_DNSMASQ_CONF_H
#define DUALPATH_DAEMON_DNSMASQ_CONF_H

#include "daemon/events.h"
#include "policy/config.h"

/* Write it if it is to change, and tell the owner that dnsmasq must be started anew then. */
void dnsmasq_conf_update(const char *run_dir, const struct config *config, struct events *events);
/* Write it in any case, the same as before: it was removed. */
void dnsmasq_conf_write(const char *run_dir, const struct config *config);

#endif
