/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names as destinations: what a name covers, what dnsmasq is told, and that sets outlive changes of the rules. */
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "policy/diff.h"
#include "policy/domain.h"
#include "policy/plan.h"
#include "tests/unit/unit.h"

TEST(a_name_covers_itself_and_what_is_below)
{
	CHECK(domain_covers("example.com", "example.com"));
	CHECK(domain_covers("example.com", "a.b.example.com"));
	CHECK(!domain_covers("example.com", "badexample.com"));
	CHECK(!domain_covers("a.example.com", "example.com"));
}

/* dnsmasq goes by the longest name alone: the line of www must fill the set of the whole domain as well. */
TEST(a_longer_name_fills_the_sets_of_shorter_ones)
{
	char name[3][32] = { "example.com", "www.example.com", "example.net" };
	char *domain[] = { name[0], name[1], name[2] };
	struct config config = { .domain = domain, .domains = 3 };
	char *text = domain_dnsmasq_conf(&config);

	CHECK(strstr(text, "\nnftset=/example.com/4#inet#dualpath#dom_example.com\n"));
	CHECK(strstr(text, "\nnftset=/www.example.com/4#inet#dualpath#dom_example.com,4#inet#dualpath#dom_www.example.com\n"));
	CHECK(strstr(text, "\nnftset=/example.net/4#inet#dualpath#dom_example.net\n"));
	free(text);
}

static void make(struct nft_table *table, const char *rules, const char *set, const char *spec)
{
	nft_table_add(table, NFT_SET, set, spec, xstrdup(""));
	nft_table_add(table, NFT_CHAIN, "rules", "", xstrdup(rules));
}

TEST(a_set_that_stays_is_not_touched)
{
	struct nft_table have = { 0 }, want = { 0 };
	char *text, *objects;

	make(&have, "ip daddr @dom_a accept\n", "dom_a", DOMAIN_SET_SPEC);
	make(&want, "ip daddr @dom_a drop\n", "dom_a", DOMAIN_SET_SPEC);
	text = nft_diff_text(&want, &have, &objects);
	CHECK_STR(objects, "nft change chain rules (1 rule)\n");
	CHECK(!strstr(text, "set inet"));
	free(text);
	free(objects);
	nft_table_free(&have);
	nft_table_free(&want);
}

/* Before what refers to it, and gone after what did. */
TEST(a_set_comes_first_and_goes_last)
{
	struct nft_table have = { 0 }, want = { 0 };
	char *text, *objects;

	make(&have, "ip daddr @dom_a accept\n", "dom_a", DOMAIN_SET_SPEC);
	make(&want, "ip daddr @dom_b accept\n", "dom_b", DOMAIN_SET_SPEC);
	text = nft_diff_text(&want, &have, &objects);
	CHECK(strstr(text, "add set inet dualpath dom_b { " DOMAIN_SET_SPEC " }\n") < strstr(text, "add rule"));
	CHECK(strstr(text, "add rule") < strstr(text, "delete set inet dualpath dom_a\n"));
	CHECK_STR(objects, "nft add set dom_b\nnft change chain rules (1 rule)\nnft delete set dom_a\n");
	free(text);
	free(objects);
	nft_table_free(&have);
	nft_table_free(&want);
}
