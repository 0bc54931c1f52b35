/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See icmp6_watch.h. */
#include "daemon/icmp6_watch.h"

#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/probe_socket.h"

#define MESSAGE_MAX 256 /* of an error the beginning is enough */
#define BUFFER_BYTES 8192
/* A flood is not listened to: so many at once, then a pause. */
#define READS_AT_ONCE 8
#define PAUSE_S 0.02

struct icmp6_watch {
	struct ev_loop *loop;
	ev_io io;
	ev_timer pause;
	struct in6_addr local, remote;
	icmp6_watch_fn *fn;
	void *arg;
	bool *closed; /* set while a message is told of, which may close us */
};

/* A raw ICMPv6 socket's packets begin with the ICMPv6 header; the kernel has checked the sum. */
static int attach_filters(int fd, const struct in6_addr *remote)
{
	uint32_t word[4];
	struct icmp6_filter types;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ICMP6_ERROR_NEXT_HEADER_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_IPIP, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_DSTOPTS, 0, 7),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ICMP6_ERROR_DST_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ICMP6_ERROR_DST_OFFSET + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ICMP6_ERROR_DST_OFFSET + 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	memcpy(word, remote, sizeof(word));
	code[4].k = ntohl(word[0]);
	code[6].k = ntohl(word[1]);
	code[8].k = ntohl(word[3]);
	ICMP6_FILTER_SETBLOCKALL(&types);
	ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &types);
	ICMP6_FILTER_SETPASS(ICMP6_PACKET_TOO_BIG, &types);
	ICMP6_FILTER_SETPASS(ICMP6_TIME_EXCEEDED, &types);
	ICMP6_FILTER_SETPASS(ICMP6_PARAM_PROB, &types);
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ||
	    setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof(types)) < 0)
		return -errno;
	return 0;
}

static int open_socket(const char *interface, const struct in6_addr *remote)
{
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	int r, size = BUFFER_BYTES;

	if (fd < 0)
		return -errno;
	r = attach_filters(fd, remote);
	if (r == 0 && (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strnlen(interface, IFNAMSIZ)) < 0 ||
	               setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0))
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static void take(struct icmp6_watch *watch, const uint8_t *message, size_t len)
{
	struct icmp6_error error;
	const char *wrong = icmp6_error_parse(message, len, &error);

	if (!wrong && (!IN6_ARE_ADDR_EQUAL(&error.src, &watch->local) || !IN6_ARE_ADDR_EQUAL(&error.dst, &watch->remote)))
		wrong = "about somebody else's packet";
	if (wrong)
		log_trace("an ICMPv6 error is ignored: %s", wrong);
	else
		watch->fn(watch->arg, &error);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct icmp6_watch *watch = io->data;
	uint8_t message[MESSAGE_MAX];
	bool closed = false;
	unsigned i = 0;
	ssize_t n;

	(void)revents;
	watch->closed = &closed;
	while (i < READS_AT_ONCE && !closed && (n = recv(io->fd, message, sizeof(message), 0)) >= 0) {
		take(watch, message, (size_t)n);
		i++;
	}
	if (closed)
		return;
	watch->closed = NULL;
	if (i < READS_AT_ONCE)
		return;
	ev_io_stop(loop, io);
	ev_timer_set(&watch->pause, PAUSE_S, 0);
	ev_timer_start(loop, &watch->pause);
}

static void on_pause_over(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct icmp6_watch *watch = timer->data;

	(void)revents;
	ev_io_start(loop, &watch->io);
}

int icmp6_watch_open(struct ev_loop *loop, const char *interface, const struct in6_addr *local,
                     const struct in6_addr *remote, icmp6_watch_fn *fn, void *arg, struct icmp6_watch **out)
{
	int fd = open_socket(interface, remote);
	struct icmp6_watch *watch;

	if (fd < 0)
		return fd;
	watch = xcalloc(1, sizeof(*watch));
	*watch = (struct icmp6_watch){ .loop = loop, .local = *local, .remote = *remote, .fn = fn, .arg = arg };
	ev_io_init(&watch->io, on_readable, fd, EV_READ);
	ev_set_priority(&watch->io, PROBE_IO_PRIORITY);
	ev_timer_init(&watch->pause, on_pause_over, 0, 0);
	watch->io.data = watch->pause.data = watch;
	ev_io_start(loop, &watch->io);
	*out = watch;
	return 0;
}

void icmp6_watch_close(struct icmp6_watch *watch)
{
	if (!watch)
		return;
	if (watch->closed)
		*watch->closed = true;
	ev_timer_stop(watch->loop, &watch->pause);
	ev_io_stop(watch->loop, &watch->io);
	close(watch->io.fd);
	free(watch);
}
