/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See compile.h: the nftables table, chain by chain.  Called by compile() alone.
 *
 * How a packet goes (base chains in capitals):
 *   PRE    remembers (restore), pins what comes in on a path (in_PATH), or classifies
 *          what comes from the home: own -> rules -> class_N -> via_PATH, which sets the mark
 *   OUT    the same for the router's own packets
 *   DNAT   forwards, for what comes in on a path and for the home that calls a static address (compile_forward.c)
 *   POST   pins a connection to the path it really leaves by, clamps the MSS
 *   SNAT   the path's own source address (never for the home's packets on DS-Lite), hairpin
 *   GUARD  last word: nothing leaves on a path with another's source
 *   INPUT, FORWARD  the firewall
 *   OFFLOAD  which connections the kernel may forward on a shorter way (compile_offload.c)
 *
 * Failover rewrites the class_N chains, "bound" (which of the router's own addresses was chosen on
 * purpose), and block_PATH (machines with an address of a routed block), and nothing else.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "policy/compile_nft_internal.h"
#include "policy/fallback.h"
#include "policy/mark.h"

FILE *build_open(struct build_text *t)
{
	t->f = open_memstream(&t->buf, &t->size);
	if (!t->f)
		abort();
	return t->f;
}

char *build_close(struct build_text *t)
{
	if (fclose(t->f) != 0)
		abort();
	return t->buf;
}

void build_chain(struct nft_build *b, struct build_text *t, const char *spec, const char *format, ...)
{
	char name[64];
	va_list ap;

	va_start(ap, format);
	vsnprintf(name, sizeof(name), format, ap);
	va_end(ap);
	nft_table_add(b->table, NFT_CHAIN, name, spec, build_close(t));
}

void build_counter(struct nft_build *b, const char *prefix, const char *name)
{
	char full[CONFIG_NAME_MAX + 16];

	snprintf(full, sizeof(full), "%s_%s", prefix, name);
	nft_table_add(b->table, NFT_COUNTER, full, "", xstrdup(""));
}

void build_ipv4(FILE *f, uint32_t addr)
{
	char buf[INET_ADDRSTRLEN];

	fputs(ipv4_print(addr, buf), f);
}

uint32_t build_path_address(const struct nft_build *b, unsigned path)
{
	return compile_path_address(&b->config->path[path], &b->facts->path[path]);
}

void build_device_map(FILE *f, const struct nft_build *b, const char *which, const char *verb, const char *chain)
{
	fprintf(f, "%s vmap {", which);
	for (unsigned i = 0; i < b->config->paths; i++)
		fprintf(f, "%s \"%s\" : %s %s_%s", i ? "," : "", b->config->path[i].device, verb, chain,
		        b->config->path[i].name);
	fputs(" }\n", f);
}

/* ---- lists of values ---- */

void build_prefixes(FILE *f, const struct prefix4 *p, size_t n)
{
	char buf[PREFIX4_STRLEN];

	fputs("{", f);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s %s", i ? "," : "", prefix4_print(p[i], buf));
	fputs(" }", f);
}

void build_ports(FILE *f, const struct port_range *p, size_t n)
{
	char buf[PORT_RANGE_STRLEN];

	fputs("{", f);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s %s", i ? "," : "", port_range_print(p[i], buf));
	fputs(" }", f);
}

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

/* Leaves on a path for the first time (POST): that is where it stays. */
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

/* Only a SYN has the option: no other packet looks where it came in or goes out. */
#define SYN "tcp flags & (syn | rst) == syn "

static void print_mss_out(FILE *f, const struct nft_build *b)
{
	fputs(SYN, f);
	build_device_map(f, b, "oifname", "jump", "mss");
}

