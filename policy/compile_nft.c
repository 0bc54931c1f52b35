/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See compile.h: the nftables table, and of its chains those by which a packet gets its path.  Called by compile() alone.
 *
 * How a packet goes (base chains in capitals):
 *   PRE    remembers (restore), pins what comes in on a path (in_PATH), or classifies
 *          what comes from the home: own -> rules -> class_N -> via_PATH, which sets the mark
 *   OUT    the same for the router's own packets
 *   DNAT   forwards, for what comes in on a path and for the home that calls a static address (compile_forward.c)
 *   SNAT   the path's own source address (never for the home's packets on DS-Lite), hairpin (compile_source.c)
 *   GUARD  leaves on a path (guard_PATH, compile_source.c): clamps the MSS, pins a connection to the path it really
 *          leaves by, and has the last word: nothing leaves there with another's source
 *   INPUT, FORWARD  the firewall (compile_firewall.c)
 *   OFFLOAD  which connections the kernel may forward on a shorter way (compile_offload.c)
 *
 * Failover rewrites the class_N chains, "bound" (which of the router's own addresses was chosen on
 * purpose), and block_PATH (machines with an address of a routed block), and nothing else.
 */
#include <inttypes.h>
#include <stdio.h>

#include "policy/compile_nft_internal.h"
#include "policy/fallback.h"
#include "policy/mark.h"

/* ---- marks ---- */

static void print_set(FILE *f, const char *what, uint32_t mask, uint32_t value)
{
	fprintf(f, "%s mark set %s mark & 0x%08" PRIx32 " | 0x%08" PRIx32, what, what, ~mask, value);
}

/* via_PATH sends the packet over it; via_PATH_stay says besides that it has nowhere else to go. */
static void add_via(struct nft_build *b, unsigned path, bool stay)
{
	struct build_text t;
	uint32_t value = mark_of_path(b->mask, b->config->path[path].slot) | (stay ? mark_stays(b->mask) : 0);

	build_open(&t);
	print_set(t.f, "meta", b->mask, value);
	fputc('\n', t.f);
	build_chain(b, &t, "", "via_%s%s", b->config->path[path].name, stay ? "_stay" : "");
}

static void add_unreachable(struct nft_build *b)
{
	struct build_text t;

	build_open(&t);
	print_set(t.f, "meta", b->mask, mark_unreachable(b->mask));
	fputc('\n', t.f);
	build_chain(b, &t, "", "unreachable");
}

/* What a connection remembers decides, whatever the rules say now; also where its path is no longer there. */
static void print_restore(FILE *f, const struct nft_build *b)
{
	build_reset_bound(f, b);
	fprintf(f, "ct mark & 0x%08" PRIx32 " vmap {", b->mask);
	for (unsigned i = 0; i < b->config->paths; i++)
		fprintf(f, "%s 0x%08" PRIx32 " : goto via_%s, 0x%08" PRIx32 " : goto via_%s_stay", i ? "," : "",
		        mark_of_path(b->mask, b->config->path[i].slot), b->config->path[i].name,
		        mark_of_path(b->mask, b->config->path[i].slot) | mark_stays(b->mask), b->config->path[i].name);
	fprintf(f, " }\nct mark & 0x%08" PRIx32 " != 0 return\n", b->mask);
}

/* Came in on the path: every packet of it goes back there. */
static void add_in(struct nft_build *b, unsigned path)
{
	struct build_text t;

	build_open(&t);
	print_set(t.f, "ct", b->mask, mark_of_path(b->mask, b->config->path[path].slot) | mark_stays(b->mask));
	fprintf(t.f, "\ngoto via_%s_stay\n", b->config->path[path].name);
	build_chain(b, &t, "", "in_%s", b->config->path[path].name);
}

/* Leaves on a path for the first time (guard_PATH): that is where it stays. */
static void add_pin(struct nft_build *b, unsigned path)
{
	struct build_text t;
	uint32_t value = mark_of_path(b->mask, b->config->path[path].slot), stay = mark_stays(b->mask);

	build_open(&t);
	fprintf(t.f, "meta mark & 0x%08" PRIx32 " != 0 ", stay);
	print_set(t.f, "ct", b->mask, value | stay);
	fputs(" return\n", t.f);
	print_set(t.f, "ct", b->mask, value);
	fputc('\n', t.f);
	build_chain(b, &t, "", "pin_%s", b->config->path[path].name);
}

/* ---- MSS ---- */

/* On both sides: "rt mtu" would know the way out alone, and what comes in needs it as much. */
static void add_mss(struct nft_build *b, unsigned path)
{
	const struct path_config *p = &b->config->path[path];
	unsigned mtu = compile_path_mtu(p, &b->facts->path[path]);
	struct build_text t;

	build_open(&t);
	fprintf(t.f, "tcp option maxseg size > %u tcp option maxseg size set %u\n",
	        mtu - IPV4_TCP_HEADERS, mtu - IPV4_TCP_HEADERS);
	build_chain(b, &t, "", "mss_%s", p->name);
}

/* As build_device_map(), with the tunnels' drains: each to the chain of its path, or dropped. */
static void print_map_in(FILE *f, const struct nft_build *b, const char *verb, const char *chain, bool drains_too)
{
	char drain[IFNAMSIZ];

	fputs("iifname vmap {", f);
	for (unsigned i = 0; i < b->config->paths; i++) {
		const struct path_config *path = &b->config->path[i];

		fprintf(f, "%s \"%s\" : %s %s_%s", i ? "," : "", path->device, verb, chain, path->name);
		if (path->kind == PATH_PPPOE)
			continue;
		compile_drain_device(path, drain);
		if (drains_too)
			fprintf(f, ", \"%s\" : %s %s_%s", drain, verb, chain, path->name);
		else
			fprintf(f, ", \"%s\" : drop", drain);
	}
	fputs(" }\n", f);
}

