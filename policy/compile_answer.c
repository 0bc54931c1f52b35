/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What services on the router answer by UDP.  TCP answers from the address that was called.  A UDP socket that is bound to no
 * address has the kernel choose the source of an answer by route, as for something that begins here: to a caller from outside it
 * would leave on the default's path with that path's address, to a machine of the home with the router's address there, and the
 * caller wait for ever for the one that it asked.  So who called is kept in a set for each address, and an answer to him gets that
 * address before conntrack looks at it, which then knows the connection, and with it the path.  Called by compile_nft.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "policy/compile_nft_internal.h"

/* As long as conntrack keeps a UDP connection that goes both ways, and renewed by each packet of the caller's. */
#define CALLED_SPEC "type ipv4_addr . inet_service . inet_service; flags dynamic,timeout; timeout 3m; size 65535;"

/*
 * Where it came in is not asked: a machine of the home calls the same address.  Behind every firewall: only what is let in, and
 * nothing that answers the router's own question.  Who calls another address of ours from the same port is answered by that one.
 */
static void print_called(FILE *f, const char *set, uint32_t addr)
{
	fputs("ip daddr ", f);
	build_ipv4(f, addr);
	fprintf(f, " meta l4proto udp ct direction original update @%s { ip saddr . udp sport . udp dport }\n", set);
	fputs("ip daddr != ", f);
	build_ipv4(f, addr);
	fprintf(f, " meta l4proto udp ct direction original delete @%s { ip saddr . udp sport . udp dport }\n", set);
}

static void print_answer(FILE *f, const char *set, uint32_t addr)
{
	fprintf(f, "ip daddr . udp dport . udp sport @%s ip saddr set ", set);
	build_ipv4(f, addr);
	fputc('\n', f);
}

static void add_address(struct nft_build *b, struct build_text *in, struct build_text *out, const char *set, uint32_t addr)
{
	nft_table_add(b->table, NFT_SET, set, CALLED_SPEC, xstrdup(""));
	if (!addr)
		return;
	print_called(in->f, set, addr);
	print_answer(out->f, set, addr);
}

/* What a forward opens at an address of a block may be the router's as well: it can hold one itself. */
static void add_block(struct nft_build *b, struct build_text *in, struct build_text *out, unsigned path)
{
	uint32_t *addr;
	size_t n = build_block_opened(b, path, &addr);
	char set[sizeof("called_at_") + INET_ADDRSTRLEN], text[INET_ADDRSTRLEN];

	for (size_t i = 0; i < n; i++) {
		snprintf(set, sizeof(set), "called_at_%s", ipv4_print(addr[i], text));
		add_address(b, in, out, set, addr[i]);
	}
	free(addr);
}

void compile_nft_answers(struct nft_build *b)
{
	struct build_text in, out;
	bool callable = false;
	char set[CONFIG_NAME_MAX + 8];

	build_open(&in);
	build_open(&out);
	for (unsigned i = 0; i < b->config->paths; i++) {
		const struct path_config *path = &b->config->path[i];

		if (path->kind == PATH_DSLITE)
			continue;
		callable = true;
		snprintf(set, sizeof(set), "called_%s", path->name);
		add_address(b, &in, &out, set, build_path_address(b, i));
		add_block(b, &in, &out, i);
	}
	if (callable) {
		build_chain(b, &in, "type filter hook input priority 300; policy accept;", "CALLED");
		build_chain(b, &out, "type filter hook output priority -300; policy accept;", "ANSWER");
	} else {
		free(build_close(&in));
		free(build_close(&out));
	}
}
