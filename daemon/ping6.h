/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a machine answer pings over IPv6 (RFC 4443, section 4), through one interface?  Asked three times within a
 * second.  An answer must bring back 64 random bits.  Used by daemon/dslite.c, to tell a dead AFTR from what is behind it.
 */
#ifndef DUALPATH_DAEMON_PING6_H
#define DUALPATH_DAEMON_PING6_H

#include <ev.h>
#include <netinet/in.h>
#include <stdbool.h>

struct ping6;

/* Once, from the loop, never from within ping6_start(); the ping is gone afterwards. */
typedef void ping6_fn(void *arg, bool answered);

/* 0 and *out, or -errno. */
int ping6_start(struct ev_loop *loop, const char *interface, const struct in6_addr *local, const struct in6_addr *remote,
                ping6_fn *fn, void *arg, struct ping6 **out);
/* No callback any more.  NULL is good. */
void ping6_cancel(struct ping6 *ping);

#endif
