/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See diff.h. */
#include "policy/diff.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

static struct op *op_add(struct op_list *ops, enum op_kind kind)
{
	if (ops->count == ops->cap) {
		ops->cap = ops->cap ? ops->cap * 2 : 16;
		ops->op = xreallocarray(ops->op, ops->cap, sizeof(*ops->op));
	}
	ops->op[ops->count] = (struct op){ .kind = kind };
	return &ops->op[ops->count++];
}

void op_list_free(struct op_list *ops)
{
	for (size_t i = 0; i < ops->count; i++)
		if (ops->op[i].kind == OP_NFT) {
			free(ops->op[i].text);
			free(ops->op[i].objects);
		}
	free(ops->op);
	memset(ops, 0, sizeof(*ops));
}

static const struct plan_tunnel *find_tunnel(const struct plan *plan, const char *device)
{
	for (unsigned i = 0; i < plan->tunnels; i++)
		if (strcmp(plan->tunnel[i].device, device) == 0)
			return &plan->tunnel[i];
	return NULL;
}

static const struct plan_address *find_address(const struct plan *plan, const struct plan_address *a)
{
	for (unsigned i = 0; i < plan->addresses; i++)
		if (plan->address[i].addr == a->addr && strcmp(plan->address[i].device, a->device) == 0)
			return &plan->address[i];
	return NULL;
}

static const struct plan_address6 *find_address6(const struct plan *plan, const struct plan_address6 *a)
{
	for (unsigned i = 0; i < plan->addresses6; i++)
		if (IN6_ARE_ADDR_EQUAL(&plan->address6[i].addr, &a->addr) && strcmp(plan->address6[i].device, a->device) == 0)
			return &plan->address6[i];
	return NULL;
}

static const struct plan_route *find_route(const struct plan *plan, const struct plan_route *r)
{
	for (unsigned i = 0; i < plan->routes; i++)
		if (plan_route_same_key(&plan->route[i], r))
			return &plan->route[i];
	return NULL;
}

static bool has_rule(const struct plan *plan, const struct plan_rule *r)
{
	for (unsigned i = 0; i < plan->rules; i++)
		if (plan_rule_equal(&plan->rule[i], r))
			return true;
	return false;
}

static const struct plan_sysctl *find_sysctl(const struct plan *plan, const char *name)
{
	for (unsigned i = 0; i < plan->sysctls; i++)
		if (strcmp(plan->sysctl[i].name, name) == 0)
			return &plan->sysctl[i];
	return NULL;
}

static bool goes_away(const struct plan *want, const struct plan_tunnel *have)
{
	return have->tagged && !find_tunnel(want, have->device);
}

static bool is_drain(const struct plan_tunnel *t)
{
	return *t->line;
}

static bool same_ends(const struct plan_tunnel *a, const struct plan_tunnel *b)
{
	return memcmp(&a->local, &b->local, sizeof(a->local)) == 0 &&
	       memcmp(&a->remote, &b->remote, sizeof(a->remote)) == 0 && strcmp(a->line, b->line) == 0;
}

/*
 * The kernel has one tunnel between two ends (and one more on each line): where only its name changes, or another is to have them,
 * the old one goes first.
 */
static bool in_the_way(const struct plan *want, const struct plan_tunnel *have)
{
	if (!goes_away(want, have))
		return false;
	for (unsigned i = 0; i < want->tunnels; i++)
		if (same_ends(&want->tunnel[i], have))
			return true;
	return false;
}

/* Which of those that are wanted, by another name, stands now where w is to be; -1: none. */
static int stands_at(const struct plan *want, const struct plan *have, const struct plan_tunnel *w)
{
	for (unsigned i = 0; i < want->tunnels; i++) {
		const struct plan_tunnel *h = find_tunnel(have, want->tunnel[i].device);

		if (h && &want->tunnel[i] != w && same_ends(h, w))
			return (int)i;
	}
	return -1;
}

/* Each is to be where the next one stands: no order of moves gets out of that. */
static bool in_ring(const struct plan *want, const struct plan *have, unsigned start)
{
	int at = (int)start;

	for (unsigned steps = 0; steps < want->tunnels && at >= 0; steps++) {
		at = stands_at(want, have, &want->tunnel[at]);
		if (at == (int)start)
			return true;
	}
	return false;
}

