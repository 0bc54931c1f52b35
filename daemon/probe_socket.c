/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_socket.h. */
#include "daemon/probe_socket.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
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

int probe_socket_connect(int fd, uint32_t address, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address) };

	return connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS ? -errno : 0;
}

static int connect_and_reset(int fd, uint32_t address, uint16_t port)
{
	struct linger reset = { .l_onoff = 1 };

	/* close() sends a reset: no farewell that a silent path would have to be asked for again and again. */
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) < 0)
		return -errno;
	return probe_socket_connect(fd, address, port);
}

int probe_socket_tcp(uint32_t address, uint16_t port, const char *device, uint32_t mark)
{
	int fd = probe_socket(SOCK_STREAM, 0, device, mark);
	int r = fd < 0 ? fd : connect_and_reset(fd, address, port);

	if (fd >= 0 && r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

int probe_socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? -errno : -error;
}
