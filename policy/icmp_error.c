/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See icmp_error.h. */
#include "policy/icmp_error.h"

#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "policy/wire.h"

#define ICMP_HEADER 8 /* of either kind of error */
#define IP_HEADER_MIN 20

static size_t ip_header_len(const uint8_t *packet, size_t len)
{
	size_t header = len >= IP_HEADER_MIN && packet[0] >> 4 == IPVERSION ? (size_t)(packet[0] & 0xf) * 4 : 0;

	return header >= IP_HEADER_MIN && header <= len ? header : 0;
}

/* An IPv4 packet, quoted as far as it goes: an echo request of ours? */
static bool quoted_echo(const uint8_t *packet, size_t len, struct icmp_echo *echo, uint32_t *target)
{
	size_t header = ip_header_len(packet, len);

	if (!header || packet[9] != IPPROTO_ICMP || !icmp_echo_parse_request(packet + header, len - header, echo))
		return false;
	*target = wire_get32(packet + 16);
	return true;
}

/* A loss, or a packet that was too big. */
static bool is_news6(uint8_t type, uint8_t code)
{
	return type == ICMP6_PACKET_TOO_BIG || type == ICMP6_DST_UNREACH || type == ICMP6_PARAM_PROB ||
	       (type == ICMP6_TIME_EXCEEDED && code == ICMP6_TIME_EXCEED_TRANSIT);
}

/* What the IPv6 header at `packet` carries, past the tunnel's own option (RFC 2473 section 5.1); 0: not IPv4. */
static size_t tunnel_header_len(const uint8_t *packet, size_t len)
{
	size_t header = sizeof(struct ip6_hdr);

	if (packet[6] == IPPROTO_IPIP)
		return header;
	if (packet[6] != IPPROTO_DSTOPTS || len < header + 8 || packet[header] != IPPROTO_IPIP)
		return 0;
	header += ((size_t)packet[header + 1] + 1) * 8;
	return header <= len ? header : 0;
}

const char *icmp6_error_parse(const uint8_t *message, size_t len, struct icmp6_error *error)
{
	const uint8_t *packet = message + ICMP_HEADER;
	uint32_t target;
	size_t header;

	if (len < ICMP_HEADER + sizeof(struct ip6_hdr))
		return "too short";
	if (!is_news6(message[0], message[1]))
		return "neither about a loss nor about a size";
	len -= ICMP_HEADER;
	header = packet[0] >> 4 == 6 ? tunnel_header_len(packet, len) : 0;
	if (!header)
		return "not about a tunnel packet";
	*error = (struct icmp6_error){ .type = message[0], .code = message[1] };
	if (error->type == ICMP6_PACKET_TOO_BIG)
		error->mtu = wire_get32(message + 4);
	memcpy(&error->src, packet + 8, sizeof(error->src));
	memcpy(&error->dst, packet + 24, sizeof(error->dst));
	error->has_echo = quoted_echo(packet + header, len - header, &error->echo, &target);
	return NULL;
}

static bool is_loss4(uint8_t type, uint8_t code)
{
	return (type == ICMP_DEST_UNREACH && code != ICMP_FRAG_NEEDED) ||
	       (type == ICMP_TIME_EXCEEDED && code == ICMP_EXC_TTL) || type == ICMP_PARAMETERPROB;
}

bool icmp_error_parse(const uint8_t *packet, size_t len, struct icmp_echo *echo, uint32_t *target)
{
	size_t header = ip_header_len(packet, len);

	if (!header || packet[9] != IPPROTO_ICMP || len < header + ICMP_HEADER)
		return false;
	if (!is_loss4(packet[header], packet[header + 1]))
		return false;
	return quoted_echo(packet + header + ICMP_HEADER, len - header - ICMP_HEADER, echo, target);
}
