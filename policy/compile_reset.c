/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which TCP connections of the home are told that they are over, instead of hanging: those that are
 * bound to a path that has been lost for long, and those of a lost path that would go on over another one
 * with another address.  Called by compile_nft.c.
 */
#include <inttypes.h>
#include <stdio.h>

#include "policy/compile_nft_internal.h"
#include "policy/mark.h"

/* Not a reset itself: ours to the home goes through the output chain with the connection's mark. */
#define RESET "tcp flags & rst != rst reject with tcp reset\n"
/* In the middle of a connection. */
#define NO_FIRST_PACKET "tcp flags & (syn | ack | rst) == ack"

static bool resets(const struct nft_build *b)
{
	return b->config->router.reset_after_ms != 0;
}

/* Before what a connection remembers is looked up: that would lead it to the lost path. */
void build_reset_bound(FILE *f, const struct nft_build *b)
{
	if (resets(b) && b->config->drains)
		fprintf(f, "ct mark & 0x%08" PRIx32 " == 0x%08" PRIx32 " goto refuse\n", b->mask, mark_over(b->mask));
	for (unsigned i = 0; resets(b) && i < b->config->paths; i++)
		if (b->facts->path[i].hopeless && !b->facts->path[i].usable)
			fprintf(f, "ct mark & 0x%08" PRIx32 " == 0x%08" PRIx32 " jump refuse\n", mark_path_mask(b->mask),
			        mark_of_path(b->mask, b->config->path[i].slot));
}

/* From the home and from the router; what still comes in from the path goes on. */
static void add_refuse(struct nft_build *b)
{
	char drain[IFNAMSIZ];
	struct build_text t;

	build_open(&t);
	fputs("iifname {", t.f);
	for (unsigned i = 0; i < b->config->paths; i++) {
		compile_drain_device(&b->config->path[i], drain);
		fprintf(t.f, "%s \"%s\"", i ? "," : "", b->config->path[i].device);
		if (b->config->path[i].kind != PATH_PPPOE)
			fprintf(t.f, ", \"%s\"", drain);
	}
	fputs(" } return\n" RESET, t.f);
	build_chain(b, &t, "", "refuse");
}

static bool took_over(const struct path_list *order, const struct facts *facts, unsigned path)
{
	bool lost = false;

	if (path_list_active(order, facts) != (int)path)
		return false;
	for (unsigned i = 0; order->path[i] != path; i++)
		lost |= facts->path[order->path[i]].lost;
	return lost;
}

bool compile_took_over(const struct config *config, const struct facts *facts, unsigned path)
{
	struct classes classes;
	bool any = false;

	classes_of(config, &classes);
	for (unsigned i = 0; i < classes.count; i++)
		any |= took_over(&classes.item[i].order, facts, path);
	return any;
}

/*
 * A connection that nobody knows and that is not new either, out of a path that stands in for a lost one: it
 * was forgotten with that path.  To its other end it would come from a stranger, who may as well not answer.
 */
static void add_moved_path(struct nft_build *b, unsigned path)
{
	struct build_text t;

	build_open(&t);
	if (compile_took_over(b->config, b->facts, path))
		fputs(RESET, t.f);
	build_chain(b, &t, "", "moved_%s", b->config->path[path].name);
}

/* Where it is known that the packet leaves, and on which path: from one LAN to another nothing is lost. */
void build_reset_moved(FILE *f, const struct nft_build *b)
{
	if (!resets(b))
		return;
	fputs("ct state new " NO_FIRST_PACKET " ", f);
	build_device_map(f, b, "oifname", "goto", "moved");
}

/* The firewall has the rule behind its own for established connections, so that these are spared it; without one it has a chain
 * of its own. */
static void add_moved(struct nft_build *b)
{
	struct build_text t;

	for (unsigned i = 0; i < b->config->paths; i++)
		add_moved_path(b, i);
	if (b->config->router.firewall)
		return;
	build_open(&t);
	build_reset_moved(t.f, b);
	build_chain(b, &t, "type filter hook forward priority 0; policy accept;", "MOVED");
}

void build_reset_chains(struct nft_build *b)
{
	if (!resets(b))
		return;
	add_refuse(b);
	add_moved(b);
}
