/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See compile.h: tunnels, addresses, routes, rules and sysctls.
 *
 * One routing table a path: its default route, and below it one that says
 * unreachable, so that what is bound to a path never falls through to another.
 * One more table for packets without a mark (the router's own, before its output
 * chain has classified them).
 */
#include "policy/compile.h"

#include <stdio.h>
#include <string.h>

#include "policy/mark.h"

#define IPV6_MIN_MTU 1280u
#define IPV6_HEADER  40u
#define LINE_MTU_ASSUMED 1500u
#define ENCAP_LIMIT_HEADER 8u

/* Offsets in the range of priorities that is ours. */
enum { PRIO_SPECIFIC = 0, PRIO_MARK = 10, PRIO_UNREACHABLE = 20, PRIO_FROM = 30, PRIO_DEFAULT = 40, PRIO_NOBODY = 41 };

static bool order_equal(const struct path_list *a, const struct path_list *b)
{
	return a->count == b->count && memcmp(a->path, b->path, a->count) == 0 && a->on_return == b->on_return &&
	       a->drain_s == b->drain_s && a->spill == b->spill;
}

unsigned classes_find(const struct classes *classes, const struct path_list *order)
{
	unsigned i;

	for (i = 0; i < classes->count; i++)
		if (order_equal(&classes->item[i].order, order))
			break;
	return i;
}

static void classes_add(struct classes *classes, const struct path_list *order)
{
	if (classes_find(classes, order) == classes->count && classes->count < CLASSES_MAX)
		classes->item[classes->count++].order = *order;
}

void classes_of(const struct config *config, struct classes *classes)
{
	classes->count = 0;
	classes_add(classes, &config->router.order);
	for (size_t i = 0; i < config->rules; i++)
		classes_add(classes, &config->rule[i].path);
}

int path_list_without(const struct path_list *order, const struct facts *facts, int lost)
{
	int full = -1;

	for (unsigned i = 0; i < order->count; i++) {
		const struct path_facts *path = &facts->path[order->path[i]];

		if (order->path[i] == lost || !path->usable)
			continue;
		if (!order->spill || !path->full)
			return order->path[i];
		full = full < 0 ? order->path[i] : full;
	}
	return full;
}

int path_list_active(const struct path_list *order, const struct facts *facts)
{
	return path_list_without(order, facts, -1);
}

bool forward_takes(const struct forward_config *forward, unsigned path, uint32_t at, bool udp)
{
	return forward->path == path && forward->at == at && (udp ? forward->udp : forward->tcp);
}

uint16_t forward_port(const struct forward_config *forward, uint16_t port)
{
	if (forward->to_port.lo == forward->to_port.hi)
		return forward->to_port.lo ? forward->to_port.lo : port;
	return (uint16_t)(forward->to_port.lo + (port - forward->port[0].lo));
}

static bool time_matches(const struct rule_time *t, unsigned weekday, unsigned minute)
{
	unsigned yesterday = (weekday + 6) % 7;

	if (t->from < t->to)
		return t->days >> weekday & 1 && minute >= t->from && minute < t->to;
	/* Over midnight: the late part belongs to the day on which it began. */
	return (t->days >> weekday & 1 && minute >= t->from) || (t->days >> yesterday & 1 && minute < t->to);
}

bool rule_in_time(const struct rule_config *rule, unsigned weekday, unsigned minute)
{
	bool any = false;

	for (size_t i = 0; i < rule->times; i++)
		any |= time_matches(&rule->time[i], weekday, minute);
	return rule->times == 0 || any != rule->not_time;
}

/* -1: none.  A fixed-IP tunnel's other end is as any: none. */
static int encap_limit_of(const struct path_config *path)
{
	return path->kind != PATH_DSLITE || path->dslite.encap_limit_none ? -1 : (int)path->dslite.encap_limit;
}

static bool is_tunnel(const struct path_config *path)
{
	return path->kind != PATH_PPPOE;
}

unsigned compile_tunnel_header(const struct path_config *path)
{
	return IPV6_HEADER + (encap_limit_of(path) < 0 ? 0 : ENCAP_LIMIT_HEADER);
}

unsigned compile_tunnel_mtu(const struct path_config *path, const struct path_facts *facts)
{
	unsigned header = compile_tunnel_header(path), line = facts->line_mtu ? facts->line_mtu : LINE_MTU_ASSUMED;
	unsigned mtu = path->mtu ? path->mtu : (line < IPV6_MIN_MTU ? IPV6_MIN_MTU : line) - header;

	if (facts->carries >= IPV6_MIN_MTU && facts->carries - header < mtu)
		return facts->carries - header;
	return mtu;
}

