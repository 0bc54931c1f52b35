/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The model of the kernel against which diff() must prove itself: apply what it
 * says to any have and any want comes out; with a failure at any operation, doing it
 * again arrives all the same; and at no moment is there a route over a device that the guard
 * does not know.  The seed is printed; DUALPATH_SEED sets it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/xalloc.h"
#include "policy/diff.h"
#include "tests/unit/model_kernel.h"
#include "tests/unit/unit.h"

static unsigned seed(void)
{
	static bool known;
	static unsigned value;
	const char *given = getenv("DUALPATH_SEED");

	if (!known) {
		value = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
		printf("seed %u\n", value);
		known = true;
	}
	return value;
}

static unsigned pick(unsigned n)
{
	return (unsigned)rand() % n;
}

/* ---- random plans, from few values, so that they often agree ---- */

/* At ends where a tunnel of theirs may stand as well. */
static void random_drain(struct plan *p, unsigned i)
{
	struct plan_tunnel *t = &p->tunnel[p->tunnels++];

	*t = (struct plan_tunnel){ .line = "wan0", .mtu = 1400, .encap_limit = -1, .up = true, .tagged = true };
	snprintf(t->device, sizeof(t->device), DRAIN_DEVICE "%u", i);
	t->local.s6_addr[15] = (uint8_t)pick(3);
	t->remote.s6_addr[15] = (uint8_t)i;
	if (pick(2))
		return;
	p->address[p->addresses].addr = 0xc0000002u;
	memcpy(p->address[p->addresses++].device, t->device, sizeof(t->device));
}

/* A tunnel has two ends for itself. */
static bool has_ends_for_itself(const struct plan *p, const struct plan_tunnel *t)
{
	for (unsigned i = 0; i < p->tunnels; i++)
		if (!*p->tunnel[i].line && IN6_ARE_ADDR_EQUAL(&p->tunnel[i].local, &t->local) &&
		    IN6_ARE_ADDR_EQUAL(&p->tunnel[i].remote, &t->remote))
			return false;
	return true;
}

/* Often between the ends of another in the other plan. */
static void random_tunnels(struct plan *p)
{
	for (unsigned i = 0; i < 3; i++) {
		struct plan_tunnel *t;

		if (pick(2))
			continue;
		if (pick(2))
			random_drain(p, i);
		t = &p->tunnel[p->tunnels];
		*t = (struct plan_tunnel){ .mtu = 1400 + pick(2), .encap_limit = -1, .up = true, .tagged = true };
		snprintf(t->device, sizeof(t->device), "tun%u", i);
		do {
			t->local.s6_addr[15] = (uint8_t)pick(2);
			t->remote.s6_addr[15] = (uint8_t)pick(2);
		} while (!has_ends_for_itself(p, t));
		p->tunnels++;
		p->address[p->addresses].addr = 0xc0000002u + pick(2);
		memcpy(p->address[p->addresses++].device, t->device, sizeof(t->device));
	}
}

static void random_ends(struct plan *p)
{
	for (unsigned i = 0; i < 3; i++) {
		if (pick(2))
			continue;
		p->address6[p->addresses6] = (struct plan_address6){ .device = "wan0", .ours = true };
		p->address6[p->addresses6++].addr.s6_addr[15] = (uint8_t)(2 * i + pick(2));
	}
}

static void random_routes(struct plan *p)
{
	static const char *const device[] = { "tun0", "tun1", "", "ppp0" };

	for (unsigned table = 0; table < 3; table++)
		for (unsigned metric = 0; metric < 2; metric++) {
			struct plan_route r = { .table = 100 + table, .metric = metric, .source = pick(2) };

			if (pick(3) == 0)
				continue;
			do
				snprintf(r.device, sizeof(r.device), "%s", device[pick(4)]);
			while (strncmp(r.device, "tun", 3) == 0 && !model_tunnel(p, r.device));
			r.blackhole = !*r.device && pick(2);
			plan_add_route(p, &r);
		}
	for (unsigned i = 0; i < 6; i++)
		if (pick(2))
			plan_add_rule(p, &(struct plan_rule){ .priority = 10000 + i, .table = 100 + pick(2),
			                                      .mark = i, .mask = 7,
			                                      .from = { 0x0a000000u, (uint8_t)(pick(2) * 8) } });
	for (unsigned i = 0; i < 2; i++)
		plan_add_sysctl(p, pick(2) ? "1" : "0", "net/%u", i);
}

