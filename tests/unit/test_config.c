/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy/config: what a text becomes, value by value.  The words of the diagnostics are
 * the golden tests' (tests/golden/conf); here it is how many, where, and the result.
 */
#include <stdlib.h>

#include "policy/config.h"
#include "tests/unit/unit.h"

#define FIVE                                                                                               \
	"[router]\nlan = br-lan\n[dslite]\ninterface = wan0\n[pppoe]\ninterface = wan0\nuser = u@example.jp\n" \
	"password-file = /p\n"

static struct config *parse(const char *text, struct diag_list *diags)
{
	struct ini_file *ini = ini_scan("test.conf", text, strlen(text), diags);
	struct config *config = ini ? config_parse(ini, diags) : NULL;

	ini_free(ini);
	return config;
}

/* A good one; NULL and a failed check where it is not. */
static struct config *good(const char *text)
{
	struct diag_list diags = { 0 };
	struct config *config = parse(text, &diags);

	for (size_t i = 0; i < diags.count; i++) {
		char *line = diag_format(&diags.item[i]);

		CHECK_STR(line, "nothing to say");
		free(line);
	}
	CHECK(config);
	diag_free(&diags);
	return config;
}

/* Exactly one error, on that line and column, with that word in it. */
static void one_error(const char *text, int line, int column, const char *word)
{
	struct diag_list diags = { 0 };
	struct config *config = parse(text, &diags);

	CHECK(!config);
	CHECK_INT(diags.count, 1);
	CHECK_INT(diags.errors, 1);
	if (diags.count) {
		CHECK_INT(diags.item[0].line, line);
		CHECK_INT(diags.item[0].column, column);
		if (!strstr(diags.item[0].text, word))
			CHECK_STR(diags.item[0].text, word);
	}
	config_free(config);
	diag_free(&diags);
}

static size_t count_errors(const char *text)
{
	struct diag_list diags = { 0 };
	size_t errors;

	config_free(parse(text, &diags));
	errors = diags.errors;
	diag_free(&diags);
	return errors;
}

TEST(five_lines_are_a_router)
{
	struct config *c = good(FIVE);

	CHECK_INT(c->router.lans, 1);
	CHECK_STR(c->router.lan[0], "br-lan");
	CHECK(c->router.firewall && !c->router.offload);
	CHECK_INT(c->router.mark_mask, 0x0f000000);
	CHECK_INT(c->router.rule_priority, 10000);
	CHECK_INT(c->router.table_base, 10000);
	CHECK_INT(c->router.route_protocol, 170);
	CHECK_INT(c->paths, 2);
	CHECK_INT(c->router.order.count, 2);
	CHECK_INT(c->router.order.path[0], config_path_index(c, "dslite"));
	CHECK_INT(c->router.order.path[1], config_path_index(c, "pppoe"));
	CHECK_STR(c->file, "test.conf");
	config_free(c);
}

TEST(defaults_of_paths)
{
	struct config *c = good(FIVE);
	const struct path_config *dslite = &c->path[config_path_index(c, "dslite")];
	const struct path_config *pppoe = &c->path[config_path_index(c, "pppoe")];

	CHECK(dslite->kind == PATH_DSLITE && pppoe->kind == PATH_PPPOE);
	CHECK_STR(dslite->device, "dslite0");
	CHECK(dslite->dslite.aftr_auto && dslite->dslite.dns_auto && dslite->dslite.local_auto);
	CHECK_INT(dslite->dslite.address, 0xc0000002);
	CHECK(dslite->dslite.encap_limit_none);
	CHECK_INT(dslite->mtu, 0);
	CHECK_STR(pppoe->device, "pppoe0");
	CHECK_STR(pppoe->pppoe.user, "u@example.jp");
	CHECK_STR(pppoe->pppoe.password_file, "/p");
	CHECK(!pppoe->pppoe.has_address && !pppoe->pppoe.has_block && !pppoe->pppoe.service_name);
	CHECK_INT(pppoe->line, 5);
	CHECK_INT(config_path_index(c, "none"), -1);
	CHECK_INT(config_path_index(c, "PPPoE"), config_path_index(c, "pppoe"));
	config_free(c);
}

