/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See explain.h.  Whoever changes what a match means in compile_rules.c changes it here, too;
 * the lab's 24-explain.sh holds the two against each other on the kernel.
 */
#include "policy/explain.h"

#include <string.h>

#include "policy/block.h"

/* ---- does a rule fit? ---- */

static bool in_ports(uint16_t port, const struct port_range *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (port >= list[i].lo && port <= list[i].hi)
			return true;
	return false;
}

static bool in_prefixes(uint32_t addr, const struct prefix4 *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (prefix4_contains(list[i], addr))
			return true;
	return false;
}

static bool in_numbers(uint8_t number, const uint8_t *list, size_t n)
{
	return n && memchr(list, number, n);
}

static bool in_interfaces(const char *name, const struct rule_config *rule)
{
	for (size_t i = 0; i < rule->interfaces; i++)
		if (strcmp(rule->interface[i], name) == 0)
			return true;
	return false;
}

static bool is_from(const struct match_from *from, const struct flow *flow)
{
	switch (from->kind) {
	case MATCH_ROUTER:
		return flow->from_router;
	case MATCH_MAC:
		return flow->has_mac && memcmp(&from->mac, &flow->mac, sizeof(from->mac)) == 0;
	default:
		return prefix4_contains(from->prefix, flow->src);
	}
}

/* The router's own packets have no Ethernet source: what asks for one, even with "not", does not see them. */
static bool from_fits(const struct rule_config *rule, const struct flow *flow)
{
	bool any = false;

	if (!rule->froms)
		return true;
	for (size_t i = 0; i < rule->froms; i++) {
		if (rule->not_from && rule->from[i].kind == MATCH_MAC && flow->from_router)
			return false;
		any |= is_from(&rule->from[i], flow);
	}
	return any != rule->not_from;
}

static bool is_to(const struct rule_config *rule, const struct flow *flow)
{
	for (size_t i = 0; flow->in_domain && i < rule->domains; i++)
		if (flow->in_domain[rule->domain[i]])
			return true;
	return in_prefixes(flow->dst, rule->to, rule->tos);
}

/* What no process sent has no user, not even another one. */
static bool user_fits(const struct rule_config *rule, const struct flow *flow)
{
	bool any = false;

	for (size_t i = 0; i < rule->users; i++)
		any |= rule->user[i].uid == flow->uid;
	return !rule->users || (flow->has_uid && any != rule->not_user);
}

unsigned rule_misses(const struct rule_config *rule, const struct flow *flow, unsigned weekday, unsigned minute)
{
	unsigned misses = 0;

	if (!from_fits(rule, flow))
		misses |= MISS_FROM;
	if ((rule->tos || rule->domains) && is_to(rule, flow) == rule->not_to)
		misses |= MISS_TO;
	if (rule->protocols && in_numbers(flow->protocol, rule->protocol, rule->protocols) == rule->not_protocol)
		misses |= MISS_PROTOCOL;
	if (rule->ports && in_ports(flow->dport, rule->port, rule->ports) == rule->not_port)
		misses |= MISS_PORT;
	if (rule->source_ports &&
	    in_ports(flow->sport, rule->source_port, rule->source_ports) == rule->not_source_port)
		misses |= MISS_SOURCE_PORT;
	if (rule->dscps && in_numbers(flow->dscp, rule->dscp, rule->dscps) == rule->not_dscp)
		misses |= MISS_DSCP;
	if (rule->interfaces && in_interfaces(flow->iif, rule) == rule->not_interface)
		misses |= MISS_INTERFACE;
	if (!rule_in_time(rule, weekday, minute))
		misses |= MISS_TIME;
	if (!user_fits(rule, flow))
		misses |= MISS_USER;
	return misses;
}

