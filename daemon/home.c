/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See home.h. */
#include "daemon/home.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

static uint32_t ipv4_of(const struct sockaddr *address)
{
	struct sockaddr_in in;

	memcpy(&in, address, sizeof(in));
	return ntohl(in.sin_addr.s_addr);
}

static void add_network(struct home *home, const struct ifaddrs *a)
{
	uint32_t mask = a->ifa_netmask ? ipv4_of(a->ifa_netmask) : UINT32_MAX;

	home_add_network(home, a->ifa_name, (struct prefix4){ ipv4_of(a->ifa_addr), (uint8_t)__builtin_popcount(mask) });
}

void home_read(struct rtnl *rtnl, struct home *home)
{
	struct ifaddrs *list;

	if (getifaddrs(&list) == 0) {
		for (const struct ifaddrs *a = list; a; a = a->ifa_next) {
			if (!home_has_link(home, a->ifa_name))
				home_add_link(home, a->ifa_name);
			if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET)
				add_network(home, a);
		}
		freeifaddrs(list);
	}
	if (rtnl)
		home->macs = rtnl_macs(rtnl, &home->mac);
	home_sort(home);
}