unsigned compile_path_mtu(const struct path_config *path, const struct path_facts *facts)
{
	if (facts->mtu)
		return facts->mtu;
	if (is_tunnel(path))
		return compile_tunnel_mtu(path, facts);
	return path->mtu;
}

uint32_t compile_path_address(const struct path_config *path, const struct path_facts *facts)
{
	if (path->kind == PATH_DSLITE)
		return path->dslite.address;
	if (path->kind == PATH_IPIP && path->ipip.address)
		return path->ipip.address;
	if (facts->address)
		return facts->address;
	return path->kind == PATH_PPPOE && path->pppoe.has_address ? path->pppoe.address : 0;
}

uint32_t compile_path_table(const struct config *config, unsigned path)
{
	return config->router.table_base + 1 + config->path[path].slot;
}

void compile_drain_device(const struct path_config *path, char device[IFNAMSIZ])
{
	snprintf(device, IFNAMSIZ, DRAIN_DEVICE "%u", (unsigned)path->slot);
}

static struct plan_tunnel *add_tunnel(const struct path_config *path, const struct path_facts *facts, const char *device,
                                      struct plan *plan)
{
	struct plan_tunnel *t = &plan->tunnel[plan->tunnels++];

	*t = (struct plan_tunnel){ .local = facts->local, .remote = facts->remote, .up = true, .tagged = true };
	snprintf(t->device, sizeof(t->device), "%s", device);
	t->mtu = compile_tunnel_mtu(path, facts);
	t->encap_limit = encap_limit_of(path);
	return t;
}

static void add_address(const struct path_config *path, const struct path_facts *facts, const char *device, struct plan *plan)
{
	struct plan_address *a = &plan->address[plan->addresses++];

	*a = (struct plan_address){ .addr = compile_path_address(path, facts) };
	snprintf(a->device, sizeof(a->device), "%s", device);
}

static void add_address6(struct plan *plan, const char *device, const struct in6_addr *addr)
{
	struct plan_address6 *a = &plan->address6[plan->addresses6];

	for (unsigned i = 0; i < plan->addresses6; i++)
		if (IN6_ARE_ADDR_EQUAL(&plan->address6[i].addr, addr) && strcmp(plan->address6[i].device, device) == 0)
			return;
	*a = (struct plan_address6){ .addr = *addr, .ours = true };
	snprintf(a->device, sizeof(a->device), "%s", device);
	plan->addresses6++;
}

/* Is a tunnel there, the path's own (again) or one that has taken its place?  A drain would only take from it what is its. */
static bool somebody_is_at(const struct facts *facts, const struct in6_addr *local, const struct in6_addr *remote)
{
	for (unsigned i = 0; i < CONFIG_PATHS_MAX; i++) {
		const struct path_facts *f = &facts->path[i];

		if (f->has_ends && IN6_ARE_ADDR_EQUAL(&f->local, local) && IN6_ARE_ADDR_EQUAL(&f->remote, remote))
			return true;
	}
	return false;
}

static bool wants_drain(const struct facts *facts, const struct path_facts *path)
{
	return path->has_ends && path->drains && !somebody_is_at(facts, &path->drain_local, &path->drain_remote);
}

/* The interface identifier is what was assigned; the prefix is the line's. */
static bool has_assigned_half(const struct path_facts *facts, const struct in6_addr *addr)
{
	return memcmp(&addr->s6_addr[8], &facts->assigned.s6_addr[8], 8) == 0;
}

/* Also the one that the tunnel still begins at, until it can be moved to the new one; and that which it then drains. */
static void add_assigned(const struct path_config *path, const struct path_facts *facts, const struct facts *all, struct plan *plan)
{
	if (!facts->has_assigned)
		return;
	add_address6(plan, path->interface, &facts->assigned);
	if (facts->has_ends && facts->local_assigned)
		add_address6(plan, path->interface, &facts->local);
	if (wants_drain(all, facts) && has_assigned_half(facts, &facts->drain_local))
		add_address6(plan, path->interface, &facts->drain_local);
}

/*
 * Both need the path's device.  Strict reverse path filtering would drop what
 * comes in on the path that is not the default; "loose" on the device overrules
 * a strict "all", and src_valid_mark lets the check see the path's mark.
 */
static void add_sysctls(const char *device, const struct facts *facts, struct plan *plan)
{
	plan_add_sysctl(plan, facts->strict_rp_filter ? "2" : "0", "net/ipv4/conf/%s/rp_filter", device);
	plan_add_sysctl(plan, "1", "net/ipv4/conf/%s/src_valid_mark", device);
}

