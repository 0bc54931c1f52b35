/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mtu_packet.h. */
#include "policy/mtu_packet.h"

#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "policy/wire.h"

#define IP_HEADER 20
#define TTL 64

static void outer_header(const struct mtu_packet *p, uint8_t *out, size_t payload)
{
	memset(out, 0, MTU_PACKET_IPV6_HEADER);
	out[0] = 6 << 4;
	wire_put16(out + 4, (unsigned)payload);
	out[6] = IPPROTO_IPIP;
	out[7] = TTL;
	memcpy(out + 8, &p->local, 16);
	memcpy(out + 24, &p->remote, 16);
}

static void inner_header(const struct mtu_packet *p, uint8_t *out, size_t len)
{
	memset(out, 0, IP_HEADER);
	out[0] = IPVERSION << 4 | IP_HEADER / 4;
	wire_put16(out + 2, (unsigned)len);
	wire_put16(out + 4, p->echo.sequence);
	wire_put16(out + 6, IP_DF);
	out[8] = TTL;
	out[9] = IPPROTO_ICMP;
	wire_put32(out + 12, p->from);
	wire_put32(out + 16, p->to);
	wire_put16(out + 10, wire_checksum(wire_sum(0, out, IP_HEADER)));
}

void mtu_packet_build(const struct mtu_packet *p, uint8_t *out, size_t size)
{
	uint8_t *inner = out + MTU_PACKET_IPV6_HEADER, *icmp = inner + IP_HEADER;
	size_t len = size - MTU_PACKET_IPV6_HEADER, message = len - IP_HEADER;

	outer_header(p, out, len);
	inner_header(p, inner, len);
	icmp_echo_build(&p->echo, icmp);
	memset(icmp + ICMP_ECHO_LEN, 0, message - ICMP_ECHO_LEN); /* adds nothing to the sum that stands there */
}

/* The sum of a fragment cannot be known; its 64 random bits tell enough. */
bool mtu_packet_answer(const uint8_t *packet, size_t len, struct mtu_answer *answer)
{
	size_t header, total;
	unsigned flags;

	if (len < IP_HEADER || packet[0] >> 4 != IPVERSION)
		return false;
	header = (size_t)(packet[0] & 0xf) * 4;
	total = wire_get16(packet + 2);
	flags = wire_get16(packet + 6);
	if (header < IP_HEADER || total > len || total < header + ICMP_ECHO_LEN || flags & IP_OFFMASK || packet[9] != IPPROTO_ICMP)
		return false;
	packet += header;
	if (packet[0] != ICMP_ECHOREPLY || packet[1] != 0)
		return false;
	answer->fragment = flags & IP_MF;
	if (!answer->fragment && wire_checksum(wire_sum(0, packet, total - header)) != 0)
		return false;
	answer->size = (unsigned)total;
	answer->source = wire_get32(packet - header + 12);
	icmp_echo_read(packet, &answer->echo);
	return true;
}
