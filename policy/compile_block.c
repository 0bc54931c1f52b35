/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a routed block (block = of [pppoe]) adds to the chains: which way its machines go, with which
 * source, and what comes to an address of it.  Called by compile_nft.c and compile_forward.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "policy/block.h"
#include "policy/compile_nft_internal.h"

static bool has_block(const struct path_config *path)
{
	return path->kind == PATH_PPPOE && path->pppoe.has_block;
}

static void print_block(FILE *f, const struct path_config *path)
{
	char buf[PREFIX4_STRLEN];

	fputs(prefix4_print(path->pppoe.block, buf), f);
}

/* ---- one-to-one NAT ---- */

static bool is_public_on(const struct host_config *host, unsigned path)
{
	return host->public && host->public_path == path;
}

static size_t count_publics(const struct config *config, unsigned path)
{
	size_t n = 0;

	for (size_t i = 0; config->publics && i < config->hosts; i++)
		n += is_public_on(&config->host[i], path);
	return n;
}

/* "snat ip to ip saddr map { 192.168.1.10 : 203.0.113.18 }" */
static void print_public_sources(FILE *f, const struct nft_build *b, unsigned path)
{
	const char *between = "";

	fputs("snat ip to ip saddr map {", f);
	for (size_t i = 0; i < b->config->hosts; i++) {
		const struct host_config *host = &b->config->host[i];

		if (!is_public_on(host, path))
			continue;
		fprintf(f, "%s ", between);
		build_ipv4(f, host_only_address(host));
		fputs(" : ", f);
		build_ipv4(f, host->public);
		between = ",";
	}
	fputs(" }\n", f);
}

/* ---- addresses of the block that something is known of ---- */

static int by_address(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

size_t build_block_addresses(const struct nft_build *b, unsigned path, uint32_t **list)
{
	const struct config *c = b->config;
	size_t n = 0, distinct = 0;
	uint32_t *addr = xcalloc(c->publics + c->forwards, sizeof(*addr));

	for (size_t i = 0; c->publics && i < c->hosts; i++)
		if (is_public_on(&c->host[i], path))
			addr[n++] = c->host[i].public;
	for (size_t i = 0; i < c->forwards; i++)
		if (c->forward[i].at && c->forward[i].path == path)
			addr[n++] = c->forward[i].at;
	if (n)
		qsort(addr, n, sizeof(*addr), by_address);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || addr[i] != addr[i - 1])
			addr[distinct++] = addr[i];
	*list = addr;
	return distinct;
}

static bool is_opened(const struct config *c, unsigned path, uint32_t addr)
{
	for (size_t i = 0; i < c->forwards; i++)
		if (c->forward[i].path == path && c->forward[i].udp && c->forward[i].at == addr && c->forward[i].to == addr)
			return true;
	return false;
}

size_t build_block_opened(const struct nft_build *b, unsigned path, uint32_t **list)
{
	size_t n = build_block_addresses(b, path, list), opened = 0;

	for (size_t i = 0; i < n; i++)
		if (is_opened(b->config, path, (*list)[i]))
			(*list)[opened++] = (*list)[i];
	return opened;
}

/* ---- lines of the chains ---- */

/* The session's own address may be one of the block: it is the router's, which rules may send elsewhere. */
static void print_block_source(FILE *f, const struct nft_build *b, unsigned path)
{
	const struct path_config *p = &b->config->path[path];
	uint32_t own = build_path_address(b, path);

	fputs("ip saddr ", f);
	print_block(f, p);
	if (own && prefix4_contains(p->pppoe.block, own)) {
		fputs(" ip saddr != ", f);
		build_ipv4(f, own);
	}
	fprintf(f, " goto block_%s\n", p->name);
}

/* As a rule that names the path alone. */
void build_block_chains(struct nft_build *b)
{
	for (unsigned i = 0; i < b->config->paths; i++) {
		const struct path_config *p = &b->config->path[i];
		struct build_text t;

		if (!has_block(p))
			continue;
		build_open(&t);
		if (b->facts->path[i].usable)
			fprintf(t.f, "goto via_%s_stay\n", p->name);
		else
			fputs("goto unreachable\n", t.f);
		build_chain(b, &t, "", "block_%s", p->name);
	}
}

