/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a neighbour on the line can send to our DHCPv6 client, and texts that come with it.  The first byte
 * chooses: a message, a packet with a message in it, a name, a resolv.conf.  Beyond not crashing,
 * what is let through must be what its readers rely on.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/dhcp6.h"
#include "policy/dname.h"
#include "policy/resolvconf.h"
#include "policy/udp6.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int good)
{
	if (!good)
		abort();
}

/* The transaction is taken from the message: guessing it is not what is tested. */
static void try_message(const uint8_t *data, size_t size)
{
	static const struct dhcp6_duid us = { .len = 10, .byte = { 0, 3, 0, 1, 2, 0, 0, 0, 0, 1 } };
	uint32_t xid = size < 4 ? 0 : (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
	struct dhcp6_reply reply;

	if (dhcp6_parse_reply(data, size, xid, &us, &reply))
		return;
	require(!*reply.aftr || (dname_is_valid(reply.aftr) && !reply.aftr_fault));
	require(reply.dns_count <= DHCP6_DNS_MAX && reply.refresh_s >= DHCP6_REFRESH_MIN_S);
	require(reply.inf_max_rt_s == 0 || (reply.inf_max_rt_s >= 60 && reply.inf_max_rt_s <= 86400));
	for (unsigned i = 0; i < reply.dns_count; i++)
		require(!IN6_IS_ADDR_UNSPECIFIED(&reply.dns[i]) && !IN6_IS_ADDR_MULTICAST(&reply.dns[i]));
}

static void try_packet(const uint8_t *data, size_t size)
{
	struct udp6_message message;

	udp6_unwrap(data, size, false, &message);
	if (udp6_unwrap(data, size, true, &message))
		return;
	require(message.data >= data && message.len <= size && message.data + message.len <= data + size);
	try_message(message.data, message.len);
}

static void try_name(const uint8_t *data, size_t size)
{
	char name[DNAME_TEXT_MAX];

	if (!dname_from_wire(data, size, name))
		require(dname_is_valid(name) && strlen(name) <= 253);
}

static void try_text(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), printed[DNS_SERVER_STRLEN];
	struct dns_server server[DNS_SERVERS_MAX], again;
	struct dhcp6_duid duid;
	size_t count = resolvconf_servers(text, server, DNS_SERVERS_MAX);

	for (size_t i = 0; i < count; i++)
		require(dns_server_parse(dns_server_print(&server[i], printed), &again) &&
		        dns_server_equal(&server[i], &again));
	if (dhcp6_duid_parse(text, &duid)) {
		char hex[DHCP6_DUID_STRLEN];

		require(strcmp(dhcp6_duid_print(&duid, hex), text) == 0);
	}
	dname_is_valid(text);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const try[])(const uint8_t *, size_t) = { try_message, try_packet, try_name, try_text };

	if (size > 0)
		try[data[0] % 4](data + 1, size - 1);
	return 0;
}
