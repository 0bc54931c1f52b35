/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every IPv4-in-IPv6 tunnel needs, whoever its other end is: a line with a carrier, and a look at whether
 * the device stands as its path's facts have it.  The tunnel itself is made by the plan.  Called by
 * daemon/dslite.c and daemon/ipip.c, which say what the ends are (facts.local, facts.remote), and by daemon/drain.c and link.c.
 */
#ifndef DUALPATH_DAEMON_TUNNEL_H
#define DUALPATH_DAEMON_TUNNEL_H

#include "daemon/path.h"

#define TUNNEL_ADDRESSES_MAX 64 /* of the line's, that are looked at */

/* What the line lacks: in buf, which is returned; NULL: nothing, and facts.line_mtu is set. */
const char *tunnel_line_lacks(struct path *path, char *buf, size_t size);
/* A router advertisement names the line's MTU: the kernel takes it, and tells nobody. */
void tunnel_heard_mtu(struct path *path, uint32_t mtu);
/* Is the address one of the list?  Whatever its flags. */
const struct addr6 *tunnel_find_address(const struct addr6 *list, size_t n, const struct in6_addr *address);
/* A configured address of ours, to *out: one of the list, which is the line's, or else of any interface, as where prefixes are delegated
 * and the home has it.  False: there is none. */
bool tunnel_own_address(struct rtnl *rtnl, const struct addr6 *list, size_t n, const struct in6_addr *address, struct addr6 *out);
/* The path's device in what the kernel has; NULL: there is none. */
const struct plan_tunnel *tunnel_find(const struct path *path, const struct plan *have);
/* Is it between the two ends that facts have? */
bool tunnel_has_ends(const struct plan_tunnel *t, const struct path_facts *facts);
/*
 * What keeps a tunnel from being between its two ends, which are known: in buf, which is returned, and facts.has_ends is
 * false then; NULL: nothing.
 */
const char *tunnel_ends_taken(struct path *path, char *buf, size_t size);
/* Both ends are known: facts of the device that stands between them, or does not yet, and LINK_UP where it does. */
void tunnel_look(struct path *path, const struct plan *have);
/* The line lacks something: LINK_LOST, where the link was there. */
void tunnel_lost(struct path *path, const char *why);
/* Take over the ends of the tunnel that stands.  False where there is none. */
bool tunnel_adopt(struct path *path, const struct plan *have);
/* Taken away once, to be made anew.  True: it is still there, nothing else to do in this pass. */
bool tunnel_still_goes(struct path *path, const struct plan *have);
/* Something came back through it: its packets stay let in and out by conntrack, however full that is.  Called often. */
void tunnel_keep(struct path *path);

#endif
