/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See router.h. */
#include "daemon/router_internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/confirm.h"
#include "daemon/dnsmasq_conf.h"
#include "daemon/former.h"
#include "daemon/hook.h"
#include "daemon/inbound.h"
#include "daemon/kept_file.h"
#include "daemon/kernel.h"
#include "daemon/metrics_http.h"
#include "daemon/nft_watch.h"
#include "daemon/offload.h"
#include "daemon/ppp_sock.h"
#include "daemon/pppd_orphans.h"
#include "daemon/returns.h"
#include "daemon/running_conf.h"
#include "daemon/stranded.h"
#include "daemon/sysctl.h"

/* ---- small answers ---- */

const struct router_options *router_options(const struct router *router)
{
	return &router->options;
}

const struct config *router_config(const struct router *router)
{
	return router->config;
}

size_t router_paths(const struct router *router)
{
	return router->paths;
}

struct path *router_path(const struct router *router, size_t index)
{
	return router->path[index];
}

struct path *router_find_path(const struct router *router, const char *name)
{
	for (size_t i = 0; i < router->paths; i++)
		if (strcasecmp(router->path[i]->config->name, name) == 0)
			return router->path[i];
	return NULL;
}

struct events *router_events(const struct router *router)
{
	return router->env.events;
}

struct nft *router_nft(const struct router *router)
{
	return router->nft;
}

struct rtnl *router_rtnl(const struct router *router)
{
	return router->env.rtnl;
}

struct inbound *router_inbound(const struct router *router)
{
	return router->inbound;
}

const struct offload *router_offload(const struct router *router)
{
	return router->offload;
}

const char *router_trouble(const struct router *router)
{
	return router->trouble;
}

const struct rtnl_deleted *router_deleted(const struct router *router)
{
	return &router->deleted;
}

void router_facts(const struct router *router, struct facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	for (size_t i = 0; i < router->paths; i++)
		facts->path[i] = path_facts(router->path[i]);
	clock_local(clock_utc_ms() / 1000, &facts->weekday, &facts->minute);
	facts->strict_rp_filter = sysctl_number("net/ipv4/conf/all/rp_filter", 0) != 0;
	offload_facts(router->offload, router->config, facts);
}

/* ---- what the paths ask, and what is told ---- */

static bool others_work(void *arg, const struct path *path)
{
	const struct router *router = arg;

	for (size_t i = 0; i < router->paths; i++)
		if (router->path[i] && router->path[i] != path && path_facts(router->path[i]).usable)
			return true;
	return false;
}

static const struct path *same_ends(void *arg, const struct path *path)
{
	const struct router *router = arg;

	for (size_t i = 0; i < router->paths && router->path[i] != path; i++) {
		const struct path_facts *other = router->path[i] ? &router->path[i]->facts : NULL;

		if (other && other->has_ends && IN6_ARE_ADDR_EQUAL(&other->local, &path->facts.local) &&
		    IN6_ARE_ADDR_EQUAL(&other->remote, &path->facts.remote))
			return router->path[i];
	}
	return NULL;
}

static void on_state_change(void *arg, const struct event *event)
{
	struct router *router = arg;

	if (router->config->hook_on_change)
		hook_run(router->hook, router->config->hook_on_change, event);
}

static void on_nft_changed(void *arg, bool ours)
{
	struct router *router = arg;

	kernel_nft_changed(router->kernel, ours);
	if (ours)
		events_add(router->env.events, "router", "", "", "another program changed nftables rules of ours: put right");
	router_changed(router);
}

/* ---- start and end ---- */

static void adopt(struct router *router)
{
	struct plan have = { 0 };

	if (rtnl_read(router->env.rtnl, router->config, &have) == 0)
		for (size_t i = 0; i < router->paths; i++)
			path_adopt(router->path[i], &have,
			           kernel_leads_to(router->kernel, router->path[i]->config->name));
	plan_free(&have);
}

int router_restore_run_dir(struct router *router, bool all)
{
	const char *run_dir = router->options.run_dir;
	int r = router_ppp_restore(router);

	if (router->torn_down || (r <= 0 && !all))
		return r < 0 ? r : 0;
	running_conf_write(run_dir, router->config);
	dnsmasq_conf_write(run_dir, router->config);
	home_dns_free(&router->home_dns);
	for (size_t i = 0; i < router->paths; i++)
		path_note_all(router->path[i]);
	events_add(router->env.events, "router", "", "", "somebody removed what was in %s: made anew", run_dir);
	router_changed(router);
	return r < 0 ? r : 0;
}

