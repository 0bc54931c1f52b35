/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_lcp.h. */
#include "daemon/probe_lcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/packet_socket.h"
#include "daemon/random.h"
#include "policy/lcp_echo.h"

#define READS_AT_ONCE 16 /* then let others have their turn */

struct probe_lcp {
	struct ev_loop *loop;
	ev_io io;
	struct probe_session session;
	const struct probe_callbacks *callbacks;
	unsigned target;
	uint64_t cookie;
};

/*
 * All of a session's packets are held against this: what is no answer of ours leaves after two or three steps.  For all devices:
 * the kernel then hands a frame to us before its PPPoE, which must otherwise copy each packet of the session that both
 * have.
 */
static int open_socket(uint64_t cookie)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, LCP_ECHO_PROTOCOL_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LCP_ECHO_PROTOCOL, 0, 7),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, LCP_ECHO_CODE_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LCP_ECHO_REPLY, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LCP_ECHO_COOKIE_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(cookie >> 32), 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, LCP_ECHO_COOKIE_OFFSET + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)cookie, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return packet_socket(ETH_P_PPP_SES, NULL, code, sizeof(code) / sizeof(code[0]));
}

static void take(struct probe_lcp *lcp, const uint8_t *frame, size_t len, const struct sockaddr_ll *from)
{
	struct lcp_echo echo;
	const char *wrong = lcp_echo_parse_reply(frame, len, &echo);

	if (!wrong && (echo.cookie != lcp->cookie || echo.session != lcp->session.id || from->sll_halen != ETH_ALEN ||
	               memcmp(from->sll_addr, lcp->session.ac.byte, ETH_ALEN) != 0))
		wrong = "not what was sent, or not from where it was sent to";
	if (wrong)
		log_trace("an LCP echo reply is ignored: %s", wrong);
	else
		lcp->callbacks->result(lcp->callbacks->arg, echo.round, lcp->target, 0);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct probe_lcp *lcp = io->data;
	uint8_t frame[64]; /* an answer has one length, and the line's padding */

	(void)loop;
	(void)revents;
	for (unsigned i = 0; i < READS_AT_ONCE; i++) {
		struct sockaddr_ll from = { 0 };
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(io->fd, frame, sizeof(frame), 0, (struct sockaddr *)&from, &size);

		if (n < 0)
			break; /* EAGAIN; anything else stands in the way of sending too, and is told there */
		take(lcp, frame, (size_t)n, &from);
	}
	lcp->callbacks->done(lcp->callbacks->arg);
}

int probe_lcp_send(struct probe_lcp *lcp, uint16_t round, unsigned target)
{
	struct lcp_echo echo = { .session = lcp->session.id, .round = round, .cookie = lcp->cookie };
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
		                  .sll_protocol = htons(ETH_P_PPP_SES),
		                  .sll_ifindex = (int)if_nametoindex(lcp->session.interface),
		                  .sll_halen = ETH_ALEN };
	uint8_t frame[LCP_ECHO_LEN];

	if (!to.sll_ifindex)
		return -errno;
	memcpy(to.sll_addr, lcp->session.ac.byte, ETH_ALEN);
	lcp->target = target;
	lcp_echo_build(&echo, frame);
	return sendto(lcp->io.fd, frame, sizeof(frame), 0, (const struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

int probe_lcp_open(struct ev_loop *loop, const struct probe_session *session, const struct probe_callbacks *callbacks,
                   struct probe_lcp **out)
{
	struct probe_lcp *lcp;
	uint64_t cookie;
	int fd;

	random_bytes(&cookie, sizeof(cookie));
	fd = open_socket(cookie);
	if (fd < 0)
		return fd;
	lcp = xcalloc(1, sizeof(*lcp));
	lcp->loop = loop;
	lcp->session = *session;
	lcp->callbacks = callbacks;
	lcp->cookie = cookie;
	ev_io_init(&lcp->io, on_readable, fd, EV_READ);
	ev_set_priority(&lcp->io, PROBE_IO_PRIORITY);
	lcp->io.data = lcp;
	ev_io_start(loop, &lcp->io);
	*out = lcp;
	return 0;
}

void probe_lcp_close(struct probe_lcp *lcp)
{
	if (!lcp)
		return;
	ev_io_stop(lcp->loop, &lcp->io);
	close(lcp->io.fd);
	free(lcp);
}
