/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the router share, and nobody else: router.c (start and end, and what others ask), router_sync.c (what should be,
 * brought about), router_reload.c (one configuration after another) and router_ppp.c (the socket of pppd's plugins).
 */
#ifndef DUALPATH_DAEMON_ROUTER_INTERNAL_H
#define DUALPATH_DAEMON_ROUTER_INTERNAL_H

#include "daemon/home_dns.h"
#include "daemon/router.h"
#include "daemon/rtnl.h"

struct router {
	struct ev_loop *loop;
	struct router_options options;
	struct path_env env;
	struct config *config;
	struct path *path[CONFIG_PATHS_MAX]; /* in the order of config->path */
	size_t paths;
	struct nft *nft;
	struct hook *hook;
	struct confirm *confirm;
	struct inbound *inbound;
	struct offload *offload;
	struct returns *returns;
	struct metrics_http *http;
	struct nft_watch *nft_watch;
	struct ppp_sock *ppp_sock;
	struct path *leaving[2 * CONFIG_PATHS_MAX]; /* out of the config, their pppd not yet gone */
	struct pppd_orphans *orphans;        /* of a config before the start */
	struct rtnl_deleted deleted;         /* by others, since the start */
	struct kernel *kernel;
	struct stranded *stranded;
	struct home_dns home_dns;
	unsigned failed;           /* operations of this pass */
	ev_prepare sync;           /* armed while a change waits */
	ev_timer retry;
	ev_periodic clock;         /* for rules with a time */
	double retry_s;
	char *trouble;
	bool torn_down; /* or on the way to it */
	void (*taken_away)(void *arg);
	void *taken_away_arg;
};

/* The watchers by which the kernel is brought to what should be: ready, and stopped for good. */
void router_sync_init(struct router *router);
void router_sync_stop(struct router *router);
/* Bring the kernel to what should be before the loop next sleeps: several changes in one turn are one.  arg: the router. */
void router_changed(void *arg);
/* Look at the time each minute, where a rule of the active config asks for it. */
void router_set_clock(struct router *router);
/* For confirm.c: the time of a trial is over.  arg: the router. */
void router_trial_failed(void *arg);

/* Listen for pppd's plugins in the run folder.  0 or -errno. */
int router_ppp_open(struct router *router);
/* Where the socket is not there any more: another one.  0: it was there; 1: it was not; or -errno. */
int router_ppp_restore(struct router *router);
/* No plugin is left that would look for the next daemon there. */
void router_ppp_forget(const struct router *router);

#endif