TEST(order_without_default)
{
	struct config *c = good("[pppoe b]\ninterface=w\nuser=u\npassword-file=/p\n[pppoe]\ninterface=w\nuser=u\n"
	                        "password-file=/p\n[dslite]\ninterface=w\n[router]\nlan=l\n");

	CHECK_INT(c->router.order.count, 3);
	CHECK_STR(c->path[c->router.order.path[0]].name, "dslite");
	CHECK_STR(c->path[c->router.order.path[1]].name, "pppoe");
	CHECK_STR(c->path[c->router.order.path[2]].name, "b");
	config_free(c);
}

TEST(devices_find_free_names)
{
	struct config *c = good("[router]\nlan=l\n[pppoe]\ninterface=w\nuser=u\npassword-file=/p\ndevice=pppoe1\n"
	                        "[pppoe b]\ninterface=w\nuser=u\npassword-file=/p\n"
	                        "[pppoe c]\ninterface=w\nuser=u\npassword-file=/p\n");

	CHECK_STR(c->path[0].device, "pppoe1");
	CHECK_STR(c->path[1].device, "pppoe0");
	CHECK_STR(c->path[2].device, "pppoe2");
	config_free(c);
}

TEST(hosts_and_rules_in_file_order)
{
	struct config *c = good(FIVE "[host a]\naddress = 192.168.1.1\npath = pppoe\n[rule b]\nport = 53\npath = dslite\n"
	                             "[host name-only]\nmac = 02:00:00:00:00:01\n[host d]\naddress = 192.168.1.4\n"
	                             "path = pppoe, dslite\n");

	CHECK_INT(c->rules, 3);
	CHECK_STR(c->rule[0].name, "a");
	CHECK_STR(c->rule[1].name, "b");
	CHECK_STR(c->rule[2].name, "d");
	CHECK(c->rule[0].kind == RULE_HOST && c->rule[1].kind == RULE_RULE);
	CHECK_INT(c->rule[0].line, 9);
	CHECK_INT(c->rule[2].path.count, 2);
	CHECK(c->rule[0].has_path && c->rule[1].has_path && c->rule[2].has_path);
	CHECK_INT(c->hosts, 3);
	CHECK(!c->host[1].has_path && c->host[1].what[0].kind == MATCH_MAC);
	config_free(c);
}

TEST(rule_values)
{
	struct config *c = good(FIVE "[host nas]\naddress = 192.168.1.10, 02:00:00:00:00:0a\n[rule r]\n"
	                             "from = !NAS, 10.0.0.0/8, router\nto = ! 192.0.2.0/24\nprotocol = udp\n"
	                             "port = !53, 5000-5001\nsource-port = 7\ndscp = ! ef, 3\ntime = !sat\n"
	                             "interface = !br-lan, eth9\npath = pppoe\n");
	const struct rule_config *r = &c->rule[0];

	CHECK(r->not_from && r->not_to && !r->not_protocol && r->not_port && !r->not_source_port);
	CHECK(r->not_dscp && r->not_time && r->not_interface);
	CHECK_INT(r->froms, 4);
	CHECK(r->from[0].kind == MATCH_PREFIX && r->from[1].kind == MATCH_MAC && r->from[3].kind == MATCH_ROUTER);
	CHECK_STR(r->from[0].name, "nas");
	CHECK_STR(r->from[2].name, "");
	CHECK_INT(r->ports, 2);
	CHECK_INT(r->port[1].hi, 5001);
	CHECK_INT(r->protocols, 1);
	CHECK_INT(r->dscp[0], 46);
	CHECK_INT(r->time[0].days, 0x20);
	CHECK_STR(r->interface[1], "eth9");
	config_free(c);
}

