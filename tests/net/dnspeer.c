/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A name server that is broken or hostile, for tests/net/run:
 *
 *   dnspeer ADDRESS KIND BAD GOOD    answers AAAA questions on port 53 of ADDRESS, each as KIND says; BAD and GOOD are IPv6
 *                                    addresses, of which BAD must not be believed
 *
 *   wrong-id          BAD with another id, then GOOD
 *   wrong-question    BAD as the answer to another question, then GOOD
 *   wrong-port        BAD from another port, then GOOD
 *   wrong-owner       BAD as the address of another name than was asked for, then nothing
 *   truncated         cut off (TC) where it is asked over UDP; GOOD over TCP
 *   truncated-always  cut off, and nobody listens on TCP
 *   loop              a name whose pointer leads to itself
 *   cut               ends within the address
 *   too-long          a length of data that goes beyond the end
 *   alias-loop        an alias of an alias of the first
 *   alias-chain       ten aliases, then GOOD
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER 12
#define MESSAGE_MAX 1200
#define TYPE_CNAME 5
#define TYPE_AAAA 28

struct message {
	size_t len;
	uint8_t byte[MESSAGE_MAX];
};

static struct in6_addr bad, good;
static struct sockaddr_in6 at;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put(struct message *m, const void *data, size_t len)
{
	if (m->len + len > sizeof(m->byte))
		die("message");
	memcpy(m->byte + m->len, data, len);
	m->len += len;
}

