/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which name servers the home's DNS proxy is to ask (RFC 6333 section 5.5), as the paths are now.  Pure; the file that
 * says so is daemon/home_dns.c's.
 */
#ifndef DUALPATH_POLICY_HOME_DNS_H
#define DUALPATH_POLICY_HOME_DNS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/resolvconf.h"

/* A path and the servers that came with it: the line's own beside DS-Lite, those of the session with PPPoE. */
struct home_dns_source {
	const char *path;
	bool works;
	struct dns_server server[DNS_SERVERS_MAX];
	unsigned servers;
};

/*
 * resolv.conf(5) as text, allocated, with the servers of the paths that work, in the order of source[], the path in use
 * first: should its servers alone fail, the next are there.  Where no path works, of all: perhaps it is only what is
 * behind them that is lost, and IPv6 still goes.  NULL: nobody is known.
 */
char *home_dns_text(const struct home_dns_source *source, size_t sources);

#endif