TEST(ports_without_protocol_are_tcp_and_udp)
{
	struct config *c = good(FIVE "[rule r]\nport = 53\npath = pppoe\n[rule s]\nprotocol = any\nport = any\npath = pppoe\n");

	CHECK_INT(c->rule[0].protocols, 2);
	CHECK_INT(c->rule[0].protocol[0], 6);
	CHECK_INT(c->rule[0].protocol[1], 17);
	CHECK_INT(c->rule[1].protocols, 0);
	CHECK_INT(c->rule[1].ports, 0);
	config_free(c);
}

TEST(forward_values)
{
	struct config *c = good(FIVE "[host nas]\naddress = 192.168.1.10\n[forward a]\nport = 80, 443\nto = NAS:8080\n"
	                             "[forward b]\nprotocol = both\nport = 22\nto = router\nfrom = 192.0.2.0/24\n"
	                             "[forward c]\nprotocol = udp\nport = 53\nto = 192.168.1.11\npath = pppoe\n");

	CHECK(c->forward[0].tcp && !c->forward[0].udp);
	CHECK_INT(c->forward[0].to, 0xc0a8010a);
	CHECK_INT(c->forward[0].to_port.lo, 8080);
	CHECK_INT(c->forward[0].path, config_path_index(c, "pppoe"));
	CHECK(c->forward[1].tcp && c->forward[1].udp && c->forward[1].to_router);
	CHECK_INT(c->forward[1].froms, 1);
	CHECK_INT(c->forward[2].to_port.lo, 0);
	config_free(c);
}

TEST(probes_inherit_key_by_key)
{
	struct config *c = good(FIVE "[probe]\ninterval = 2s\nquorum = 2\ntargets = icmp:192.0.2.1, dns:192.0.2.2/x.example\n"
	                             "[probe dslite]\nquorum = 1\nmax-rtt = 50ms\n");
	const struct probe_config *dslite = &c->path[config_path_index(c, "dslite")].probe;
	const struct probe_config *pppoe = &c->path[config_path_index(c, "pppoe")].probe;

	CHECK_INT(dslite->interval_ms, 2000);
	CHECK_INT(dslite->quorum, 1);
	CHECK_INT(dslite->max_rtt_ms, 50);
	CHECK_INT(pppoe->quorum, 2);
	CHECK_INT(pppoe->max_rtt_ms, 0);
	CHECK_INT(pppoe->timeout_ms, 1000);
	CHECK(pppoe->own_targets && pppoe->targets == 2);
	CHECK(pppoe->target[1].kind == PROBE_DNS && pppoe->target[1].port == 53);
	CHECK_STR(pppoe->target[1].text, "x.example");
	config_free(c);
}

TEST(default_targets)
{
	struct config *c = good(FIVE);
	const struct probe_config *probe = &c->path[0].probe;

	CHECK(!probe->own_targets);
	CHECK_INT(probe->targets, 4);
	CHECK_INT(probe->target[3].port, 443);
	CHECK(probe->target[3].kind == PROBE_TCP);
	config_free(c);
}

TEST(web_targets)
{
	struct config *c = good(FIVE "[probe]\ntargets = http://192.0.2.1:8080/x, http://192.0.2.2 204\n");
	const struct probe_config *probe = &c->path[0].probe;

	CHECK_INT(probe->target[0].addr, 0xc0000201);
	CHECK_INT(probe->target[0].port, 8080);
	CHECK_STR(probe->target[0].text, "192.0.2.1:8080/x");
	CHECK_INT(probe->target[0].status, 0);
	CHECK_INT(probe->target[1].addr, 0xc0000202);
	CHECK_INT(probe->target[1].port, 80);
	CHECK_STR(probe->target[1].text, "192.0.2.2");
	CHECK_INT(probe->target[1].status, 204);
	config_free(c);
}

