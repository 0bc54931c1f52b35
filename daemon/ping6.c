/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ping6.h. */
#include "daemon/ping6.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/random.h"
#include "policy/icmp_echo.h"

#define TIMES 3
#define APART_S 0.33
#define READS_AT_ONCE 16

struct message {
	struct icmp6_hdr head;
	uint8_t cookie[8];
};

struct ping6 {
	struct ev_loop *loop;
	ev_io io;
	ev_timer timer;
	union {
		struct message message;
		uint8_t packet[ICMP_ECHO_PACKET_LEN]; /* ping6_through() alone */
	};
	size_t len;
	struct icmp_echo echo; /* likewise; a target of 0: it is not that */
	unsigned sent;
	ping6_fn *fn;
	void *arg;
};

/* The kernel makes the sum of ICMPv6, and has checked that of what comes in. */
static int open_socket(const char *interface, int protocol, const struct in6_addr *local, const struct in6_addr *remote)
{
	struct sockaddr_in6 from = { .sin6_family = AF_INET6, .sin6_addr = *local };
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = *remote };
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	struct icmp6_filter types;
	int r;

	if (fd < 0)
		return -errno;
	ICMP6_FILTER_SETBLOCKALL(&types);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &types);
	if ((protocol != IPPROTO_ICMPV6 || setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof(types)) == 0) &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strnlen(interface, IFNAMSIZ)) == 0 &&
	    bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

static void end(struct ping6 *ping, bool answered)
{
	ping6_fn *fn = ping->fn;
	void *arg = ping->arg;

	ping6_cancel(ping);
	fn(arg, answered);
}

static bool is_answer_through(const struct ping6 *ping, const uint8_t *packet, size_t n)
{
	struct icmp_echo echo;
	uint32_t source;

	return n <= ICMP_ECHO_PACKET_LEN && !icmp_echo_parse_reply(packet, n, &echo, &source) && source == ping->echo.target &&
	       echo.id == ping->echo.id && echo.cookie == ping->echo.cookie;
}

static bool is_answer(const struct ping6 *ping, const struct message *m, ssize_t n)
{
	return n == (ssize_t)sizeof(*m) && m->head.icmp6_code == 0 && m->head.icmp6_id == ping->message.head.icmp6_id &&
	       memcmp(m->cookie, ping->message.cookie, sizeof(m->cookie)) == 0;
}

/* An error, as "no route to host", is no answer; the next question or the end follows. */
static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct ping6 *ping = io->data;
	union {
		struct message message;
		uint8_t packet[ICMP_ECHO_PACKET_LEN];
	} in;

	(void)loop;
	(void)revents;
	for (unsigned i = 0; i < READS_AT_ONCE; i++) {
		ssize_t n = recv(io->fd, &in, sizeof(in), MSG_TRUNC);

		if (n < 0)
			return;
		if (ping->echo.target ? is_answer_through(ping, in.packet, (size_t)n) : is_answer(ping, &in.message, n)) {
			end(ping, true);
			return;
		}
	}
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct ping6 *ping = timer->data;

	(void)loop;
	(void)revents;
	if (ping->sent++ == TIMES)
		end(ping, false);
	else if (send(ping->io.fd, ping->packet, ping->len, 0) < 0)
		ping->sent = TIMES; /* it cannot even leave */
}

static struct ping6 *begin(struct ev_loop *loop, int fd, ping6_fn *fn, void *arg)
{
	struct ping6 *ping = xcalloc(1, sizeof(*ping));

	ping->loop = loop;
	ping->fn = fn;
	ping->arg = arg;
	ev_io_init(&ping->io, on_readable, fd, EV_READ);
	ev_timer_init(&ping->timer, on_timer, 0, APART_S);
	ping->io.data = ping->timer.data = ping;
	ev_io_start(loop, &ping->io);
	ev_timer_start(loop, &ping->timer);
	return ping;
}

int ping6_start(struct ev_loop *loop, const char *interface, const struct in6_addr *local, const struct in6_addr *remote,
                ping6_fn *fn, void *arg, struct ping6 **out)
{
	int fd = open_socket(interface, IPPROTO_ICMPV6, local, remote);
	struct ping6 *ping;

	if (fd < 0)
		return fd;
	ping = *out = begin(loop, fd, fn, arg);
	ping->len = sizeof(ping->message);
	ping->message.head.icmp6_type = ICMP6_ECHO_REQUEST;
	ping->message.head.icmp6_id = (uint16_t)random_number();
	random_bytes(ping->message.cookie, sizeof(ping->message.cookie));
	return 0;
}

int ping6_through(struct ev_loop *loop, const char *interface, const struct in6_addr *local, const struct in6_addr *aftr,
                  uint32_t source, uint32_t target, ping6_fn *fn, void *arg, struct ping6 **out)
{
	int fd = open_socket(interface, IPPROTO_IPIP, local, aftr);
	struct ping6 *ping;

	if (fd < 0)
		return fd;
	ping = *out = begin(loop, fd, fn, arg);
	ping->len = sizeof(ping->packet);
	ping->echo = (struct icmp_echo){ .id = (uint16_t)random_number(), .target = target };
	random_bytes(&ping->echo.cookie, sizeof(ping->echo.cookie));
	icmp_echo_build_packet(&ping->echo, source, ping->packet);
	return 0;
}

void ping6_cancel(struct ping6 *ping)
{
	if (!ping)
		return;
	ev_io_stop(ping->loop, &ping->io);
	ev_timer_stop(ping->loop, &ping->timer);
	close(ping->io.fd);
	free(ping);
}
