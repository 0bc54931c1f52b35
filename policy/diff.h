/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operations that lead from what the kernel has to what it should have, in
 * an order that never leaves a packet worse off: first the nftables transaction (so that
 * guard and source NAT stand before a route leads anywhere), then what is new, then what
 * is gone.  Only routes over a device that the transaction takes the guard from go before
 * it.  Where everything goes (teardown), the table goes last.  Devices of the flowtable come after all, each in a
 * transaction of its own: it may vanish at any moment, and nothing else may fail with it.
 *
 * Property: applying diff(want, have) to have gives want; diff(x, x) is empty.
 */
#ifndef DUALPATH_POLICY_DIFF_H
#define DUALPATH_POLICY_DIFF_H

#include "policy/plan.h"

enum op_kind {
	OP_NFT,        /* one transaction, text in nft's language */
	OP_NFT_DELETE, /* our whole table */
	OP_TUNNEL_ADD,
	OP_TUNNEL_CHANGE,
	OP_TUNNEL_DELETE,
	OP_ADDRESS_ADD,
	OP_ADDRESS_DELETE,
	OP_ADDRESS6_ADD,
	OP_ADDRESS6_DELETE,
	OP_SYSCTL,
	OP_ROUTE_ADD,
	OP_ROUTE_REPLACE,
	OP_ROUTE_DELETE,
	OP_RULE_ADD,
	OP_RULE_DELETE,
	OP_OFFLOAD_ADD, /* a device of the flowtable */
	OP_OFFLOAD_DELETE,
};

struct op {
	enum op_kind kind;
	union {
		struct plan_tunnel tunnel;
		struct plan_address address;
		struct plan_address6 address6;
		struct plan_route route;
		struct plan_rule rule;
		struct plan_sysctl sysctl;
		char device[IFNAMSIZ];
		struct {
			char *text;    /* OP_NFT, owned */
			char *objects; /* what it does, a line for each object, for people; owned */
		};
	};
};

struct op_list {
	struct op *op;
	size_t count, cap;
};

/*
 * When one of the operations fails the others are tried all the same, but for these: an
 * operation of the first kind is not done where one before it failed; where one of the second
 * kind fails, nothing after it is done.  So there is no route over a path without its guard.
 */
bool op_needs_all_before(const struct op *op);
bool op_is_needed_by_all(const struct op *op);

void diff(const struct plan *want, const struct plan *have, struct op_list *ops);
void op_list_free(struct op_list *ops);
/* One line for people, e.g. "route add default dev dslite0 table 10001".  Allocated. */
char *op_print(const struct op *op);
/* The same, a line for each object: of a transaction there are many. */
typedef void op_object_fn(void *arg, const char *text);
void op_objects(const struct op *op, op_object_fn *fn, void *arg);

/*
 * The transaction that turns have into want, or NULL where they are equal (nft_text.c), and *objects
 * the same for people: "nft change chain rules (3 rules)", a line each.  Both allocated.
 */
char *nft_diff_text(const struct nft_table *want, const struct nft_table *have, char **objects);
/* Does that transaction make the whole table anew? */
bool nft_diff_rebuilds(const struct nft_table *want, const struct nft_table *have);
/* How a chain's hash and number of rules are written into the comment of its first rule. */
#define NFT_COMMENT_FORMAT "dualpath:%016" PRIx64 ":%u"
unsigned nft_body_rules(const char *body);

#endif
