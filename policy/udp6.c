/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See udp6.h. */
#include "policy/udp6.h"

#include <string.h>

#include "policy/wire.h"

#define IPV6_HEADER 40
#define UDP_HEADER 8

uint16_t udp6_checksum(const struct in6_addr *source, const struct in6_addr *dest, const uint8_t *udp, size_t len)
{
	uint32_t sum = IPPROTO_UDP + (uint32_t)len;

	sum = wire_sum(sum, source->s6_addr, sizeof(source->s6_addr));
	sum = wire_sum(sum, dest->s6_addr, sizeof(dest->s6_addr));
	return wire_checksum(wire_sum(sum, udp, len));
}

const char *udp6_unwrap(const uint8_t *packet, size_t len, bool sum_is_good, struct udp6_message *out)
{
	const uint8_t *udp = packet + IPV6_HEADER;
	struct udp6_message message;
	size_t udp_len;

	if (len < IPV6_HEADER + UDP_HEADER)
		return "shorter than its headers";
	if (packet[0] >> 4 != 6 || packet[6] != IPPROTO_UDP)
		return "not plain UDP over IPv6";
	udp_len = wire_get16(udp + 4);
	if (udp_len != wire_get16(packet + 4) || udp_len < UDP_HEADER || udp_len > len - IPV6_HEADER)
		return "its lengths do not fit";
	memcpy(&message.source, packet + 8, sizeof(message.source));
	memcpy(&message.dest, packet + 24, sizeof(message.dest));
	/* RFC 8200 8.1: no checksum at all is not allowed. */
	if (!sum_is_good && (wire_get16(udp + 6) == 0 || udp6_checksum(&message.source, &message.dest, udp, udp_len) != 0))
		return "wrong checksum";
	message.source_port = wire_get16(udp);
	message.dest_port = wire_get16(udp + 2);
	message.data = udp + UDP_HEADER;
	message.len = udp_len - UDP_HEADER;
	*out = message;
	return NULL;
}