static void random_nft(struct plan *p)
{
	for (unsigned i = 0; i < 6; i++) {
		static const char *const body[] = { "", "accept\n", "drop\n", "counter name \"c\"\ndrop\n" };
		char name[16], spec[64] = "";

		if (pick(3) == 0)
			continue;
		snprintf(name, sizeof(name), "%s%u", i < 4 ? "chain" : "count", i);
		if (i == 0)
			snprintf(spec, sizeof(spec), "type filter hook input priority %u;", pick(4) == 0);
		nft_table_add(&p->nft, i < 4 ? NFT_CHAIN : NFT_COUNTER, name, spec,
		              xstrdup(i < 4 ? body[pick(4)] : ""));
	}
}

/* As compile_rules.c: the chain that uses a map tells its hash. */
static void random_maps(struct plan *p)
{
	for (unsigned i = 0; i < 2; i++) {
		char name[16], *body, *longer;
		const struct nft_object *map;

		if (pick(3) == 0)
			continue;
		body = xstrdup("");
		for (unsigned key = 0; key < 5; key++) {
			if (pick(2))
				continue;
			CHECK(asprintf(&longer, "%skey%u : goto chain%u\n", body, key, pick(2)) > 0);
			free(body);
			body = longer;
		}
		snprintf(name, sizeof(name), "map%u", i);
		map = nft_table_add(&p->nft, NFT_MAP, name, "type key : verdict;", body);
		CHECK(asprintf(&body, "drop\nkey vmap @%s # %016llx\n", name, (unsigned long long)map->hash) > 0);
		snprintf(name, sizeof(name), "rules%u", i);
		nft_table_add(&p->nft, NFT_CHAIN, name, "", body);
	}
}

/* Devices have a place only in a flowtable. */
static void random_offload(struct plan *p)
{
	if (pick(3) == 0)
		return;
	nft_table_add(&p->nft, NFT_FLOWTABLE, PLAN_FLOWTABLE, PLAN_FLOWTABLE_SPEC, xstrdup(""));
	for (unsigned i = 0; i < 3; i++)
		if (pick(2))
			snprintf(p->offload[p->offloads++], IFNAMSIZ, "dev%u", i);
}

/* The guard knows the devices that routes lead over, and perhaps one more. */
static void random_guard(struct plan *p)
{
	static const char *const device[] = { "tun0", "tun1", "ppp0" };
	char *body = xstrdup(""), *longer;

	for (unsigned d = 0; d < 3; d++) {
		bool used = pick(4) == 0;

		for (unsigned i = 0; i < p->routes; i++)
			used |= strcmp(p->route[i].device, device[d]) == 0;
		if (!used)
			continue;
		snprintf(p->guarded[p->guards++], IFNAMSIZ, "%s", device[d]);
		CHECK(asprintf(&longer, "%soifname \"%s\" drop\n", body, device[d]) > 0);
		free(body);
		body = longer;
	}
	nft_table_add(&p->nft, NFT_CHAIN, "GUARD", "", body);
}

/* One in ten is "nothing": a teardown, or a first start. */
static void random_plan(struct plan *p)
{
	memset(p, 0, sizeof(*p));
	if (pick(10) == 0)
		return;
	random_tunnels(p);
	random_ends(p);
	random_routes(p);
	random_nft(p);
	random_maps(p);
	random_offload(p);
	random_guard(p);
}

/* ---- applying ---- */

static size_t count_ops(const struct plan *want, const struct plan *have)
{
	struct op_list ops = { 0 };
	size_t n;

	diff(want, have, &ops);
	n = ops.count;
	op_list_free(&ops);
	return n;
}

static void copy_plan(struct plan *to, const struct plan *from)
{
	*to = *from;
	model_copy_table(&to->nft, &from->nft);
}

/* As a new daemon finds it: what is in the maps is not known. */
static void forget_elements(struct plan *p)
{
	for (size_t i = 0; i < p->nft.count; i++) {
		struct nft_object *o = &p->nft.object[i];

		if (o->kind != NFT_MAP)
			continue;
		free(o->body);
		o->body = NULL;
		o->hash = 0;
	}
}

/*
 * Apply as router.c does, but let operation number fail (from 0) do nothing; a failed transaction
 * does nothing by itself.
 */
static void apply_failing(const struct plan *want, struct plan *kernel, size_t fail)
{
	struct op_list ops = { 0 };
	bool failed = false;
	struct plan seen;

	copy_plan(&seen, kernel);
	if (pick(3) == 0)
		forget_elements(&seen);
	diff(want, &seen, &ops);
	plan_free(&seen);
	for (size_t i = 0; i < ops.count; i++) {
		const struct op *op = &ops.op[i];
		bool refused = model_refuses(kernel, op), fails = i == fail || refused;

		if (failed && op_needs_all_before(op))
			break;
		CHECK(!refused || failed);
		if (!fails)
			model_apply(kernel, op);
		CHECK(model_is_guarded(kernel));
		if (fails && op_is_needed_by_all(op))
			break;
		failed |= fails;
	}
	op_list_free(&ops);
}

