/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel has of ours, over all edges: read, compared with a plan, and made like it.  The nftables
 * side is remembered after each transaction, and read again when somebody else changed the ruleset.  Used by
 * daemon/router*.c alone, which know when and what for.
 */
#ifndef DUALPATH_DAEMON_KERNEL_H
#define DUALPATH_DAEMON_KERNEL_H

#include <stdbool.h>

#include "daemon/nft.h"
#include "daemon/offload.h"
#include "daemon/rtnl.h"
#include "policy/diff.h"

struct kernel;

/* All borrowed. */
struct kernel *kernel_new(struct rtnl *rtnl, struct nft *nft, struct offload *offload);
void kernel_free(struct kernel *kernel);

/*
 * Somebody else may have changed the ruleset.  rules: even rules of ours, so that what their chains say of themselves (a hash
 * and a number) is not to be believed.
 */
void kernel_nft_changed(struct kernel *kernel, bool rules);

/* Do the kernel's rules, as they were when kernel was made, lead new connections to this path? */
bool kernel_leads_to(const struct kernel *kernel, const char *path);

/* What makes the kernel like want, added to ops.  have: as rtnl_read() has just given it; what it lacks is added to it. */
void kernel_diff(struct kernel *kernel, const struct plan *want, struct plan *have, struct op_list *ops);

/* Called with each operation that failed; both borrowed. */
typedef void kernel_failed_fn(void *arg, const struct op *op, const char *why);

/*
 * Apply all that can be: one failure keeps what depends on it from working, not the rest, but for what diff.h says of the
 * guard.  want is where ops lead; its rules are taken out of it where all went well.  Returns how many failed.  *guarded is
 * set where rules of ours are in force now, and otherwise left alone.
 */
unsigned kernel_apply(struct kernel *kernel, const struct op_list *ops, struct plan *want, kernel_failed_fn *failed,
                      void *arg, bool *guarded);

#endif
