/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by rtnl.c (reads), rtnl_apply.c (writes), rtnl_ends.c (both) and rtnl_events.c (listens), nobody else. */
#ifndef DUALPATH_DAEMON_RTNL_INTERNAL_H
#define DUALPATH_DAEMON_RTNL_INTERNAL_H

#include <net/if.h> /* before linux/if.h, which then leaves its names alone */

#include <ev.h>
#include <linux/ip6_tunnel.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/rtnl.h"

/* RFC 6333 section 7.1: the traffic class is copied on the way in and out. */
#define RTNL_TUNNEL_FLAGS ((uint32_t)(IP6_TNL_F_USE_ORIG_TCLASS | IP6_TNL_F_RCV_DSCP_COPY))
/* Above these the kernel keeps bits of its own. */
#define RTNL_TUNNEL_FLAGS_MASK 0xffffu

struct nl_cache;
struct nl_sock;
struct rtnl_addr;

struct rtnl {
	struct ev_loop *loop;
	struct nl_sock *sock, *events;
	ev_io io;
	ev_timer settle, settings;
	uint8_t protocol;
	rtnl_changed_fn *fn;
	void *arg;
	struct rtnl_deleted deleted; /* since somebody asked */
	uint64_t ends;     /* what the IPv6 addresses were at the last event, but for how long they last */
	int error;         /* errno of the last answer, 0: none */
	char message[128]; /* the kernel's words for it */
};

/* All addresses; NULL where the kernel does not tell.  To be freed with nl_cache_free(). */
struct nl_cache *rtnl_all_addresses(struct rtnl *rtnl);
/* False: it is not an IPv6 one. */
bool rtnl_read_addr6(struct rtnl_addr *addr, struct addr6 *out);

struct nl_msg;

/* Ask for all of a kind, with libnl's callback for each.  0 or -errno; -EINTR: it changed while it was told. */
int rtnl_dump(struct rtnl *rtnl, int type, void *hdr, size_t size, int (*fn)(struct nl_msg *msg, void *arg), void *arg);
/* rtnl_ends.c: into have->address6; 0 or -errno.  Set one or take it away; 0 or libnl's error. */
int rtnl_read_ends(struct rtnl *rtnl, const struct config *config, struct plan *have);
int rtnl_apply_end(struct rtnl *rtnl, const struct plan_address6 *a, bool add);

/* A socket for news and its watchers.  0 or -errno; to be closed also where it failed. */
int rtnl_events_open(struct rtnl *rtnl);
void rtnl_events_close(struct rtnl *rtnl);

/* The errno behind a libnl result: 0 or negative. */
int rtnl_errno(const struct rtnl *rtnl, int nle);

#endif
