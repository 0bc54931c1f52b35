/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See offload.h. */
#include "daemon/offload.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

/* All that compile_offload.c asks for, in a table that is never made. */
#define TRIAL_TABLE "inet dualpath_trial"
#define TRIAL                                                                      \
	"add table " TRIAL_TABLE "\n"                                              \
	"add flowtable " TRIAL_TABLE " " PLAN_FLOWTABLE " { " PLAN_FLOWTABLE_SPEC " }\n" \
	"add chain " TRIAL_TABLE " c { type filter hook forward priority 300; }\n" \
	"add rule " TRIAL_TABLE " c flow add @" PLAN_FLOWTABLE "\n"

struct offload {
	struct nft *nft;
	struct events *events;
	bool asked, can;
	char *why_not;
};

struct offload *offload_new(struct nft *nft, struct events *events)
{
	struct offload *o = xcalloc(1, sizeof(*o));

	*o = (struct offload){ .nft = nft, .events = events };
	return o;
}

void offload_free(struct offload *o)
{
	if (!o)
		return;
	free(o->why_not);
	free(o);
}

void offload_try_again(struct offload *o)
{
	o->asked = false;
}

const char *offload_why_not(const struct offload *o)
{
	return o->why_not;
}

/* The first line of what nft says is enough: the others quote the command. */
static void refuse(struct offload *o, const char *what, const char *said)
{
	static const char error[] = "Error: ";

	if (strncmp(said, error, strlen(error)) == 0)
		said += strlen(error);
	o->can = false;
	free(o->why_not);
	if (asprintf(&o->why_not, "%s: %.*s", what, (int)strcspn(said, "\n"), said) < 0)
		abort();
	events_add(o->events, "router", "", "", "no offload, the kernel forwards everything the usual way: %s", o->why_not);
}

static void ask_kernel(struct offload *o)
{
	const char *said;

	o->asked = o->can = true;
	free(o->why_not);
	o->why_not = NULL;
	if (nft_check(o->nft, TRIAL, &said) < 0)
		refuse(o, "this kernel has no flowtables (nf_flow_table, nft_flow_offload)", said);
}

void offload_facts(struct offload *o, const struct config *config, struct facts *facts)
{
	if (!config->router.offload)
		return;
	if (!o->asked)
		ask_kernel(o);
	facts->can_offload = o->can;
	facts->lan_there = 0;
	for (size_t i = 0; i < config->router.lans && i < FACTS_LANS_MAX; i++)
		facts->lan_there |= (uint32_t)(if_nametoindex(config->router.lan[i]) != 0) << i;
}

void offload_apply(struct offload *o, const struct op *op)
{
	char text[160], what[64];
	const char *said;

	snprintf(text, sizeof(text),
	         "%s flowtable inet " PLAN_TABLE " " PLAN_FLOWTABLE " { " PLAN_FLOWTABLE_SPEC " devices = { \"%s\" }; }\n",
	         op->kind == OP_OFFLOAD_ADD ? "add" : "delete", op->device);
	if (nft_apply(o->nft, text, &said) == 0 || !if_nametoindex(op->device))
		return;
	snprintf(what, sizeof(what), "it does not take the interface %s", op->device);
	refuse(o, what, said);
}
