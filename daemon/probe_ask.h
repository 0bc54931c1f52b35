/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is asked over a path, and by which socket: the targets of its config and its own other end, each with a number, and the sockets
 * of daemon/probe_icmp.c, probe_conn.c, probe_https.c and probe_lcp.c.  A set of targets is a bit each.  When they are asked, and what
 * their answers come to, is daemon/probe.c's, which owns one for each path and alone calls this.
 */
#ifndef DUALPATH_DAEMON_PROBE_ASK_H
#define DUALPATH_DAEMON_PROBE_ASK_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/probe_credit.h"
#include "daemon/probe_lcp.h"
#include "daemon/probe_socket.h"
#include "policy/config.h"
#include "policy/icmp_echo.h"
#include "policy/probe_pace.h"

struct probe_ask;

/* The path's own other end, which is asked besides the targets: by one of these ways, or not at all. */
struct probe_other_end {
	uint32_t address;             /* to ping, host order; 0: none */
	struct probe_session session; /* to ask by LCP; id 0: none */
};

/* Packets of ours since the beginning, as near as can be told. */
struct probe_traffic {
	uint64_t sent, received;
};

/* callbacks: from the sockets to the owner.  credit and callbacks are borrowed. */
struct probe_ask *probe_ask_new(struct ev_loop *loop, struct probe_credit *credit, const struct probe_callbacks *callbacks);
void probe_ask_free(struct probe_ask *ask);

/* From now on these targets, over this device.  0, or -errno of what keeps it from pinging; it is tried again with each ping. */
int probe_ask_open(struct probe_ask *ask, const struct probe_config *config, const char *device, uint32_t mark,
                   const struct probe_other_end *other_end);
/* The sockets, and with them what is under way.  Who the targets were is still known. */
void probe_ask_close(struct probe_ask *ask);

/* Ask those of set, for round.  Returns those that could not be asked; what becomes of the others comes by the callbacks. */
uint32_t probe_ask_send(struct probe_ask *ask, uint16_t round, uint32_t set);
/* Rounds before this one are not waited for any more. */
void probe_ask_give_up(struct probe_ask *ask, uint16_t before);

/* Its targets by what they cost; credible: of those that count. */
struct probe_sets probe_ask_sets(const struct probe_ask *ask, uint32_t credible);
/* Those that have ever answered, over any path. */
uint32_t probe_ask_known(const struct probe_ask *ask);
/* Was the last question kept from leaving, by a firewall of this machine or a full table of connections? */
bool probe_ask_is_withheld(const struct probe_ask *ask);
/* One of set that takes a ping, or else the other end where that does; 0: neither. */
uint32_t probe_ask_one_ping(const struct probe_ask *ask, uint32_t set);
/* Was this echo request ours? */
bool probe_ask_sent(const struct probe_ask *ask, const struct icmp_echo *echo);

/* Something came from this target. */
void probe_ask_count(struct probe_ask *ask, unsigned target);
/* And it is the answer that a round waited for: it is credible from now on. */
void probe_ask_believe(struct probe_ask *ask, unsigned target);
struct probe_traffic probe_ask_traffic(const struct probe_ask *ask);

#endif
