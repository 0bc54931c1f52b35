/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of compile() that decide: orders, times, MTU, slots, stranded connections. */
#include <string.h>

#include "policy/compile.h"
#include "policy/mark.h"
#include "tests/unit/unit.h"

/* Paths 0 dslite and 1 pppoe; default dslite, pppoe; one rule with the given order. */
static void two_paths(struct config *c, struct path_config path[2], struct rule_config *rule, struct path_list order)
{
	memset(c, 0, sizeof(*c));
	memset(path, 0, 2 * sizeof(*path));
	memset(rule, 0, sizeof(*rule));
	strcpy(path[0].name, "dslite");
	strcpy(path[1].name, "pppoe");
	path[1].kind = PATH_PPPOE;
	path[1].mtu = PPPOE_MTU_DEFAULT;
	c->path = path;
	c->paths = 2;
	c->router.order = (struct path_list){ .count = 2, .path = { 0, 1 } };
	c->router.mark_mask = 0x0f000000;
	rule->path = order;
	c->rule = rule;
	c->rules = 1;
}

static struct facts usable(bool dslite, bool pppoe)
{
	struct facts f = { 0 };

	f.path[0].usable = dslite;
	f.path[1].usable = pppoe;
	return f;
}

TEST(first_usable_path_wins)
{
	struct path_list order = { .count = 2, .path = { 1, 0 } };
	struct facts both = usable(true, true), one = usable(true, false), none = usable(false, false);

	CHECK(path_list_active(&order, &both) == 1);
	CHECK(path_list_active(&order, &one) == 0);
	CHECK(path_list_active(&order, &none) == -1);
}

TEST(full_is_the_last_choice_of_what_spills)
{
	struct path_list order = { .count = 2, .path = { 0, 1 } };
	struct facts both = usable(true, true), one = usable(true, false);

	both.path[0].full = one.path[0].full = true;
	CHECK(path_list_active(&order, &both) == 0);
	order.spill = true;
	CHECK(path_list_active(&order, &both) == 1);
	CHECK(path_list_without(&order, &both, 1) == 0);
	CHECK(path_list_active(&order, &one) == 0);
	both.path[1].full = true;
	CHECK(path_list_active(&order, &both) == 0);
}

TEST(connections_are_stranded_only_where_they_can_move)
{
	struct config c;
	struct path_config path[2];
	struct rule_config rule;
	struct facts no_dslite = usable(false, true), no_pppoe = usable(true, false), none = usable(false, false),
		     both = usable(true, true);

	two_paths(&c, path, &rule, (struct path_list){ .count = 1, .path = { 1 } });
	CHECK(compile_stranded(&c, &both) == 0);
	CHECK(compile_stranded(&c, &no_dslite) == 1u << 0);
	/* The default's list has another path for those that fell back to pppoe; the rule's has none. */
	CHECK(compile_stranded(&c, &no_pppoe) == 1u << 1);
	CHECK(compile_stranded(&c, &none) == 0);
	/* A daemon that has just come: the path's connections are running, for all it knows. */
	no_pppoe.path[1].unjudged = true;
	CHECK(compile_stranded(&c, &no_pppoe) == 0);
}

TEST(equal_orders_share_a_class)
{
	struct config c;
	struct path_config path[2];
	struct rule_config rule;
	struct classes classes;

	two_paths(&c, path, &rule, (struct path_list){ .count = 2, .path = { 0, 1 } });
	classes_of(&c, &classes);
	CHECK(classes.count == 1);
	rule.path = (struct path_list){ .count = 1, .path = { 0 } };
	classes_of(&c, &classes);
	CHECK(classes.count == 2);
	CHECK(classes_find(&classes, &rule.path) == 1);
}

TEST(a_path_stands_in_for_one_that_was_lost)
{
	struct config c;
	struct path_config path[2];
	struct rule_config rule;
	struct facts never_up = usable(false, true), lost = never_up, both = usable(true, true), none = usable(false, false);

	two_paths(&c, path, &rule, (struct path_list){ .count = 1, .path = { 1 } });
	lost.path[0].lost = none.path[0].lost = true;
	CHECK(compile_took_over(&c, &lost, 1));
	CHECK(!compile_took_over(&c, &lost, 0));
	CHECK(!compile_took_over(&c, &never_up, 1));
	CHECK(!compile_took_over(&c, &both, 1));
	CHECK(!compile_took_over(&c, &none, 1));
}

TEST(time_over_midnight_belongs_to_the_day_it_began)
{
	struct rule_time night = { .days = 1 << 4, .from = 22 * 60, .to = 6 * 60 }; /* friday */
	struct rule_config rule = { .time = &night, .times = 1 };

	CHECK(rule_in_time(&rule, 4, 22 * 60));
	CHECK(rule_in_time(&rule, 5, 5 * 60 + 59));
	CHECK(!rule_in_time(&rule, 5, 6 * 60));
	CHECK(!rule_in_time(&rule, 4, 5 * 60));
	CHECK(!rule_in_time(&rule, 5, 23 * 60));
	rule.not_time = true;
	CHECK(!rule_in_time(&rule, 4, 22 * 60));
	CHECK(rule_in_time(&rule, 0, 12 * 60));
}

