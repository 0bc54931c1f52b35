/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chains DNAT, DNAT_OUT and those below them: ports of the static address that lead to a machine
 * of the home.  Called by compile_nft.c alone, which draws the way of a packet.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/block.h"
#include "policy/compile_nft_internal.h"

/* ":8080", or "th dport map { 8000 : 9000, 8001 : 9001 }" behind the colon: the kernel has no other way to say "by as much". */
static void print_moved_port(FILE *f, const struct forward_config *w)
{
	if (w->to_port.lo == w->to_port.hi) {
		fprintf(f, ":%u", w->to_port.lo);
		return;
	}
	for (unsigned port = w->port[0].lo; port <= w->port[0].hi; port++) {
		fputs(port == w->port[0].lo ? ":th dport map { " : ", ", f);
		fprintf(f, "%u : %u", port, forward_port(w, (uint16_t)port));
	}
	fputs(" }", f);
}

/* What is sent to another address or port; else it is counted alone, and let in by the firewall's chains. */
static void print_forward_target(FILE *f, const struct forward_config *w)
{
	if (w->to_port.lo) /* nft wants to see, in the same rule, that there are ports */
		fputs("meta l4proto { tcp, udp } ", f);
	fprintf(f, "counter name \"fwd_%s\" ", w->name);
	if ((w->to_router && !w->to_port.lo) || forward_is_plain(w)) {
		fputs("accept\n", f);
		return;
	}
	fputs(w->to_router ? "redirect to " : "dnat ip to ", f);
	if (!w->to_router)
		build_ipv4(f, w->to);
	if (w->to_port.lo)
		print_moved_port(f, w);
	fputc('\n', f);
}

/* "from" is about who comes from outside: the home may always call itself. */
static void add_forward(struct nft_build *b, const struct forward_config *w)
{
	struct build_text t;

	build_counter(b, "fwd", w->name);
	build_open(&t);
	if (w->froms) {
		fprintf(t.f, "iifname \"%s\" ip saddr != ", b->config->path[w->path].device);
		build_prefixes(t.f, w->from, w->froms);
		fputs(" return\n", t.f);
	}
	print_forward_target(t.f, w);
	build_chain(b, &t, "", "fwd_%s", w->name);
}

/* In file order, and jump: a forward that is not for this sender lets the next one try. */
static void print_forwards(FILE *f, const struct nft_build *b, unsigned path, uint32_t at, bool udp)
{
	for (size_t i = 0; i < b->config->forwards; i++) {
		const struct forward_config *w = &b->config->forward[i];

		if (!forward_takes(w, path, at, udp))
			continue;
		fprintf(f, "%s dport ", udp ? "udp" : "tcp");
		build_ports(f, w->port, w->ports);
		fprintf(f, " jump fwd_%s\n", w->name);
	}
}

static void add_dnat_path(struct nft_build *b, unsigned path)
{
	struct build_text t;

	build_open(&t);
	print_forwards(t.f, b, path, 0, false);
	print_forwards(t.f, b, path, 0, true);
	build_chain(b, &t, "", "dnat_%s", b->config->path[path].name);
}

static void add_dnat_at(struct nft_build *b, unsigned path, uint32_t at)
{
	char buf[INET_ADDRSTRLEN];
	struct build_text t;

	build_open(&t);
	print_forwards(t.f, b, path, at, false);
	print_forwards(t.f, b, path, at, true);
	build_block_public(t.f, b, at);
	build_chain(b, &t, "", "at_%s", ipv4_print(at, buf));
}

static void add_dnat_block(struct nft_build *b, unsigned path)
{
	uint32_t *addr;
	size_t n = build_block_addresses(b, path, &addr);

	for (size_t i = 0; i < n; i++)
		add_dnat_at(b, path, addr[i]);
	free(addr);
}

/* "ip daddr vmap { 203.0.113.18 : goto at_203.0.113.18 }" */
static void print_dnat_block(FILE *f, const struct nft_build *b, unsigned path)
{
	uint32_t *addr;
	size_t n = build_block_addresses(b, path, &addr);
	char buf[INET_ADDRSTRLEN];

	for (size_t i = 0; i < n; i++) {
		fputs(i ? ", " : "ip daddr vmap { ", f);
		ipv4_print(addr[i], buf);
		fprintf(f, "%s : goto at_%s", buf, buf);
	}
	fputs(n ? " }\n" : "", f);
	free(addr);
}

static void print_dnat_paths(FILE *f, const struct nft_build *b)
{
	char buf[INET_ADDRSTRLEN];

	for (unsigned i = 0; i < b->config->paths; i++) {
		uint32_t addr = build_path_address(b, i);

		if (addr && b->config->path[i].kind != PATH_DSLITE)
			fprintf(f, "ip daddr %s goto dnat_%s\n", ipv4_print(addr, buf), b->config->path[i].name);
		print_dnat_block(f, b, i);
	}
}

static void add_dnat(struct nft_build *b)
{
	struct build_text in, out;

	build_open(&in);
	for (unsigned i = 0; i < b->config->paths; i++)
		if (b->config->path[i].kind == PATH_DSLITE)
			fprintf(in.f, "iifname \"%s\" return\n", b->config->path[i].device);
	print_dnat_paths(in.f, b);
	build_chain(b, &in, "type nat hook prerouting priority -105; policy accept;", "DNAT");
	build_open(&out);
	print_dnat_paths(out.f, b);
	build_chain(b, &out, "type nat hook output priority -105; policy accept;", "DNAT_OUT");
}

void compile_nft_forwards(struct nft_build *b)
{
	for (unsigned i = 0; i < b->config->paths; i++) {
		add_dnat_path(b, i);
		add_dnat_block(b, i);
	}
	for (size_t i = 0; i < b->config->forwards; i++)
		add_forward(b, &b->config->forward[i]);
	add_dnat(b);
}
