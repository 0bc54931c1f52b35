/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_conn.h. */
#include "daemon/probe_conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/random.h"
#include "policy/dns_probe.h"
#include "policy/http_probe.h"

/* What comes next of an attempt. */
enum waits_for { TCP_RESULT, HTTP_CONNECTION, HTTP_STATUS, DNS_ANSWER };

/* One connection that is under way. */
struct attempt {
	struct probe_conn *conn;
	struct attempt *next;
	ev_io io;
	uint16_t round;
	unsigned target;
	enum waits_for waits_for;
	unsigned status;                    /* http: that is wanted; 0: any */
	char answer[HTTP_PROBE_STATUS_LEN]; /* http: its beginning, so far */
	size_t answer_len;
	size_t question_len;
	uint8_t question[];
};

struct probe_conn {
	struct ev_loop *loop;
	char device[IFNAMSIZ];
	uint32_t mark;
	const struct probe_callbacks *callbacks;
	struct attempt *attempts;
};

static void end(struct attempt **link)
{
	struct attempt *attempt = *link;

	*link = attempt->next;
	ev_io_stop(attempt->conn->loop, &attempt->io);
	close(attempt->io.fd);
	free(attempt);
}

/* A refusal is an answer, whoever's: it came back over the path. */
static int result_of(int fd)
{
	int error = probe_socket_error(fd);

	return error == -ECONNREFUSED ? 0 : error;
}

