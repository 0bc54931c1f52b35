/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hears ICMPv6 errors about the packets of one tunnel: the AFTR, or somebody on the way, says that they are not
 * delivered, or are too big.  A raw socket on the line's interface, with filters in the kernel that let only those errors
 * through that quote a packet to the tunnel's other end.  Called by daemon/evidence.c; what the errors are worth is said in
 * policy/icmp_error.h.
 */
#ifndef DUALPATH_DAEMON_ICMP6_WATCH_H
#define DUALPATH_DAEMON_ICMP6_WATCH_H

#include <ev.h>

#include "policy/icmp_error.h"

struct icmp6_watch;

/* error: borrowed.  May close the watch, as where a last probe that fails ends what it was watched for. */
typedef void icmp6_watch_fn(void *arg, const struct icmp6_error *error);

/* local and remote: the tunnel's ends.  0 and *out, or -errno. */
int icmp6_watch_open(struct ev_loop *loop, const char *interface, const struct in6_addr *local,
                     const struct in6_addr *remote, icmp6_watch_fn *fn, void *arg, struct icmp6_watch **out);
void icmp6_watch_close(struct icmp6_watch *watch);

#endif
