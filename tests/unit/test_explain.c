/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rule takes a connection, what nearly did, and where it goes then. */
#include <string.h>

#include "policy/explain.h"
#include "tests/unit/unit.h"

#define NAS  0xc0a8010au /* 192.168.1.10 */
#define PC   0xc0a80164u
#define WEB  0x01010101u
#define STATIC 0xcb00710au /* 203.0.113.10 */

static struct match_from from_nas = { .kind = MATCH_PREFIX, .prefix = { NAS, 32 } };
static uint8_t udp = IPPROTO_UDP;
static struct port_range sip = { 5060, 5080 }, http = { 80, 80 };
static struct rule_time evening = { WEEK_ALL, 22 * 60, 6 * 60 };

/* 0: [rule voip] udp 5060-5080 over pppoe, dslite; 1: [host nas] over pppoe; 2: [rule night] everything over dslite. */
static struct rule_config rules[3];
static struct path_config paths[2];
static struct forward_config web;
static struct host_config nas;
static struct config config;
static struct facts facts;

static void make(void)
{
	memset(paths, 0, sizeof(paths));
	memset(rules, 0, sizeof(rules));
	strcpy(paths[0].name, "dslite");
	paths[0].dslite.encap_limit_none = true;
	paths[0].dslite.address = 0xc0000002;
	strcpy(paths[1].name, "pppoe");
	paths[1].kind = PATH_PPPOE;
	paths[1].mtu = PPPOE_MTU_DEFAULT;
	rules[0] = (struct rule_config){ .kind = RULE_RULE, .name = "voip", .protocol = &udp, .protocols = 1,
	                                 .port = &sip, .ports = 1, .path = { .count = 2, .path = { 1, 0 } } };
	rules[1] = (struct rule_config){ .kind = RULE_HOST, .name = "nas", .from = &from_nas, .froms = 1,
	                                 .path = { .count = 1, .path = { 1 } } };
	rules[2] = (struct rule_config){ .kind = RULE_RULE, .name = "night", .time = &evening, .times = 1,
	                                 .path = { .count = 1, .path = { 0 } } };
	web = (struct forward_config){ .name = "web", .tcp = true, .port = &http, .ports = 1, .to = NAS, .path = 1 };
	config = (struct config){ .path = paths, .paths = 2, .rule = rules, .rules = 3, .forward = &web, .forwards = 1 };
	nas = (struct host_config){ .name = "nas", .what = &from_nas, .whats = 1, .public_path = 1 };
	config.router.order = (struct path_list){ .count = 2, .path = { 0, 1 } };
	facts = (struct facts){ .minute = 12 * 60 };
	facts.path[0] = (struct path_facts){ .usable = true, .mtu = 1460 };
	facts.path[1] = (struct path_facts){ .usable = true, .mtu = 1454, .address = STATIC };
}

static struct explanation ask(uint8_t protocol, uint32_t src, uint32_t dst, uint16_t dport)
{
	struct flow flow = { .protocol = protocol, .src = src, .dst = dst, .dport = dport };
	struct explanation e;

	explain_out(&config, &facts, &flow, &e);
	return e;
}

TEST(first_match_in_file_order)
{
	struct explanation e;

	make();
	e = ask(IPPROTO_UDP, NAS, WEB, 5061);
	CHECK(e.why == EXPLAIN_RULE && e.rule == &rules[0] && e.path == 1 && e.if_lost == 0);
	e = ask(IPPROTO_TCP, NAS, WEB, 5061);
	CHECK(e.rule == &rules[1] && e.path == 1 && e.if_lost == -1);
	CHECK(e.source == STATIC && e.mtu == 1454 && e.mss == 1414);
	CHECK(e.nears == 1 && e.near[0] == &rules[0] && e.near_miss[0] == MISS_PROTOCOL);
	e = ask(IPPROTO_TCP, PC, WEB, 80);
	CHECK(e.why == EXPLAIN_DEFAULT && e.path == 0 && e.if_lost == 1 && e.source == PC && e.mss == 1420);
	CHECK(e.nears == 1 && e.near[0] == &rules[2] && e.near_miss[0] == MISS_TIME);
}

TEST(what_is_lost)
{
	struct explanation e;

	make();
	facts.path[1].usable = false;
	CHECK(ask(IPPROTO_TCP, NAS, WEB, 80).path == -1);
	e = ask(IPPROTO_UDP, PC, WEB, 5060);
	CHECK(e.path == 0 && e.if_lost == -1);
	facts.minute = 23 * 60;
	e = ask(IPPROTO_TCP, PC, WEB, 80);
	CHECK(e.rule == &rules[2] && e.path == 0 && e.if_lost == -1);
}