static int open_edges(struct router *router, char **why)
{
	int r = rtnl_new(router->loop, router->config->router.route_protocol, router_changed, router, &router->env.rtnl);
	const char *said;

	if (r < 0)
		*why = xstrdup("cannot open a routing netlink socket");
	if (!r) {
		r = router_ppp_open(router);
		if (r < 0)
			*why = xstrdup("cannot make the socket for pppd's plugin in the run folder");
	}
	if (!r)
		r = nft_watch_new(router->loop, on_nft_changed, router, &router->nft_watch);
	if (!r)
		r = nft_try(router->nft, &said);
	if (r < 0 && !*why)
		*why = xstrdup("this kernel has no nftables: load the module nf_tables (modprobe nf_tables)");
	return r;
}

static void init_env(struct router *router)
{
	const struct router_options *options = &router->options;
	const struct router_config *config = &router->config->router;

	router->env = (struct path_env){ .loop = router->loop, .events = events_new(on_state_change, router),
	                                 .credit = probe_credit_new(),
	                                 .run_dir = options->run_dir, .state_dir = options->state_dir,
	                                 .plugin_file = options->plugin_file, .pppd_file = options->pppd_file,
	                                 .mark_mask = config->mark_mask,
	                                 .reset_after_ms = config->reset_after_ms, .changed = router_changed,
	                                 .others_work = others_work, .same_ends = same_ends, .arg = router };
}

/* What can be made without asking the kernel for anything. */
static void make_parts(struct router *router)
{
	router->hook = hook_new(router->loop);
	router->returns = returns_new(router->loop, router->env.events);
	router->confirm = confirm_new(router->loop, router->options.state_dir, router_trial_failed, router);
	router->nft = nft_new(router->loop);
	router->offload = offload_new(router->nft, router->env.events);
	router->stranded = stranded_new(router->loop);
}

/* The edges are open: take over what a daemon before us has left (former: its config, or NULL), and make it as it should be. */
static void begin(struct router *router, const struct config *former)
{
	struct config *config = router->config;

	former_take_away(router->loop, config, former, router->env.events);
	router->kernel = kernel_new(router->env.rtnl, router->nft, router->offload);
	router->orphans = pppd_orphans_new(router->loop, &router->options, config);
	for (size_t i = 0; i < config->paths; i++)
		router->path[router->paths++] = path_new(&router->env, &config->path[i]);
	adopt(router);
	router_set_clock(router);
	dnsmasq_conf_update(router->options.run_dir, config, router->env.events);
	running_conf_write(router->options.run_dir, config);
	/* The daemon before us may have been killed in the middle of a trial. */
	confirm_resume(router->confirm, config);
	router_sync(router);
	former_forget(config, former);
	router->inbound = inbound_new(router->loop, router);
	router->http = metrics_http_new(router->loop, router);
}

int router_new(struct ev_loop *loop, const struct router_options *options, struct config *config,
               struct router **out, char **why)
{
	struct router *router = xcalloc(1, sizeof(*router));
	struct config *former = running_conf_read(options->run_dir);
	int r;

	*why = NULL;
	router->loop = loop;
	router->options = *options;
	router->config = config;
	kept_file_begin(loop);
	former_assign_slots(config, former);
	router_sync_init(router);
	init_env(router);
	make_parts(router);
	r = open_edges(router, why);
	if (r < 0) {
		router_free(router);
	} else {
		begin(router, former);
		*out = router;
		r = 0;
	}
	config_free(former);
	return r;
}

bool router_is_torn_down(const struct router *router)
{
	return router->torn_down;
}

void router_free(struct router *router)
{
	if (!router)
		return;
	metrics_http_free(router->http);
	inbound_free(router->inbound);
	router_sync_stop(router);
	for (size_t i = 0; i < router->paths; i++)
		path_free(router->path[i]);
	for (size_t i = 0; i < 2 * CONFIG_PATHS_MAX; i++)
		path_free(router->leaving[i]);
	pppd_orphans_free(router->orphans);
	nft_watch_free(router->nft_watch);
	kernel_free(router->kernel);
	stranded_free(router->stranded);
	home_dns_free(&router->home_dns);
	offload_free(router->offload);
	nft_free(router->nft);
	hook_free(router->hook);
	returns_free(router->returns);
	confirm_free(router->confirm);
	ppp_sock_free(router->ppp_sock);
	rtnl_free(router->env.rtnl);
	kept_file_end();
	probe_credit_free(router->env.credit);
	events_free(router->env.events);
	config_free(router->config);
	free(router->trouble);
	free(router);
}
