/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pppoe_send.h. */
#include "daemon/pppoe_send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int pppoe_send(const char *interface, const struct mac *to, const uint8_t *payload, size_t len)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
		                       .sll_protocol = htons(ETH_P_PPP_DISC),
		                       .sll_ifindex = (int)if_nametoindex(interface),
		                       .sll_halen = ETH_ALEN };
	int fd, r = 0;

	if (!address.sll_ifindex)
		return -errno;
	memset(address.sll_addr, 0xff, ETH_ALEN);
	if (to)
		memcpy(address.sll_addr, to->byte, ETH_ALEN);
	/* SOCK_DGRAM: the kernel writes the Ethernet header.  Protocol 0: nothing comes in here. */
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd, payload, len, 0, (const struct sockaddr *)&address, sizeof(address)) < 0)
		r = -errno;
	close(fd);
	return r;
}
