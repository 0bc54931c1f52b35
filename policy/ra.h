/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Router advertisements (RFC 4861 section 4.2), as far as they tell name servers (RDNSS, RFC 8106 section 5.1) and an MTU
 * (section 4.6.4).  Addresses and routes are the kernel's business; so is the MTU, but of that it tells nobody.  Called by
 * daemon/ra_client.c.  Pure.
 */
#ifndef DUALPATH_POLICY_RA_H
#define DUALPATH_POLICY_RA_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/resolvconf.h"

struct ra {
	struct in6_addr dns[DNS_SERVERS_MAX]; /* in order, without those that are given up (lifetime 0) */
	unsigned dns_count;
	uint32_t mtu; /* that the line's machines shall use, bytes; 0: it does not say */
};

/* icmp: from the ICMPv6 header on.  False: it is none, or not a sound one; *out is then not written. */
bool ra_parse(const uint8_t *icmp, size_t len, struct ra *out);

#endif
