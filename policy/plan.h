/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel objects as plain values.  One type serves for what should be (compile.c
 * makes it from config and facts), what is (the daemon's edges read it back) and
 * so for the difference (diff.c).  Nothing here touches the kernel.
 */
#ifndef DUALPATH_POLICY_PLAN_H
#define DUALPATH_POLICY_PLAN_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/addr.h"
#include "policy/config.h"

#define PLAN_ADDRESSES6_MAX 64
#define PLAN_ROUTES_MAX  128
#define PLAN_RULES_MAX   32
#define PLAN_SYSCTLS_MAX 32
#define PLAN_TUNNELS_MAX (2 * CONFIG_PATHS_MAX) /* a tunnel and its drain each */
#define PLAN_OFFLOADS_MAX 38 /* FACTS_LANS_MAX and CONFIG_PATHS_MAX */
#define PLAN_TAG         "dualpath" /* interface alias of our tunnels */
#define PLAN_TABLE       "dualpath" /* nftables table, family inet */
#define PLAN_FLOWTABLE   "ft"       /* in that table */
#define PLAN_FLOWTABLE_SPEC "hook ingress priority 0;"

/* Metric of the fallback route of each table: worse than any other. */
#define PLAN_METRIC_LAST UINT32_MAX

/*
 * A drain is a tunnel that only takes in: what is still under way to the ends that a tunnel has just left.  It is bound to the
 * line, for which the kernel (from Linux 5.6 on) prefers it to one between the same ends that is not.  So it can stand before the
 * tunnel moves, and takes all that comes from the moment that it is up.
 */
struct plan_tunnel {
	char device[IFNAMSIZ];
	char line[IFNAMSIZ]; /* of a drain; empty: it is none */
	struct in6_addr local, remote;
	unsigned mtu;
	int encap_limit; /* -1: no destination option (RFC 2473 section 4.1.1 e) */
	bool up;
	bool tagged; /* carries PLAN_TAG; false only in what was read */
};

struct plan_address {
	char device[IFNAMSIZ];
	uint32_t addr; /* host order, always /32 */
};

/* An end of a tunnel on the line: /128, deprecated from the start (RFC 4862 section 5.5.4), so that nothing else begins at it. */
struct plan_address6 {
	char device[IFNAMSIZ];
	struct in6_addr addr;
	bool ours; /* carries our tag; false only in what was read */
};

struct plan_route {
	uint32_t table, metric;
	struct prefix4 dst;
	char device[IFNAMSIZ]; /* empty: unreachable, and the sender is told so ... */
	bool blackhole;        /* ... or not */
	uint32_t source;       /* preferred source, host order, 0: none */
};

enum plan_action { PLAN_LOOKUP, PLAN_LOOKUP_SPECIFIC, PLAN_UNREACHABLE, PLAN_BLACKHOLE };

struct plan_rule {
	uint32_t priority;
	enum plan_action action; /* LOOKUP_SPECIFIC: default routes of the table do not count */
	uint32_t table;
	uint32_t mark, mask; /* mask 0: any mark */
	struct prefix4 from; /* len 0: any */
	bool own;            /* what this machine sends alone */
};

struct plan_sysctl {
	char name[64]; /* below /proc/sys, with '/' */
	char value[8];
};

enum nft_kind { NFT_COUNTER, NFT_SET, NFT_MAP, NFT_FLOWTABLE, NFT_CHAIN };

/*
 * spec: "type filter hook ..." of a base chain, "type ipv4_addr : verdict;" of a map,
 * "type ipv4_addr; ..." of a set, "hook ..." of a flowtable, else empty.
 * body: rules of a chain, elements ("KEY : VALUE") of a map, a line each.  Of a map that was read
 * neither is known, and body is NULL.  What is in a set is not ours to say, and not part of this.
 */
struct nft_object {
	enum nft_kind kind;
	char *name, *spec, *body;
	uint64_t hash; /* of spec and body; 0 for an empty or unknown one */
};

struct nft_table {
	struct nft_object *object;
	size_t count, cap;
	size_t *slot, slots; /* nft_table_find()'s: index + 1 of an object, 0: empty; a power of two */
};

struct plan {
	struct plan_tunnel tunnel[PLAN_TUNNELS_MAX];
	unsigned tunnels;
	struct plan_address address[PLAN_TUNNELS_MAX];
	unsigned addresses;
	struct plan_address6 address6[PLAN_ADDRESSES6_MAX]; /* in what was read: and others' that are equal to ours, or may be */
	unsigned addresses6;
	struct plan_route route[PLAN_ROUTES_MAX];
	unsigned routes;
	struct plan_rule rule[PLAN_RULES_MAX];
	unsigned rules;
	struct plan_sysctl sysctl[PLAN_SYSCTLS_MAX];
	unsigned sysctls;
	struct nft_table nft;
	/*
	 * Devices of the flowtable.  Not part of its spec: one that is gone would fail the whole transaction, and the
	 * kernel takes it out by itself.
	 */
	char offload[PLAN_OFFLOADS_MAX][IFNAMSIZ];
	unsigned offloads;
	/* Devices on which nft keeps wrong sources in (GUARD).  Meaningless in what was read. */
	char guarded[CONFIG_PATHS_MAX][IFNAMSIZ];
	unsigned guards;
};

void plan_free(struct plan *plan); /* frees what it points to and zeroes it */

/* Room is asserted: the limits above follow from CONFIG_PATHS_MAX. */
void plan_add_route(struct plan *plan, const struct plan_route *route);
void plan_add_rule(struct plan *plan, const struct plan_rule *rule);
void plan_add_sysctl(struct plan *plan, const char *value, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool plan_route_same_key(const struct plan_route *a, const struct plan_route *b);
bool plan_route_equal(const struct plan_route *a, const struct plan_route *b);
bool plan_rule_equal(const struct plan_rule *a, const struct plan_rule *b);
bool plan_tunnel_equal(const struct plan_tunnel *a, const struct plan_tunnel *b);

/* nft_table_add takes body (allocated); computes the hash, and sorts the elements of a map. */
struct nft_object *nft_table_add(struct nft_table *table, enum nft_kind kind, const char *name, const char *spec,
                                 char *body);
const struct nft_object *nft_table_find(const struct nft_table *table, enum nft_kind kind, const char *name);
void nft_table_free(struct nft_table *table);

#endif
