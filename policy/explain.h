/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What would happen to a connection, worked out from the same config and facts that
 * compile() makes the kernel's rules from: which rule takes it, which path, what if that
 * one is lost, and which rules came close.  Called by daemon/verbs_explain.c
 * and verbs_explain_in.c.
 */
#ifndef DUALPATH_POLICY_EXPLAIN_H
#define DUALPATH_POLICY_EXPLAIN_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/compile.h"
#include "policy/config.h"

/* The first packet of a connection, as far as it is known. */
struct flow {
	uint8_t protocol;
	uint32_t src, dst;     /* host order; src 0: the router's own, not bound to an address */
	uint16_t sport, dport; /* 0: not given, or the protocol has none */
	uint8_t dscp;
	bool from_router;
	bool has_mac;
	struct mac mac;
	bool has_uid; /* of the router's process that sends it */
	uint32_t uid;
	const bool *in_domain; /* for each of config.domain: is dst in its set?  NULL: in none */
	char iif[IFNAMSIZ]; /* "": none (the router's own), or not known */
};

/* What of a rule does not fit a flow: bits. */
enum {
	MISS_FROM = 1 << 0,
	MISS_TO = 1 << 1,
	MISS_PROTOCOL = 1 << 2,
	MISS_PORT = 1 << 3,
	MISS_SOURCE_PORT = 1 << 4,
	MISS_DSCP = 1 << 5,
	MISS_INTERFACE = 1 << 6,
	MISS_TIME = 1 << 7,
	MISS_USER = 1 << 8,
};

/* 0: the rule takes it. */
unsigned rule_misses(const struct rule_config *rule, const struct flow *flow, unsigned weekday, unsigned minute);
/* The key of the config that a bit stands for. */
const char *miss_name(unsigned bit);

enum explain_why {
	EXPLAIN_RULE,    /* .rule takes it */
	EXPLAIN_DEFAULT, /* no rule does */
	EXPLAIN_BOUND,   /* the router's own, bound to the address of .path */
	EXPLAIN_DNS,     /* the router's question to a name server that came with the session of .path */
	EXPLAIN_BLOCK,   /* its source is one of the block of .path */
	EXPLAIN_STATIC,  /* to a static address of ours: .forward, or .host, or nobody where both are NULL */
};

#define EXPLAIN_NEAR_MAX 4

struct explanation {
	enum explain_why why;
	const struct rule_config *rule;
	const struct forward_config *forward;
	const struct host_config *host; /* whose public address it is */
	const struct path_list *order; /* NULL: there is no choice */
	int path;                      /* that it takes now; -1: unreachable */
	int if_lost;                   /* that it takes once .path is lost; -1: unreachable */
	bool dropped;                  /* .path does not carry such a source; .source is 0 */
	uint32_t source;               /* as the internet's side of the path sees it; 0: not known now */
	unsigned mtu, mss;             /* of .path, bytes; 0 where there is none */
	/* Rules before the one that took it that only one thing kept from taking it. */
	const struct rule_config *near[EXPLAIN_NEAR_MAX];
	unsigned near_miss[EXPLAIN_NEAR_MAX];
	unsigned nears;
};

/* A connection that starts in the home or on the router. */
void explain_out(const struct config *config, const struct facts *facts, const struct flow *flow,
                 struct explanation *out);

/*
 * The forward that takes what a stranger sends to a port of a path's address, or of the address "at" of
 * its block; from 0: anybody whom it lets in.  NULL: none.
 */
const struct forward_config *explain_in(const struct config *config, unsigned path, uint32_t at, uint8_t protocol,
                                        uint16_t port, uint32_t from);

#endif
