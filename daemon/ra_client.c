/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ra_client.h. */
#include "daemon/ra_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/log.h"

/* RFC 4861 section 10: how often, and how far apart. */
#define SOLICITATIONS_MAX 3
#define SOLICITATION_INTERVAL_S 4.0
/* No router may have forwarded it (section 6.1.2). */
#define HOPS 255

struct ra_client {
	struct ev_loop *loop;
	char interface[IFNAMSIZ];
	ra_fn *fn;
	void *arg;
	int fd; /* -1: not open */
	unsigned asked;
	ev_io io;
	ev_timer again;
};

static void stop(struct ra_client *c)
{
	ev_timer_stop(c->loop, &c->again);
	if (c->fd < 0)
		return;
	ev_io_stop(c->loop, &c->io);
	close(c->fd);
	c->fd = -1;
}

/* ---- hearing ---- */

static int hops_of(struct msghdr *msg)
{
	int hops = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)
			memcpy(&hops, CMSG_DATA(c), sizeof(hops));
	return hops;
}

static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct ra_client *c = w->data;
	uint8_t packet[1500];
	_Alignas(struct cmsghdr) char control[64];
	struct sockaddr_in6 from;
	struct iovec iov = { packet, sizeof(packet) };
	struct msghdr msg = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
	                      .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(w->fd, &msg, 0);
	struct ra ra;

	(void)revents;
	if (n < 0 || hops_of(&msg) != HOPS || !IN6_IS_ADDR_LINKLOCAL(&from.sin6_addr) || !ra_parse(packet, (size_t)n, &ra))
		return;
	ev_timer_stop(loop, &c->again);
	c->fn(c->arg, &ra);
}

/* ---- asking ---- */

static int open_socket(const char *interface)
{
	struct icmp6_filter filter;
	const int yes = 1, hops = HOPS;
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6), r;

	if (fd < 0)
		return -errno;
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_ROUTER_ADVERT, &filter);
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) == 0 &&
	    setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) == 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &yes, sizeof(yes)) == 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

/* Without a source link-layer option: the answer to all nodes will do. */
static void solicit(struct ra_client *c)
{
	struct nd_router_solicit message = { .nd_rs_type = ND_ROUTER_SOLICIT };
	struct sockaddr_in6 routers = { .sin6_family = AF_INET6, .sin6_scope_id = if_nametoindex(c->interface) };

	inet_pton(AF_INET6, "ff02::2", &routers.sin6_addr);
	if (sendto(c->fd, &message, sizeof(message), 0, (struct sockaddr *)&routers, sizeof(routers)) < 0)
		log_debug("router solicitation on %s: %s", c->interface, strerror(errno));
	if (++c->asked < SOLICITATIONS_MAX) {
		ev_timer_set(&c->again, SOLICITATION_INTERVAL_S, 0);
		ev_timer_start(c->loop, &c->again);
	}
}

static void on_again(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)revents;
	ev_timer_stop(loop, w);
	solicit(w->data);
}

void ra_client_start(struct ra_client *c)
{
	int fd;

	stop(c);
	fd = open_socket(c->interface);
	if (fd < 0) {
		log_debug("router advertisements on %s: %s", c->interface, strerror(-fd));
		return;
	}
	c->fd = fd;
	c->asked = 0;
	ev_io_set(&c->io, fd, EV_READ);
	ev_io_start(c->loop, &c->io);
	solicit(c);
}

struct ra_client *ra_client_new(struct ev_loop *loop, const char *interface, ra_fn *fn, void *arg)
{
	struct ra_client *c = xcalloc(1, sizeof(*c));

	c->loop = loop;
	snprintf(c->interface, sizeof(c->interface), "%s", interface);
	c->fn = fn;
	c->arg = arg;
	c->fd = -1;
	ev_init(&c->io, on_readable);
	ev_timer_init(&c->again, on_again, 0, 0);
	c->io.data = c->again.data = c;
	return c;
}

void ra_client_free(struct ra_client *c)
{
	if (!c)
		return;
	stop(c);
	free(c);
}