TEST(apply_arrives)
{
	srand(seed());
	for (int round = 0; round < 2000; round++) {
		struct plan want, have;

		random_plan(&want);
		random_plan(&have);
		apply_failing(&want, &have, SIZE_MAX);
		CHECK(count_ops(&want, &have) == 0);
		CHECK(model_is_as_wanted(&want, &have));
		plan_free(&want);
		plan_free(&have);
	}
}

TEST(equal_is_empty)
{
	srand(seed());
	for (int round = 0; round < 500; round++) {
		struct plan plan, copy;

		random_plan(&plan);
		copy_plan(&copy, &plan);
		CHECK(count_ops(&plan, &copy) == 0);
		forget_elements(&copy);
		CHECK(count_ops(&plan, &copy) == 0);
		plan_free(&plan);
		plan_free(&copy);
	}
}

/* Each operation fails in its turn, and one of those that mend it as well. */
TEST(any_failure_heals)
{
	srand(seed());
	for (int round = 0; round < 200; round++) {
		struct plan want, have, kernel;
		size_t n;

		random_plan(&want);
		random_plan(&have);
		n = count_ops(&want, &have);
		for (size_t fail = 0; fail < n; fail++) {
			copy_plan(&kernel, &have);
			apply_failing(&want, &kernel, fail);
			apply_failing(&want, &kernel, pick(4));
			apply_failing(&want, &kernel, SIZE_MAX);
			CHECK(count_ops(&want, &kernel) == 0);
			CHECK(model_is_as_wanted(&want, &kernel));
			plan_free(&kernel);
		}
		plan_free(&want);
		plan_free(&have);
	}
}

TEST(one_element_of_a_map)
{
	struct nft_table have = { 0 }, want = { 0 };
	char *objects, *text;

	nft_table_add(&have, NFT_MAP, "m", "type ipv4_addr : verdict;",
	              xstrdup("10.0.0.2 : goto a\n10.0.0.1 : goto a\n10.0.0.3 : goto a\n"));
	nft_table_add(&want, NFT_MAP, "m", "type ipv4_addr : verdict;",
	              xstrdup("10.0.0.1 : goto a\n10.0.0.3 : goto b\n10.0.0.4 : goto a\n"));
	text = nft_diff_text(&want, &have, &objects);
	CHECK_STR(text, "delete element inet dualpath m { 10.0.0.2 }\ndelete element inet dualpath m { 10.0.0.3 }\n"
	                "add element inet dualpath m { 10.0.0.3 : goto b }\nadd element inet dualpath m { 10.0.0.4 : goto a }\n");
	CHECK_STR(objects, "nft change map m (2 added, 2 deleted)\n");
	free(text);
	free(objects);
	nft_table_free(&have);
	nft_table_free(&want);
}

TEST(a_tunnel_that_changes_its_name_makes_room_first)
{
	struct plan want = { .tunnels = 1 }, have = { .tunnels = 1 };
	struct op_list ops = { 0 };

	snprintf(want.tunnel[0].device, IFNAMSIZ, "new");
	snprintf(have.tunnel[0].device, IFNAMSIZ, "old");
	want.tunnel[0].tagged = have.tunnel[0].tagged = true;
	diff(&want, &have, &ops);
	CHECK_INT(ops.count, 2);
	CHECK(ops.op[0].kind == OP_TUNNEL_DELETE && ops.op[1].kind == OP_TUNNEL_ADD);
	op_list_free(&ops);
}

static struct plan_tunnel between(const char *device, const char *line, uint8_t local)
{
	struct plan_tunnel t = { .mtu = 1460, .encap_limit = -1, .up = true, .tagged = true };

	snprintf(t.device, sizeof(t.device), "%s", device);
	snprintf(t.line, sizeof(t.line), "%s", line);
	t.local.s6_addr[15] = local;
	return t;
}