TEST(every_condition_and_its_not)
{
	struct flow flow = { .protocol = IPPROTO_UDP, .src = NAS, .dst = WEB, .dport = 5060, .iif = "br-lan", .dscp = 46 };
	struct prefix4 to = { WEB, 32 };
	char lan[1][IFNAMSIZ] = { "br-lan" };
	uint8_t ef = 46;
	struct rule_config r = { .from = &from_nas, .froms = 1, .to = &to, .tos = 1, .protocol = &udp, .protocols = 1,
	                         .port = &sip, .ports = 1, .dscp = &ef, .dscps = 1, .interface = lan, .interfaces = 1 };

	CHECK(rule_misses(&r, &flow, 0, 0) == 0);
	flow.sport = 7;
	r.source_port = &sip;
	r.source_ports = 1;
	CHECK(rule_misses(&r, &flow, 0, 0) == MISS_SOURCE_PORT);
	r.not_source_port = true;
	CHECK(rule_misses(&r, &flow, 0, 0) == 0);
	r.not_from = r.not_to = r.not_dscp = r.not_interface = r.not_port = true;
	CHECK(rule_misses(&r, &flow, 0, 0) == (MISS_FROM | MISS_TO | MISS_DSCP | MISS_INTERFACE | MISS_PORT));
	CHECK(strcmp(miss_name(MISS_TIME), "time") == 0 && strcmp(miss_name(MISS_FROM), "from") == 0);
}

TEST(the_router_itself)
{
	struct match_from kinds[2] = { { .kind = MATCH_ROUTER }, { .kind = MATCH_MAC, .mac = { { 2, 0, 0, 0, 0, 1 } } } };
	struct rule_config r = { .from = kinds, .froms = 2 };
	struct flow own = { .from_router = true }, other = { .src = PC, .has_mac = true, .mac = { { 2, 0, 0, 0, 0, 1 } } };

	CHECK(rule_misses(&r, &own, 0, 0) == 0 && rule_misses(&r, &other, 0, 0) == 0);
	other.has_mac = false;
	CHECK(rule_misses(&r, &other, 0, 0) == MISS_FROM);
	r.not_from = true;
	CHECK(rule_misses(&r, &other, 0, 0) == 0 && rule_misses(&r, &own, 0, 0) == MISS_FROM);
}

/* The router's question alone, and no other word to that address; where the session is lost, nobody is asked. */
TEST(name_servers_of_a_session)
{
	struct flow flow = { .protocol = IPPROTO_UDP, .dst = WEB, .dport = 53, .from_router = true };
	struct explanation e;

	make();
	facts.path[1].device_up = true;
	facts.path[1].dns[1] = WEB;
	explain_out(&config, &facts, &flow, &e);
	CHECK(e.why == EXPLAIN_DNS && e.path == 1 && !e.order);
	flow.dport = 54;
	explain_out(&config, &facts, &flow, &e);
	CHECK(e.why == EXPLAIN_DEFAULT && e.path == 0);
	flow = (struct flow){ .protocol = IPPROTO_UDP, .src = PC, .dst = WEB, .dport = 53 };
	explain_out(&config, &facts, &flow, &e);
	CHECK(e.why == EXPLAIN_DEFAULT && e.path == 0);
}

/* What GUARD drops on DS-Lite is not told as carried; the session translates it. */
TEST(sources_of_no_home)
{
	uint32_t strange = 0xc6120505; /* 198.18.5.5 */
	struct explanation e;

	make();
	e = ask(IPPROTO_TCP, strange, WEB, 81);
	CHECK(e.path == 0 && e.dropped && e.source == 0);
	e = ask(IPPROTO_TCP, PC, WEB, 81);
	CHECK(e.path == 0 && !e.dropped && e.source == PC);
	facts.path[0].usable = false;
	e = ask(IPPROTO_TCP, strange, WEB, 81);
	CHECK(e.path == 1 && !e.dropped && e.source == STATIC);
}

TEST(bound_and_static)
{
	struct flow flow = { .protocol = IPPROTO_TCP, .src = STATIC, .dst = WEB, .dport = 80, .from_router = true };
	struct explanation e;

	make();
	explain_out(&config, &facts, &flow, &e);
	CHECK(e.why == EXPLAIN_BOUND && e.path == 1 && e.if_lost == -1 && e.source == STATIC);
	e = ask(IPPROTO_TCP, PC, STATIC, 80);
	CHECK(e.why == EXPLAIN_STATIC && e.forward == &web);
	CHECK(ask(IPPROTO_TCP, PC, STATIC, 81).forward == NULL);
	CHECK(explain_in(&config, 1, 0, IPPROTO_TCP, 80, 0) == &web && !explain_in(&config, 1, 0, IPPROTO_UDP, 80, 0));
}