static void put16(struct message *m, unsigned value)
{
	put(m, (uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

/* ---- answers ---- */

/* The question with the header of an answer. */
static struct message begin(const struct message *question)
{
	struct message m = { .len = HEADER };

	memcpy(m.byte, question->byte, HEADER);
	m.byte[2] = 0x85; /* an authoritative answer */
	m.byte[3] = 0x80;
	memset(m.byte + 6, 0, 6);
	while (m.len < question->len && question->byte[m.len])
		m.len += question->byte[m.len] + 1u;
	m.len += 5;
	if (m.len > question->len)
		die("question");
	memcpy(m.byte + HEADER, question->byte + HEADER, m.len - HEADER);
	return m;
}

/* owner: where in the message its name is. */
static void record(struct message *m, size_t owner, unsigned type, unsigned length)
{
	m->byte[7]++;
	put16(m, 0xc000 | (unsigned)owner);
	put16(m, type);
	put16(m, 1);
	put(m, "\0\0\0\74", 4); /* a minute */
	put16(m, length);
}

static struct message address_answer(const struct message *question, const struct in6_addr *address)
{
	struct message m = begin(question);

	record(&m, HEADER, TYPE_AAAA, 16);
	put(&m, address, 16);
	return m;
}

/* "aN.example" is what the last name is an alias of, up to count; where the new name is. */
static size_t alias(struct message *m, size_t owner, unsigned number)
{
	size_t place;

	record(m, owner, TYPE_CNAME, 12);
	place = m->len;
	put(m, (uint8_t[]){ 2, 'a', (uint8_t)('0' + number) }, 3);
	put(m, "\7example", 9);
	return place;
}

static struct message aliases(const struct message *question, unsigned count, bool loop)
{
	struct message m = begin(question);
	size_t name = HEADER;

	for (unsigned i = 0; i < count; i++)
		name = alias(&m, name, i);
	if (loop) {
		record(&m, name, TYPE_CNAME, 2);
		put16(&m, 0xc000 | HEADER);
	} else {
		record(&m, name, TYPE_AAAA, 16);
		put(&m, &good, 16);
	}
	return m;
}

/* ---- what is broken ---- */

static void send_to(int fd, const struct message *m, const struct sockaddr_in6 *to)
{
	if (sendto(fd, m->byte, m->len, 0, (const struct sockaddr *)to, sizeof(*to)) < 0)
		perror("sendto");
}

static void from_another_port(const struct message *m, const struct sockaddr_in6 *to)
{
	struct sockaddr_in6 other = at;
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	other.sin6_port = htons(5353);
	if (fd < 0 || bind(fd, (struct sockaddr *)&other, sizeof(other)) < 0)
		die("another port");
	send_to(fd, m, to);
	close(fd);
}

/* False: no such kind that begins with a lie and ends with the truth. */
static bool lie_first(int fd, const char *kind, const struct message *question, const struct sockaddr_in6 *from)
{
	struct message m = address_answer(question, &bad), truth = address_answer(question, &good);

	if (strcmp(kind, "wrong-id") == 0)
		m.byte[1] ^= 1;
	else if (strcmp(kind, "wrong-question") == 0)
		m.byte[HEADER + 1] ^= 1;
	else if (strcmp(kind, "wrong-port") != 0)
		return false;
	if (strcmp(kind, "wrong-port") == 0)
		from_another_port(&m, from);
	else
		send_to(fd, &m, from);
	send_to(fd, &truth, from);
	return true;
}

static struct message broken(const char *kind, const struct message *question)
{
	struct message m = address_answer(question, &bad);

	if (strncmp(kind, "truncated", strlen("truncated")) == 0) {
		m = begin(question);
		m.byte[2] |= 2;
	} else if (strcmp(kind, "loop") == 0) {
		m = begin(question);
		record(&m, m.len, TYPE_AAAA, 16);
		put(&m, &bad, 16);
	} else if (strcmp(kind, "cut") == 0) {
		m.len -= 9;
	} else if (strcmp(kind, "too-long") == 0) {
		m.byte[m.len - 18] = 0x7f;
	} else if (strcmp(kind, "wrong-owner") == 0) {
		m = begin(question);
		record(&m, HEADER + 1u + question->byte[HEADER], TYPE_AAAA, 16); /* of the name above it */
		put(&m, &bad, 16);
	} else if (strcmp(kind, "alias-loop") == 0) {
		m = aliases(question, 1, true);
	} else if (strcmp(kind, "alias-chain") == 0) {
		m = aliases(question, 10, false);
	} else {
		die("no such kind");
	}
	return m;
}

static void answer(int fd, const char *kind)
{
	struct sockaddr_in6 from;
	socklen_t size = sizeof(from);
	struct message question, m;
	ssize_t n = recvfrom(fd, question.byte, sizeof(question.byte), 0, (struct sockaddr *)&from, &size);

	if (n < HEADER)
		return;
	question.len = (size_t)n;
	puts("asked");
	if (lie_first(fd, kind, &question, &from))
		return;
	m = broken(kind, &question);
	send_to(fd, &m, &from);
}

static void answer_tcp(int listener)
{
	struct message question, m;
	uint8_t length[2];
	int fd = accept(listener, NULL, NULL);
	ssize_t n;

	if (fd < 0 || recv(fd, length, 2, MSG_WAITALL) != 2)
		die("tcp");
	n = recv(fd, question.byte, sizeof(question.byte), 0);
	if (n < HEADER)
		die("tcp question");
	question.len = (size_t)n;
	puts("asked over TCP");
	m = address_answer(&question, &good);
	length[0] = (uint8_t)(m.len >> 8);
	length[1] = (uint8_t)m.len;
	if (send(fd, length, 2, MSG_MORE) != 2 || send(fd, m.byte, m.len, 0) != (ssize_t)m.len)
		die("tcp answer");
	close(fd);
}

static int open_at(int type)
{
	int fd = socket(AF_INET6, type, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || (type == SOCK_STREAM && listen(fd, 8) < 0))
		die("port 53");
	return fd;
}

int main(int argc, char **argv)
{
	struct pollfd at_door[2] = { { .events = POLLIN }, { .fd = -1, .events = POLLIN } };

	at = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(53) };
	if (argc != 5 || inet_pton(AF_INET6, argv[1], &at.sin6_addr) != 1 || inet_pton(AF_INET6, argv[3], &bad) != 1 ||
	    inet_pton(AF_INET6, argv[4], &good) != 1)
		die("usage: dnspeer ADDRESS KIND BAD GOOD");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(argv[2], "truncated") == 0)
		at_door[1].fd = open_at(SOCK_STREAM);
	at_door[0].fd = open_at(SOCK_DGRAM);
	for (;;) {
		if (poll(at_door, 2, -1) < 0)
			die("poll");
		if (at_door[0].revents)
			answer(at_door[0].fd, argv[2]);
		if (at_door[1].revents)
			answer_tcp(at_door[1].fd);
	}
}
