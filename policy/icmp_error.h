/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors about packets of ours: ICMPv6 (RFC 4443) about those that carry the tunnel, and ICMP (RFC 792) about
 * probes within a path.  Anybody can send such a message, so it is believed in so far as it quotes
 * what only the path knows: our echo request with its 64 random bits is proof that this very
 * request was not delivered; a tunnel packet with the right ends is a reason to ask.
 *
 * That a packet was too big is no loss, but a reason to measure; that one came in pieces is neither.  Called by
 * daemon/icmp6_watch.c and daemon/probe_icmp.c.  Pure.
 */
#ifndef DUALPATH_POLICY_ICMP_ERROR_H
#define DUALPATH_POLICY_ICMP_ERROR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/icmp_echo.h"

/* Where things stand in an ICMPv6 error, for a socket filter. */
#define ICMP6_ERROR_NEXT_HEADER_OFFSET 14
#define ICMP6_ERROR_DST_OFFSET 32

struct icmp6_error {
	uint8_t type, code;
	struct in6_addr src, dst; /* of the packet that it is about: one with IPv4 inside */
	unsigned mtu;             /* of a Packet Too Big: what passes there, in bytes; else 0 */
	bool has_echo;            /* that is an echo request of our form ... */
	struct icmp_echo echo;    /* ... and this is what stands in it */
};

/* message: from the ICMPv6 header on, its checksum good.  NULL and *error; or what keeps it from being news (static text). */
const char *icmp6_error_parse(const uint8_t *message, size_t len, struct icmp6_error *error);

/* packet: an IPv4 packet.  True: an error about an echo request of our form that was sent to *target (host order). */
bool icmp_error_parse(const uint8_t *packet, size_t len, struct icmp_echo *echo, uint32_t *target);

#endif
