/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Name servers: how they are written, and which ones a resolv.conf(5) names.  The text
 * is given; who reads the file is daemon/aftr.c.  Pure.
 */
#ifndef DUALPATH_POLICY_RESOLVCONF_H
#define DUALPATH_POLICY_RESOLVCONF_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define DNS_SERVERS_MAX 8
#define DNS_SERVER_STRLEN (INET6_ADDRSTRLEN + IFNAMSIZ + 1)

struct dns_server {
	int family; /* AF_INET or AF_INET6 */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
	char device[IFNAMSIZ]; /* ask through this interface alone; empty: as routing says */
};

/*
 * "192.0.2.53", "2001:db8::53", "fe80::53%wan0".  A link-local address needs its interface, and only
 * it may have one.  Unspecified and multicast addresses are refused.  Writes *out only on success.
 */
bool dns_server_parse(const char *text, struct dns_server *out);
/* Print into buf (DNS_SERVER_STRLEN), as dns_server_parse() reads it.  Returns buf. */
const char *dns_server_print(const struct dns_server *server, char *buf);
bool dns_server_equal(const struct dns_server *a, const struct dns_server *b);

/*
 * The nameserver lines of text, in order, without doubles and without those that dns_server_parse()
 * refuses.  Returns how many were written to out, at most max.  None is a possible answer: the
 * C library's "then it is localhost" is not ours, nothing tells that somebody listens there.
 */
size_t resolvconf_servers(const char *text, struct dns_server *out, size_t max);

#endif
