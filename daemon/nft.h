/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nftables edge (libnftables): applies a transaction, reads our table back,
 * reads counters.  Used by daemon/router.c and daemon/status.c.
 */
#ifndef DUALPATH_DAEMON_NFT_H
#define DUALPATH_DAEMON_NFT_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/plan.h"

struct nft;

/*
 * What the library remembers of the ruleset (of ten thousand rules 50 MB) is given back some seconds after it was last made to
 * work, by loop; where that is NULL, when nft_shrink() is called.  Either ends *why of before.
 */
struct nft *nft_new(struct ev_loop *loop);
void nft_free(struct nft *nft);

void nft_shrink(struct nft *nft);

/* Can this kernel do nftables at all?  0, or -ENOTSUP and *why in nft's own words (until the next call). */
int nft_try(struct nft *nft, const char **why);

/* One transaction: all or nothing.  0, or -EINVAL and *why in nft's own words (until the next call). */
int nft_apply(struct nft *nft, const char *text, const char **why);

/* Would the kernel take it?  Nothing is changed.  As nft_apply(). */
int nft_check(struct nft *nft, const char *text, const char **why);

/* The devices of our flowtable (plan.h: offload), none where there is no flowtable. */
void nft_offload_devices(struct nft *nft, struct plan *have);

/*
 * Our table as it is: chains with what their comments say of them (spec and hash; of
 * a class chain also the body), counters and sets by name, without what is in them.  An absent table is an empty one.
 * table must be zeroed.  0 or -EIO.
 */
int nft_read(struct nft *nft, struct nft_table *table);

/* Is an IPv4 address (host order) in a set of our table? */
bool nft_set_has(struct nft *nft, const char *set, uint32_t addr);

/* Called with each chain of others that drops what is forwarded over IPv4 and not named there. */
typedef void nft_chain_fn(void *arg, const char *table, const char *chain);
int nft_foreign_drops(struct nft *nft, nft_chain_fn *fn, void *arg);

/* Called with each counter of our table. */
typedef void nft_counter_fn(void *arg, const char *name, uint64_t packets, uint64_t bytes);
int nft_counters(struct nft *nft, nft_counter_fn *fn, void *arg);

#endif