/* With all that the kernel takes away with it. */
static void forget_tunnel(struct plan *have, const char *device)
{
	char part[IFNAMSIZ + 2];

	snprintf(part, sizeof(part), "/%s/", device);
	for (unsigned i = have->tunnels; i-- > 0;)
		if (strcmp(have->tunnel[i].device, device) == 0)
			have->tunnel[i] = have->tunnel[--have->tunnels];
	for (unsigned i = have->addresses; i-- > 0;)
		if (strcmp(have->address[i].device, device) == 0)
			have->address[i] = have->address[--have->addresses];
	for (unsigned i = have->routes; i-- > 0;)
		if (strcmp(have->route[i].device, device) == 0)
			have->route[i] = have->route[--have->routes];
	for (unsigned i = have->sysctls; i-- > 0;)
		if (strstr(have->sysctl[i].name, part))
			have->sysctl[i] = have->sysctl[--have->sysctls];
	for (unsigned i = have->offloads; i-- > 0;)
		if (strcmp(have->offload[i], device) == 0)
			memcpy(have->offload[i], have->offload[--have->offloads], IFNAMSIZ);
}

/* Takes away what keeps others from where they are to be; have is then what is left. */
static void make_room(const struct plan *want, struct plan *have, struct op_list *ops)
{
	for (unsigned i = have->tunnels; i-- > 0;)
		if (in_the_way(want, &have->tunnel[i])) {
			struct op *op = op_add(ops, OP_TUNNEL_DELETE);

			op->tunnel = have->tunnel[i];
			forget_tunnel(have, op->tunnel.device);
		}
	for (unsigned i = 0; i < want->tunnels; i++)
		if (in_ring(want, have, i)) {
			op_add(ops, OP_TUNNEL_DELETE)->tunnel = *find_tunnel(have, want->tunnel[i].device);
			forget_tunnel(have, want->tunnel[i].device);
		}
}

/* After whoever stands there, whom it waits for in its turn: there are no rings any more. */
static void put_in_place(const struct plan *want, const struct plan *have, unsigned i, struct op_list *ops, bool *done)
{
	const struct plan_tunnel *w = &want->tunnel[i], *h = find_tunnel(have, w->device);
	int other = stands_at(want, have, w);

	if (done[i])
		return;
	done[i] = true;
	if (other >= 0)
		put_in_place(want, have, (unsigned)other, ops, done);
	if (h && !plan_tunnel_equal(w, h))
		op_add(ops, OP_TUNNEL_CHANGE)->tunnel = *w;
	if (h)
		return;
	op_add(ops, OP_TUNNEL_ADD)->tunnel = *w;
	ops->op[ops->count - 1].tunnel.up = !is_drain(w);
}

/* One that somebody else has set there serves as well, and is not ours to take away. */
static void diff_ends(const struct plan *want, const struct plan *have, struct op_list *ops)
{
	for (unsigned i = 0; i < want->addresses6; i++)
		if (!find_address6(have, &want->address6[i]))
			op_add(ops, OP_ADDRESS6_ADD)->address6 = want->address6[i];
}

/* Those that are new, and before them those that have to make room for them. */
static void diff_tunnels(const struct plan *want, const struct plan *have, struct op_list *ops, bool *done)
{
	for (unsigned i = 0; i < want->tunnels; i++)
		if (!find_tunnel(have, want->tunnel[i].device))
			put_in_place(want, have, i, ops, done);
	for (unsigned i = 0; i < want->addresses; i++)
		if (!find_address(have, &want->address[i]))
			op_add(ops, OP_ADDRESS_ADD)->address = want->address[i];
}

/*
 * A drain takes from its tunnel what comes, from the moment that it is up: it must have all that it needs by then, and the
 * tunnel is not to move before (in a plan, a drain stands before its tunnel).
 */
static void diff_moves(const struct plan *want, const struct plan *have, struct op_list *ops, bool *done)
{
	for (unsigned i = 0; i < want->tunnels; i++) {
		if (!find_tunnel(have, want->tunnel[i].device) && is_drain(&want->tunnel[i]))
			op_add(ops, OP_TUNNEL_CHANGE)->tunnel = want->tunnel[i];
		put_in_place(want, have, i, ops, done);
	}
}

/* Sysctls are settings, not objects: what is no longer wanted stays as it is. */
static void diff_sysctls(const struct plan *want, const struct plan *have, struct op_list *ops)
{
	for (unsigned i = 0; i < want->sysctls; i++) {
		const struct plan_sysctl *h = find_sysctl(have, want->sysctl[i].name);

		if (!h || strcmp(h->value, want->sysctl[i].value) != 0)
			op_add(ops, OP_SYSCTL)->sysctl = want->sysctl[i];
	}
}

/* ---- the guard ---- */

static bool is_guarded(const struct plan *plan, const char *device)
{
	for (unsigned i = 0; i < plan->guards; i++)
		if (strcmp(plan->guarded[i], device) == 0)
			return true;
	return false;
}

/* Goes before the transaction that takes away the guard of its device, also where another takes its place. */
static bool loses_guard(const struct plan *want, const struct plan_route *have)
{
	return *have->device && !is_guarded(want, have->device);
}

