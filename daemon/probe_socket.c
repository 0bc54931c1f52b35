/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_socket.h. */
#include "daemon/probe_socket.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The mark leads to the path's routing table; the device holds even where that is empty, or
 * where a rule before it says "unreachable". */
int probe_socket(int type, int protocol, const char *device, uint32_t mark)
{
	socklen_t len = (socklen_t)strnlen(device, IFNAMSIZ);
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	int r;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, len) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}
