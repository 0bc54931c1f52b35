/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what the owner asked (config) and how the world is now (facts) to every
 * kernel object that should exist (plan).  Pure: the same input gives the same
 * plan, to the letter of the nftables text.
 */
#ifndef DUALPATH_POLICY_COMPILE_H
#define DUALPATH_POLICY_COMPILE_H

#include "policy/config.h"
#include "policy/plan.h"

#define FACTS_DNS_MAX 2
#define FACTS_LANS_MAX 32 /* bits of lan_there; what is beyond is not offloaded */
#define IPV4_TCP_HEADERS 40u /* between MTU and MSS, without options */

struct path_facts {
	bool usable;      /* new connections may take it */
	bool unjudged;    /* its link is there, and nobody knows yet whether it works */
	bool lost;        /* it is not, and was before */
	bool full;        /* the carrier has few ports left for it */
	bool hopeless;    /* it has not worked for so long that what is bound to it should know */
	bool device_up;   /* its device exists, is up and has its address */
	uint32_t address; /* its inner IPv4 now, host order; 0: not known yet */
	uint32_t dns[FACTS_DNS_MAX]; /* name servers that the session came with, host order; 0: none */
	unsigned mtu;     /* of its device, bytes; 0: not known */
	/* Tunnels: both ends are known, the tunnel can be. */
	bool has_ends;
	struct in6_addr local, remote;
	/* It has just left these, and what is still under way to them is to be taken in. */
	bool drains;
	struct in6_addr drain_local, drain_remote;
	unsigned line_mtu; /* IPv6 MTU of the line below */
	unsigned carries;  /* packets on the line no larger than this pass, by measurement; 0: it carries what it says */
	/* With an interface-id, or told of our end: as it is to be in the line's prefix of now; local becomes it once it can be used. */
	bool has_assigned;
	struct in6_addr assigned;
	bool local_assigned; /* local was once it: it is one that we set on the line */
};

struct facts {
	struct path_facts path[CONFIG_PATHS_MAX];
	unsigned weekday, minute; /* router's local time; 0 is Monday */
	bool strict_rp_filter;    /* net.ipv4.conf.all.rp_filter is not 0 */
	/* Of a config with offload = yes: */
	bool can_offload;   /* this kernel has flowtables */
	uint32_t lan_there; /* bit i: interface i of [router] lan exists */
};

/* A distinct order of paths, with what becomes of its connections on return: rules that prefer alike share one. */
struct path_class {
	struct path_list order;
};

#define CLASSES_MAX 64

struct classes {
	struct path_class item[CLASSES_MAX];
	unsigned count; /* class 0 is the router's default */
};

/* The distinct orders that a config uses. */
void classes_of(const struct config *config, struct classes *classes);
unsigned classes_find(const struct classes *classes, const struct path_list *order);

/* First usable path of an order, or -1.  One that is full comes last where the order spills. */
int path_list_active(const struct path_list *order, const struct facts *facts);
/* The same, were path `lost` not usable. */
int path_list_without(const struct path_list *order, const struct facts *facts, int lost);

/* Does the forward take what comes in on this path to this address of its block (0: to the path's own), of the one
 * protocol or the other? */
bool forward_takes(const struct forward_config *forward, unsigned path, uint32_t at, bool udp);
/* The port at the machine for one of those that are opened. */
uint16_t forward_port(const struct forward_config *forward, uint16_t port);

/* Is the rule in force at this time (its time = lines)? */
bool rule_in_time(const struct rule_config *rule, unsigned weekday, unsigned minute);

/* What a tunnel adds to a packet, bytes. */
unsigned compile_tunnel_header(const struct path_config *path);

/* Tunnel MTU: the configured one, or what the line leaves (RFC 2473 section 6.7) of no less than 1280 bytes; and no more than
 * it was measured to carry. */
unsigned compile_tunnel_mtu(const struct path_config *path, const struct path_facts *facts);

/* May a packet of the home with this source leave on DS-Lite?  Else it is dropped at the very end (the chain GUARD). */
bool compile_is_home_source(uint32_t addr);

/* The MTU that is to be reckoned with on a path, bytes: its device's, else what that will have. */
unsigned compile_path_mtu(const struct path_config *path, const struct path_facts *facts);

/* The IPv4 address that stands for a path: the session's, else the promised one, else 0; a fixed-IP tunnel's: the configured one, else
 * what the provider told (facts->address). */
uint32_t compile_path_address(const struct path_config *path, const struct path_facts *facts);

/* Name of the device that takes in what is under way to the ends that the path's tunnel has left. */
void compile_drain_device(const struct path_config *path, char device[IFNAMSIZ]);

uint32_t compile_path_table(const struct config *config, unsigned path);

/* Fills a zeroed plan; the caller frees it with plan_free(). */
void compile(const struct config *config, const struct facts *facts, struct plan *plan);

/* Part of compile(): the nftables table (compile_nft.c). */
void compile_nft(const struct config *config, const struct facts *facts, struct nft_table *table);

/* Part of compile(): the devices of its flowtable (compile_offload.c). */
void compile_offload_devices(const struct config *config, const struct facts *facts, struct plan *plan);

/* Wanted, and possible. */
static inline bool compile_offloads(const struct config *config, const struct facts *facts)
{
	return config->router.offload && facts->can_offload;
}

/*
 * Which paths' movable connections must be forgotten (bit i: path i), so that
 * they start anew elsewhere: those pinned to a path that is not usable while a rule
 * that names it has another usable path.  Not those of a path that is yet to be judged: it may have carried
 * them before this daemon came, as it carries connections that outlived a failover.
 */
unsigned compile_stranded(const struct config *config, const struct facts *facts);

/* Do connections that a lost path took before go to this one now (compile_reset.c)? */
bool compile_took_over(const struct config *config, const struct facts *facts, unsigned path);

#endif