/* 203.0.113.8/29 over pppoe, whose own address is one of it; .14 is nas by one-to-one NAT. */
static void make_block(void)
{
	make();
	paths[1].pppoe.has_block = true;
	paths[1].pppoe.block = (struct prefix4){ STATIC & ~7u, 29 };
	nas.public = STATIC + 4;
	config.host = &nas;
	config.hosts = config.publics = 1;
}

TEST(a_machine_of_the_block)
{
	struct flow own = { .protocol = IPPROTO_TCP, .src = STATIC, .dst = WEB, .dport = 80, .from_router = true };
	struct explanation e;

	make_block();
	e = ask(IPPROTO_UDP, STATIC + 1, WEB, 5060);
	CHECK(e.why == EXPLAIN_BLOCK && !e.rule && e.path == 1 && e.if_lost == -1 && e.source == STATIC + 1);
	facts.path[1].usable = false;
	e = ask(IPPROTO_UDP, STATIC + 1, WEB, 5060);
	CHECK(e.why == EXPLAIN_BLOCK && e.path == -1);
	/* The session's own address is the router's. */
	explain_out(&config, &facts, &own, &e);
	CHECK(e.why == EXPLAIN_BOUND);
	config.router.order = (struct path_list){ .count = 2, .path = { 1, 0 } };
	facts.path[1].usable = true;
	explain_out(&config, &facts, &own, &e);
	CHECK(e.why == EXPLAIN_DEFAULT && e.path == 1 && e.source == STATIC);
}

TEST(a_public_address_of_a_host)
{
	struct explanation e;

	make_block();
	e = ask(IPPROTO_TCP, NAS, WEB, 80);
	CHECK(e.rule == &rules[1] && e.path == 1 && e.source == STATIC + 4);
	CHECK(ask(IPPROTO_TCP, PC, STATIC + 4, 80).host == &nas && !ask(IPPROTO_TCP, PC, STATIC + 4, 80).forward);
	web.at = STATIC + 4;
	CHECK(ask(IPPROTO_TCP, PC, STATIC + 4, 80).forward == &web && !ask(IPPROTO_TCP, PC, STATIC, 80).forward);
	CHECK(explain_in(&config, 1, STATIC + 4, IPPROTO_TCP, 80, 0) == &web && !explain_in(&config, 1, 0, IPPROTO_TCP, 80, 0));
	/* Over another path it is what all are there. */
	facts.path[1].usable = false;
	rules[1].path = (struct path_list){ .count = 2, .path = { 1, 0 } };
	e = ask(IPPROTO_TCP, NAS, WEB, 80);
	CHECK(e.path == 0 && e.source == NAS);
}

/* ---- names and users ---- */

static unsigned first_name; /* of config.domain */
static struct match_from own = { .kind = MATCH_ROUTER };
static struct match_user users[] = { { .uid = 33, .known = true }, { .uid = 1000, .known = true } };

TEST(a_name_fits_by_what_is_in_its_set)
{
	static const bool in[] = { true }, out[] = { false };
	struct prefix4 net = { WEB, 32 };
	struct rule_config rule = { .domain = &first_name, .domains = 1 };
	struct flow flow = { .dst = WEB };

	CHECK_INT(rule_misses(&rule, &flow, 0, 0), MISS_TO);
	flow.in_domain = out;
	CHECK_INT(rule_misses(&rule, &flow, 0, 0), MISS_TO);
	rule.to = &net;
	rule.tos = 1;
	CHECK_INT(rule_misses(&rule, &flow, 0, 0), 0);
	rule.not_to = true;
	CHECK_INT(rule_misses(&rule, &flow, 0, 0), MISS_TO);
	rule.tos = 0;
	CHECK_INT(rule_misses(&rule, &flow, 0, 0), 0);
	flow.in_domain = in;
	CHECK_INT(rule_misses(&rule, &flow, 0, 0), MISS_TO);
}

TEST(a_user_fits_what_a_process_sends)
{
	struct rule_config rule = { .from = &own, .froms = 1, .user = users, .users = 2 };
	struct flow flow = { .from_router = true, .dst = WEB };

	CHECK_INT(rule_misses(&rule, &flow, 0, 0), MISS_USER);
	flow.has_uid = true;
	CHECK_INT(rule_misses(&rule, &flow, 0, 0), MISS_USER);
	flow.uid = 1000;
	CHECK_INT(rule_misses(&rule, &flow, 0, 0), 0);
	rule.not_user = true;
	CHECK_INT(rule_misses(&rule, &flow, 0, 0), MISS_USER);
	flow.uid = 0;
	CHECK_INT(rule_misses(&rule, &flow, 0, 0), 0);
	flow.has_uid = false;
	CHECK_INT(rule_misses(&rule, &flow, 0, 0), MISS_USER);
	CHECK_STR(miss_name(MISS_USER), "user");
}