static void print_mss_in(FILE *f, const struct nft_build *b)
{
	fputs(SYN, f);
	print_map_in(f, b, "jump", "mss", true);
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
	fputs("meta nfproto ipv6 return\n", t.f);
	print_mss_in(t.f, b);
	print_restore(t.f, b);
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

static void add_post(struct nft_build *b)
{
	struct build_text t;

	build_open(&t);
	fputs("meta nfproto ipv6 return\n", t.f);
	print_mss_out(t.f, b);
	fprintf(t.f, "ct mark & 0x%08" PRIx32 " != 0 return\n", b->mask);
	build_device_map(t.f, b, "oifname", "goto", "pin");
	build_chain(b, &t, "type filter hook postrouting priority -149; policy accept;", "POST");
}

/* ---- source addresses ---- */

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
static void add_hairpin(struct nft_build *b)
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

/* One by one: each packet of the home looks at them, and the first is quicker than a lookup in a set of ranges. */
static void print_home_sources(FILE *f)
{
	static const char sources[] = HOME_SOURCES;
	const char *at = sources, *end;

	for (; *at; at = end + strspn(end, ", ")) {
		end = at + strcspn(at, ",");
		fprintf(f, "ip saddr %.*s return\n", (int)(end - at), at);
	}
}

static void add_guard_path(struct nft_build *b, unsigned path)
{
	const struct path_config *p = &b->config->path[path];
	uint32_t addr = p->kind == PATH_DSLITE ? p->dslite.address : b->facts->path[path].address;
	struct build_text t;

	build_counter(b, "guard", p->name);
	build_open(&t);
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

/* Device by device: every packet comes here, and a few names are compared quicker than one is looked up. */
static void add_guard(struct nft_build *b)
{
	struct build_text t;

	build_open(&t);
	for (unsigned i = 0; i < b->config->paths; i++)
		fprintf(t.f, "oifname \"%s\" goto guard_%s\n", b->config->path[i].device, b->config->path[i].name);
	build_chain(b, &t, "type filter hook postrouting priority 300; policy accept;", "GUARD");
}

/* ---- firewall ---- */

void build_accept(FILE *f, const struct forward_config *w, bool udp)
{
	if (w->froms) {
		fputs("ip saddr ", f);
		build_prefixes(f, w->from, w->froms);
		fputc(' ', f);
	}
	fprintf(f, "%s dport ", udp ? "udp" : "tcp");
	build_ports(f, w->port, w->ports);
	fputs(" accept\n", f);
}

static void print_router_forwards(FILE *f, const struct nft_build *b, unsigned path, bool udp)
{
	for (size_t i = 0; i < b->config->forwards; i++) {
		const struct forward_config *w = &b->config->forward[i];

		if (forward_takes(w, path, 0, udp) && w->to_router && !w->to_port.lo)
			build_accept(f, w, udp);
	}
}

static void add_input_path(struct nft_build *b, unsigned path)
{
	struct build_text t;

	build_counter(b, "drop", b->config->path[path].name);
	build_open(&t);
	fputs("ct state established,related accept\n", t.f);
	fputs("ct status dnat accept\n", t.f);
	print_router_forwards(t.f, b, path, false);
	print_router_forwards(t.f, b, path, true);
	build_block_open(t.f, b, path, false);
	build_block_open(t.f, b, path, true);
	fprintf(t.f, "counter name \"drop_%s\" drop\n", b->config->path[path].name);
	build_chain(b, &t, "", "input_%s", b->config->path[path].name);
}

static void add_forward_path(struct nft_build *b, unsigned path)
{
	struct build_text t;

	build_open(&t);
	fputs("ct status dnat accept\n", t.f);
	build_block_open(t.f, b, path, false);
	build_block_open(t.f, b, path, true);
	fprintf(t.f, "counter name \"drop_%s\" drop\n", b->config->path[path].name);
	build_chain(b, &t, "", "forward_%s", b->config->path[path].name);
}

/* IPv4 of a neighbour on the line, outside tunnel and session, has no business in the home. */
static void add_forward_line(struct nft_build *b)
{
	struct build_text t;

	build_open(&t);
	fputs("drop\n", t.f);
	build_chain(b, &t, "", "forward_line");
}

static bool line_seen_before(const struct config *config, unsigned path)
{
	for (unsigned i = 0; i < path; i++)
		if (strcmp(config->path[i].interface, config->path[path].interface) == 0)
			return true;
	return false;
}

static void print_line_interfaces(FILE *f, const struct nft_build *b)
{
	for (unsigned i = 0; i < b->config->paths; i++)
		if (!line_seen_before(b->config, i))
			fprintf(f, "iifname \"%s\" goto forward_line\n", b->config->path[i].interface);
}

static void add_firewall(struct nft_build *b)
{
	struct build_text in, fwd;

	for (unsigned i = 0; i < b->config->paths; i++) {
		add_input_path(b, i);
		add_forward_path(b, i);
	}
	add_forward_line(b);
	build_open(&in);
	build_device_map(in.f, b, "iifname", "goto", "input");
	build_chain(b, &in, "type filter hook input priority 0; policy accept;", "INPUT");
	build_open(&fwd);
	/* A path, a line, and the home let in what is established: no need to ask which it came from. */
	fputs("ct state established,related accept\nmeta nfproto ipv6 return\n", fwd.f);
	build_device_map(fwd.f, b, "iifname", "goto", "forward");
	print_line_interfaces(fwd.f, b);
	build_chain(b, &fwd, "type filter hook forward priority 0; policy accept;", "FORWARD");
}

static void add_path(struct nft_build *b, unsigned path)
{
	add_via(b, path, false);
	add_via(b, path, true);
	add_in(b, path);
	add_pin(b, path);
	add_mss(b, path);
	add_snat_path(b, path);
	add_guard_path(b, path);
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
	add_hairpin(&b);
	add_pre(&b);
	add_bound(&b);
	add_out(&b);
	compile_nft_forwards(&b);
	compile_nft_answers(&b);
	add_post(&b);
	add_snat(&b);
	add_guard(&b);
	if (config->router.firewall)
		add_firewall(&b);
	if (compile_offloads(config, facts))
		compile_nft_offload(&b);
}
