/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_icmp.h. */
#include "daemon/probe_icmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/conntrack.h"
#include "daemon/log.h"
#include "daemon/random.h"
#include "policy/addr.h"
#include "policy/icmp_echo.h"
#include "policy/icmp_error.h"
#include "policy/wire.h"

#define PACKET_MAX 256
#define READS_AT_ONCE 64 /* then let others have their turn */
#define KEEP_EVERY_MS 10000

struct probe_icmp {
	struct ev_loop *loop;
	ev_io io;
	const uint32_t *address;
	const struct probe_callbacks *callbacks;
	uint16_t id;
	uint64_t cookie;
	uint64_t kept_ms[PROBE_FALLBACK + 1]; /* by target, monotonic; 0: not yet */
};

#define QUOTED 8       /* where an error quotes, from its own header on ... */
#define QUOTED_ICMP 28 /* ... and the ICMP in that: we send no IP options */

/*
 * Offsets are from the IPv4 header's start; X is its length.  An answer, or an error of a kind that
 * policy/icmp_error.c knows, to a message with our identifier and the first half of our cookie.
 */
static int attach_filter(int fd, uint16_t id, uint64_t cookie)
{
	uint32_t half = (uint32_t)(cookie >> 32);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_ECHOREPLY << 8, 0, 4),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, ICMP_ECHO_ID_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 12),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, ICMP_ECHO_COOKIE_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, half, 11, 10),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_DEST_UNREACH, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_TIME_EXCEEDED, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_PARAMETERPROB, 0, 6),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, QUOTED + 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 0, 4),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, QUOTED_ICMP + ICMP_ECHO_ID_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, QUOTED_ICMP + ICMP_ECHO_COOKIE_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, half, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog filter = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ? -errno : 0;
}

bool probe_icmp_sent(const struct probe_icmp *icmp, const struct icmp_echo *echo)
{
	return echo->id == icmp->id && echo->cookie == icmp->cookie && echo->target <= PROBE_FALLBACK;
}

/* Somebody within the path says that a target cannot be reached. */
static bool take_error(struct probe_icmp *icmp, const uint8_t *packet, size_t len)
{
	struct icmp_echo echo;
	uint32_t target;

	if (!icmp_error_parse(packet, len, &echo, &target))
		return false;
	if (probe_icmp_sent(icmp, &echo) && target == icmp->address[echo.target])
		icmp->callbacks->result(icmp->callbacks->arg, echo.sequence, echo.target, -EHOSTUNREACH);
	return true;
}

/* The way of the next question stays open, however full the table of connections gets. */
static void keep_open(struct probe_icmp *icmp, unsigned target, const uint8_t *packet)
{
	uint64_t now = clock_monotonic_ms();

	if (icmp->kept_ms[target] && now - icmp->kept_ms[target] < KEEP_EVERY_MS)
		return;
	icmp->kept_ms[target] = now;
	conntrack_keep_echo(wire_get32(packet + offsetof(struct iphdr, daddr)), icmp->address[target], icmp->id);
}

/* An answer comes from whom was asked, and brings back what was sent. */
static void take(struct probe_icmp *icmp, const uint8_t *packet, size_t len)
{
	struct icmp_echo echo;
	uint32_t source;
	char text[INET_ADDRSTRLEN];
	const char *wrong = icmp_echo_parse_reply(packet, len, &echo, &source);

	if (wrong && take_error(icmp, packet, len))
		return;
	if (wrong) {
		log_trace("an echo reply is ignored: %s", wrong);
		return;
	}
	if (!probe_icmp_sent(icmp, &echo) || source != icmp->address[echo.target]) {
		log_trace("an echo reply from %s is ignored: not what was sent there", ipv4_print(source, text));
		return;
	}
	keep_open(icmp, echo.target, packet);
	icmp->callbacks->result(icmp->callbacks->arg, echo.sequence, echo.target, 0);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct probe_icmp *icmp = io->data;
	uint8_t packet[PACKET_MAX]; /* an answer has one length, and of an error the beginning is enough */

	(void)loop;
	(void)revents;
	for (unsigned i = 0; i < READS_AT_ONCE; i++) {
		ssize_t n = recv(io->fd, packet, sizeof(packet), 0);

		if (n < 0)
			break; /* EAGAIN; anything else stands in the way of sending too, and is told there */
		take(icmp, packet, (size_t)n);
	}
	icmp->callbacks->done(icmp->callbacks->arg);
}

int probe_icmp_send(struct probe_icmp *icmp, uint16_t round, unsigned target)
{
	struct icmp_echo echo = { .id = icmp->id, .sequence = round, .cookie = icmp->cookie, .target = target };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(icmp->address[target]) };
	uint8_t message[ICMP_ECHO_LEN];

	icmp_echo_build(&echo, message);
	if (sendto(icmp->io.fd, message, sizeof(message), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}

int probe_icmp_open(struct ev_loop *loop, const char *device, uint32_t mark, const uint32_t *address,
                    const struct probe_callbacks *callbacks, struct probe_icmp **out)
{
	int fd = probe_socket(SOCK_RAW, IPPROTO_ICMP, device, mark);
	uint16_t id = (uint16_t)random_number();
	struct probe_icmp *icmp;
	uint64_t cookie;
	int r;

	if (fd < 0)
		return fd;
	random_bytes(&cookie, sizeof(cookie));
	r = attach_filter(fd, id, cookie);
	if (r < 0) {
		close(fd);
		return r;
	}
	icmp = xcalloc(1, sizeof(*icmp));
	icmp->loop = loop;
	icmp->address = address;
	icmp->callbacks = callbacks;
	icmp->id = id;
	icmp->cookie = cookie;
	ev_io_init(&icmp->io, on_readable, fd, EV_READ);
	ev_set_priority(&icmp->io, PROBE_IO_PRIORITY);
	icmp->io.data = icmp;
	ev_io_start(loop, &icmp->io);
	*out = icmp;
	return 0;
}

void probe_icmp_close(struct probe_icmp *icmp)
{
	if (!icmp)
		return;
	ev_io_stop(icmp->loop, &icmp->io);
	close(icmp->io.fd);
	free(icmp);
}
