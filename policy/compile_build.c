/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the text of the nftables table is written: chains and counters into a table in the making, addresses, ports and
 * maps of devices into a chain.  Knows of no chain by name.  For the files compile_*.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "policy/compile_nft_internal.h"

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
