/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random policies and packets, from few values so that they often meet, and what must
 * become of the one under the other by the plainest reading of the config: the first rule in
 * the file that fits.  Used by tests/unit/test_policy.c, which holds the pure compiler against it, and
 * tests/net/probe_policy.c, which does the same with the kernel.
 */
#ifndef DUALPATH_TESTS_UNIT_RANDOM_POLICY_H
#define DUALPATH_TESTS_UNIT_RANDOM_POLICY_H

#include "policy/compile.h"
#include "policy/config.h"
#include "policy/explain.h"

#define RANDOM_RULES_MAX 80
#define RANDOM_LAN "lan0"
#define RANDOM_ROUTER 0xc0a801feu /* 192.168.1.254: the router, on RANDOM_LAN */
#define RANDOM_DOMAINS 3
#define RANDOM_ADDRESSES 52 /* that packets go to */

struct random_policy {
	struct config config;
	struct facts facts;
	/* What config points to. */
	struct path_config path[3];
	char lan[1][IFNAMSIZ];
	struct rule_config rule[RANDOM_RULES_MAX];
	char *domain[RANDOM_DOMAINS];
	/* What is in the sets of the names, by address from random_destination() on. */
	bool in_domain[RANDOM_ADDRESSES][RANDOM_DOMAINS];
};

/* Ours to free with random_policy_free().  The numbers come from rand(). */
struct random_policy *random_policy_new(void);
void random_policy_free(struct random_policy *policy);
/* A packet from the home, some from the router itself; number makes its source port its own. */
void random_flow(const struct random_policy *policy, struct flow *flow, unsigned number);
/* The n-th address that packets go to, host order. */
uint32_t random_destination(unsigned n);
/* The first rule that fits, or NULL; also where none is asked, as the source is one of the routed block. */
const struct rule_config *plain_reading(const struct random_policy *policy, const struct flow *flow);
/* The paths that it may take, and the packet's mark that follows. */
const struct path_list *order_by_reading(const struct random_policy *policy, const struct flow *flow);
uint32_t mark_by_reading(const struct random_policy *policy, const struct flow *flow);
/* From DUALPATH_SEED, or the clock; printed, and given to srand(). */
void random_seed(void);

#endif