/* It is for the tunnel; a quorum is of the others. */
TEST(web_targets_over_tls)
{
	struct config *c = good(FIVE "[probe]\ntargets = https://192.0.2.1/x, https://192.0.2.2:8443/y 204 www.example.jp, "
	                        "https://192.0.2.3 www.example.jp\n");
	const struct probe_config *probe = &c->path[0].probe;

	CHECK(probe->target[0].kind == PROBE_HTTPS && probe->target[0].addr == 0xc0000201);
	CHECK_INT(probe->target[0].port, 443);
	CHECK_STR(probe->target[0].text, "192.0.2.1/x");
	CHECK_INT(probe->target[0].status, 0);
	CHECK_INT(probe->target[1].addr, 0xc0000202);
	CHECK_INT(probe->target[1].port, 8443);
	CHECK_STR(probe->target[1].text, "www.example.jp:8443/y");
	CHECK_INT(probe->target[1].status, 204);
	CHECK_STR(probe->target[2].text, "www.example.jp");
	CHECK_INT(probe->target[2].status, 0);
	config_free(c);
}

TEST(the_aftr_as_a_target)
{
	struct config *c = good(FIVE "[probe]\ntargets = aftr, icmp:192.0.2.1\n[probe dslite]\ntargets = aftr\n");

	for (size_t i = 0; i < c->paths; i++) {
		CHECK_INT(c->path[i].probe.targets, 1);
		CHECK(c->path[i].probe.target[0].kind == (c->path[i].kind == PATH_DSLITE ? PROBE_AFTR : PROBE_ICMP));
	}
	config_free(c);
}

/* Each path has the one that is its own. */
TEST(the_other_ends_alone)
{
	struct config *c = good(FIVE "[probe]\ntargets = lcp, aftr\n");

	for (size_t i = 0; i < c->paths; i++) {
		CHECK_INT(c->path[i].probe.targets, 1);
		CHECK(c->path[i].probe.target[0].kind == (c->path[i].kind == PATH_DSLITE ? PROBE_AFTR : PROBE_LCP));
	}
	config_free(c);
}

TEST(listen_addresses)
{
	struct config *c = good(FIVE "[metrics]\nlisten = none\n[web]\nlisten = [::1]:80\n[hooks]\non-change = /bin/true\n");

	CHECK(!c->metrics_listen);
	CHECK_STR(c->web_listen, "[::1]:80");
	CHECK_STR(c->hook_on_change, "/bin/true");
	config_free(c);
}

/* The head of its section was lost, or it is no configuration at all: one error for the rest, and a bound to what a reload takes. */
TEST(more_keys_than_a_section_can_have)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs("[router]\n", f);
	for (int i = 0; i < 100000; i++)
		fprintf(f, "x%d = 1\n", i);
	fputs("[web]\nnosuch = 1\n", f);
	fclose(f);
	CHECK_INT(count_errors(text), 200 + 1 + 1 + 2); /* the two: no lan, and no path */
	free(text);
}

TEST(place_of_an_error)
{
	one_error(FIVE "[rule r]\nport = 80,  0, 90\npath = pppoe\n", 10, 13, "not a port");
	one_error(FIVE "[rule r]\n  port\t= \"80, 0\"\npath = pppoe\n", 10, 15, "not a port");
	one_error(FIVE "[rule r]\nport = !80, x\npath = pppoe\n", 10, 13, "not a port");
	one_error(FIVE "  [ frobnicate ]\nx = y\n", 9, 5, "unknown section");
	one_error(FIVE "[rule r]\n   prot = tcp\npath = pppoe\n", 10, 4, "did you mean");
	one_error(FIVE "[forward f]\nport = 80\nto = 192.168.1.1:x\n", 11, 18, "not a port");
}

