/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chains "rules" of the nftables table: from the owner's [host] and [rule] to matches and
 * maps that lead to a class.  What a match means is read in policy/explain.c as well.
 * Called by compile_nft.c alone, which draws the way of a packet.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "policy/compile_nft_internal.h"
#include "policy/domain.h"
#include "policy/rule_layers.h"

#define MAP_VALUE_STRLEN (PREFIX4_STRLEN > MAC_STRLEN ? PREFIX4_STRLEN : MAC_STRLEN) /* a port range is shorter */
_Static_assert(PORT_RANGE_STRLEN <= MAP_VALUE_STRLEN, "room for a port range");

/* ---- a rule ---- */

static void print_numbers(FILE *f, const char *what, bool not, const uint8_t *n, size_t count)
{
	if (!count)
		return;
	fprintf(f, "%s%s {", what, not ? " !=" : "");
	for (size_t i = 0; i < count; i++)
		fprintf(f, "%s %u", i ? "," : "", n[i]);
	fputs(" } ", f);
}

static void print_interfaces(FILE *f, const struct rule_config *r)
{
	if (!r->interfaces)
		return;
	fprintf(f, "iifname%s {", r->not_interface ? " !=" : "");
	for (size_t i = 0; i < r->interfaces; i++)
		fprintf(f, "%s \"%s\"", i ? "," : "", r->interface[i]);
	fputs(" } ", f);
}

/* What is said of the packet but for its ends. */
static void print_match(FILE *f, const struct rule_config *r)
{
	static const uint8_t with_ports[] = { IPPROTO_TCP, IPPROTO_UDP };

	print_numbers(f, "ip dscp", r->not_dscp, r->dscp, r->dscps);
	if (r->protocols)
		print_numbers(f, "meta l4proto", r->not_protocol, r->protocol, r->protocols);
	else if (r->ports || r->source_ports)
		print_numbers(f, "meta l4proto", false, with_ports, 2);
	if (r->source_ports) {
		fprintf(f, "th sport%s ", r->not_source_port ? " !=" : "");
		build_ports(f, r->source_port, r->source_ports);
		fputc(' ', f);
	}
	if (r->ports) {
		fprintf(f, "th dport%s ", r->not_port ? " !=" : "");
		build_ports(f, r->port, r->ports);
		fputc(' ', f);
	}
}

static size_t count_from(const struct rule_config *r, enum match_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < r->froms; i++)
		n += r->from[i].kind == kind;
	return n;
}

static void print_users(FILE *f, const struct rule_config *r)
{
	if (!r->users)
		return;
	fprintf(f, "meta skuid%s {", r->not_user ? " !=" : "");
	for (size_t i = 0; i < r->users; i++)
		fprintf(f, "%s %" PRIu32, i ? "," : "", r->user[i].uid);
	fputs(" } ", f);
}

static void print_from(FILE *f, const struct rule_config *r, enum match_kind kind)
{
	char buf[MAP_VALUE_STRLEN];
	const char *between = "";

	if (kind == MATCH_ROUTER) {
		fprintf(f, "fib saddr type%s local ", r->not_from ? " !=" : "");
		return;
	}
	fprintf(f, "%s%s {", kind == MATCH_MAC ? "ether saddr" : "ip saddr", r->not_from ? " !=" : "");
	for (size_t i = 0; i < r->froms; i++) {
		if (r->from[i].kind != kind)
			continue;
		fprintf(f, "%s %s", between, kind == MATCH_MAC ? mac_print(r->from[i].mac, buf)
		                                               : prefix4_print(r->from[i].prefix, buf));
		between = ",";
	}
	fputs(" } ", f);
}

static void print_verdict(FILE *f, const struct rule_config *r, unsigned class)
{
	fprintf(f, "counter name \"rule_%s\" goto class_%u\n", r->name, class);
}

/* ---- "from" and "to" are unions: an nft rule for each part of the one with each part of the other ---- */

static const enum match_kind from_kinds[] = { MATCH_PREFIX, MATCH_MAC, MATCH_ROUTER };
#define FROM_KINDS (sizeof(from_kinds) / sizeof(from_kinds[0]))

/* "not" is one part with them all. */
static size_t from_parts(const struct rule_config *r)
{
	size_t n = 0;

	for (size_t i = 0; i < FROM_KINDS; i++)
		n += count_from(r, from_kinds[i]) > 0;
	return r->not_from || !n ? 1 : n;
}

static void print_from_part(FILE *f, const struct rule_config *r, size_t part)
{
	for (size_t i = 0, at = 0; i < FROM_KINDS; i++) {
		if (!count_from(r, from_kinds[i]))
			continue;
		if (r->not_from || at++ == part)
			print_from(f, r, from_kinds[i]);
	}
}