/* Only a SYN has the option: no other packet looks where it came in. */
#define SYN "tcp flags & (syn | rst) == syn "

static void print_mss_in(FILE *f, const struct nft_build *b)
{
	fputs(SYN "meta nfproto ipv4 ", f);
	print_map_in(f, b, "jump", "mss", true);
}

void build_leaves(FILE *f, const struct nft_build *b, unsigned path)
{
	const char *name = b->config->path[path].name;

	fprintf(f, SYN "jump mss_%s\nct mark & 0x%08" PRIx32 " == 0 jump pin_%s\n", name, b->mask, name);
}

/* What falls back, and is to come back: "ct label set 96 ct label set 103 ". */
static void print_label(FILE *f, const struct nft_build *b, const struct path_list *order)
{
	struct fallback fallback;
	uint32_t bits;

	if (!fallback_of(b->config, b->facts, order, &fallback))
		return;
	bits = fallback_pack(&fallback);
	for (unsigned i = 0; i < FALLBACK_LABEL_BITS; i++)
		if (bits >> i & 1)
			fprintf(f, "ct label set %u ", FALLBACK_LABEL + i);
}

/* The one place that failover touches. */
static void add_class(struct nft_build *b, const struct classes *classes, unsigned class)
{
	const struct path_list *order = &classes->item[class].order;
	int active = path_list_active(order, b->facts);
	struct build_text t;

	build_open(&t);
	print_label(t.f, b, order);
	if (active < 0)
		fputs("goto unreachable\n", t.f);
	else
		fprintf(t.f, "goto via_%s%s\n", b->config->path[active].name, order->count == 1 ? "_stay" : "");
	build_chain(b, &t, "", "class_%u", class);
}

/* ---- base chains that classify ---- */

/* To ourselves: nothing to choose.  A static address counts also while its session is down. */
static void add_own(struct nft_build *b)
{
	struct build_text t;

	build_open(&t);
	fputs("fib daddr type { local, broadcast, multicast } return\n", t.f);
	for (unsigned i = 0; i < b->config->paths; i++) {
		uint32_t addr = build_path_address(b, i);

		if (addr && b->config->path[i].kind != PATH_DSLITE) {
			fputs("ip daddr ", t.f);
			build_ipv4(t.f, addr);
			fputs(" return\n", t.f);
		}
	}
	build_block_classify(t.f, b);
	fputs("goto rules\n", t.f);
	build_chain(b, &t, "", "classify");
}

static void add_pre(struct nft_build *b)
{
	struct build_text t;

	build_open(&t);
	print_mss_in(t.f, b);
	print_restore(t.f, b);
	fputs("meta nfproto ipv6 return\n", t.f);
	/* A drain takes in what was under way when its tunnel moved: the rest of connections that there were before.  What nobody
	 * remembers is nobody's answer, and begins nothing there. */
	print_map_in(t.f, b, "goto", "in", false);
	fputs("iifname \"lo\" return\n", t.f);
	fputs("goto classify\n", t.f);
	build_chain(b, &t, "type filter hook prerouting priority -151; policy accept;", "PRE");
}

/*
 * A socket bound to the address of a path that is not the default's was bound on
 * purpose; one with the default's address has probably just been given it.
 */
static void add_bound(struct nft_build *b)
{
	int active = path_list_active(&b->config->router.order, b->facts);
	struct build_text t;

	build_open(&t);
	for (unsigned i = 0; i < b->config->paths; i++) {
		uint32_t addr = build_path_address(b, i);

		if ((int)i == active || !addr)
			continue;
		fputs("ip saddr ", t.f);
		build_ipv4(t.f, addr);
		fprintf(t.f, " goto via_%s_stay\n", b->config->path[i].name);
	}
	fputs("goto classify\n", t.f);
	build_chain(b, &t, "", "bound");
}

static void add_out(struct nft_build *b)
{
	struct build_text t;

	build_open(&t);
	fputs("meta nfproto ipv6 return\n", t.f);
	fprintf(t.f, "meta mark & 0x%08" PRIx32 " != 0 return\n", b->mask);
	print_restore(t.f, b);
	fputs("oifname != {", t.f);
	for (unsigned i = 0; i < b->config->paths; i++)
		fprintf(t.f, "%s \"%s\"", i ? "," : "", b->config->path[i].device);
	fputs(" } return\n", t.f);
	fputs("goto bound\n", t.f);
	build_chain(b, &t, "type route hook output priority -151; policy accept;", "OUT");
}

static void add_path(struct nft_build *b, unsigned path)
{
	add_via(b, path, false);
	add_via(b, path, true);
	add_in(b, path);
	add_pin(b, path);
	add_mss(b, path);
	compile_nft_source_path(b, path);
}

void compile_nft(const struct config *config, const struct facts *facts, struct nft_table *table)
{
	struct nft_build b = { config, facts, table, config->router.mark_mask };
	struct classes classes;

	classes_of(config, &classes);
	for (unsigned i = 0; i < config->paths; i++)
		add_path(&b, i);
	add_unreachable(&b);
	build_reset_chains(&b);
	for (unsigned i = 0; i < classes.count; i++)
		add_class(&b, &classes, i);
	compile_nft_rules(&b, &classes);
	build_block_chains(&b);
	add_own(&b);
	compile_nft_hairpin(&b);
	add_pre(&b);
	add_bound(&b);
	add_out(&b);
	compile_nft_forwards(&b);
	compile_nft_answers(&b);
	compile_nft_source(&b);
	if (config->router.firewall)
		compile_nft_firewall(&b);
	if (compile_offloads(config, facts))
		compile_nft_offload(&b);
}
