/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a packet leaves: the source address that SNAT gives it on each path, and what GUARD lets out there, whatever
 * came of it before.  The two belong together: a source that SNAT can give and GUARD does not know is a connection that
 * never works.  Called by compile_nft() alone; the sources of a routed block are compile_block.c's.
 */
#include <stdio.h>
#include <string.h>

#include "policy/compile_nft_internal.h"

/* DS-Lite: the home's packets as they are (RFC 7084 DLW-2); only a packet of the router that got its
 * source from another path before a rule of its own moved it here. */
static void print_dslite_snat(FILE *f, const struct nft_build *b, unsigned path)
{
	for (unsigned i = 0; i < b->config->paths; i++) {
		uint32_t addr = build_path_address(b, i);

		if (i == path || !addr)
			continue;
		fputs("ip saddr ", f);
		build_ipv4(f, addr);
		fputs(" snat ip to ", f);
		build_ipv4(f, build_path_address(b, path));
		fputc('\n', f);
	}
}

static void add_snat_path(struct nft_build *b, unsigned path)
{
	uint32_t addr = b->facts->path[path].address;
	struct build_text t;

	build_open(&t);
	build_block_snat(t.f, b, path);
	if (b->config->path[path].kind == PATH_DSLITE) {
		print_dslite_snat(t.f, b, path);
	} else if (addr) {
		fputs("snat ip to ", t.f);
		build_ipv4(t.f, addr);
		fputc('\n', t.f);
	}
	build_chain(b, &t, "", "snat_%s", b->config->path[path].name);
}

/*
 * A machine of the home called an address that is ours and was sent to another one on
 * the same wire: the answer must come back through us.
 */
void compile_nft_hairpin(struct nft_build *b)
{
	struct build_text t;

	build_open(&t);
	for (unsigned i = 0; i < b->config->paths; i++)
		build_block_hairpin(t.f, b, i);
	build_chain(b, &t, "", "hairpin");
}

static void add_snat(struct nft_build *b)
{
	struct build_text t;

	build_open(&t);
	fputs("meta nfproto ipv6 return\n", t.f);
	build_device_map(t.f, b, "oifname", "goto", "snat");
	for (size_t i = 0; i < b->config->router.lans; i++)
		fprintf(t.f, "ct status dnat iifname \"%s\" oifname \"%s\" goto hairpin\n", b->config->router.lan[i],
		        b->config->router.lan[i]);
	build_chain(b, &t, "type nat hook postrouting priority 100; policy accept;", "SNAT");
}

/* The next prefix of the list at *at, which moves on behind it, to text.  False: there is none. */
static bool next_home_source(const char **at, char text[PREFIX4_STRLEN])
{
	size_t length = strcspn(*at, ",");

	if (!length)
		return false;
	snprintf(text, PREFIX4_STRLEN, "%.*s", (int)length, *at);
	*at += length + strspn(*at + length, ", ");
	return true;
}

/* One by one: each packet of the home looks at them, and the first is quicker than a lookup in a set of ranges. */
static void print_home_sources(FILE *f)
{
	char text[PREFIX4_STRLEN];

	for (const char *at = HOME_SOURCES; next_home_source(&at, text);)
		fprintf(f, "ip saddr %s return\n", text);
}

bool compile_is_home_source(uint32_t addr)
{
	char text[PREFIX4_STRLEN];
	struct prefix4 prefix;

	for (const char *at = HOME_SOURCES; next_home_source(&at, text);)
		if (prefix4_parse(text, &prefix) && prefix4_contains(prefix, addr))
			return true;
	return false;
}

static void add_guard_path(struct nft_build *b, unsigned path)
{
	const struct path_config *p = &b->config->path[path];
	uint32_t addr = p->kind == PATH_DSLITE ? p->dslite.address : b->facts->path[path].address;
	struct build_text t;

	build_counter(b, "guard", p->name);
	build_open(&t);
	build_leaves(t.f, b, path);
	build_block_guard(t.f, b, path);
	if (p->kind == PATH_DSLITE)
		print_home_sources(t.f);
	if (addr) {
		fputs("ip saddr ", t.f);
		build_ipv4(t.f, addr);
		fputs(" return\n", t.f);
	}
	fprintf(t.f, "counter name \"guard_%s\" drop\n", p->name);
	build_chain(b, &t, "", "guard_%s", p->name);
}

/*
 * Device by device: every packet comes here, and a few names are compared quicker than one is looked up.  The one filter chain
 * of postrouting: a second would cost each packet its hook, and what goes to the home would be asked what only paths need.
 */
static void add_guard(struct nft_build *b)
{
	struct build_text t;

	build_open(&t);
	for (unsigned i = 0; i < b->config->paths; i++)
		fprintf(t.f, "oifname \"%s\" goto guard_%s\n", b->config->path[i].device, b->config->path[i].name);
	build_chain(b, &t, "type filter hook postrouting priority 300; policy accept;", "GUARD");
}

void compile_nft_source_path(struct nft_build *b, unsigned path)
{
	add_snat_path(b, path);
	add_guard_path(b, path);
}

void compile_nft_source(struct nft_build *b)
{
	add_snat(b);
	add_guard(b);
}