/* In the set, and so in use: it lasts longer.  A name's addresses that nobody calls any more are forgotten. */
static void print_in_domain(FILE *f, const struct config *config, unsigned domain)
{
	char set[DOMAIN_SET_STRLEN];

	domain_set_name(config->domain[domain], set);
	fprintf(f, "ip daddr @%s update @%s { ip daddr } ", set, set);
}

static void print_not_to(FILE *f, const struct config *config, const struct rule_config *r)
{
	char set[DOMAIN_SET_STRLEN];

	if (r->tos) {
		fputs("ip daddr != ", f);
		build_prefixes(f, r->to, r->tos);
		fputc(' ', f);
	}
	for (size_t i = 0; i < r->domains; i++)
		fprintf(f, "ip daddr != @%s ", domain_set_name(config->domain[r->domain[i]], set));
}

/* The prefixes are one part, and each name is one. */
static size_t to_parts(const struct rule_config *r)
{
	return r->not_to || !r->domains ? 1 : (r->tos > 0) + r->domains;
}

static void print_to_part(FILE *f, const struct config *config, const struct rule_config *r, size_t part)
{
	size_t first_name = r->tos > 0;

	if (r->not_to) {
		print_not_to(f, config, r);
	} else if (r->domains && part >= first_name) {
		print_in_domain(f, config, r->domain[part - first_name]);
	} else if (r->tos) {
		fputs("ip daddr ", f);
		build_prefixes(f, r->to, r->tos);
		fputc(' ', f);
	}
}

/* A rule that is for all but a name uses the name's addresses as well. */
static void print_uses(FILE *f, const struct config *config, const struct rule_config *r)
{
	for (size_t i = 0; r->not_to && i < r->domains; i++) {
		print_in_domain(f, config, r->domain[i]);
		fputc('\n', f);
	}
}

static void print_rule(FILE *f, const struct config *config, const struct rule_config *r, unsigned class)
{
	print_uses(f, config, r);
	for (size_t from = 0; from < from_parts(r); from++)
		for (size_t to = 0; to < to_parts(r); to++) {
			print_from_part(f, r, from);
			print_users(f, r);
			print_interfaces(f, r);
			print_to_part(f, config, r, to);
			print_match(f, r);
			print_verdict(f, r, class);
		}
}

static void add_rules_chain(struct nft_build *b, struct build_text *t, unsigned number)
{
	if (number)
		build_chain(b, t, "", "rules_%u", number);
	else
		build_chain(b, t, "", "rules");
}

/* ---- many rules: a map ---- */

static const struct {
	unsigned bit;
	const char *key, *type;
} map_fields[] = { { SHAPE_FROM, "ip saddr", "ipv4_addr" },
	           { SHAPE_MAC, "ether saddr", "ether_addr" },
	           { SHAPE_TO, "ip daddr", "ipv4_addr" },
	           { SHAPE_PROTOCOL, "meta l4proto", "inet_proto" },
	           { SHAPE_PORT, "th dport", "inet_service" } };

/* "ip saddr . meta l4proto . th dport ", or the types of these. */
static void print_map_key(FILE *f, unsigned shape, bool types)
{
	const char *between = "";

	for (size_t i = 0; i < sizeof(map_fields) / sizeof(map_fields[0]); i++)
		if (shape & map_fields[i].bit) {
			fprintf(f, "%s%s", between, types ? map_fields[i].type : map_fields[i].key);
			between = " . ";
		}
	fputc(' ', f);
}

/* One combination of a rule's values, in the order of the key. */
static void print_map_element(FILE *f, const struct rule_values *v)
{
	char buf[MAP_VALUE_STRLEN];
	const char *between = "";

	if (v->from) {
		fputs(v->from->kind == MATCH_MAC ? mac_print(v->from->mac, buf) : prefix4_print(v->from->prefix, buf), f);
		between = " . ";
	}
	if (v->to) {
		fprintf(f, "%s%s", between, prefix4_print(*v->to, buf));
		between = " . ";
	}
	if (v->protocol) {
		fprintf(f, "%s%u", between, *v->protocol);
		between = " . ";
	}
	if (v->port)
		fprintf(f, "%s%s", between, port_range_print(*v->port, buf));
}

static void print_elements(FILE *f, const struct rule_layer *layer, const struct classes *classes, bool counters,
                           const char *between)
{
	for (size_t i = 0; i < layer->rules; i++)
		for (size_t n = 0; n < rule_combinations(layer->rule[i]); n++) {
			struct rule_values values = rule_combination(layer->rule[i], n);

			print_map_element(f, &values);
			if (counters)
				fprintf(f, " : \"rule_%s\"", layer->rule[i]->name);
			else
				fprintf(f, " : goto class_%u", classes_find(classes, &layer->rule[i]->path));
			fputs(between, f);
		}
}