/* One mistake is one error, however much depends on it. */
TEST(no_cascades)
{
	one_error("[router]\nlan = br-lan\n[dslte]\ninterface = wan0\nx = y\n[rule r]\npath = dslite\n", 3, 2, "dslite");
	one_error("[router\nlan = br-lan\n[dslite]\ninterface = wan0\n", 1, 1, "missing");
	one_error("[router]\nlan = \"br-lan\n[dslite]\ninterface = wan0\n", 2, 7, "not closed");
	one_error("[router]\nlna = br-lan\n[dslite]\ninterface = wan0\n", 2, 1, "lan");
	one_error(FIVE "[host nas]\naddress = 1.2.3\n[rule r]\nfrom = nas\npath = pppoe\n[forward f]\nport = 1\nto = nas\n", 10,
	          11, "1.2.3");
	one_error(FIVE "[hots nas]\naddress = 1.2.3.4\n[rule r]\nfrom = nas\npath = pppoe\n", 9, 2, "host");
	one_error(FIVE "[ipip x]\ninterface = wan0\nremote = ::\naddress = 203.0.113.30\n[rule r]\npath = x\n[probe x]\ninterval = 2s\n",
	          11, 10, "neither a global");
	one_error(FIVE "[probe]\ninterval = 0s\n", 10, 12, "interval");
	one_error(FIVE "[banana]\n[rule r]\npath = dslite\n", 9, 2, "banana");
}

TEST(all_errors_in_one_go)
{
	CHECK_INT(count_errors("[router]\nfirewall = x\n[dslite]\nmtu = 1\n[rule r]\nport = 0, 0-1\npath = x, y\n[zzz]\n"), 9);
	CHECK_INT(count_errors(""), 2);
}

TEST(errors_of_before_count)
{
	struct diag_list diags = { 0 };

	diag_add(&diags, DIAG_ERROR, "test.conf", 1, 1, "found by the reader");
	CHECK(!parse(FIVE, &diags));
	CHECK_INT(diags.count, 1);
	diag_free(&diags);
}

TEST(secrets_are_not_echoed)
{
	static const char *const texts[] = {
		FIVE "password = hunter2\n",       FIVE "[rule hunter]\npassphrase = hunter2\n", FIVE "my-secret = hunter2\n",
		FIVE "[pppoe b]\npassword-file = hunter2\n", FIVE "pasword = hunter2\n", FIVE "colour = hunter2\n",
		FIVE "service-name = \"hunter2\n", FIVE "service-name = hunter2#hunter2\n", FIVE "hunter2\n",
		FIVE "[hooks]\non-change = hunter2\n", FIVE "service-name = 'hunter2' hunter2\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct diag_list diags = { 0 };

		config_free(parse(texts[i], &diags));
		CHECK(diags.errors);
		for (size_t k = 0; k < diags.count; k++)
			CHECK(!strstr(diags.item[k].text, "hunter2"));
		diag_free(&diags);
	}
}

TEST(password_key_says_where_it_belongs)
{
	one_error("[router]\nlan = l\n[pppoe]\ninterface = w\nuser = u\npassword = x\n", 6, 1, "password-file");
}

TEST(no_pppoe_mtu_of_1500)
{
	one_error(FIVE "mtu = 1500\n", 9, 7, "8 bytes");
	one_error(FIVE "mtu = 1501\n", 9, 7, "1280 to 1492");
	config_free(good(FIVE "mtu = 1492\n"));
	config_free(good(FIVE "mtu = auto\n"));
}

TEST(mark_masks)
{
	static const char *const bad[] = { "0", "0x", "0x0", "0x3", "0x0f0f0000", "0x100000000", "x", "0xg", "-1", "5" };
	static const struct {
		const char *text;
		uint32_t mask;
	} fine[] = { { "0x7", 7 }, { "0xE0000000", 0xe0000000 }, { "0xffffffff", 0xffffffff }, { "7", 7 }, { "0x0ff0", 0xff0 } };
	char text[256];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "[router]\nlan = l\nmark-mask = %s\n[dslite]\ninterface = w\n", bad[i]);
		one_error(text, 3, 13, "mask");
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		struct config *c;

		snprintf(text, sizeof(text), "[router]\nlan = l\nmark-mask = %s\n[dslite]\ninterface = w\n", fine[i].text);
		c = good(text);
		CHECK_INT(c->router.mark_mask, fine[i].mask);
		config_free(c);
	}
}