void build_block_classify(FILE *f, const struct nft_build *b)
{
	const struct config *c = b->config;
	const char *between = "";

	if (c->publics)
		fputs("ip daddr {", f);
	for (size_t i = 0; c->publics && i < c->hosts; i++) {
		if (!c->host[i].public)
			continue;
		fprintf(f, "%s ", between);
		build_ipv4(f, c->host[i].public);
		between = ",";
	}
	if (c->publics)
		fputs(" } return\n", f);
	for (unsigned i = 0; i < c->paths; i++)
		if (has_block(&c->path[i]))
			print_block_source(f, b, i);
}

void build_block_snat(FILE *f, const struct nft_build *b, unsigned path)
{
	const struct path_config *p = &b->config->path[path];

	if (!has_block(p))
		return;
	fputs("ip saddr ", f);
	print_block(f, p);
	fputs(" return\n", f);
	if (count_publics(b->config, path))
		print_public_sources(f, b, path);
}

/* "ct original ip daddr { 203.0.113.10, 203.0.113.18 } " */
static void print_called(FILE *f, uint32_t own, const uint32_t *addr, size_t n)
{
	fputs("ct original ip daddr { ", f);
	if (own)
		build_ipv4(f, own);
	for (size_t i = 0; i < n; i++) {
		fputs(i || own ? ", " : "", f);
		build_ipv4(f, addr[i]);
	}
	fputs(" } ", f);
}

/* The caller appears with the address that it has outside (RFC 4787 REQ-9 a). */
void build_block_hairpin(FILE *f, const struct nft_build *b, unsigned path)
{
	uint32_t *addr, own = b->config->path[path].kind != PATH_DSLITE ? build_path_address(b, path) : 0;
	size_t n = build_block_addresses(b, path, &addr);

	if (count_publics(b->config, path)) {
		print_called(f, own, addr, n);
		print_public_sources(f, b, path);
	}
	if (own || n) {
		print_called(f, own, addr, n);
		fputs("snat ip to ", f);
		build_ipv4(f, own ? own : addr[0]);
		fputc('\n', f);
	}
	free(addr);
}

/*
 * The router's word about a packet to a machine that holds an address itself (its way ends, the machine is off): nobody translates
 * that connection, and what the kernel took for a source is the address of the default's path.  RFC 1812, 4.3.2.4.
 */
static void print_own_errors(FILE *f, uint32_t own)
{
	fputs("icmp type { destination-unreachable, time-exceeded, parameter-problem } fib saddr type local ip saddr set ", f);
	build_ipv4(f, own);
	fputc('\n', f);
}

void build_block_guard(FILE *f, const struct nft_build *b, unsigned path)
{
	const struct config *c = b->config;
	const char *between = "";

	if (has_block(&c->path[path])) {
		fputs("ip saddr ", f);
		print_block(f, &c->path[path]);
		fputs(" return\n", f);
		if (b->facts->path[path].address)
			print_own_errors(f, b->facts->path[path].address);
		return;
	}
	for (size_t i = 0; i < c->paths; i++) {
		if (!has_block(&c->path[i]))
			continue;
		fprintf(f, "%s", *between ? ", " : "ip saddr { ");
		print_block(f, &c->path[i]);
		between = ",";
	}
	if (*between)
		fprintf(f, " } counter name \"guard_%s\" drop\n", c->path[path].name);
}

/* What no forward takes: all of it where there is no firewall, else only what the home itself sends. */
void build_block_public(FILE *f, const struct nft_build *b, uint32_t public)
{
	const struct host_config *host = block_host_at(b->config, public);

	if (!host)
		return;
	if (b->config->router.firewall) {
		fputs("iifname != {", f);
		for (size_t i = 0; i < b->config->paths; i++)
			fprintf(f, "%s \"%s\"", i ? "," : "", b->config->path[i].device);
		fputs(" } ", f);
	}
	fputs("dnat ip to ", f);
	build_ipv4(f, host_only_address(host));
	fputc('\n', f);
}

void build_block_open(FILE *f, const struct nft_build *b, unsigned path, bool udp)
{
	for (size_t i = 0; i < b->config->forwards; i++) {
		const struct forward_config *w = &b->config->forward[i];

		if (w->path != path || !(udp ? w->udp : w->tcp) || !forward_is_plain(w))
			continue;
		fputs("ip daddr ", f);
		build_ipv4(f, w->at);
		fputc(' ', f);
		build_accept(f, w, udp);
	}
}
