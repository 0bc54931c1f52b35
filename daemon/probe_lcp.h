/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LCP echo to a session's access concentrator: one packet socket beside pppd, whose plugin API has no call for it.  The
 * answer reaches pppd, too, which takes it for what it is, a sign of life.  Called by daemon/probe_ask.c.
 */
#ifndef DUALPATH_DAEMON_PROBE_LCP_H
#define DUALPATH_DAEMON_PROBE_LCP_H

#include <ev.h>
#include <net/if.h>
#include <stdint.h>

#include "daemon/probe_socket.h"
#include "policy/addr.h"

/* A PPPoE session as the line knows it. */
struct probe_session {
	char interface[IFNAMSIZ]; /* the line */
	struct mac ac;
	uint16_t id; /* 0: there is none */
};

struct probe_lcp;

/* callbacks is borrowed.  0 and *out, or -errno. */
int probe_lcp_open(struct ev_loop *loop, const struct probe_session *session, const struct probe_callbacks *callbacks,
                   struct probe_lcp **out);
void probe_lcp_close(struct probe_lcp *lcp);
/* Ask, for round, as its target number `target`.  0 or -errno. */
int probe_lcp_send(struct probe_lcp *lcp, uint16_t round, unsigned target);

#endif