TEST(check_twice_says_it_once)
{
	struct diag_list diags = { 0 };
	struct config *c = parse(FIVE "[rule a]\nport = 1, 2\npath = pppoe\n[rule b]\nport = 2, 1\npath = dslite\n", &diags);

	CHECK(c);
	CHECK_INT(diags.count, 1);
	CHECK(diags.item[0].level == DIAG_WARNING);
	config_check(c, &diags);
	CHECK_INT(diags.count, 1);
	config_free(c);
	diag_free(&diags);
}

TEST(rules_that_differ_are_not_equal)
{
	config_free(good(FIVE "[rule d]\nprotocol = udp\nport = 1\npath = pppoe\n[rule a]\nport = 1\npath = pppoe\n"
	                      "[rule b]\nport = !1\npath = pppoe\n[rule c]\nsource-port = 1\npath = pppoe\n"
	                      "[rule e]\nto = 10.0.0.0/8\npath = pppoe\n[rule f]\nfrom = 10.0.0.0/8\npath = pppoe\n"
	                      "[rule g]\ndscp = 1\npath = pppoe\n[rule h]\nprotocol = 1\npath = pppoe\n"
	                      "[rule i]\ntime = sat\npath = pppoe\n[rule j]\ntime = sun\npath = pppoe\n"
	                      "[rule k]\ninterface = a\npath = pppoe\n[rule l]\ninterface = b\npath = pppoe\n"));
}

/* The scan's own grammar, where the golden files cannot show it. */
TEST(scan_places_and_values)
{
	static const char text[] = "[ Kind   Name ] ; comment ]\n  Key =  a;b\nQ=\"x ; y\" # z\nE =\nF = ;c\nG=' '\n";
	struct diag_list diags = { 0 };
	struct ini_file *ini = ini_scan("f", text, strlen(text), &diags);
	const struct ini_item *q = ini_find(&ini->section[0], "q"), *g = ini_find(&ini->section[0], "g");

	CHECK_INT(diags.count, 1); /* a;b */
	CHECK_INT(diags.item[0].line, 2);
	CHECK_INT(diags.item[0].column, 11);
	CHECK_STR(ini->section[0].name, "kind name");
	CHECK_INT(ini->section[0].column, 3);
	CHECK(!ini_find(&ini->section[0], "key")->value);
	CHECK_STR(q->value, "x ; y");
	CHECK_INT(q->column, 4);
	CHECK_INT(q->key_column, 1);
	CHECK_STR(ini_find(&ini->section[0], "e")->value, "");
	CHECK_STR(ini_find(&ini->section[0], "f")->value, "");
	CHECK_STR(g->value, " ");
	CHECK(strncmp(text + g->offset, "G=' '", g->length) == 0 && g->length == 5);
	CHECK(!ini_find(&ini->section[0], "none"));
	ini_free(ini);
	diag_free(&diags);
}

TEST(text_without_an_end)
{
	struct diag_list diags = { 0 };
	char text[] = { '[', 'a', ']', '\n', 'k', '=', 'v' };
	struct ini_file *ini = ini_scan("f", text, sizeof(text), &diags);

	CHECK_STR(ini->section[0].item[0].value, "v");
	CHECK_INT(diags.count, 0);
	ini_free(ini);
	ini = ini_scan("f", NULL, 0, &diags);
	CHECK_INT(ini->count, 0);
	ini_free(ini);
	ini_free(NULL);
	diag_free(&diags);
}