/* ECONNREFUSED of a datagram socket is the target's own "no such port": that came back, too. */
static bool read_answer(const struct attempt *attempt, int *result)
{
	uint8_t answer[1500];
	ssize_t n = recv(attempt->io.fd, answer, sizeof(answer), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	*result = n >= 0 || errno == ECONNREFUSED ? 0 : -errno;
	return n < 0 || dns_probe_answers(attempt->question, attempt->question_len, answer, (size_t)n);
}

/* A new connection takes all of a question that fits one segment.  False: the answer is waited for. */
static bool send_question(struct attempt *attempt, int *result)
{
	ssize_t n;

	*result = probe_socket_error(attempt->io.fd);
	if (*result < 0)
		return true;
	n = send(attempt->io.fd, attempt->question, attempt->question_len, MSG_NOSIGNAL);
	*result = n < 0 ? -errno : -EIO;
	if (n != (ssize_t)attempt->question_len)
		return true;
	attempt->waits_for = HTTP_STATUS;
	if (attempt->conn->callbacks->heard)
		attempt->conn->callbacks->heard(attempt->conn->callbacks->arg);
	ev_io_stop(attempt->conn->loop, &attempt->io);
	ev_io_set(&attempt->io, attempt->io.fd, EV_READ);
	ev_io_start(attempt->conn->loop, &attempt->io);
	return false;
}

/* The rest of what the server says is reset with the connection.  False: there is more to come. */
static bool read_status(struct attempt *attempt, int *result)
{
	ssize_t n = recv(attempt->io.fd, attempt->answer + attempt->answer_len, sizeof(attempt->answer) - attempt->answer_len, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	*result = n < 0 ? -errno : -EPROTO;
	if (n <= 0)
		return true;
	attempt->answer_len += (size_t)n;
	if (attempt->answer_len < sizeof(attempt->answer))
		return false;
	if (http_probe_is_good(http_probe_status(attempt->answer), attempt->status))
		*result = 0;
	return true;
}

/* True: *result stands. */
static bool go_on(struct attempt *attempt, int *result)
{
	switch (attempt->waits_for) {
	case DNS_ANSWER:
		return read_answer(attempt, result);
	case HTTP_CONNECTION:
		return send_question(attempt, result);
	case HTTP_STATUS:
		return read_status(attempt, result);
	default:
		*result = result_of(attempt->io.fd);
		return true;
	}
}

static void on_ready(struct ev_loop *loop, ev_io *io, int revents)
{
	struct attempt *attempt = io->data;
	struct probe_conn *conn = attempt->conn;
	struct attempt **link = &conn->attempts;
	int result;

	(void)loop;
	(void)revents;
	if (!go_on(attempt, &result))
		return;
	conn->callbacks->result(conn->callbacks->arg, attempt->round, attempt->target, result);
	while (*link != attempt)
		link = &(*link)->next;
	end(link);
	conn->callbacks->done(conn->callbacks->arg);
}

static struct attempt *begin(struct probe_conn *conn, int fd, enum waits_for what, uint16_t round, unsigned target,
                             const void *question, size_t question_len)
{
	struct attempt *attempt = xcalloc(1, sizeof(*attempt) + question_len);

	attempt->conn = conn;
	attempt->round = round;
	attempt->target = target;
	attempt->waits_for = what;
	attempt->next = conn->attempts;
	attempt->question_len = question_len;
	if (question_len)
		memcpy(attempt->question, question, question_len);
	conn->attempts = attempt;
	ev_io_init(&attempt->io, on_ready, fd, what == DNS_ANSWER ? EV_READ : EV_WRITE);
	ev_set_priority(&attempt->io, PROBE_IO_PRIORITY);
	attempt->io.data = attempt;
	ev_io_start(conn->loop, &attempt->io);
	return attempt;
}

int probe_conn_tcp(struct probe_conn *conn, uint32_t address, uint16_t port, uint16_t round, unsigned target)
{
	int fd = probe_socket_tcp(address, port, conn->device, conn->mark);

	if (fd >= 0)
		begin(conn, fd, TCP_RESULT, round, target, NULL, 0);
	return fd < 0 ? fd : 0;
}

int probe_conn_http(struct probe_conn *conn, uint32_t address, uint16_t port, const char *page, unsigned status,
                    uint16_t round, unsigned target)
{
	char question[HTTP_PROBE_MAX];
	size_t n = http_probe_question(question, page);
	int fd = n ? probe_socket_tcp(address, port, conn->device, conn->mark) : -EINVAL;

	if (fd >= 0)
		begin(conn, fd, HTTP_CONNECTION, round, target, question, n)->status = status;
	return fd < 0 ? fd : 0;
}

/* A socket, and with it a source port, for each question: an answer is hard to guess. */
int probe_conn_dns(struct probe_conn *conn, uint32_t address, uint16_t port, const char *name, uint16_t round,
                   unsigned target)
{
	uint8_t question[DNS_PROBE_MAX];
	size_t n = dns_probe_question(question, name, (uint16_t)random_number());
	int fd = n ? probe_socket(SOCK_DGRAM, 0, conn->device, conn->mark) : -EINVAL;
	int on = 1, r;

	if (fd < 0)
		return fd;
	/* "Network unreachable" is told to a datagram socket only where it asks for that. */
	setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	r = probe_socket_connect(fd, address, port);
	if (r == 0 && send(fd, question, n, 0) < 0)
		r = -errno;
	if (r == 0)
		begin(conn, fd, DNS_ANSWER, round, target, question, n);
	else
		close(fd);
	return r;
}

void probe_conn_give_up(struct probe_conn *conn, uint16_t before)
{
	struct attempt **link = &conn->attempts;

	while (*link) {
		if ((int16_t)((*link)->round - before) < 0)
			end(link);
		else
			link = &(*link)->next;
	}
}

struct probe_conn *probe_conn_new(struct ev_loop *loop, const char *device, uint32_t mark,
                                  const struct probe_callbacks *callbacks)
{
	struct probe_conn *conn = xcalloc(1, sizeof(*conn));

	conn->loop = loop;
	conn->mark = mark;
	conn->callbacks = callbacks;
	snprintf(conn->device, sizeof(conn->device), "%s", device);
	return conn;
}

void probe_conn_free(struct probe_conn *conn)
{
	if (!conn)
		return;
	while (conn->attempts)
		end(&conn->attempts);
	free(conn);
}
