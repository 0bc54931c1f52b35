/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which connections the kernel may forward on its short way (offload = yes): the flowtable, its devices, and the
 * chain OFFLOAD, which is the last in the forward hook, so that what any firewall drops never gets there.
 * Called by compile() and compile_nft() alone.
 *
 * A packet on the short way meets no chain, and so not GUARD, which pins and has the last word.  So only a connection gets there
 * that is established, pinned to the path that it goes over now, and has a source that GUARD would let out.  Forgetting
 * a connection (failover) ends it there as well.
 *
 * The devices are those that routes name, never what is below them (a bridge's port, the line below a session): so
 * their counters still tell of the traffic (passive.h), a bridge still knows where a machine is, each packet still follows
 * the route, and when a session or a tunnel ends, the kernel takes its connections from the short way by itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "policy/compile_nft_internal.h"
#include "policy/mark.h"

/* ---- chains ---- */

/* Both ways to begin: from the home, with this source outside; from outside, to this address. */
static void print_flows(FILE *f, const char *address)
{
	fprintf(f, "ct reply ip daddr %s flow add @" PLAN_FLOWTABLE "\n", address);
	fprintf(f, "ct original ip daddr %s flow add @" PLAN_FLOWTABLE "\n", address);
}

/* As add_guard_path(): who may leave there, may leave there on the short way. */
static void print_dslite(FILE *f, const struct path_config *path)
{
	char b4[INET_ADDRSTRLEN];

	fprintf(f, "ct reply ip daddr { " HOME_SOURCES ", %s } flow add @" PLAN_FLOWTABLE "\n",
	        ipv4_print(path->dslite.address, b4));
}

static void print_session(FILE *f, const struct path_config *path, const struct path_facts *facts)
{
	char buf[PREFIX4_STRLEN];

	if (path->kind == PATH_PPPOE && path->pppoe.has_block)
		print_flows(f, prefix4_print(path->pppoe.block, buf));
	if (facts->address)
		print_flows(f, ipv4_print(facts->address, buf));
}

static void print_not_of_others(FILE *f, const struct config *config, unsigned path)
{
	char buf[PREFIX4_STRLEN];

	for (unsigned i = 0; i < config->paths; i++)
		if (i != path && config->path[i].kind == PATH_PPPOE && config->path[i].pppoe.has_block)
			fprintf(f, "ct reply ip daddr %s return\n", prefix4_print(config->path[i].pppoe.block, buf));
}

static void add_offload_path(struct nft_build *b, unsigned path)
{
	const struct path_config *p = &b->config->path[path];
	struct build_text t;

	build_open(&t);
	fprintf(t.f, "ct mark & 0x%08" PRIx32 " != 0x%08" PRIx32 " return\n", mark_path_mask(b->mask),
	        mark_of_path(b->mask, p->slot));
	print_not_of_others(t.f, b->config, path);
	if (p->kind == PATH_DSLITE)
		print_dslite(t.f, p);
	else
		print_session(t.f, p, &b->facts->path[path]);
	build_chain(b, &t, "", "offload_%s", p->name);
}

void compile_nft_offload(struct nft_build *b)
{
	struct build_text t;

	nft_table_add(b->table, NFT_FLOWTABLE, PLAN_FLOWTABLE, PLAN_FLOWTABLE_SPEC, xstrdup(""));
	for (unsigned i = 0; i < b->config->paths; i++)
		add_offload_path(b, i);
	build_open(&t);
	fputs("meta nfproto ipv6 return\n", t.f);
	fputs("ct state != established return\n", t.f);
	build_device_map(t.f, b, "oifname", "goto", "offload");
	build_device_map(t.f, b, "iifname", "goto", "offload");
	build_chain(b, &t, "type filter hook forward priority 300; policy accept;", "OFFLOAD");
}

/* ---- devices ---- */

static void add_device(struct plan *plan, const char *device)
{
	if (plan->offloads < PLAN_OFFLOADS_MAX)
		snprintf(plan->offload[plan->offloads++], IFNAMSIZ, "%s", device);
}

void compile_offload_devices(const struct config *config, const struct facts *facts, struct plan *plan)
{
	for (size_t i = 0; i < config->router.lans && i < FACTS_LANS_MAX; i++)
		if (facts->lan_there >> i & 1)
			add_device(plan, config->router.lan[i]);
	for (unsigned i = 0; i < config->paths; i++)
		if (facts->path[i].device_up)
			add_device(plan, config->path[i].device);
}
