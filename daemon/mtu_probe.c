/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mtu_probe.h. */
#include "daemon/mtu_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/packet_socket.h"
#include "daemon/probe_socket.h"
#include "daemon/random.h"
#include "policy/icmp_echo.h"
#include "policy/mtu_packet.h"

#define READS_AT_ONCE 64
/* Between questions, so that what measures the line does not fill it. */
#define APART_S 0.02

struct mtu_probe {
	struct ev_loop *loop;
	ev_io io;
	ev_timer timer; /* the end of the wait, or of the pause before a question */
	int out;
	bool asked; /* an answer is waited for */
	struct mtu_way way;
	struct mtu_search search;
	struct mtu_packet packet; /* but for its target and sequence */
	uint16_t number; /* of the question: the sequence is twice that, and one more for its small packet */
	unsigned size;   /* the question's big one */
	uint8_t *buffer; /* for one packet, of .full bytes at most */
	mtu_probe_fn *fn;
	void *arg;
};

/* ---- sockets ---- */

/*
 * IPPROTO_RAW: it only sends, headers and all.  IPV6_PMTUDISC_PROBE: whatever the kernel has heard of the way's MTU, which may
 * be out of date or a lie.
 */
static int open_out(const char *interface)
{
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
	int r, probe = IPV6_PMTUDISC_PROBE;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strnlen(interface, IFNAMSIZ)) == 0 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &probe, sizeof(probe)) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

/* Echo replies with our identifier and the first half of our cookie. */
static int open_in(const char *device, uint16_t id, uint64_t cookie)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 0, 8),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_ECHOREPLY << 8, 0, 5),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, ICMP_ECHO_ID_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, ICMP_ECHO_COOKIE_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(cookie >> 32), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return packet_socket(ETH_P_IP, device, code, sizeof(code) / sizeof(code[0]));
}

/* ---- asking ---- */

static void wait_for(struct mtu_probe *probe, double seconds)
{
	ev_timer_stop(probe->loop, &probe->timer);
	ev_now_update(probe->loop);
	ev_timer_set(&probe->timer, seconds, 0);
	ev_timer_start(probe->loop, &probe->timer);
}

static void end(struct mtu_probe *probe, enum mtu_verdict verdict)
{
	unsigned carries = verdict == MTU_CARRIES ? probe->search.passed : 0;
	mtu_probe_fn *fn = probe->fn;
	void *arg = probe->arg;

	mtu_probe_cancel(probe);
	fn(arg, verdict, carries);
}

static bool send_one(struct mtu_probe *probe, unsigned target, unsigned size, unsigned small)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = probe->way.remote };
	struct mtu_packet *packet = &probe->packet;

	packet->to = probe->way.target[target];
	packet->echo.target = target;
	packet->echo.sequence = (uint16_t)(probe->number * 2 + small);
	mtu_packet_build(packet, probe->buffer, size);
	if (sendto(probe->out, probe->buffer, size, 0, (struct sockaddr *)&to, sizeof(to)) >= 0 || errno == ENOBUFS ||
	    errno == EAGAIN)
		return true; /* not sent is lost */
	log_debug("%s: cannot measure what %s carries: %s", probe->way.device, probe->way.interface, strerror(errno));
	return false;
}

/* The small one goes second: what the large one is lost to would find it, too. */
static bool ask(struct mtu_probe *probe)
{
	const struct mtu_question *q = &probe->search.question;

	if (q->big != probe->size)
		probe->number++;
	probe->size = q->big;
	for (unsigned i = 0; i < probe->way.targets; i++)
		if (q->set >> i & 1 && (!send_one(probe, i, q->big, 0) || (q->small && !send_one(probe, i, q->small, 1))))
			return false;
	return true;
}

static void next(struct mtu_probe *probe)
{
	enum mtu_verdict verdict = mtu_search_next(&probe->search);

	probe->asked = false;
	if (verdict == MTU_GOES_ON)
		wait_for(probe, APART_S);
	else
		end(probe, verdict);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct mtu_probe *probe = timer->data;

	(void)loop;
	(void)revents;
	if (probe->asked) {
		next(probe);
	} else if (ask(probe)) {
		probe->asked = true;
		wait_for(probe, probe->way.wait_ms / 1000.0);
	} else {
		end(probe, MTU_UNKNOWN);
	}
}

/* ---- answers ---- */

/* True: it settles the question. */
static bool take(struct mtu_probe *probe, const uint8_t *packet, size_t len)
{
	const struct mtu_question *q = &probe->search.question;
	const struct icmp_echo *sent = &probe->packet.echo;
	struct mtu_answer answer;
	unsigned size;
	bool big;

	if (!mtu_packet_answer(packet, len, &answer) || answer.echo.id != sent->id || answer.echo.cookie != sent->cookie)
		return false;
	if (answer.echo.target >= probe->way.targets || answer.source != probe->way.target[answer.echo.target] ||
	    answer.echo.sequence >> 1 != (probe->number & 0x7fff))
		return false;
	big = !(answer.echo.sequence & 1);
	size = (big ? q->big : q->small) - MTU_PACKET_IPV6_HEADER;
	if (answer.size != size && !answer.fragment)
		return false; /* it gives back less than it got: that tells nothing of the way back */
	return mtu_search_answer(&probe->search, answer.echo.target, big);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct mtu_probe *probe = io->data;
	bool settled = false;

	(void)loop;
	(void)revents;
	for (unsigned i = 0; i < READS_AT_ONCE; i++) {
		ssize_t n = recv(io->fd, probe->buffer, probe->search.full, 0);

		if (n < 0)
			break;
		settled |= take(probe, probe->buffer, (size_t)n);
	}
	if (settled && probe->asked)
		next(probe);
}

/* ---- start and stop ---- */

int mtu_probe_start(struct ev_loop *loop, const struct mtu_way *way, unsigned full, unsigned hint, mtu_probe_fn *fn, void *arg,
                    struct mtu_probe **out)
{
	struct icmp_echo echo = { .id = (uint16_t)random_number() };
	struct mtu_probe *probe;
	int in, fd = open_out(way->interface);

	if (fd < 0)
		return fd;
	random_bytes(&echo.cookie, sizeof(echo.cookie));
	in = open_in(way->device, echo.id, echo.cookie);
	if (in < 0) {
		close(fd);
		return in;
	}
	probe = xcalloc(1, sizeof(*probe));
	*probe = (struct mtu_probe){ .loop = loop, .out = fd, .way = *way, .fn = fn, .arg = arg };
	probe->packet = (struct mtu_packet){ .local = way->local, .remote = way->remote, .from = way->from, .echo = echo };
	probe->buffer = xcalloc(1, full);
	mtu_search_begin(&probe->search, full, hint, (1u << way->targets) - 1);
	ev_io_init(&probe->io, on_readable, in, EV_READ);
	ev_set_priority(&probe->io, PROBE_IO_PRIORITY);
	ev_timer_init(&probe->timer, on_timer, 0, 0);
	probe->io.data = probe->timer.data = probe;
	ev_io_start(loop, &probe->io);
	wait_for(probe, 0);
	*out = probe;
	return 0;
}

void mtu_probe_hint(struct mtu_probe *probe, unsigned size)
{
	mtu_search_hint(&probe->search, size);
}

void mtu_probe_cancel(struct mtu_probe *probe)
{
	if (!probe)
		return;
	ev_timer_stop(probe->loop, &probe->timer);
	ev_io_stop(probe->loop, &probe->io);
	close(probe->io.fd);
	close(probe->out);
	free(probe->buffer);
	free(probe);
}
