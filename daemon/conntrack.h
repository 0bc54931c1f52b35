/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection tracking edge: forgets the connections that are pinned to a
 * path, by mark, in one message, ends those that fell back one by one, counts them,
 * looks for one, and keeps those of the paths themselves.  Used by daemon/router.c and daemon/returns.c after the
 * new routing is in place, and by daemon/drill.c, verbs_explain.c, tunnel.c, probe_icmp.c and others.
 */
#ifndef DUALPATH_DAEMON_CONNTRACK_H
#define DUALPATH_DAEMON_CONNTRACK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/budget.h"

/*
 * The mark of a live IPv4 connection that began like this (addresses and ports in host
 * order, 0: any port).  0 and *mark of the first that is found, -ENOENT: there is none, or -errno.
 */
int conntrack_mark(uint8_t protocol, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport, uint32_t *mark);

/* Does the kernel refuse new entries, and so the packets that would begin one? */
bool conntrack_is_full(void);

/* How many IPv4 entries have (mark & mask) == value, by protocol.  0 or -errno. */
int conntrack_count(uint32_t value, uint32_t mask, struct budget_use *use);

/* Forget all IPv4 entries with (mark & mask) == value.  0 or -errno. */
int conntrack_forget(uint32_t value, uint32_t mask);

/*
 * The entry by which a path itself lives is not to make room for others where the table is full; for once that it is gone, no packet
 * of the path gets in any more.  Of a tunnel between these ends; of echo requests that go to dst with this identifier.  0, -ENOENT: there
 * is none, or -errno.
 */
int conntrack_keep_tunnel(const struct in6_addr *local, const struct in6_addr *remote);
int conntrack_keep_echo(uint32_t src, uint32_t dst, uint16_t id);

/* Is the one with these bits of the label (policy/fallback.h; 0: it has none) over? */
typedef bool conntrack_over_fn(void *arg, uint32_t label);
/*
 * Of the IPv4 entries with (mark & mask) == value, end those that are over: TCP gets the bits of over in its mark and
 * counts as closed; what is not TCP is forgotten, as is TCP where over is 0.  How many these were, or -errno.
 */
int conntrack_end(uint32_t value, uint32_t mask, uint32_t over, conntrack_over_fn *fn, void *arg);

#endif
