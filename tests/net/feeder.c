/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See feeder.h. */
#include "tests/net/feeder.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static void ask(int fd, unsigned long what, struct ifreq *ifr, const char *name)
{
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
	if (ioctl(fd, what, ifr) < 0) {
		perror(name);
		exit(1);
	}
}

void feeder_open(struct feeder *feeder, const char *lan, const char *end)
{
	struct ifreq ifr = { 0 };

	feeder->fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (feeder->fd < 0) {
		perror("socket");
		exit(1);
	}
	ask(feeder->fd, SIOCGIFHWADDR, &ifr, lan);
	memcpy(feeder->lan_mac, ifr.ifr_hwaddr.sa_data, sizeof(feeder->lan_mac));
	ask(feeder->fd, SIOCGIFINDEX, &ifr, end);
	feeder->to = (struct sockaddr_ll){ .sll_family = AF_PACKET, .sll_ifindex = ifr.ifr_ifindex };
}

uint16_t ipv4_checksum(const void *data, size_t size)
{
	const uint8_t *p = data;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < size; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}
