/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether this kernel forwards long connections on a shorter way (offload = yes), and the devices that it does so
 * between.  Where it cannot, that is said once and everything else goes on.  Used by daemon/router.c.
 */
#ifndef DUALPATH_DAEMON_OFFLOAD_H
#define DUALPATH_DAEMON_OFFLOAD_H

#include <stdbool.h>

#include "daemon/events.h"
#include "daemon/nft.h"
#include "policy/compile.h"
#include "policy/diff.h"

struct offload;

/* Both outlive it. */
struct offload *offload_new(struct nft *nft, struct events *events);
void offload_free(struct offload *offload);

/* Ask the kernel again when it is next wanted: its modules may be there now. */
void offload_try_again(struct offload *offload);

/* Fill in what config's offload needs to know; the kernel is asked the first time that it is wanted. */
void offload_facts(struct offload *offload, const struct config *config, struct facts *facts);

/*
 * Apply OP_OFFLOAD_ADD or OP_OFFLOAD_DELETE.  A device that vanished meanwhile is no failure: its end wakes the router.
 * Where the kernel refuses one that is there, offloading ends, and the next plan is one without.
 */
void offload_apply(struct offload *offload, const struct op *op);

/* Why the kernel does not, in words; NULL: it can, or was not asked. */
const char *offload_why_not(const struct offload *offload);

#endif