static void diff_unguarded(const struct plan *want, const struct plan *have, struct op_list *ops)
{
	for (unsigned i = 0; i < have->routes; i++)
		if (loses_guard(want, &have->route[i]))
			op_add(ops, OP_ROUTE_DELETE)->route = have->route[i];
}

bool op_needs_all_before(const struct op *op)
{
	return op->kind == OP_NFT || op->kind == OP_NFT_DELETE;
}

bool op_is_needed_by_all(const struct op *op)
{
	return op->kind == OP_NFT;
}

static void diff_routes(const struct plan *want, const struct plan *have, struct op_list *ops)
{
	for (unsigned i = 0; i < want->routes; i++) {
		const struct plan_route *w = &want->route[i], *h = find_route(have, w);

		if (!h || loses_guard(want, h))
			op_add(ops, OP_ROUTE_ADD)->route = *w;
		else if (!plan_route_equal(w, h))
			op_add(ops, OP_ROUTE_REPLACE)->route = *w;
	}
	for (unsigned i = 0; i < want->rules; i++)
		if (!has_rule(have, &want->rule[i]))
			op_add(ops, OP_RULE_ADD)->rule = want->rule[i];
}

static void diff_gone(const struct plan *want, const struct plan *have, struct op_list *ops)
{
	for (unsigned i = 0; i < have->rules; i++)
		if (!has_rule(want, &have->rule[i]))
			op_add(ops, OP_RULE_DELETE)->rule = have->rule[i];
	for (unsigned i = 0; i < have->routes; i++)
		if (!find_route(want, &have->route[i]) && !loses_guard(want, &have->route[i]))
			op_add(ops, OP_ROUTE_DELETE)->route = have->route[i];
	for (unsigned i = 0; i < have->addresses; i++)
		if (!find_address(want, &have->address[i]) && find_tunnel(want, have->address[i].device))
			op_add(ops, OP_ADDRESS_DELETE)->address = have->address[i];
	for (unsigned i = 0; i < have->tunnels; i++)
		if (goes_away(want, &have->tunnel[i]))
			op_add(ops, OP_TUNNEL_DELETE)->tunnel = have->tunnel[i];
	for (unsigned i = 0; i < have->addresses6; i++)
		if (have->address6[i].ours && !find_address6(want, &have->address6[i]))
			op_add(ops, OP_ADDRESS6_DELETE)->address6 = have->address6[i];
}

/* ---- devices of the flowtable ---- */

static bool offloads(const struct plan *plan, const char *device)
{
	for (unsigned i = 0; i < plan->offloads; i++)
		if (strcmp(plan->offload[i], device) == 0)
			return true;
	return false;
}

/* A flowtable that is new, or made anew, has none. */
static void diff_offload(const struct plan *want, const struct plan *have, struct op_list *ops)
{
	bool stays = nft_table_find(&want->nft, NFT_FLOWTABLE, PLAN_FLOWTABLE) &&
	             nft_table_find(&have->nft, NFT_FLOWTABLE, PLAN_FLOWTABLE) &&
	             !nft_diff_rebuilds(&want->nft, &have->nft);

	for (unsigned i = 0; i < have->offloads; i++)
		if (stays && !offloads(want, have->offload[i]))
			memcpy(op_add(ops, OP_OFFLOAD_DELETE)->device, have->offload[i], IFNAMSIZ);
	for (unsigned i = 0; i < want->offloads; i++)
		if (!stays || !offloads(have, want->offload[i]))
			memcpy(op_add(ops, OP_OFFLOAD_ADD)->device, want->offload[i], IFNAMSIZ);
}

void diff(const struct plan *want, const struct plan *have, struct op_list *ops)
{
	char *objects, *text = want->nft.count ? nft_diff_text(&want->nft, &have->nft, &objects) : NULL;
	struct plan rest = *have; /* but for what makes room first; only read otherwise */
	bool done[PLAN_TUNNELS_MAX] = { false };

	diff_unguarded(want, have, ops);
	if (text) {
		struct op *op = op_add(ops, OP_NFT);

		op->text = text;
		op->objects = objects;
	}
	diff_ends(want, have, ops);
	make_room(want, &rest, ops);
	diff_tunnels(want, &rest, ops, done);
	diff_sysctls(want, &rest, ops);
	diff_moves(want, &rest, ops, done);
	diff_routes(want, &rest, ops);
	diff_gone(want, &rest, ops);
	diff_offload(want, &rest, ops);
	if (!want->nft.count && have->nft.count)
		op_add(ops, OP_NFT_DELETE);
}

/* ---- for people ---- */