TEST(no_time_is_always)
{
	struct rule_config rule = { 0 };

	CHECK(rule_in_time(&rule, 3, 700));
}

TEST(tunnel_mtu)
{
	struct path_config p = { .dslite.encap_limit_none = true };

	CHECK_INT(compile_tunnel_mtu(&p, &(struct path_facts){ .line_mtu = 1500 }), 1460);
	CHECK_INT(compile_tunnel_mtu(&p, &(struct path_facts){ .line_mtu = 0 }), 1460);
	CHECK_INT(compile_tunnel_mtu(&p, &(struct path_facts){ .line_mtu = 1280 }), 1240);
	p.dslite.encap_limit_none = false;
	CHECK_INT(compile_tunnel_mtu(&p, &(struct path_facts){ .line_mtu = 1500 }), 1452);
	p.mtu = 1400;
	CHECK_INT(compile_tunnel_mtu(&p, &(struct path_facts){ .line_mtu = 1500 }), 1400);
	CHECK_INT(compile_tunnel_mtu(&p, &(struct path_facts){ .line_mtu = 1500, .carries = 1454 }), 1400);
	CHECK_INT(compile_tunnel_mtu(&p, &(struct path_facts){ .line_mtu = 1500, .carries = 1420 }), 1372);
	p.mtu = 0;
	p.dslite.encap_limit_none = true;
	CHECK_INT(compile_tunnel_mtu(&p, &(struct path_facts){ .line_mtu = 1500, .carries = 1454 }), 1414);
	CHECK_INT(compile_tunnel_mtu(&p, &(struct path_facts){ .line_mtu = 1400, .carries = 1454 }), 1360);
	CHECK_INT(compile_tunnel_mtu(&p, &(struct path_facts){ .line_mtu = 1200 }), 1240);
}

TEST(marks_do_not_meet)
{
	uint32_t mask = 0x0f000000;

	CHECK(mark_stays(mask) == 0x08000000);
	CHECK(mark_path_mask(mask) == 0x07000000);
	CHECK(mark_of_path(mask, 0) == 0x01000000);
	CHECK(mark_of_path(mask, CONFIG_PATHS_MAX - 1) < mark_unreachable(mask));
	CHECK(mark_stays(0xff00) == 0x8000);
	CHECK(mark_of_path(0xff00, 1) == 0x200);
}

TEST(slots_are_kept_over_a_reload)
{
	struct path_config before[1] = { { .name = "work" } };
	struct path_config after[3] = { { .name = "pppoe" }, { .name = "other" }, { .name = "work" } };
	struct config old = { .path = before, .paths = 1 }, new = { .path = after, .paths = 3 };

	config_assign_slots(&old, NULL);
	CHECK(before[0].slot == 2);
	config_assign_slots(&new, &old);
	CHECK(after[0].slot == 1);
	CHECK(after[1].slot == 3);
	CHECK(after[2].slot == 2);
}

/* In a new prefix both ends are wanted until the tunnel has moved; without the interface none is. */
TEST(ends_while_the_prefix_changes)
{
	struct path_config path = { .kind = PATH_IPIP, .name = "fixed", .interface = "wan0", .device = "ipip0" };
	struct config config = { .path = &path, .paths = 1 };
	struct facts facts = { 0 };
	struct plan plan = { 0 };

	config.router.order.count = 1;
	config.router.mark_mask = 0x0f000000;
	path.ipip.has_interface_id = true;
	path.ipip.address = 0xcb00711e;
	ipv6_parse("::feed:1", &path.ipip.local);
	facts.path[0].has_ends = facts.path[0].has_assigned = facts.path[0].local_assigned = true;
	ipv6_parse("2001:db8:1::feed:1", &facts.path[0].local);
	ipv6_parse("2001:db8:2::feed:1", &facts.path[0].assigned);
	compile(&config, &facts, &plan);
	CHECK_INT(plan.addresses6, 2);
	CHECK(IN6_ARE_ADDR_EQUAL(&plan.address6[0].addr, &facts.path[0].assigned) && plan.address6[0].ours);
	CHECK(IN6_ARE_ADDR_EQUAL(&plan.address6[1].addr, &facts.path[0].local));
	CHECK(IN6_ARE_ADDR_EQUAL(&plan.tunnel[0].local, &facts.path[0].local));
	CHECK_INT(plan.address[0].addr, 0xcb00711e);
	plan_free(&plan);
	facts.path[0].local_assigned = false; /* a stable address of the line, until the provider's is there */
	compile(&config, &facts, &plan);
	CHECK_INT(plan.addresses6, 1);
	CHECK(IN6_ARE_ADDR_EQUAL(&plan.address6[0].addr, &facts.path[0].assigned));
	plan_free(&plan);
	facts.path[0].drains = true;
	facts.path[0].drain_local = facts.path[0].local;
	facts.path[0].local = facts.path[0].assigned;
	facts.path[0].local_assigned = true;
	compile(&config, &facts, &plan);
	CHECK_INT(plan.addresses6, 2);
	CHECK(IN6_ARE_ADDR_EQUAL(&plan.address6[1].addr, &facts.path[0].drain_local));
	plan_free(&plan);
	facts.path[0].drains = false;
	compile(&config, &facts, &plan);
	CHECK_INT(plan.addresses6, 1);
	plan_free(&plan);
	facts.path[0].has_assigned = false;
	compile(&config, &facts, &plan);
	CHECK_INT(plan.addresses6, 0);
	CHECK_INT(plan.tunnels, 1);
	plan_free(&plan);
}

