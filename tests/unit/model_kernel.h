/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel of values for tests/unit/test_diff.c: takes the operations that diff() gives, and the
 * lines of its transactions.
 */
#ifndef DUALPATH_TESTS_UNIT_MODEL_KERNEL_H
#define DUALPATH_TESTS_UNIT_MODEL_KERNEL_H

#include "policy/diff.h"

void model_apply(struct plan *k, const struct op *op);
/* As the kernel says EEXIST or ENODEV. */
bool model_refuses(struct plan *k, const struct op *op);
/* NULL: there is none. */
struct plan_tunnel *model_tunnel(struct plan *k, const char *device);
/* A table with the same objects, whose index fits; a chain keeps the hash that its comment tells. */
void model_copy_table(struct nft_table *to, const struct nft_table *from);

/* Of each route over a device, its guard is there. */
bool model_is_guarded(struct plan *k);
/* Without diff(): the kernel has what is wanted, and nothing else but settings. */
bool model_is_as_wanted(const struct plan *want, struct plan *k);

#endif
