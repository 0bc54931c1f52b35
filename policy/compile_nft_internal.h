/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that compile to nftables share: a table in the making, and how its text is
 * written.  For compile_nft.c, which puts it together, and the files compile_*.c that it calls.
 */
#ifndef DUALPATH_POLICY_COMPILE_NFT_INTERNAL_H
#define DUALPATH_POLICY_COMPILE_NFT_INTERNAL_H

#include <stdio.h>

#include "policy/compile.h"

/* Sources that may leave on DS-Lite besides the B4's own: what a home is numbered with.  The AFTR
 * translates them; anything else there is a mistake or a spoof. */
#define HOME_SOURCES "192.168.0.0/16, 10.0.0.0/8, 172.16.0.0/12, 100.64.0.0/10"

struct nft_build {
	const struct config *config;
	const struct facts *facts;
	struct nft_table *table;
	uint32_t mask;
};

/* The rules of a chain, a line each. */
struct build_text {
	FILE *f;
	char *buf;
	size_t size;
};

/* ---- writing (compile_build.c) ---- */

/* To write a chain's rules to: closed by build_chain(), or build_close(). */
FILE *build_open(struct build_text *t);
/* What was written.  Allocated. */
char *build_close(struct build_text *t);
/* Add a chain from what was written to t, and close t. */
void build_chain(struct nft_build *b, struct build_text *t, const char *spec, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Add a counter of the name "PREFIX_NAME". */
void build_counter(struct nft_build *b, const char *prefix, const char *name);
/* "{ 192.0.2.0/24, 198.51.100.1 }" */
void build_prefixes(FILE *f, const struct prefix4 *p, size_t n);
/* "{ 80, 8000-8010 }" */
void build_ports(FILE *f, const struct port_range *p, size_t n);

void build_ipv4(FILE *f, uint32_t addr);
/* As compile_path_address(). */
uint32_t build_path_address(const struct nft_build *b, unsigned path);

/* 'iifname vmap { "dslite0" : goto in_dslite, ... }', a line; which: "iifname" or "oifname", verb: "goto" or "jump". */
void build_device_map(FILE *f, const struct nft_build *b, const char *which, const char *verb, const char *chain);

/* ---- chains, and lines for chains of others ---- */

/* The chains "snat_PATH" and "guard_PATH", with its counter (compile_source.c); */
void compile_nft_source_path(struct nft_build *b, unsigned path);
/* "hairpin": a source for what is turned back at home; */
void compile_nft_hairpin(struct nft_build *b);
/* SNAT and GUARD, which go to them. */
void compile_nft_source(struct nft_build *b);
/* For "guard_PATH": what leaves there has its MSS clamped, and a connection that has no path yet stays there (compile_nft.c). */
void build_leaves(FILE *f, const struct nft_build *b, unsigned path);

/* The chains INPUT, FORWARD and below, with the counters "drop_PATH" (compile_firewall.c). */
void compile_nft_firewall(struct nft_build *b);
/* "[ip saddr { FROM } ]tcp dport { PORTS } accept", a line. */
void build_accept(FILE *f, const struct forward_config *w, bool udp);

/* The chains "block_PATH": where what has a source of the block goes now (compile_block.c). */
void build_block_chains(struct nft_build *b);
/*
 * Lines for a routed block (compile_block.c), nothing where there is none:
 * which way its machines go, for the chain "classify";
 */
void build_block_classify(FILE *f, const struct nft_build *b);
/* with which source what leaves on the path, and what is turned back at home; */
void build_block_snat(FILE *f, const struct nft_build *b, unsigned path);
void build_block_hairpin(FILE *f, const struct nft_build *b, unsigned path);
/* which sources may leave on the path, and which may not whatever they look like; */
void build_block_guard(FILE *f, const struct nft_build *b, unsigned path);
/* what comes to a public address of a host and no forward takes; */
void build_block_public(FILE *f, const struct nft_build *b, uint32_t public);
/* ports that are open at a machine's own address. */
void build_block_open(FILE *f, const struct nft_build *b, unsigned path, bool udp);
/* The addresses of the path's block that hosts and forwards name, each once.  Allocated. */
size_t build_block_addresses(const struct nft_build *b, unsigned path, uint32_t **list);
/* Of these, each where a forward opens a UDP port of the address itself.  Allocated. */
size_t build_block_opened(const struct nft_build *b, unsigned path, uint32_t **list);

/* The chains "moved_PATH" and "refuse" (compile_reset.c), and the rules that lead there: the firewall's for what is not established,
 * and those of "restore".  Without firewall the former has a chain MOVED. */
void build_reset_chains(struct nft_build *b);
void build_reset_moved(FILE *f, const struct nft_build *b);
void build_reset_bound(FILE *f, const struct nft_build *b);

/* The chains DNAT, DNAT_OUT and below (compile_forward.c). */
void compile_nft_forwards(struct nft_build *b);
/* The sets "called_PATH", and the chains CALLED and ANSWER (compile_answer.c). */
void compile_nft_answers(struct nft_build *b);
/* The flowtable, and the chains OFFLOAD and "offload_PATH" (compile_offload.c). */
void compile_nft_offload(struct nft_build *b);
/* The chains "rules", "rules_1" ... (compile_rules.c). */
void compile_nft_rules(struct nft_build *b, const struct classes *classes);

#endif