/* All at the first try, and whatever is on them. */
static void moves(const struct plan_tunnel *from, const struct plan_tunnel *to, unsigned have_n, unsigned want_n,
                  const char *order)
{
	struct plan want = { .tunnels = want_n }, kernel = { .tunnels = have_n };
	struct op_list ops = { 0 };
	char *all = xstrdup(""), *text, *longer;

	memcpy(want.tunnel, to, want_n * sizeof(*to));
	memcpy(kernel.tunnel, from, have_n * sizeof(*from));
	for (unsigned i = 0; i < want_n; i++)
		memcpy(want.address[want.addresses++].device, want.tunnel[i].device, IFNAMSIZ);
	for (unsigned i = 0; i < have_n; i++)
		memcpy(kernel.address[kernel.addresses++].device, kernel.tunnel[i].device, IFNAMSIZ);
	for (unsigned i = 0; i < want_n; i++)
		plan_add_sysctl(&want, "2", "net/ipv4/conf/%s/rp_filter", want.tunnel[i].device);
	for (unsigned i = 0; i < have_n; i++)
		plan_add_sysctl(&kernel, "2", "net/ipv4/conf/%s/rp_filter", kernel.tunnel[i].device);
	diff(&want, &kernel, &ops);
	for (size_t i = 0; i < ops.count; i++) {
		CHECK(!model_refuses(&kernel, &ops.op[i]));
		model_apply(&kernel, &ops.op[i]);
		text = op_print(&ops.op[i]);
		if (strstr(text, " local"))
			*strstr(text, " local") = '\0';
		CHECK(asprintf(&longer, "%s%s; ", all, text) > 0);
		free(text);
		free(all);
		all = longer;
	}
	CHECK_STR(all, order);
	CHECK(model_is_as_wanted(&want, &kernel));
	free(all);
	op_list_free(&ops);
}

TEST(tunnels_that_hand_over_their_ends)
{
	struct plan_tunnel now[] = { between("tun0", "", 1), between("tun1", "", 2), between("tun2", "", 3) };
	struct plan_tunnel given[] = { between("tun9", "", 1), between("tun0", "", 9) };
	struct plan_tunnel chain[] = { between("tun0", "", 2), between("tun1", "", 3), between("tun2", "", 4) };
	struct plan_tunnel ring[] = { between("tun0", "", 2), between("tun1", "", 3), between("tun2", "", 1) };

	moves(now, given, 1, 2,
	      "tunnel change tun0; tunnel add tun9; address add 0.0.0.0 dev tun9; sysctl net/ipv4/conf/tun9/rp_filter = 2; ");
	moves(now, chain, 3, 3, "tunnel change tun2; tunnel change tun1; tunnel change tun0; ");
	moves(now, ring, 3, 3,
	      "tunnel delete tun0; tunnel change tun2; tunnel change tun1; tunnel add tun0; address add 0.0.0.0 dev tun0; "
	      "sysctl net/ipv4/conf/tun0/rp_filter = 2; ");
}

/* Whatever fails: what comes to the old ends finds somebody, and a drain that is up has its address and its setting. */
TEST(a_tunnel_moves_behind_its_drain)
{
	for (size_t fail = 0; fail <= 5; fail++) {
		struct plan want = { .tunnel = { between("drain", "wan0", 1), between("tun0", "", 2) }, .tunnels = 2,
			             .address = { { "drain", 1 }, { "tun0", 1 } }, .addresses = 2,
			             .sysctl = { { "drain/loose", "2" } }, .sysctls = 1 };
		struct plan kernel = { .tunnel = { between("tun0", "", 1) }, .tunnels = 1,
			               .address = { { "tun0", 1 } }, .addresses = 1 };
		struct op_list ops = { 0 };

		diff(&want, &kernel, &ops);
		CHECK_INT(ops.count, 5);
		for (size_t i = 0; i < ops.count && i != fail; i++) {
			const struct plan_tunnel *drain;

			model_apply(&kernel, &ops.op[i]);
			drain = model_tunnel(&kernel, "drain");
			CHECK(model_tunnel(&kernel, "tun0")->local.s6_addr[15] == 1 || (drain && drain->up));
			CHECK(!drain || !drain->up || (kernel.addresses == 2 && kernel.sysctls == 1));
		}
		CHECK(fail < 5 || model_is_as_wanted(&want, &kernel));
		op_list_free(&ops);
	}
}

TEST(teardown_takes_the_guard_last)
{
	struct plan nothing = { 0 }, have;
	struct op_list ops = { 0 };

	srand(seed());
	do
		random_plan(&have);
	while (!have.nft.count);
	diff(&nothing, &have, &ops);
	CHECK(ops.count > 0 && ops.op[ops.count - 1].kind == OP_NFT_DELETE);
	op_list_free(&ops);
	plan_free(&have);
}