static void print_tunnel(FILE *f, const char *verb, const struct plan_tunnel *t)
{
	char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &t->local, local, sizeof(local));
	inet_ntop(AF_INET6, &t->remote, remote, sizeof(remote));
	fprintf(f, "tunnel %s %s local %s remote %s mtu %u", verb, t->device, local, remote, t->mtu);
	if (is_drain(t))
		fprintf(f, " on %s, %s", t->line, t->up ? "up" : "not yet up");
	if (t->encap_limit >= 0)
		fprintf(f, " encapsulation-limit %d", t->encap_limit);
}

static void print_route(FILE *f, const char *verb, const struct plan_route *r)
{
	char dst[PREFIX4_STRLEN], src[INET_ADDRSTRLEN];

	fprintf(f, "route %s %s%s", verb, *r->device ? "" : r->blackhole ? "blackhole " : "unreachable ",
	        r->dst.len ? prefix4_print(r->dst, dst) : "default");
	if (*r->device)
		fprintf(f, " dev %s", r->device);
	if (r->source)
		fprintf(f, " src %s", ipv4_print(r->source, src));
	fprintf(f, " table %" PRIu32, r->table);
}

static void print_rule_op(FILE *f, const char *verb, const struct plan_rule *r)
{
	char from[PREFIX4_STRLEN];

	fprintf(f, "rule %s priority %" PRIu32, verb, r->priority);
	if (r->from.len)
		fprintf(f, " from %s", prefix4_print(r->from, from));
	if (r->own)
		fputs(" iif lo", f);
	if (r->mask)
		fprintf(f, " fwmark 0x%" PRIx32 "/0x%" PRIx32, r->mark, r->mask);
	if (r->action == PLAN_UNREACHABLE)
		fputs(" unreachable", f);
	else if (r->action == PLAN_BLACKHOLE)
		fputs(" blackhole", f);
	else
		fprintf(f, " lookup %" PRIu32 "%s", r->table,
		        r->action == PLAN_LOOKUP_SPECIFIC ? " suppress_prefixlength 0" : "");
}

static void print_address(FILE *f, const char *verb, const struct plan_address *a)
{
	char addr[INET_ADDRSTRLEN];

	fprintf(f, "address %s %s dev %s", verb, ipv4_print(a->addr, addr), a->device);
}

static void print_address6(FILE *f, const char *verb, const struct plan_address6 *a)
{
	char addr[INET6_ADDRSTRLEN];

	fprintf(f, "address %s %s dev %s", verb, inet_ntop(AF_INET6, &a->addr, addr, sizeof(addr)), a->device);
}

static void print_op(FILE *f, const struct op *op)
{
	switch (op->kind) {
	case OP_NFT:
		fprintf(f, "nft transaction of %u lines", nft_body_rules(op->text));
		break;
	case OP_NFT_DELETE:
		fputs("nft delete table inet " PLAN_TABLE, f);
		break;
	case OP_TUNNEL_ADD:
		print_tunnel(f, "add", &op->tunnel);
		break;
	case OP_TUNNEL_CHANGE:
		print_tunnel(f, "change", &op->tunnel);
		break;
	case OP_TUNNEL_DELETE:
		fprintf(f, "tunnel delete %s", op->tunnel.device);
		break;
	case OP_ADDRESS_ADD:
		print_address(f, "add", &op->address);
		break;
	case OP_ADDRESS_DELETE:
		print_address(f, "delete", &op->address);
		break;
	case OP_ADDRESS6_ADD:
		print_address6(f, "add", &op->address6);
		break;
	case OP_ADDRESS6_DELETE:
		print_address6(f, "delete", &op->address6);
		break;
	case OP_SYSCTL:
		fprintf(f, "sysctl %s = %s", op->sysctl.name, op->sysctl.value);
		break;
	case OP_ROUTE_ADD:
		print_route(f, "add", &op->route);
		break;
	case OP_ROUTE_REPLACE:
		print_route(f, "replace", &op->route);
		break;
	case OP_ROUTE_DELETE:
		print_route(f, "delete", &op->route);
		break;
	case OP_RULE_ADD:
		print_rule_op(f, "add", &op->rule);
		break;
	case OP_RULE_DELETE:
		print_rule_op(f, "delete", &op->rule);
		break;
	case OP_OFFLOAD_ADD:
		fprintf(f, "offload add dev %s", op->device);
		break;
	case OP_OFFLOAD_DELETE:
		fprintf(f, "offload delete dev %s", op->device);
		break;
	}
}

void op_objects(const struct op *op, op_object_fn *fn, void *arg)
{
	char *text = op->kind == OP_NFT ? xstrdup(op->objects) : op_print(op), *at = text, *line;

	while ((line = strsep(&at, "\n")))
		if (*line)
			fn(arg, line);
	free(text);
}

char *op_print(const struct op *op)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	print_op(f, op);
	if (fclose(f) != 0)
		abort();
	return text;
}
