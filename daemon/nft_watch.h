/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells when another process changed the nftables ruleset (a firewall service that
 * flushes everything, an administrator): the router then looks whether its table
 * is still as it should be.
 */
#ifndef DUALPATH_DAEMON_NFT_WATCH_H
#define DUALPATH_DAEMON_NFT_WATCH_H

#include <ev.h>
#include <stdbool.h>

struct nft_watch;
/* ours: rules of our own table were changed. */
typedef void nft_watch_fn(void *arg, bool ours);

/* 0 and *out, or -errno (-EPROTONOSUPPORT and the like: no netfilter netlink in this kernel). */
int nft_watch_new(struct ev_loop *loop, nft_watch_fn *fn, void *arg, struct nft_watch **out);
void nft_watch_free(struct nft_watch *watch);

#endif