const char *miss_name(unsigned bit)
{
	static const char *const name[] = { "from", "to", "protocol", "port", "source-port", "dscp", "interface", "time",
	                                  "user" };

	for (unsigned i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (bit == 1u << i)
			return name[i];
	return "";
}

/* ---- where does it go? ---- */

static bool one_bit(unsigned bits)
{
	return bits && !(bits & (bits - 1));
}

/* The first rule that fits; those that nearly did are noted on the way. */
static const struct rule_config *find_rule(const struct config *config, const struct facts *facts,
                                           const struct flow *flow, struct explanation *out)
{
	for (size_t i = 0; i < config->rules; i++) {
		const struct rule_config *rule = &config->rule[i];
		unsigned misses = rule_misses(rule, flow, facts->weekday, facts->minute);

		if (!misses)
			return rule;
		/* A [host] that is another machine is not close. */
		if (one_bit(misses) && rule->kind == RULE_RULE && out->nears < EXPLAIN_NEAR_MAX) {
			out->near[out->nears] = rule;
			out->near_miss[out->nears++] = misses;
		}
	}
	return NULL;
}

static void choose(const struct facts *facts, const struct path_list *order, struct explanation *out)
{
	out->order = order;
	out->path = path_list_active(order, facts);
	out->if_lost = path_list_without(order, facts, out->path);
}

static void measure(const struct config *config, const struct facts *facts, const struct flow *flow,
                    struct explanation *out)
{
	const struct path_config *path = &config->path[out->path];
	const struct host_config *host = flow->from_router ? NULL : block_public_of(config, flow->src);

	out->mtu = compile_path_mtu(path, &facts->path[out->path]);
	out->mss = out->mtu - IPV4_TCP_HEADERS;
	out->dropped = path->kind == PATH_DSLITE && !flow->from_router && flow->src != path->dslite.address &&
	               !compile_is_home_source(flow->src);
	/* DS-Lite carries the home's own addresses; the AFTR translates them. */
	if (out->dropped)
		out->source = 0;
	else if (out->why == EXPLAIN_BLOCK || (path->kind == PATH_DSLITE && !flow->from_router))
		out->source = flow->src;
	else if (host && host->public_path == (unsigned)out->path)
		out->source = host->public;
	else
		out->source = compile_path_address(path, &facts->path[out->path]);
}

/* The path whose address this is, or -1. */
static int path_of_address(const struct config *config, const struct facts *facts, uint32_t addr)
{
	for (size_t i = 0; addr && i < config->paths; i++)
		if (compile_path_address(&config->path[i], &facts->path[i]) == addr)
			return (int)i;
	return -1;
}

/* As the chain "bound": the default's own address was probably just given, any other was chosen. */
static bool is_bound(const struct config *config, const struct facts *facts, const struct flow *flow,
                     struct explanation *out)
{
	int path = flow->from_router ? path_of_address(config, facts, flow->src) : -1;

	if (path < 0 || path == path_list_active(&config->router.order, facts))
		return false;
	out->why = EXPLAIN_BOUND;
	out->path = facts->path[path].usable ? path : -1;
	return true;
}

/* As in the chain "classify": whatever the rules say. */
static bool is_of_block(const struct config *config, const struct facts *facts, const struct flow *flow,
                        struct explanation *out)
{
	int path = block_path_of_source(config, facts, flow->src);

	if (path < 0)
		return false;
	out->why = EXPLAIN_BLOCK;
	out->path = facts->path[path].usable ? path : -1;
	return true;
}

/* As the end of the chain "rules". */
static bool is_session_dns(const struct config *config, const struct facts *facts, const struct flow *flow,
                           struct explanation *out)
{
	if (!flow->from_router || flow->dport != PORT_DNS || !flow->dst)
		return false;
	for (size_t i = 0; i < config->paths; i++)
		for (unsigned j = 0; facts->path[i].device_up && j < FACTS_DNS_MAX; j++)
			if (facts->path[i].dns[j] == flow->dst) {
				out->why = EXPLAIN_DNS;
				out->path = facts->path[i].usable ? (int)i : -1;
				return true;
			}
	return false;
}

static void ask_rules(const struct config *config, const struct facts *facts, const struct flow *flow,
                      struct explanation *out)
{
	out->rule = find_rule(config, facts, flow, out);
	if (!out->rule && is_session_dns(config, facts, flow, out))
		return;
	out->why = out->rule ? EXPLAIN_RULE : EXPLAIN_DEFAULT;
	choose(facts, out->rule ? &out->rule->path : &config->router.order, out);
}

static bool is_to_public(const struct config *config, const struct flow *flow, struct explanation *out)
{
	out->host = flow->dst ? block_host_at(config, flow->dst) : NULL;
	if (!out->host)
		return false;
	out->why = EXPLAIN_STATIC;
	out->forward = explain_in(config, out->host->public_path, flow->dst, flow->protocol, flow->dport, 0);
	return true;
}

static bool is_to_static(const struct config *config, const struct facts *facts, const struct flow *flow,
                         struct explanation *out)
{
	int path = path_of_address(config, facts, flow->dst);

	if (path < 0 || config->path[path].kind == PATH_DSLITE)
		return false;
	out->why = EXPLAIN_STATIC;
	out->forward = explain_in(config, (unsigned)path, 0, flow->protocol, flow->dport, 0);
	return true;
}

void explain_out(const struct config *config, const struct facts *facts, const struct flow *flow,
                 struct explanation *out)
{
	*out = (struct explanation){ .path = -1, .if_lost = -1 };
	if (is_to_static(config, facts, flow, out) || is_to_public(config, flow, out))
		return;
	if (!is_bound(config, facts, flow, out) && !is_of_block(config, facts, flow, out))
		ask_rules(config, facts, flow, out);
	if (out->path >= 0)
		measure(config, facts, flow, out);
}

/* ---- inbound ---- */

const struct forward_config *explain_in(const struct config *config, unsigned path, uint32_t at, uint8_t protocol,
                                        uint16_t port, uint32_t from)
{
	bool udp = protocol == IPPROTO_UDP;

	if (!udp && protocol != IPPROTO_TCP)
		return NULL;
	for (size_t i = 0; i < config->forwards; i++) {
		const struct forward_config *forward = &config->forward[i];

		if (forward_takes(forward, path, at, udp) && in_ports(port, forward->port, forward->ports) &&
		    (!from || !forward->froms || in_prefixes(from, forward->from, forward->froms)))
			return forward;
	}
	return NULL;
}
