/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Measures what the line below a tunnel carries: sends what policy/mtu_search.c asks for, and listens.  The packets are made
 * whole and handed to the line, past the tunnel's device: that sends nothing larger than its own MTU.  The answers are read
 * where they come out of the tunnel, before any firewall.  Its sockets are there while it measures, no longer.  Called by
 * daemon/mtu_watch.c.
 */
#ifndef DUALPATH_DAEMON_MTU_PROBE_H
#define DUALPATH_DAEMON_MTU_PROBE_H

#include <ev.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>

#include "policy/mtu_search.h"

struct mtu_probe;

/* Where to measure, and whom to ask; IPv4 in host order. */
struct mtu_way {
	char interface[IFNAMSIZ], device[IFNAMSIZ]; /* the line's and the tunnel's */
	struct in6_addr local, remote;              /* the tunnel's ends */
	uint32_t from;                              /* our address in the tunnel */
	uint32_t target[MTU_SEARCH_TARGETS];
	unsigned targets;
	unsigned wait_ms; /* for an answer */
};

/* Once, from the loop; the probe is gone afterwards.  carries: bytes, with MTU_CARRIES alone. */
typedef void mtu_probe_fn(void *arg, enum mtu_verdict verdict, unsigned carries);

/* full and hint: as of mtu_search_begin().  0 and *out, or -errno. */
int mtu_probe_start(struct ev_loop *loop, const struct mtu_way *way, unsigned full, unsigned hint, mtu_probe_fn *fn, void *arg,
                    struct mtu_probe **out);
/* Somebody says what passes. */
void mtu_probe_hint(struct mtu_probe *probe, unsigned size);
/* No callback any more.  NULL is good. */
void mtu_probe_cancel(struct mtu_probe *probe);

#endif
