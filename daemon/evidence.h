/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a path that is up tells without being asked: its packet counters (policy/passive.c), ICMPv6 errors about
 * its tunnel's packets, and ICMP errors about what is in them.  None of it decides anything: it lets the prober ask less, or ask
 * at once; or has the line measured anew.  Called by daemon/path.c, which owns one for each path.
 *
 * Counters are read, not packets: one netlink question now and then costs the same whatever the line carries.
 */
#ifndef DUALPATH_DAEMON_EVIDENCE_H
#define DUALPATH_DAEMON_EVIDENCE_H

#include <ev.h>
#include <netinet/in.h>

#include "daemon/probe.h"
#include "daemon/rtnl.h"

struct evidence;

/* alive: the path works, by what came in over it.  too_big: somebody says that no more than mtu bytes of the
 * tunnel's packets pass.  rtnl and prober outlive this. */
struct evidence *evidence_new(struct ev_loop *loop, struct rtnl *rtnl, struct prober *prober, void (*alive)(void *arg),
                              void (*too_big)(void *arg, unsigned mtu), void *arg);
void evidence_free(struct evidence *evidence);
/* Look at the counters of device from now on, and hear ICMP errors that come in on it.  interval_ms: of its probes. */
void evidence_start(struct evidence *evidence, const char *device, uint32_t interval_ms);
/* And hear errors about the tunnel with these ends, on the line's interface.  Again with the same ends: nothing. */
void evidence_tunnel(struct evidence *evidence, const char *interface, const struct in6_addr *local,
                     const struct in6_addr *remote);
void evidence_stop(struct evidence *evidence);

#endif
