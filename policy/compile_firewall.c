/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall = yes: the chains INPUT and FORWARD, which drop what comes in uninvited on the paths and on the lines below
 * them.  What is invited: answers, what DNAT has let in, forwards to the router itself, and ports open at an address of a
 * routed block.  Called by compile_nft() alone.
 */
#include <stdio.h>
#include <string.h>

#include "policy/compile_nft_internal.h"

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

void compile_nft_firewall(struct nft_build *b)
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
	build_reset_moved(fwd.f, b);
	build_device_map(fwd.f, b, "iifname", "goto", "forward");
	print_line_interfaces(fwd.f, b);
	build_chain(b, &fwd, "type filter hook forward priority 0; policy accept;", "FORWARD");
}
