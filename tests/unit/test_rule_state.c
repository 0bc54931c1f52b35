/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/rule_state and policy/home: what status says of a rule or a forward, and what check says of the home. */
#include <stdlib.h>

#include "policy/rule_state.h"
#include "tests/unit/unit.h"

#define BASE                                                                                               \
	"[router]\nlan = br-lan\n[dslite]\ninterface = wan0\n[pppoe]\ninterface = wan0\nuser = u@example.jp\n" \
	"password-file = /p\n"

static struct config *parse(const char *text)
{
	struct diag_list diags = { 0 };
	struct ini_file *ini = ini_scan("test.conf", text, strlen(text), &diags);
	struct config *config = config_parse(ini, &diags);

	CHECK(config);
	ini_free(ini);
	diag_free(&diags);
	return config;
}

static int path_of(const struct config *config, const char *name)
{
	return config_path_index(config, name);
}

struct scene {
	struct config *config;
	struct facts facts;
	struct home home;
	char reason[RULE_REASON_SIZE];
};

/* Both paths are up, br-lan is there with its network, and one machine is known. */
static struct scene scene_of(const char *text)
{
	static const struct mac known = { { 2, 0, 0, 0, 0, 0xa } };
	struct scene s = { .config = parse(text) };

	s.facts.path[0].usable = s.facts.path[1].usable = true;
	home_add_link(&s.home, "br-lan");
	home_add_network(&s.home, "br-lan", (struct prefix4){ 0xc0a80101, 24 });
	s.home.mac = malloc(sizeof(known));
	s.home.mac[s.home.macs++] = known;
	home_sort(&s.home);
	return s;
}

static void scene_end(struct scene *s)
{
	config_free(s->config);
	home_free(&s->home);
}

static enum rule_state state_of(struct scene *s, size_t rule, bool in_kernel)
{
	return rule_state_of(s->config, &s->config->rule[rule], &s->facts, &s->home, in_kernel, s->reason);
}

TEST(a_rule_is_installed)
{
	struct scene s = scene_of(BASE "[rule r]\nfrom = 192.168.1.9\npath = pppoe, dslite\n");

	CHECK_INT(state_of(&s, 0, true), RULE_INSTALLED);
	CHECK_STR(s.reason, "");
	scene_end(&s);
}

TEST(a_rule_that_the_kernel_lacks_is_missing)
{
	struct scene s = scene_of(BASE "[rule r]\nfrom = 192.168.1.9\npath = pppoe\n");

	CHECK_INT(state_of(&s, 0, false), RULE_MISSING);
	CHECK_STR(s.reason, "the kernel does not have it: see 'dualpathctl doctor'");
	scene_end(&s);
}

TEST(paths_that_are_down)
{
	struct scene s = scene_of(BASE "[rule both]\nport = 1\npath = pppoe, dslite\n[rule one]\nport = 2\npath = pppoe\n");

	s.facts.path[path_of(s.config, "pppoe")].usable = false;
	CHECK_INT(state_of(&s, 0, true), RULE_INSTALLED);
	CHECK_STR(s.reason, "pppoe is not up");
	CHECK_INT(state_of(&s, 1, true), RULE_UNREACHABLE);
	CHECK_STR(s.reason, "pppoe is not up, and it takes no other path: what it takes is refused");
	s.facts.path[path_of(s.config, "dslite")].usable = false;
	CHECK_INT(state_of(&s, 0, true), RULE_UNREACHABLE);
	CHECK_STR(s.reason, "none of its paths is up: what it takes is refused");
	scene_end(&s);
}

TEST(a_rule_waits_for_its_time)
{
	struct scene s = scene_of(BASE "[rule r]\ntime = mon 09:00-10:00\npath = pppoe\n");

	CHECK_INT(state_of(&s, 0, true), RULE_WAITING);
	CHECK_STR(s.reason, "this is not its time");
	s.facts.minute = 9 * 60;
	CHECK_INT(state_of(&s, 0, true), RULE_INSTALLED);
	scene_end(&s);
}

TEST(a_rule_waits_for_its_interface)
{
	struct scene s = scene_of(BASE "[rule one]\ninterface = br-guest\npath = pppoe\n"
	                               "[rule two]\ninterface = br-guest, br-lan\npath = dslite\n"
	                               "[rule not]\ninterface = !br-guest\npath = dslite\n");

	CHECK_INT(state_of(&s, 0, true), RULE_WAITING);
	CHECK_STR(s.reason, "there is no interface br-guest now");
	CHECK_INT(state_of(&s, 1, true), RULE_INSTALLED);
	CHECK_INT(state_of(&s, 2, true), RULE_INSTALLED);
	scene_end(&s);
}

TEST(a_rule_waits_for_its_machine)
{
	struct scene s = scene_of(BASE "[host a]\nmac = 02:00:00:00:00:0a\npath = pppoe\n"
	                               "[host b]\nmac = 02:00:00:00:00:0b\npath = pppoe\n"
	                               "[host c]\nmac = 02:00:00:00:00:0c\naddress = 192.168.1.7\npath = pppoe\n"
	                               "[rule not]\nfrom = !b\npath = dslite\n");

	CHECK_INT(state_of(&s, 0, true), RULE_INSTALLED);
	CHECK_INT(state_of(&s, 1, true), RULE_WAITING);
	CHECK_STR(s.reason, "no machine of the home is known by 02:00:00:00:00:0b now");
	CHECK_INT(state_of(&s, 2, true), RULE_INSTALLED); /* its address may be anybody's */
	CHECK_INT(state_of(&s, 3, true), RULE_INSTALLED);
	scene_end(&s);
}

static bool forward_up(struct scene *s, size_t forward, bool in_kernel)
{
	return forward_state_of(s->config, &s->config->forward[forward], &s->home, in_kernel, s->reason);
}

TEST(forwards)
{
	struct scene s = scene_of(BASE "[forward web]\nport = 80\nto = 192.168.1.10\n[forward far]\nport = 81\n"
	                               "to = 192.168.2.10\n[forward here]\nport = 82\nto = router\n");

	CHECK(forward_up(&s, 0, true));
	CHECK_STR(s.reason, "");
	CHECK(forward_up(&s, 1, true));
	CHECK_STR(s.reason, "192.168.2.10 is in no network of the home");
	CHECK(!forward_up(&s, 0, false));
	CHECK_STR(s.reason, "the kernel does not have it: see 'dualpathctl doctor'");
	home_free(&s.home);
	CHECK(!forward_up(&s, 0, true));
	CHECK_STR(s.reason, "there is no interface br-lan now");
	CHECK(forward_up(&s, 2, true));
	scene_end(&s);
}