TEST(devices_of_the_flowtable_go_last_and_alone)
{
	struct plan want = { .offloads = 2 }, have = { .offloads = 1 };
	struct op_list ops = { 0 };

	snprintf(want.offload[0], IFNAMSIZ, "lan");
	snprintf(want.offload[1], IFNAMSIZ, "ppp");
	snprintf(have.offload[0], IFNAMSIZ, "lan");
	nft_table_add(&want.nft, NFT_FLOWTABLE, PLAN_FLOWTABLE, PLAN_FLOWTABLE_SPEC, xstrdup(""));
	model_copy_table(&have.nft, &want.nft);
	nft_table_add(&want.nft, NFT_CHAIN, "new", "", xstrdup("accept\n"));
	plan_add_rule(&want, &(struct plan_rule){ .priority = 1 });
	diff(&want, &have, &ops);
	CHECK_INT(ops.count, 3);
	CHECK(ops.op[2].kind == OP_OFFLOAD_ADD && strcmp(ops.op[2].device, "ppp") == 0);
	CHECK(!strstr(ops.op[0].text, "ppp"));
	op_list_free(&ops);
	plan_free(&want);
	plan_free(&have);
}

TEST(a_foreign_tunnel_is_not_deleted)
{
	struct plan nothing = { 0 }, have = { 0 };

	have.tunnels = 1;
	snprintf(have.tunnel[0].device, IFNAMSIZ, "theirs");
	CHECK(count_ops(&nothing, &have) == 0);
	have.tunnel[0].tagged = true;
	CHECK(count_ops(&nothing, &have) == 1);
}

/* ---- for people ---- */

static void append(void *arg, const char *text)
{
	strcat(arg, text);
	strcat(arg, ";");
}

TEST(a_transaction_object_by_object)
{
	struct nft_table have = { 0 }, want = { 0 };
	struct op op = { .kind = OP_NFT };
	char said[512] = "";

	nft_table_add(&have, NFT_CHAIN, "gone", "", xstrdup("drop\n"));
	nft_table_add(&have, NFT_CHAIN, "same", "", xstrdup("accept\n"));
	nft_table_add(&have, NFT_CHAIN, "other", "", xstrdup("accept\n"));
	nft_table_add(&want, NFT_COUNTER, "rule_a", "", xstrdup(""));
	nft_table_add(&want, NFT_CHAIN, "same", "", xstrdup("accept\n"));
	nft_table_add(&want, NFT_CHAIN, "other", "", xstrdup("drop\naccept\n"));
	nft_table_add(&want, NFT_CHAIN, "new", "", xstrdup("accept\n"));
	nft_table_add(&want, NFT_CHAIN, "empty", "", xstrdup(""));
	op.text = nft_diff_text(&want, &have, &op.objects);
	op_objects(&op, append, said);
	CHECK(strcmp(said, "nft add counter rule_a;nft add chain empty (0 rules);nft change chain other (2 rules);"
	                   "nft add chain new (1 rule);nft delete chain gone;") == 0);
	free(op.text);
	free(op.objects);
	nft_table_free(&have);
	nft_table_free(&want);
}

/* An end of a tunnel on the line: another's that is equal serves, and is not taken away. */
TEST(ends_of_others)
{
	struct plan_address6 end = { .device = "wan0", .ours = true };
	struct plan want = { .address6 = { end }, .addresses6 = 1 }, have = { 0 }, nothing = { 0 };
	struct op_list ops = { 0 };

	CHECK_INT(count_ops(&want, &have), 1);
	diff(&want, &have, &ops);
	CHECK(ops.count == 1 && ops.op[0].kind == OP_ADDRESS6_ADD);
	op_list_free(&ops);
	have = want;
	CHECK_INT(count_ops(&want, &have), 0);
	diff(&nothing, &have, &ops);
	CHECK(ops.count == 1 && ops.op[0].kind == OP_ADDRESS6_DELETE);
	op_list_free(&ops);
	have.address6[0].ours = false;
	CHECK_INT(count_ops(&want, &have), 0);
	CHECK_INT(count_ops(&nothing, &have), 0);
	memcpy(have.address6[0].device, "wan1", sizeof("wan1"));
	CHECK_INT(count_ops(&want, &have), 1);
}

/* To read the table may have failed: what nothing is known of is taken away first, in the same transaction. */
TEST(what_is_not_known_is_not_added_to)
{
	static const char anew[] = "add table inet dualpath\ndelete table inet dualpath\nadd table inet dualpath\nadd chain ";
	struct nft_table want = { 0 }, nothing = { 0 };
	char *text, *objects;

	nft_table_add(&want, NFT_CHAIN, "POST", "", xstrdup("accept\n"));
	text = nft_diff_text(&want, &nothing, &objects);
	CHECK(strncmp(text, anew, strlen(anew)) == 0);
	CHECK(strncmp(objects, "nft add table\nnft add chain POST", 32) == 0);
	free(text);
	free(objects);
	nft_table_free(&want);
}