/* The check of sources, even a loose one, wants an address on the device. */
static void add_drain(const struct path_config *path, const struct path_facts *path_facts, const struct facts *facts,
                      struct plan *plan)
{
	char device[IFNAMSIZ];
	struct plan_tunnel *t;

	compile_drain_device(path, device);
	t = add_tunnel(path, path_facts, device, plan);
	t->local = path_facts->drain_local;
	t->remote = path_facts->drain_remote;
	snprintf(t->line, sizeof(t->line), "%s", path->interface);
	if (facts->strict_rp_filter)
		add_address(path, path_facts, device, plan);
	add_sysctls(device, facts, plan);
}

static void add_tunnels(const struct path_config *path, const struct path_facts *path_facts, const struct facts *facts,
                        struct plan *plan)
{
	if (wants_drain(facts, path_facts))
		add_drain(path, path_facts, facts, plan);
	if (!path_facts->has_ends)
		return;
	add_tunnel(path, path_facts, path->device, plan);
	add_address(path, path_facts, path->device, plan);
}

static void add_default(struct plan *plan, uint32_t table, const char *device, uint32_t source)
{
	struct plan_route route = { .table = table, .source = source };

	snprintf(route.device, sizeof(route.device), "%s", device);
	plan_add_route(plan, &route);
}

static void add_last_resort(struct plan *plan, uint32_t table)
{
	plan_add_route(plan, &(struct plan_route){ .table = table, .metric = PLAN_METRIC_LAST });
}

/* Two sessions may have one address, and a block may be that address alone. */
static void add_own(struct plan *plan, const struct plan_route *route)
{
	for (unsigned i = 0; i < plan->routes; i++)
		if (plan_route_same_key(&plan->route[i], route))
			return;
	plan_add_route(plan, route);
}

/*
 * The static addresses are ours even while their session is down (then they are no
 * local addresses): a packet to one must not go out to the internet over another path.
 * Nor may one to an address of a block that no machine holds; on the block's own path it would
 * go round in circles.  What comes in there is not answered, as the answer would leave on another.
 */
static void add_own_addresses(const struct config *config, const struct facts *facts, int except, uint32_t table,
                              struct plan *plan)
{
	for (unsigned i = 0; i < config->paths; i++) {
		const struct path_config *path = &config->path[i];
		uint32_t addr = compile_path_address(path, &facts->path[i]);
		struct plan_route route = { .table = table, .metric = PLAN_METRIC_LAST, .dst = { addr, 32 } };

		if (path->kind != PATH_DSLITE && (int)i != except && addr)
			add_own(plan, &route);
		if (path->kind != PATH_PPPOE)
			continue;
		route.dst = path->pppoe.block;
		route.blackhole = (int)i == except;
		if (path->pppoe.has_block)
			add_own(plan, &route);
	}
}

/*
 * The router itself calls a public address of a machine: it is sent home in its output chain, but before
 * that it needs a route.  None other goes this way: an address without a machine gets a mark there.
 */
static void add_public_routes(const struct config *config, const struct facts *facts, struct plan *plan)
{
	bool wanted[CONFIG_PATHS_MAX] = { false };

	for (size_t i = 0; config->publics && i < config->hosts; i++)
		if (config->host[i].public)
			wanted[config->host[i].public_path] = true;
	for (unsigned i = 0; i < config->paths; i++) {
		struct plan_route route = { .table = config->router.table_base, .source = facts->path[i].address };

		if (!wanted[i] || !facts->path[i].device_up)
			continue;
		route.dst = config->path[i].pppoe.block;
		memcpy(route.device, config->path[i].device, sizeof(route.device));
		plan_add_route(plan, &route);
	}
}

/* Where the router's own packets are looked up before they are classified: the default's path now,
 * else any that works, so that a rule of theirs can still move them there. */
static int unmarked_path(const struct config *config, const struct facts *facts)
{
	int active = path_list_active(&config->router.order, facts);

	for (unsigned i = 0; active < 0 && i < config->paths; i++)
		if (facts->path[i].usable)
			active = (int)i;
	return active;
}

static void add_routes(const struct config *config, const struct facts *facts, struct plan *plan)
{
	int active = unmarked_path(config, facts);

	for (unsigned i = 0; i < config->paths; i++) {
		uint32_t table = compile_path_table(config, i);

		if (facts->path[i].device_up)
			add_default(plan, table, config->path[i].device, facts->path[i].address);
		add_own_addresses(config, facts, (int)i, table, plan);
		add_last_resort(plan, table);
	}
	if (active >= 0)
		add_default(plan, config->router.table_base, config->path[active].device,
		            facts->path[active].address);
	add_public_routes(config, facts, plan);
	add_own_addresses(config, facts, -1, config->router.table_base, plan);
	add_last_resort(plan, config->router.table_base);
}

