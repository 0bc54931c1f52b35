/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What services on the router answer by UDP to callers from outside.  TCP answers from the address that was called.  A UDP socket
 * that is bound to no address has the kernel choose the source of an answer by route, as for something that begins here: it
 * would leave on the default's path with that path's address, and the caller wait for ever for the one that it asked.  So who
 * called is kept in a set for each path, and an answer to him gets that path's address before conntrack looks at it, which then
 * knows the connection, and with it the path.  Called by compile_nft.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "policy/compile_nft_internal.h"

/* As long as conntrack keeps a UDP connection that goes both ways, and renewed by each packet of the caller's. */
#define CALLED_SPEC "type ipv4_addr . inet_service . inet_service; flags dynamic,timeout; timeout 3m; size 65535;"

/* Behind every firewall: only what is let in, and nothing that answers the router's own question. */
static void print_called(FILE *f, const struct path_config *path, uint32_t addr)
{
	fprintf(f, "iifname \"%s\" ip daddr ", path->device);
	build_ipv4(f, addr);
	fprintf(f, " meta l4proto udp ct direction original update @called_%s { ip saddr . udp sport . udp dport }\n", path->name);
}

static void print_answer(FILE *f, const struct path_config *path, uint32_t addr)
{
	fprintf(f, "ip daddr . udp dport . udp sport @called_%s ip saddr set ", path->name);
	build_ipv4(f, addr);
	fputc('\n', f);
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
		uint32_t addr = build_path_address(b, i);

		if (path->kind == PATH_DSLITE)
			continue;
		callable = true;
		snprintf(set, sizeof(set), "called_%s", path->name);
		nft_table_add(b->table, NFT_SET, set, CALLED_SPEC, xstrdup(""));
		if (addr) {
			print_called(in.f, path, addr);
			print_answer(out.f, path, addr);
		}
	}
	if (callable) {
		build_chain(b, &in, "type filter hook input priority 300; policy accept;", "CALLED");
		build_chain(b, &out, "type filter hook output priority -300; policy accept;", "ANSWER");
	} else {
		free(build_close(&in));
		free(build_close(&out));
	}
}
