/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See kernel.h. */
#include "daemon/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/sysctl.h"

struct kernel {
	struct rtnl *rtnl;
	struct nft *nft;
	struct offload *offload;
	struct nft_table nft_have; /* as last applied or read */
	bool nft_stale;            /* it may be otherwise now */
	bool nft_doubted;          /* and whatever its chains say of themselves */
};

static void read_nft(struct kernel *kernel)
{
	nft_table_free(&kernel->nft_have);
	nft_read(kernel->nft, &kernel->nft_have);
	for (size_t i = 0; kernel->nft_doubted && i < kernel->nft_have.count; i++)
		if (kernel->nft_have.object[i].kind == NFT_CHAIN)
			kernel->nft_have.object[i].hash = 1; /* which no chain has */
	kernel->nft_stale = kernel->nft_doubted = false;
}

struct kernel *kernel_new(struct rtnl *rtnl, struct nft *nft, struct offload *offload)
{
	struct kernel *kernel = xcalloc(1, sizeof(*kernel));

	*kernel = (struct kernel){ .rtnl = rtnl, .nft = nft, .offload = offload };
	read_nft(kernel);
	return kernel;
}

void kernel_free(struct kernel *kernel)
{
	if (!kernel)
		return;
	nft_table_free(&kernel->nft_have);
	free(kernel);
}

void kernel_nft_changed(struct kernel *kernel, bool rules)
{
	kernel->nft_stale = true;
	kernel->nft_doubted |= rules;
}

bool kernel_leads_to(const struct kernel *kernel, const char *path)
{
	char via[64], stay[64];

	snprintf(via, sizeof(via), "via_%s", path);
	snprintf(stay, sizeof(stay), "via_%s_stay", path);
	for (size_t i = 0; i < kernel->nft_have.count; i++) {
		const char *body = kernel->nft_have.object[i].body;

		if (body && (strcmp(body, via) == 0 || strcmp(body, stay) == 0))
			return true;
	}
	return false;
}

/* ---- want and have ---- */

/* Of sysctls only those that are wanted. */
static void read_rest(struct kernel *kernel, const struct plan *want, struct plan *have)
{
	if (want->offloads)
		nft_offload_devices(kernel->nft, have);
	for (unsigned i = 0; i < want->sysctls; i++) {
		char value[8];

		if (sysctl_read(want->sysctl[i].name, value, sizeof(value)) == 0)
			plan_add_sysctl(have, value, "%s", want->sysctl[i].name);
	}
	if (kernel->nft_stale)
		read_nft(kernel);
}

void kernel_diff(struct kernel *kernel, const struct plan *want, struct plan *have, struct op_list *ops)
{
	read_rest(kernel, want, have);
	have->nft = kernel->nft_have; /* lent for the diff, which only reads it */
	diff(want, have, ops);
	memset(&have->nft, 0, sizeof(have->nft));
}

/* ---- applying ---- */

static int apply_op(struct kernel *kernel, const struct op *op, const char **why)
{
	int r;

	switch (op->kind) {
	case OP_NFT:
		log_trace("nft transaction:\n%s", op->text);
		kernel->nft_stale = true;
		return nft_apply(kernel->nft, op->text, why);
	case OP_NFT_DELETE:
		kernel->nft_stale = true;
		return nft_apply(kernel->nft, "delete table inet " PLAN_TABLE "\n", why);
	case OP_SYSCTL:
		r = sysctl_write(op->sysctl.name, op->sysctl.value);
		*why = r ? strerror(-r) : "";
		return r;
	case OP_OFFLOAD_ADD:
	case OP_OFFLOAD_DELETE:
		offload_apply(kernel->offload, op);
		return 0;
	default:
		return rtnl_apply(kernel->rtnl, op, why);
	}
}

static int apply_and_tell(struct kernel *kernel, const struct op *op, kernel_failed_fn *failed, void *arg)
{
	char *text = op_print(op);
	const char *why = "";
	int r = apply_op(kernel, op, &why);

	log_debug("%s%s%s", text, r ? ": " : "", r ? why : "");
	if (r)
		failed(arg, op, why);
	free(text);
	return r;
}

/* What was wanted is there now: it is kept as it is. */
static void take_nft(struct kernel *kernel, struct nft_table *from)
{
	nft_table_free(&kernel->nft_have);
	kernel->nft_have = *from;
	memset(from, 0, sizeof(*from));
	kernel->nft_stale = false;
}

unsigned kernel_apply(struct kernel *kernel, const struct op_list *ops, struct plan *want, kernel_failed_fn *failed,
                      void *arg, bool *guarded)
{
	unsigned failures = 0;

	for (size_t i = 0; i < ops->count; i++) {
		const struct op *op = &ops->op[i];
		int r;

		if (failures && op_needs_all_before(op))
			break;
		r = apply_and_tell(kernel, op, failed, arg);
		*guarded |= r == 0 && op->kind == OP_NFT;
		failures += r != 0;
		if (r && op_is_needed_by_all(op))
			break;
	}
	if (!failures && kernel->nft_stale)
		take_nft(kernel, &want->nft);
	return failures;
}