/* For what is under way to the ends that the tunnel has left; a check of sources wants an address on it. */
TEST(drain)
{
	struct path_config path = { .kind = PATH_DSLITE, .slot = 1, .name = "dslite", .interface = "wan0", .device = "dslite0" };
	struct config config = { .path = &path, .paths = 1 };
	struct facts facts = { 0 };
	struct path_facts *f = &facts.path[0];
	struct plan plan = { 0 };

	path.dslite.address = 0xc0000002;
	config.router.mark_mask = 0xf;
	f->has_ends = f->drains = true;
	ipv6_parse("2001:db8:1::b4", &f->local);
	ipv6_parse("2001:db8:2::af", &f->remote);
	ipv6_parse("2001:db8:1::17", &f->drain_local);
	f->drain_remote = f->remote;
	compile(&config, &facts, &plan);
	CHECK_INT(plan.tunnels, 2);
	CHECK_STR(plan.tunnel[0].device, "dp-drain1");
	CHECK_STR(plan.tunnel[0].line, "wan0");
	CHECK(IN6_ARE_ADDR_EQUAL(&plan.tunnel[0].local, &f->drain_local) && plan.tunnel[0].up && plan.tunnel[0].tagged);
	CHECK_STR(plan.tunnel[1].device, "dslite0");
	CHECK(!*plan.tunnel[1].line);
	CHECK_INT(plan.addresses, 1);
	plan_free(&plan);
	facts.strict_rp_filter = true;
	compile(&config, &facts, &plan);
	CHECK(plan.addresses == 2 && plan.address[0].addr == 0xc0000002 && strcmp(plan.address[0].device, "dp-drain1") == 0);
	plan_free(&plan);
	/* Another path has taken its place: likewise. */
	facts.path[1] = (struct path_facts){ .has_ends = true, .local = f->drain_local, .remote = f->drain_remote };
	compile(&config, &facts, &plan);
	CHECK_INT(plan.tunnels, 1);
	plan_free(&plan);
	facts.path[1].has_ends = false;
	/* It has come back there: what comes is its own. */
	f->local = f->drain_local;
	compile(&config, &facts, &plan);
	CHECK_INT(plan.tunnels, 1);
	plan_free(&plan);
	f->has_ends = false;
	compile(&config, &facts, &plan);
	CHECK_INT(plan.tunnels, 0);
	plan_free(&plan);
}

TEST(address_of_a_fixed_ip_tunnel)
{
	struct path_config path = { .kind = PATH_IPIP };
	struct path_facts facts = { 0 };

	CHECK_INT(compile_path_address(&path, &facts), 0);
	facts.address = 0xcb00711f;
	CHECK(compile_path_address(&path, &facts) == 0xcb00711f);
	path.ipip.address = 0xcb00711e; /* a configured one counts */
	CHECK(compile_path_address(&path, &facts) == 0xcb00711e);
}

/* Does the chain "rules" say this? */
static bool says(const struct plan *plan, const char *text)
{
	const struct nft_object *rules = nft_table_find(&plan->nft, NFT_CHAIN, "rules");

	return rules && strstr(rules->body, text);
}

/* The router asks the session's name servers over the session, while there is one. */
TEST(name_servers_of_a_session)
{
	struct path_list order = { .count = 1, .path = { 1 } };
	struct config c;
	struct path_config path[2];
	struct rule_config rule;
	struct facts f = usable(true, true);

	two_paths(&c, path, &rule, order);
	c.router.table_base = 10000;
	strcpy(path[0].device, "dslite0");
	strcpy(path[1].device, "pppoe0");
	path[1].slot = 1;
	for (int up = 0; up < 2; up++) {
		struct plan plan = { 0 };

		f.path[1] = (struct path_facts){ .usable = up, .device_up = up, .address = 0xcb00710a,
			                         .dns = { 0xc0000235, 0xc0000236 } };
		compile(&c, &f, &plan);
		CHECK_INT(says(&plan, "ip daddr 192.0.2.53 meta l4proto { tcp, udp } th dport 53 fib saddr type local goto via_"), up);
		CHECK_INT(says(&plan, "ip daddr 192.0.2.54 "), up);
		plan_free(&plan);
	}
}
