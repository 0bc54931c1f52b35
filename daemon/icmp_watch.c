/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See icmp_watch.h. */
#include "daemon/icmp_watch.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/packet_socket.h"
#include "daemon/probe_socket.h"

#define IP_FRAGMENT_OFFSET 6
#define IP_PROTOCOL_OFFSET 9
#define BUFFER_BYTES 4096 /* of which the first would do */
#define READS_AT_ONCE 16
#define PAUSE_S 0.15 /* nobody acts on them more often than that */

struct icmp_watch {
	struct ev_loop *loop;
	ev_io io;
	ev_timer pause;
	icmp_watch_fn *fn;
	void *arg;
	uint64_t count; /* up to where the kernel was last asked, which then begins anew */
};

/* Of what "unreachable" may mean, what a router on the way says of it (RFC 1812 section 5.2.7.1): no route, no neighbour, and
 * not allowed.  What a machine says of a port of its own is an answer.  X is the length of the IP header. */
static int open_socket(const char *device)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IP_PROTOCOL_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 0, 8),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, IP_FRAGMENT_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, IP_OFFMASK, 6, 0),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_DEST_UNREACH << 8 | ICMP_NET_UNREACH, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_DEST_UNREACH << 8 | ICMP_HOST_UNREACH, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_DEST_UNREACH << 8 | ICMP_PKT_FILTERED, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1), /* what is in it does not matter */
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	int fd = packet_socket(ETH_P_IP, device, code, sizeof(code) / sizeof(code[0])), size = BUFFER_BYTES;

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct icmp_watch *watch = io->data;
	unsigned told = 0;
	char byte;

	(void)revents;
	while (told < READS_AT_ONCE && recv(io->fd, &byte, sizeof(byte), 0) >= 0)
		told++;
	if (!told) /* the device went down, say */
		return;
	ev_io_stop(loop, io);
	ev_timer_set(&watch->pause, PAUSE_S, 0);
	ev_timer_start(loop, &watch->pause);
	watch->fn(watch->arg);
}

static void on_pause_over(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct icmp_watch *watch = timer->data;

	(void)revents;
	ev_io_start(loop, &watch->io);
}

int icmp_watch_open(struct ev_loop *loop, const char *device, icmp_watch_fn *fn, void *arg, struct icmp_watch **out)
{
	int fd = open_socket(device);
	struct icmp_watch *watch;

	if (fd < 0)
		return fd;
	watch = xcalloc(1, sizeof(*watch));
	*watch = (struct icmp_watch){ .loop = loop, .fn = fn, .arg = arg };
	ev_io_init(&watch->io, on_readable, fd, EV_READ);
	ev_set_priority(&watch->io, PROBE_IO_PRIORITY);
	ev_timer_init(&watch->pause, on_pause_over, 0, 0);
	watch->io.data = watch->pause.data = watch;
	ev_io_start(loop, &watch->io);
	*out = watch;
	return 0;
}

uint64_t icmp_watch_count(struct icmp_watch *watch)
{
	struct tpacket_stats stats = { 0 };
	socklen_t size = sizeof(stats);

	if (getsockopt(watch->io.fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
		watch->count += stats.tp_packets;
	return watch->count;
}

void icmp_watch_close(struct icmp_watch *watch)
{
	if (!watch)
		return;
	ev_timer_stop(watch->loop, &watch->pause);
	ev_io_stop(watch->loop, &watch->io);
	close(watch->io.fd);
	free(watch);
}
