/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See packet_socket.h. */
#include "daemon/packet_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

int packet_socket(uint16_t protocol, const char *device, struct sock_filter *code, size_t n)
{
	struct sock_fprog filter = { .len = (unsigned short)n, .filter = code };
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(protocol),
		                  .sll_ifindex = device ? (int)if_nametoindex(device) : 0 };
	int fd, r;

	if (device && !at.sll_ifindex)
		return -ENODEV;
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == 0 &&
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}
