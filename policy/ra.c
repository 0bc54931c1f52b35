/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ra.h. */
#include "policy/ra.h"

#include <string.h>

#include "policy/wire.h"

#define TYPE_RA 134
#define HEADER 16
#define OPTION_MTU 5
#define OPTION_RDNSS 25
#define OPTION_UNIT 8
#define RDNSS_HEADER 8

static bool is_usable(const struct in6_addr *addr)
{
	return !IN6_IS_ADDR_UNSPECIFIED(addr) && !IN6_IS_ADDR_MULTICAST(addr) && !IN6_IS_ADDR_LOOPBACK(addr);
}

static void add_server(struct ra *ra, const uint8_t *bytes)
{
	struct in6_addr addr;

	memcpy(&addr, bytes, sizeof(addr));
	for (unsigned i = 0; i < ra->dns_count; i++)
		if (IN6_ARE_ADDR_EQUAL(&ra->dns[i], &addr))
			return;
	if (ra->dns_count < DNS_SERVERS_MAX && is_usable(&addr))
		ra->dns[ra->dns_count++] = addr;
}

/* A lifetime of 0 says that they are not to be used any more. */
static void take_rdnss(struct ra *ra, const uint8_t *option, size_t len)
{
	static const uint8_t none[4];

	if (len < RDNSS_HEADER + sizeof(struct in6_addr) || memcmp(option + 4, none, sizeof(none)) == 0)
		return;
	for (size_t at = RDNSS_HEADER; at + sizeof(struct in6_addr) <= len; at += sizeof(struct in6_addr))
		add_server(ra, option + at);
}

bool ra_parse(const uint8_t *icmp, size_t len, struct ra *out)
{
	struct ra ra = { .dns_count = 0 };
	size_t at = HEADER, option;

	if (len < HEADER || icmp[0] != TYPE_RA || icmp[1] != 0)
		return false;
	for (; at < len; at += option) {
		if (len - at < 2)
			return false;
		option = (size_t)icmp[at + 1] * OPTION_UNIT;
		if (!option || option > len - at)
			return false;
		if (icmp[at] == OPTION_RDNSS)
			take_rdnss(&ra, icmp + at, option);
		if (icmp[at] == OPTION_MTU)
			ra.mtu = wire_get32(icmp + at + 4);
	}
	*out = ra;
	return true;
}
