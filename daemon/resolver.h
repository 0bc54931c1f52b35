/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks name servers for the IPv6 addresses, or the texts, of one name (c-ares on libev; nothing else in the
 * daemon knows c-ares).  Each question has its own servers, sockets and end; nothing is kept between
 * questions, and without one there is no descriptor and no wake-up.  Used by daemon/name_watch.c and
 * daemon/hb46pp.c.
 */
#ifndef DUALPATH_DAEMON_RESOLVER_H
#define DUALPATH_DAEMON_RESOLVER_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/resolvconf.h"

#define RESOLVER_ADDRESSES_MAX 8
#define RESOLVER_TEXTS_MAX 4
#define RESOLVER_TEXT_MAX 1024
#define RESOLVER_TRY_S 1.0  /* the first wait for a server; the second round waits twice as long */
#define RESOLVER_TRIES 2    /* rounds through the servers */
#define RESOLVER_LIMIT_S 6.0 /* after this it is over, however many servers there are */

/* Addresses in the order of the answer, which may stand at an AFTR; at least 1. */
struct resolver_answer {
	unsigned count;
	struct in6_addr address[RESOLVER_ADDRESSES_MAX];
	uint32_t ttl_s; /* the smallest of the addresses and of the aliases that led to them */
};

/* TXT records, each put together from its parts; longer ones are left out.  Bytes, not strings. */
struct resolver_texts {
	unsigned count;
	struct resolver_text {
		size_t len;
		char byte[RESOLVER_TEXT_MAX];
	} text[RESOLVER_TEXTS_MAX];
};

struct resolver_query;

/*
 * answer, or NULL and why not (for people, until the call returns).  Called once, from the loop, never
 * from within resolver_ask(); the query is gone afterwards.
 */
typedef void resolver_fn(void *arg, const struct resolver_answer *answer, const char *why);

/*
 * name: absolute, no search list, no hosts file.  Servers of one device go together: the first server's
 * device is that of all (c-ares knows one a channel).  Truncated answers are asked again over TCP.
 * 0 and *out (to be cancelled or waited for), or -errno.
 */
int resolver_ask(struct ev_loop *loop, const char *name, const struct dns_server *servers, size_t count,
                 resolver_fn *fn, void *arg, struct resolver_query **out);

/* As resolver_fn.  known_absent: a server said that there is no such name, or no text of it. */
typedef void resolver_text_fn(void *arg, const struct resolver_texts *texts, bool known_absent, const char *why);
/* As resolver_ask(), for TXT records. */
int resolver_ask_text(struct ev_loop *loop, const char *name, const struct dns_server *servers, size_t count,
                      resolver_text_fn *fn, void *arg, struct resolver_query **out);
/* No callback any more.  NULL is good. */
void resolver_cancel(struct resolver_query *query);

#endif
