/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps one name resolved by one set of name servers: asks, asks again at the TTL's end, and after a failure
 * more and more seldom.  The last good answer stays while asking again fails: a line without DNS for
 * an hour has not lost its AFTR.  Used by daemon/aftr.c; asks daemon/resolver.c.
 */
#ifndef DUALPATH_DAEMON_NAME_WATCH_H
#define DUALPATH_DAEMON_NAME_WATCH_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "daemon/resolver.h"
#include "policy/dname.h"

/* Bounds of a TTL: a re-ask every ten seconds is still no load, and what holds for a year may be wrong tomorrow. */
#define NAME_WATCH_TTL_MIN_S 10
#define NAME_WATCH_TTL_MAX_S 86400

struct name_watch_callbacks {
	/* Which servers now?  Asked before every question.  At most DNS_SERVERS_MAX; returns how many. */
	size_t (*servers)(void *arg, struct dns_server *out);
	/* A question was answered, or not.  The watch may be stopped, started and freed from here. */
	void (*changed)(void *arg);
};

/* Read it; only the functions below write. */
struct name_watch {
	char name[DNAME_TEXT_MAX];
	bool running;
	bool tried;  /* since the start a question has come to its end */
	bool failed; /* and the last of them had no answer */
	char why[80];    /* ... because */
	char asked[120]; /* the servers of the last question: "2001:db8::53, 2001:db8::54" */
	unsigned count;
	struct in6_addr address[RESOLVER_ADDRESSES_MAX]; /* the last good answer to this name */

	/* its own */
	struct ev_loop *loop;
	struct name_watch_callbacks callbacks;
	void *arg;
	struct resolver_query *query;
	ev_timer again;
	unsigned failures;
};

void name_watch_init(struct name_watch *watch, struct ev_loop *loop, const struct name_watch_callbacks *callbacks,
                     void *arg);
/* Ask now, whatever was under way.  Another name than before forgets the answer. */
void name_watch_start(struct name_watch *watch, const char *name);
/* Ask no more.  The answer stays. */
void name_watch_stop(struct name_watch *watch);

#endif
