/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One HTTP or HTTPS GET over IPv6 through one interface, or a HEAD over a connection that there is, with limits.  The
 * work is done by a process of its own (fetch/fetch.c says why); this starts it, reads what it says, and ends it.
 * Used by daemon/hb46pp.c, registration.c and probe_https.c.
 */
#ifndef DUALPATH_DAEMON_HTTP_H
#define DUALPATH_DAEMON_HTTP_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_ADDRESSES_MAX 8

struct http_request {
	const char *url;
	int socket; /* connected to the server: over it the page's head alone, by the limit to the point.  Stays the caller's.
	             * 0: none; what is from interface to source is for that */
	const char *interface;
	const char *host; /* in url, with its port: never looked up, addresses are its; NULL: an address stands there */
	uint16_t port;
	const struct in6_addr *address;
	unsigned addresses; /* at most HTTP_ADDRESSES_MAX */
	const struct in6_addr *source; /* ours, on the interface; NULL: any */
	bool verify;        /* the certificate */
	const char *login;  /* USER:PASSWORD for basic authentication (RFC 7617); NULL: none */
	double limit_s;
	size_t body_max;
};

struct http_answer {
	unsigned code;
	const char *location; /* absolute, or empty */
	const char *body;     /* with an end behind it */
	size_t len;
};

struct http_get;

/* answer, or NULL and why not (for people).  Once, from the loop, never from within http_get(); gone afterwards. */
typedef void http_fn(void *arg, const struct http_answer *answer, const char *why);

/* The request is not kept.  0 and *out, or -errno. */
int http_get(struct ev_loop *loop, const struct http_request *request, http_fn *fn, void *arg, struct http_get **out);
/* No callback any more.  NULL is good. */
void http_cancel(struct http_get *get);
/* For tests: another program than the installed one; not copied. */
void http_use_program(const char *file);

#endif