/*
 * Local and LAN destinations first, whatever the mark: a mark restored from
 * conntrack on a packet that comes in would send it straight out again.  Marks
 * before addresses: the router's own packets take their source before they are
 * classified.
 *
 * What is forwarded has a mark, always.  Without, somebody has just flushed nftables: conntrack would go on translating, and what
 * belongs to a session leave by the default's path, with no guard there.  So it goes nowhere, and in silence: what is told
 * that the network is unreachable gives up, and this lasts some milliseconds.
 */
static void add_rules(const struct config *config, const struct facts *facts, struct plan *plan)
{
	const struct router_config *r = &config->router;
	uint32_t mask = mark_path_mask(r->mark_mask);

	plan_add_rule(plan, &(struct plan_rule){ .priority = r->rule_priority + PRIO_SPECIFIC,
	                                         .action = PLAN_LOOKUP_SPECIFIC, .table = 254 });
	for (unsigned i = 0; i < config->paths; i++) {
		uint32_t from = compile_path_address(&config->path[i], &facts->path[i]);
		unsigned slot = config->path[i].slot;

		plan_add_rule(plan, &(struct plan_rule){ .priority = r->rule_priority + PRIO_MARK + slot,
		                                         .action = PLAN_LOOKUP, .table = compile_path_table(config, i),
		                                         .mark = mark_of_path(r->mark_mask, slot), .mask = mask });
		if (from)
			plan_add_rule(plan, &(struct plan_rule){ .priority = r->rule_priority + PRIO_FROM + slot,
			                                         .action = PLAN_LOOKUP,
			                                         .table = compile_path_table(config, i), .from = { from, 32 } });
		if (config->path[i].kind == PATH_PPPOE && config->path[i].pppoe.has_block)
			plan_add_rule(plan, &(struct plan_rule){ .priority = r->rule_priority + PRIO_FROM + slot,
			                                         .action = PLAN_LOOKUP, .table = compile_path_table(config, i),
			                                         .from = config->path[i].pppoe.block });
	}
	plan_add_rule(plan, &(struct plan_rule){ .priority = r->rule_priority + PRIO_UNREACHABLE,
	                                         .action = PLAN_UNREACHABLE, .mark = mark_unreachable(r->mark_mask),
	                                         .mask = mask });
	plan_add_rule(plan, &(struct plan_rule){ .priority = r->rule_priority + PRIO_DEFAULT,
	                                         .action = PLAN_LOOKUP, .table = r->table_base, .own = true });
	plan_add_rule(plan, &(struct plan_rule){ .priority = r->rule_priority + PRIO_NOBODY, .action = PLAN_BLACKHOLE });
}

void compile(const struct config *config, const struct facts *facts, struct plan *plan)
{
	plan_add_sysctl(plan, "1", "net/ipv4/ip_forward");
	for (unsigned i = 0; i < config->paths; i++) {
		const struct path_config *path = &config->path[i];

		if (path->kind == PATH_IPIP)
			add_assigned(path, &facts->path[i], facts, plan);
		if (is_tunnel(path))
			add_tunnels(path, &facts->path[i], facts, plan);
		if (facts->path[i].device_up || (is_tunnel(path) && facts->path[i].has_ends))
			add_sysctls(path->device, facts, plan);
	}
	add_routes(config, facts, plan);
	add_rules(config, facts, plan);
	compile_nft(config, facts, &plan->nft);
	if (compile_offloads(config, facts))
		compile_offload_devices(config, facts, plan);
	for (unsigned i = 0; i < config->paths; i++)
		memcpy(plan->guarded[plan->guards++], config->path[i].device, IFNAMSIZ);
}

static bool order_has(const struct path_list *order, unsigned path)
{
	for (unsigned i = 0; i < order->count; i++)
		if (order->path[i] == path)
			return true;
	return false;
}

unsigned compile_stranded(const struct config *config, const struct facts *facts)
{
	struct classes classes;
	unsigned stranded = 0;

	classes_of(config, &classes);
	for (unsigned c = 0; c < classes.count; c++) {
		const struct path_list *order = &classes.item[c].order;

		for (unsigned p = 0; p < config->paths; p++)
			if (!facts->path[p].usable && !facts->path[p].unjudged && order_has(order, p) &&
			    path_list_active(order, facts) >= 0)
				stranded |= 1u << p;
	}
	return stranded;
}
