/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a machine answer pings over IPv6 (RFC 4443, section 4), through one interface?  Asked three times within a
 * second.  Or does an IPv4 address, asked through an AFTR that no tunnel of ours goes to?  An answer must bring back 64 random
 * bits.  Used by daemon/dslite.c, to tell a dead AFTR from what is behind it, and by daemon/aftr_return.c.
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
/*
 * An IPv4 ping from source to target (host order) within IPv6, as a tunnel to that AFTR would carry it.  The answer is read
 * beside the kernel's tunnels: where none of them has that far end, the kernel tells the AFTR so (ICMPv6), once a ping.
 */
int ping6_through(struct ev_loop *loop, const char *interface, const struct in6_addr *local, const struct in6_addr *aftr,
                  uint32_t source, uint32_t target, ping6_fn *fn, void *arg, struct ping6 **out);
/* No callback any more.  NULL is good. */
void ping6_cancel(struct ping6 *ping);

#endif
