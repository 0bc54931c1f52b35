/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See icmp_echo.h. */
#include "policy/icmp_echo.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "policy/wire.h"

#define IP_HEADER_MIN 20
#define CHECKSUM_OFFSET 2
#define SEQUENCE_OFFSET 6
#define TARGET_OFFSET 16

/* 0 over a message that holds its right checksum. */
static uint16_t checksum(const uint8_t *message)
{
	return wire_checksum(wire_sum(0, message, ICMP_ECHO_LEN));
}

void icmp_echo_build(const struct icmp_echo *echo, uint8_t out[ICMP_ECHO_LEN])
{
	out[0] = ICMP_ECHO;
	out[1] = 0;
	wire_put16(out + CHECKSUM_OFFSET, 0);
	wire_put16(out + ICMP_ECHO_ID_OFFSET, echo->id);
	wire_put16(out + SEQUENCE_OFFSET, echo->sequence);
	wire_put32(out + ICMP_ECHO_COOKIE_OFFSET, (uint32_t)(echo->cookie >> 32));
	wire_put32(out + ICMP_ECHO_COOKIE_OFFSET + 4, (uint32_t)echo->cookie);
	wire_put32(out + TARGET_OFFSET, echo->target);
	wire_put16(out + CHECKSUM_OFFSET, checksum(out));
}

void icmp_echo_build_packet(const struct icmp_echo *echo, uint32_t source, uint8_t out[ICMP_ECHO_PACKET_LEN])
{
	memset(out, 0, IP_HEADER_MIN);
	out[0] = IPVERSION << 4 | IP_HEADER_MIN / 4;
	wire_put16(out + 2, ICMP_ECHO_PACKET_LEN);
	wire_put16(out + 6, IP_DF);
	out[8] = IPDEFTTL;
	out[9] = IPPROTO_ICMP;
	wire_put32(out + 12, source);
	wire_put32(out + 16, echo->target);
	wire_put16(out + 10, wire_checksum(wire_sum(0, out, IP_HEADER_MIN)));
	icmp_echo_build(echo, out + IP_HEADER_MIN);
}

/* Length of the IP header, or 0: not a whole IPv4 packet with ICMP in it. */
static size_t ip_header(const uint8_t *packet, size_t len)
{
	size_t header;

	if (len < IP_HEADER_MIN || packet[0] >> 4 != IPVERSION)
		return 0;
	header = (size_t)(packet[0] & 0xf) * 4;
	if (header < IP_HEADER_MIN || header > len || wire_get16(packet + 2) != len)
		return 0;
	if (wire_get16(packet + 6) & (IP_MF | IP_OFFMASK) || packet[9] != IPPROTO_ICMP)
		return 0;
	return header;
}

void icmp_echo_read(const uint8_t *icmp, struct icmp_echo *echo)
{
	echo->id = wire_get16(icmp + ICMP_ECHO_ID_OFFSET);
	echo->sequence = wire_get16(icmp + SEQUENCE_OFFSET);
	echo->cookie = (uint64_t)wire_get32(icmp + ICMP_ECHO_COOKIE_OFFSET) << 32;
	echo->cookie |= wire_get32(icmp + ICMP_ECHO_COOKIE_OFFSET + 4);
	echo->target = wire_get32(icmp + TARGET_OFFSET);
}

bool icmp_echo_parse_request(const uint8_t *message, size_t len, struct icmp_echo *echo)
{
	if (len < ICMP_ECHO_LEN || message[0] != ICMP_ECHO || message[1] != 0 || checksum(message) != 0)
		return false;
	icmp_echo_read(message, echo);
	return true;
}

const char *icmp_echo_parse_reply(const uint8_t *packet, size_t len, struct icmp_echo *echo, uint32_t *source)
{
	size_t header = ip_header(packet, len);
	const uint8_t *icmp = packet + header;

	if (!header)
		return "not a whole IPv4 packet with ICMP";
	if (len - header != ICMP_ECHO_LEN)
		return "not as long as what was sent";
	if (icmp[0] != ICMP_ECHOREPLY || icmp[1] != 0)
		return "not an echo reply";
	if (checksum(icmp) != 0)
		return "wrong checksum";
	*source = wire_get32(packet + 12);
	icmp_echo_read(icmp, echo);
	return NULL;
}
