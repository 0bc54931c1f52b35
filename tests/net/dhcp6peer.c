/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The others on a link with DHCPv6, for tests/net/run:
 *
 *   dhcp6peer hostile INTERFACE NAME     answers each request with everything that is wrong, each naming
 *                                        badN.test as the AFTR; then, unless NAME is -, properly with NAME; prints of each request
 *                                        its type, the port and the time that it says it has taken
 *   dhcp6peer foreign INTERFACE COUNT NTH     0.7 seconds after the NTH request sends COUNT replies to another
 *                                        client's request, one in 80 milliseconds; ends
 *   dhcp6peer client INTERFACE KIND SECONDS   holds port 546 like another DHCPv6 client and prints how many packets
 *                                        came to it.  KIND: ll, any, device, alone (does not share)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "policy/udp6.h"

#define MESSAGE_MAX 6000

struct message {
	size_t len;
	uint8_t byte[MESSAGE_MAX];
};

/* A request: who asked, and the reply to it as far as all replies are the same. */
struct request {
	struct sockaddr_in6 from;
	struct in6_addr us; /* the address that we answer from */
	uint8_t xid[3];
	uint8_t client_id[130];
	size_t client_id_len;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void nap_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void put(struct message *m, const void *data, size_t len)
{
	memcpy(m->byte + m->len, data, len);
	m->len += len;
}

static void option(struct message *m, unsigned code, const void *data, size_t len)
{
	put(m, (uint8_t[]){ (uint8_t)(code >> 8), (uint8_t)code, (uint8_t)(len >> 8), (uint8_t)len }, 4);
	put(m, data, len);
}

static void put_client(struct message *m, const struct request *r)
{
	option(m, 1, r->client_id, r->client_id_len);
}

static void put_server(struct message *m)
{
	option(m, 2, "\0\3\0\1\2\0\0\0\0\2", 10);
}

static void put_aftr(struct message *m, const char *name)
{
	uint8_t wire[256];
	size_t len = 0;

	while (*name) {
		size_t label = strcspn(name, ".");

		wire[len++] = (uint8_t)label;
		memcpy(wire + len, name, label);
		len += label;
		name += label + (name[label] == '.');
	}
	wire[len++] = 0;
	option(m, 64, wire, len);
}

static struct message header(const struct request *r, unsigned type)
{
	struct message m = { .len = 1, .byte = { (uint8_t)type } };

	put(&m, r->xid, 3);
	return m;
}

static struct message reply(const struct request *r, const char *name)
{
	struct message m = header(r, 7);

	put_client(&m, r);
	put_server(&m);
	put_aftr(&m, name);
	return m;
}

/* ---- serving ---- */

static int open_server(const char *interface)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_port = htons(547) };
	struct ipv6_mreq group = { .ipv6mr_interface = if_nametoindex(interface) };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	inet_pton(AF_INET6, "ff02::1:2", &group.ipv6mr_multiaddr);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof(group)) < 0)
		die("port 547");
	return fd;
}

/* Our own link-local address: what the kernel would answer from. */
static struct in6_addr own_address(const struct sockaddr_in6 *to)
{
	struct sockaddr_in6 us;
	socklen_t len = sizeof(us);
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&us, &len) < 0)
		die("our address");
	close(fd);
	return us.sin6_addr;
}

static struct request wait_for_request(int fd)
{
	struct request r = { .client_id_len = 0 };
	uint8_t m[MESSAGE_MAX];
	socklen_t from_len = sizeof(r.from);
	ssize_t len = recvfrom(fd, m, sizeof(m), 0, (struct sockaddr *)&r.from, &from_len);

	if (len < 8)
		die("request");
	memcpy(r.xid, m + 1, 3);
	for (size_t at = 4; at + 4 <= (size_t)len; at += 4 + (size_t)(m[at + 2] << 8 | m[at + 3])) {
		if (m[at] == 0 && m[at + 1] == 1 && m[at + 2] == 0 && m[at + 3] <= sizeof(r.client_id)) {
			r.client_id_len = m[at + 3];
			memcpy(r.client_id, m + at + 4, r.client_id_len);
		}
		if (m[at] == 0 && m[at + 1] == 8 && m[at + 3] == 2)
			printf("elapsed %u0 ms\n", (unsigned)(m[at + 4] << 8 | m[at + 5]));
	}
	printf("request type %u from port %u\n", m[0], ntohs(r.from.sin6_port));
	r.from.sin6_port = htons(546);
	r.us = own_address(&r.from);
	return r;
}

static void send_to(int fd, const struct sockaddr_in6 *to, const struct message *m)
{
	if (sendto(fd, m->byte, m->len, 0, (const struct sockaddr *)to, sizeof(*to)) < 0)
		die("send");
}

static void answer(int fd, const struct request *r, const struct message *m)
{
	send_to(fd, &r->from, m);
}

