/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets that measure what a line carries: an ICMP echo request (RFC 792) with "do not fragment" within IPv6 (RFC
 * 2473), so long as is asked for, made whole here, since what the tunnel's device would send can be no longer than its own
 * MTU, which is what is in question.  The answer is read as it comes out of the tunnel, hostile until it has brought back
 * 64 random bits.  Called by daemon/mtu_probe.c.  Pure.
 */
#ifndef DUALPATH_POLICY_MTU_PACKET_H
#define DUALPATH_POLICY_MTU_PACKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/icmp_echo.h"

#define MTU_PACKET_IPV6_HEADER 40

struct mtu_packet {
	struct in6_addr local, remote; /* the tunnel's ends */
	uint32_t from, to;             /* within it, host order */
	struct icmp_echo echo;
};

/* What came back for a request. */
struct mtu_answer {
	struct icmp_echo echo;
	uint32_t source;
	unsigned size;  /* of the IPv4 packet; of a first fragment, only that it was no shorter */
	bool fragment;  /* whoever answered knows that its way back is narrower, and copes */
};

/* size: of the whole packet, at least 40 + 20 + ICMP_ECHO_LEN; out has room for it. */
void mtu_packet_build(const struct mtu_packet *packet, uint8_t *out, size_t size);

/* packet: from its IPv4 header on.  False: no echo reply with room for what icmp_echo_build() writes. */
bool mtu_packet_answer(const uint8_t *packet, size_t len, struct mtu_answer *answer);

#endif
