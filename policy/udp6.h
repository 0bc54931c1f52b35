/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes a UDP message out of an IPv6 packet that a packet socket saw, with the checks that the kernel would
 * have made for an ordinary socket.  Called by daemon/dhcp6_client.c.  Pure.
 */
#ifndef DUALPATH_POLICY_UDP6_H
#define DUALPATH_POLICY_UDP6_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct udp6_message {
	struct in6_addr source, dest;
	uint16_t source_port, dest_port;
	const uint8_t *data; /* within the packet */
	size_t len;
};

/*
 * packet begins with its IPv6 header and may have bytes after its end (Ethernet's padding).  sum_is_good: the
 * kernel or the network card has already looked at the checksum, or it was never written (a
 * packet from this machine).  NULL, or why the packet is no good (static text); *out is written
 * only if it is.  Extension headers and fragments are refused (RFC 8200 section 4 allows them; no
 * DHCPv6 server uses them).
 */
const char *udp6_unwrap(const uint8_t *packet, size_t len, bool sum_is_good, struct udp6_message *out);

/* RFC 8200 section 8.1, over the pseudo-header and len bytes of UDP header and data; 0 where
 * the checksum in it is right. */
uint16_t udp6_checksum(const struct in6_addr *source, const struct in6_addr *dest, const uint8_t *udp, size_t len);

#endif