/* A map with ranges is written in its rule: to change it in place nft would read all of it from the kernel. */
static void print_inline_map(FILE *f, const struct rule_layer *layer, const struct classes *classes, bool counters)
{
	print_map_key(f, layer->shape, false);
	fputs(counters ? "map { " : "vmap { ", f);
	print_elements(f, layer, classes, counters, ", ");
	fputs(counters ? "} " : "}\n", f);
}

/* One of exact values is an object, which takes and gives elements one by one.  The hash of what is in it. */
static uint64_t print_named_map(FILE *f, struct nft_build *b, const struct rule_layer *layer, const struct classes *classes,
                                bool counters)
{
	char name[48], spec[128];
	struct build_text t;
	FILE *s = fmemopen(spec, sizeof(spec), "w");

	if (!s)
		abort();
	fputs("type ", s);
	print_map_key(s, layer->shape, true);
	fprintf(s, ": %s;", counters ? "counter" : "verdict");
	fclose(s);
	for (unsigned n = 0; n == 0 || nft_table_find(b->table, NFT_MAP, name); n++)
		snprintf(name, sizeof(name), "map_%u_%u_%s", layer->shape, n, counters ? "counter" : "class");
	build_open(&t);
	print_elements(t.f, layer, classes, counters, "\n");
	print_map_key(f, layer->shape, false);
	fprintf(f, "%s @%s%s", counters ? "map" : "vmap", name, counters ? " " : "\n");
	return nft_table_add(b->table, NFT_MAP, name, spec, build_close(&t))->hash;
}

/*
 * Two lookups in one rule: the rule's counter, and where it leads.  What is not in the first is not looked for in the second.
 * Returns what stands for the elements that are not in the rule itself; 0: none.
 */
static uint64_t print_map(FILE *f, struct nft_build *b, const struct rule_layer *layer, const struct classes *classes)
{
	uint64_t counters, verdicts;

	fputs("counter name ", f);
	if (layer->shape & SHAPE_RANGES) {
		print_inline_map(f, layer, classes, true);
		print_inline_map(f, layer, classes, false);
		return 0;
	}
	counters = print_named_map(f, b, layer, classes, true);
	verdicts = print_named_map(f, b, layer, classes, false);
	return counters * 31 + verdicts;
}

/* As print_map(); 0 also for no map. */
static uint64_t print_layer(FILE *f, struct nft_build *b, const struct rule_layer *layer, const struct classes *classes)
{
	if (rule_layer_is_map(layer))
		return print_map(f, b, layer, classes);
	for (size_t i = 0; i < layer->rules; i++)
		print_rule(f, b->config, layer->rule[i], classes_find(classes, &layer->rule[i]->path));
	return 0;
}

/*
 * The provider's name servers are asked over its session, whatever the default is: few answer strangers.  Questions of the
 * router alone, and after the owner's rules.
 */
static void print_session_dns(FILE *f, const struct nft_build *b)
{
	for (unsigned i = 0; i < b->config->paths; i++)
		for (unsigned j = 0; b->facts->path[i].device_up && j < FACTS_DNS_MAX; j++) {
			if (!b->facts->path[i].dns[j])
				continue;
			fputs("ip daddr ", f);
			build_ipv4(f, b->facts->path[i].dns[j]);
			fprintf(f, " meta l4proto { tcp, udp } th dport %u fib saddr type local goto via_%s_stay\n", PORT_DNS,
			        b->config->path[i].name);
		}
}

/* The chain's last line.  A daemon that has not seen the elements of its map knows by the chain what they are. */
static void print_goto(FILE *f, const char *chain, unsigned number, uint64_t elements)
{
	fprintf(f, "goto %s_%u", chain, number);
	if (elements)
		fprintf(f, " # %016" PRIx64, elements);
	fputc('\n', f);
}

/* Each map has a chain of its own, so that a change elsewhere does not send it anew. */
void compile_nft_rules(struct nft_build *b, const struct classes *classes)
{
	struct rule_layers layers = { 0 };
	char set[DOMAIN_SET_STRLEN];
	uint64_t elements = 0;
	unsigned chain = 0;
	struct build_text t;

	for (size_t i = 0; i < b->config->rules; i++)
		build_counter(b, "rule", b->config->rule[i].name);
	for (size_t i = 0; i < b->config->domains; i++)
		nft_table_add(b->table, NFT_SET, domain_set_name(b->config->domain[i], set), DOMAIN_SET_SPEC, xstrdup(""));
	rule_layers_of(b->config, b->facts, &layers);
	build_open(&t);
	for (size_t i = 0; i < layers.count; i++) {
		elements = print_layer(t.f, b, &layers.item[i], classes);
		if (!rule_layer_is_map(&layers.item[i]) || i + 1 == layers.count)
			continue;
		print_goto(t.f, "rules", chain + 1, elements);
		add_rules_chain(b, &t, chain++);
		build_open(&t);
	}
	print_session_dns(t.f, b);
	print_goto(t.f, "class", 0, elements);
	add_rules_chain(b, &t, chain);
	rule_layers_free(&layers);
}