/* With a UDP header of our own, whose checksum is what was asked for: 0, or the right one changed by this. */
static void answer_raw(const struct request *r, const struct message *m, bool no_sum, uint16_t change)
{
	struct message udp = { 0 };
	struct sockaddr_in6 to = r->from;
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP), off = -1;
	unsigned len = (unsigned)m->len + 8;
	uint16_t sum;

	put(&udp, (uint8_t[]){ 547 >> 8, 547 & 255, 546 >> 8, 546 & 255, (uint8_t)(len >> 8), (uint8_t)len, 0, 0 }, 8);
	put(&udp, m->byte, m->len);
	sum = (uint16_t)(udp6_checksum(&r->us, &r->from.sin6_addr, udp.byte, udp.len) ^ change);
	if (!no_sum) {
		udp.byte[6] = (uint8_t)(sum >> 8);
		udp.byte[7] = (uint8_t)sum;
	}
	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_CHECKSUM, &off, sizeof(off)) < 0)
		die("raw socket");
	to.sin6_port = 0;
	send_to(fd, &to, &udp);
	close(fd);
}

/* ---- everything that is wrong ---- */

static void send_wrong_ids(int fd, const struct request *r)
{
	struct request other = *r;
	struct message m;

	other.xid[2] ^= 1;
	m = reply(&other, "bad1.test");
	answer(fd, r, &m);
	other = *r;
	other.client_id[other.client_id_len - 1] ^= 1;
	m = reply(&other, "bad2.test");
	answer(fd, r, &m);
	m = header(r, 7);
	put_server(&m);
	put_aftr(&m, "bad3.test"); /* for no client */
	answer(fd, r, &m);
	m = header(r, 7);
	put_client(&m, r);
	put_aftr(&m, "bad4.test"); /* from no server */
	answer(fd, r, &m);
	m = reply(r, "bad5.test");
	put_server(&m); /* from two */
	answer(fd, r, &m);
}

static void send_wrong_messages(int fd, const struct request *r)
{
	struct message m = reply(r, "bad6.test");

	m.byte[0] = 2; /* Advertise */
	answer(fd, r, &m);
	m = reply(r, "bad7.test");
	option(&m, 13, "\0\1no", 4);
	answer(fd, r, &m);
	m = reply(r, "bad8.test");
	put(&m, "\0\x40\xff\xff", 4); /* runs over its end */
	answer(fd, r, &m);
	m.len = 3;
	answer(fd, r, &m);
	m.len = 0;
	answer(fd, r, &m);
	m = reply(r, "bad9.test");
	while (m.len < 5000) /* in fragments */
		option(&m, 65000, m.byte, 200);
	answer(fd, r, &m);
}

static void send_wrong_packets(int fd, const struct request *r)
{
	struct message m = reply(r, "bad10.test");
	struct sockaddr_in6 all = r->from;

	answer_raw(r, &m, false, 0x5a5a);
	answer_raw(r, &m, true, 0);
	inet_pton(AF_INET6, "ff02::1", &all.sin6_addr);
	send_to(fd, &all, &m);
}

static void hostile(const char *interface, const char *name)
{
	int fd = open_server(interface);

	for (;;) {
		struct request r = wait_for_request(fd);
		struct message m;

		send_wrong_ids(fd, &r);
		send_wrong_messages(fd, &r);
		send_wrong_packets(fd, &r);
		if (strcmp(name, "-") == 0)
			continue;
		nap_ms(100);
		m = reply(&r, name);
		answer_raw(&r, &m, false, 0);
	}
}

static void foreign(const char *interface, int count, int nth)
{
	int fd = open_server(interface);
	struct request r = wait_for_request(fd);
	struct message m;

	while (--nth > 0)
		r = wait_for_request(fd);
	r.xid[0] ^= 0xff;
	m = reply(&r, "foreign.test");
	nap_ms(700);
	for (int i = 0; i < count; i++) {
		answer(fd, &r, &m);
		nap_ms(80);
	}
}

/* ---- another client ---- */

static struct sockaddr_in6 link_local(const char *interface)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(9),
		                   .sin6_scope_id = if_nametoindex(interface) };

	inet_pton(AF_INET6, "ff02::1", &to.sin6_addr);
	return (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_addr = own_address(&to),
		                      .sin6_scope_id = to.sin6_scope_id };
}

static void client(const char *interface, const char *kind, long seconds)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, count = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	time_t end = time(NULL) + seconds;

	if (strcmp(kind, "ll") == 0 || strcmp(kind, "alone") == 0)
		addr = link_local(interface);
	addr.sin6_port = htons(546);
	if (strcmp(kind, "alone") != 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		die("share");
	if (strcmp(kind, "device") == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface)) < 0)
		die("device");
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		die("port 546");
	while (time(NULL) < end) {
		uint8_t packet[MESSAGE_MAX];

		if (poll(&p, 1, 100) > 0 && recv(fd, packet, sizeof(packet), 0) >= 0)
			count++;
	}
	printf("%d\n", count);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 4 && strcmp(argv[1], "hostile") == 0)
		hostile(argv[2], argv[3]);
	else if (argc == 5 && strcmp(argv[1], "foreign") == 0)
		foreign(argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (argc == 5 && strcmp(argv[1], "client") == 0)
		client(argv[2], argv[3], atol(argv[4]));
	else
		return 2;
	return 0;
}
