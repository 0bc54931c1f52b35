/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The routing netlink edge (libnl-3): reads links, addresses, routes and rules,
 * applies operations on them, and tells when something of the kind changed.
 * Everything of ours is known by its tag: route protocol for routes and rules, the
 * interface alias for tunnels, the protocol of addresses on the line.  Used by daemon/router.c and the paths.
 */
#ifndef DUALPATH_DAEMON_RTNL_H
#define DUALPATH_DAEMON_RTNL_H

#include <ev.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/diff.h"
#include "policy/srcaddr.h"

struct rtnl;

struct link_info {
	int index;
	bool up;      /* administratively */
	bool running; /* and has a carrier */
	unsigned mtu;
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
};

/* Something about links, addresses, routes or rules changed (coalesced over some milliseconds). */
typedef void rtnl_changed_fn(void *arg);

/* protocol: our tag.  0 and *out, or -errno. */
int rtnl_new(struct ev_loop *loop, uint8_t protocol, rtnl_changed_fn *fn, void *arg, struct rtnl **out);
void rtnl_free(struct rtnl *rtnl);

/*
 * Our routes and rules, our tunnels and the addresses on those, and the ends of tunnels that we set on a line (with
 * those of others that are equal).  A tunnel without our tag
 * counts as ours only where it carries the name of a drain, or is down and carries a name of config: that is
 * one that we were killed over while making it.  have must be zeroed.  0 or -errno.
 */
int rtnl_read(struct rtnl *rtnl, const struct config *config, struct plan *have);

/* Apply one operation of a kind that is ours (tunnel, address, route, rule).  0, or -errno and *why
 * (static text, until the next call; may be the kernel's own words). */
int rtnl_apply(struct rtnl *rtnl, const struct op *op, const char **why);

/* -ENODEV where there is none. */
int rtnl_link(struct rtnl *rtnl, const char *name, struct link_info *out);

/* Set an interface up.  0, or -ENODEV where it is gone. */
int rtnl_set_up(struct rtnl *rtnl, const char *name);

/* Who has this IPv4 address on a link of ours?  False: nobody that the kernel knows. */
bool rtnl_neighbour(struct rtnl *rtnl, uint32_t addr, struct mac *mac, char device[IFNAMSIZ]);

/* The MACs of all neighbours that the kernel knows now, some twice; returns how many.  *list is allocated, the caller's. */
size_t rtnl_macs(struct rtnl *rtnl, struct mac **list);

/*
 * What others have deleted of our rules and routes since the last call; who: the name of the last program, "" where it is not known.
 * False: nothing.
 */
struct rtnl_deleted {
	unsigned rules, routes;
	char who[16]; /* TASK_COMM_LEN */
};
bool rtnl_deleted(struct rtnl *rtnl, struct rtnl_deleted *out);

enum rtnl_whither { RTNL_NOWHERE, RTNL_LOCAL, RTNL_ROUTED };
/* Where an IPv4 packet without a mark is led: to this machine, out by device, or nowhere ("unreachable"). */
enum rtnl_whither rtnl_whither(struct rtnl *rtnl, uint32_t addr, char device[IFNAMSIZ]);

/* Called with the priority of each IPv4 rule that is not ours; words: what it does, as "ip rule" has it. */
typedef void rtnl_rule_fn(void *arg, uint32_t priority, const char *words);
int rtnl_foreign_rules(struct rtnl *rtnl, rtnl_rule_fn *fn, void *arg);

/* First IPv4 address of an interface, host order; 0: none. */
uint32_t rtnl_address4(struct rtnl *rtnl, const char *name);

/* Up to max IPv6 addresses of an interface; returns how many. */
size_t rtnl_addresses6(struct rtnl *rtnl, const char *name, struct addr6 *list, size_t max);
/* That IPv6 address, whatever interface has it; false: none has. */
bool rtnl_address6(struct rtnl *rtnl, const struct in6_addr *address, struct addr6 *out);

#endif
