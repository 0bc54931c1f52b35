/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See random_policy.h. */
#include "tests/unit/random_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"
#include "policy/mark.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HOME 0xc0a80100u /* 192.168.1.0 */
#define NET  0xc6336400u /* 198.51.100.0 */

static const struct port_range ports[] = { { 80, 80 }, { 81, 89 }, { 80, 90 }, { 443, 443 }, { 5060, 5080 }, { 1, 65535 } };
static const struct mac macs[] = { { { 2, 0, 0, 0, 0, 1 } }, { { 2, 0, 0, 0, 0, 2 } }, { { 2, 0, 0, 0, 0, 3 } } };
static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP };
static const uint32_t uids[] = { 0, 1000, 1001 };
static const uint8_t dscps[] = { 0, 46, 10 };

static unsigned pick(unsigned n)
{
	return (unsigned)rand() % n;
}

static bool chance(unsigned percent)
{
	return pick(100) < percent;
}

static struct prefix4 random_prefix(uint32_t net)
{
	static const uint8_t lengths[] = { 24, 28, 30, 32, 32, 32 };
	uint8_t len = lengths[pick(COUNT(lengths))];

	return (struct prefix4){ (net | pick(48)) & prefix4_mask(len), len };
}

void random_seed(void)
{
	const char *given = getenv("DUALPATH_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);

	printf("# DUALPATH_SEED=%u\n", seed);
	srand(seed);
}

/* ---- rules ---- */

static struct path_list random_order(void)
{
	struct path_list order = { .count = 1 + pick(3) };
	unsigned char path[3] = { 0, 1, 2 };

	for (unsigned i = 0; i < 3; i++) {
		unsigned k = pick(3);
		unsigned char swap = path[i];

		path[i] = path[k];
		path[k] = swap;
	}
	memcpy(order.path, path, order.count);
	return order;
}

/* What no parser lets through is not made: a thing twice in one list. */
static void random_from(struct rule_config *r)
{
	size_t n = 1 + pick(3);

	r->from = xcalloc(n, sizeof(*r->from));
	for (size_t i = 0; i < n; i++) {
		struct match_from *from = &r->from[r->froms];

		*from = (struct match_from){ .kind = MATCH_PREFIX, .prefix = random_prefix(HOME) };
		if (chance(15))
			*from = (struct match_from){ .kind = MATCH_MAC, .mac = macs[pick(COUNT(macs))] };
		else if (chance(5))
			*from = (struct match_from){ .kind = MATCH_ROUTER };
		for (size_t k = 0; k < r->froms; k++)
			if (memcmp(&r->from[k], from, sizeof(*from)) == 0)
				goto again;
		r->froms++;
again:;
	}
	r->not_from = chance(8);
}

static bool overlaps(struct prefix4 a, struct prefix4 b)
{
	return prefix4_covers(a, b) || prefix4_covers(b, a);
}

static void random_to(struct rule_config *r)
{
	r->to = xcalloc(2, sizeof(*r->to));
	r->to[r->tos++] = random_prefix(NET);
	r->to[1] = random_prefix(NET);
	r->tos += chance(30) && !overlaps(r->to[0], r->to[1]);
	if (chance(15)) {
		r->domain = xcalloc(2, sizeof(*r->domain));
		r->domain[r->domains++] = pick(RANDOM_DOMAINS - 1);
		if (chance(30))
			r->domain[r->domains++] = RANDOM_DOMAINS - 1;
		r->tos -= r->tos == 1 && chance(50);
	}
	r->not_to = chance(10);
}

static void random_users(struct rule_config *r)
{
	r->from = xcalloc(1, sizeof(*r->from));
	r->from[r->froms++].kind = MATCH_ROUTER;
	r->user = xcalloc(2, sizeof(*r->user));
	r->user[r->users++].uid = uids[pick(2)];
	if (chance(30))
		r->user[r->users++].uid = uids[2];
	for (size_t i = 0; i < r->users; i++) {
		snprintf(r->user[i].name, sizeof(r->user[i].name), "%u", r->user[i].uid);
		r->user[i].known = true;
	}
	r->not_user = chance(20);
}

static void random_ports(struct port_range **list, size_t *n, bool *not)
{
	*list = xcalloc(2, sizeof(**list));
	(*list)[(*n)++] = ports[pick(COUNT(ports) - 1)];
	if (chance(30) && (*list)[0].lo < 443)
		(*list)[(*n)++] = ports[3 + pick(2)];
	*not = chance(10);
}

static void random_protocol(struct rule_config *r, bool with_ports)
{
	r->protocol = xcalloc(2, sizeof(*r->protocol));
	r->protocol[r->protocols++] = protocols[pick(with_ports ? 2 : 3)];
	if (with_ports && chance(40)) {
		r->protocol[0] = IPPROTO_TCP;
		r->protocol[r->protocols++] = IPPROTO_UDP;
	}
	r->not_protocol = !with_ports && chance(10);
}

static void random_rest(struct rule_config *r)
{
	if (chance(8)) {
		r->dscp = xcalloc(1, sizeof(*r->dscp));
		r->dscp[r->dscps++] = dscps[pick(COUNT(dscps))];
		r->not_dscp = chance(20);
	}
	if (chance(8)) {
		r->time = xcalloc(1, sizeof(*r->time));
		r->time[r->times++] = (struct rule_time){ (uint8_t)(1 + pick(WEEK_ALL)), (uint16_t)pick(700), (uint16_t)(700 + pick(700)) };
		r->not_time = chance(20);
	}
	if (chance(8)) {
		r->interface = xcalloc(1, sizeof(*r->interface));
		strcpy(r->interface[r->interfaces++], chance(70) ? RANDOM_LAN : "other0");
		r->not_interface = chance(20);
	}
}

static void random_rule(struct rule_config *r, unsigned number)
{
	bool with_ports = chance(50);

	*r = (struct rule_config){ .kind = RULE_RULE, .has_path = true, .path = random_order() };
	snprintf(r->name, sizeof(r->name), "r%u", number);
	if (chance(10))
		random_users(r);
	else if (chance(60))
		random_from(r);
	if (chance(30))
		random_to(r);
	if (with_ports || chance(20))
		random_protocol(r, with_ports);
	if (with_ports)
		random_ports(&r->port, &r->ports, &r->not_port);
	if (with_ports && chance(10))
		random_ports(&r->source_port, &r->source_ports, &r->not_source_port);
	random_rest(r);
}

/* A machine each, as most configs have many of: what becomes a map. */
static void random_host(struct rule_config *r, unsigned number)
{
	*r = (struct rule_config){ .kind = RULE_HOST, .has_path = true, .path = random_order(), .froms = 1 };
	snprintf(r->name, sizeof(r->name), "h%u", number);
	r->from = xcalloc(1, sizeof(*r->from));
	r->from[0].prefix = (struct prefix4){ HOME | pick(48), 32 };
	if (chance(30)) {
		random_protocol(r, true);
		random_ports(&r->port, &r->ports, &r->not_port);
	}
}

/* ---- policies ---- */

static void make_domains(struct random_policy *p)
{
	static char name[RANDOM_DOMAINS][16] = { "a.example", "b-2.example", "c.b-2.example" };

	for (unsigned i = 0; i < RANDOM_DOMAINS; i++) {
		p->domain[i] = name[i];
		for (unsigned n = 0; n < RANDOM_ADDRESSES; n++)
			p->in_domain[n][i] = chance(30);
	}
	p->config.domain = p->domain;
	p->config.domains = RANDOM_DOMAINS;
}

static void make_paths(struct random_policy *p)
{
	static const char *const name[] = { "dslite", "pppoe", "second" };

	for (unsigned i = 0; i < 3; i++) {
		snprintf(p->path[i].name, sizeof(p->path[i].name), "%s", name[i]);
		snprintf(p->path[i].device, sizeof(p->path[i].device), "dev%u", i);
		strcpy(p->path[i].interface, "wan0");
		p->path[i].kind = i ? PATH_PPPOE : PATH_DSLITE;
		p->path[i].mtu = i ? PPPOE_MTU_DEFAULT : 0;
		p->path[i].slot = i;
		p->facts.path[i].usable = chance(70);
		p->facts.path[i].address = i ? 0xcb007100u + i : 0xc0000002u;
	}
	p->path[0].dslite.address = 0xc0000002u;
	p->path[0].dslite.encap_limit_none = true;
	p->path[1].pppoe.has_block = chance(40);
	p->path[1].pppoe.block = (struct prefix4){ HOME | 40, 29 };
}

struct random_policy *random_policy_new(void)
{
	struct random_policy *p = xcalloc(1, sizeof(*p));
	unsigned hosts = pick(100);

	make_paths(p);
	strcpy(p->lan[0], RANDOM_LAN);
	p->facts.weekday = pick(7);
	p->facts.minute = pick(24 * 60);
	p->config = (struct config){ .path = p->path, .paths = 3, .rule = p->rule };
	p->config.router = (struct router_config){ .lan = p->lan, .lans = 1, .order = random_order(), .firewall = true,
	                                           .mark_mask = 0x0f000000, .rule_priority = 10000, .table_base = 10000,
	                                           .route_protocol = 170 };
	make_domains(p);
	p->config.rules = 1 + pick(chance(50) ? 12 : RANDOM_RULES_MAX);
	for (unsigned i = 0; i < p->config.rules; i++)
		if (chance(hosts))
			random_host(&p->rule[i], i);
		else
			random_rule(&p->rule[i], i);
	return p;
}

void random_policy_free(struct random_policy *policy)
{
	for (size_t i = 0; i < policy->config.rules; i++)
		cfg_rule_free(&policy->rule[i]);
	free(policy);
}

/* ---- packets ---- */

uint32_t random_destination(unsigned n)
{
	return NET + n;
}

void random_flow(const struct random_policy *policy, struct flow *flow, unsigned number)
{
	unsigned to = pick(RANDOM_ADDRESSES);

	*flow = (struct flow){ .protocol = protocols[pick(COUNT(protocols))], .src = HOME | pick(52), .dst = random_destination(to),
	                       .dscp = dscps[pick(COUNT(dscps))], .has_mac = true, .mac = macs[pick(COUNT(macs))],
	                       .iif = RANDOM_LAN, .in_domain = policy->in_domain[to] };
	if (chance(20)) {
		flow->from_router = flow->has_uid = true;
		flow->uid = uids[pick(COUNT(uids))];
		flow->src = RANDOM_ROUTER;
		flow->has_mac = false;
		flow->iif[0] = 0;
	}
	if (flow->protocol == IPPROTO_ICMP)
		return;
	flow->sport = (uint16_t)(1 + number % 65535);
	flow->dport = (uint16_t)(ports[pick(COUNT(ports) - 1)].lo + pick(3));
}

static bool is_of_block(const struct random_policy *policy, const struct flow *flow)
{
	return policy->path[1].pppoe.has_block && prefix4_contains(policy->path[1].pppoe.block, flow->src);
}

const struct rule_config *plain_reading(const struct random_policy *policy, const struct flow *flow)
{
	if (is_of_block(policy, flow))
		return NULL;
	for (size_t i = 0; i < policy->config.rules; i++)
		if (!rule_misses(&policy->rule[i], flow, policy->facts.weekday, policy->facts.minute))
			return &policy->rule[i];
	return NULL;
}

const struct path_list *order_by_reading(const struct random_policy *policy, const struct flow *flow)
{
	static const struct path_list of_block = { .count = 1, .path = { 1 } };
	const struct rule_config *rule = plain_reading(policy, flow);

	if (is_of_block(policy, flow))
		return &of_block;
	return rule ? &rule->path : &policy->config.router.order;
}

uint32_t mark_by_reading(const struct random_policy *policy, const struct flow *flow)
{
	const struct path_list *order = order_by_reading(policy, flow);
	uint32_t mask = policy->config.router.mark_mask;
	int path = path_list_active(order, &policy->facts);

	if (path < 0)
		return mark_unreachable(mask);
	return mark_of_path(mask, policy->path[path].slot) | (order->count == 1 ? mark_stays(mask) : 0);
}
