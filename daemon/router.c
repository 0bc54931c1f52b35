/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See router.h. */
#include "daemon/router_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/confirm.h"
#include "daemon/dnsmasq_conf.h"
#include "daemon/former.h"
#include "daemon/hook.h"
#include "daemon/inbound.h"
#include "daemon/kernel.h"
#include "daemon/log.h"
#include "daemon/metrics_http.h"
#include "daemon/nft_watch.h"
#include "daemon/offload.h"
#include "daemon/ppp_sock.h"
#include "daemon/pppd_orphans.h"
#include "daemon/pppoe.h"
#include "daemon/returns.h"
#include "daemon/running_conf.h"
#include "daemon/stranded.h"
#include "daemon/sysctl.h"

/* Each pass can make the next thing possible (tunnel, then its address, then its routes). */
#define PASSES_MAX 6
#define RETRY_FIRST_S 1.0
#define RETRY_LAST_S  30.0

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

/* ---- trouble ---- */

static void set_trouble(struct router *router, char *text)
{
	if (text && (!router->trouble || strcmp(text, router->trouble) != 0))
		log_error("%s", text);
	free(router->trouble);
	router->trouble = text;
}

static void retry_later(struct router *router)
{
	ev_timer_stop(router->loop, &router->retry);
	ev_timer_set(&router->retry, router->retry_s, 0);
	ev_timer_start(router->loop, &router->retry);
	router->retry_s = router->retry_s * 2 > RETRY_LAST_S ? RETRY_LAST_S : router->retry_s * 2;
}

/* A path whose own object cannot be made says so itself. */
static void blame(struct router *router, const struct op *op, const char *why)
{
	if (op->kind != OP_TUNNEL_ADD && op->kind != OP_TUNNEL_CHANGE)
		return;
	for (size_t i = 0; i < router->paths; i++)
		if (strcmp(router->path[i]->config->device, op->tunnel.device) == 0)
			path_explain(router->path[i], "cannot make the tunnel %s: %s", op->tunnel.device, why);
}

/* The first failure of a pass is the trouble. */
static void on_failed(void *arg, const struct op *op, const char *why)
{
	struct router *router = arg;
	char *text, *what;

	blame(router, op, why);
	if (router->failed++)
		return;
	what = op_print(op);
	if (asprintf(&text, "cannot apply '%s': %s", what, why) < 0)
		abort();
	set_trouble(router, text);
	free(what);
}

static unsigned apply(struct router *router, const struct op_list *ops, struct plan *want)
{
	router->failed = 0;
	return kernel_apply(router->kernel, ops, want, on_failed, router, &router->env.guarded);
}

/* ---- want and have ---- */

static void refresh_paths(struct router *router, const struct plan *have)
{
	for (size_t i = 0; i < router->paths; i++)
		path_refresh(router->path[i], have);
}

/* One pass: look, compile, apply.  Returns what was applied, or -1 on failure. */
static int pass(struct router *router)
{
	struct plan want = { 0 }, have = { 0 };
	struct op_list ops = { 0 };
	struct facts facts;
	bool guarded = router->env.guarded;
	int result;

	if (rtnl_read(router->env.rtnl, router->config, &have) < 0) {
		plan_free(&have);
		return -1;
	}
	refresh_paths(router, &have);
	router_facts(router, &facts);
	compile(router->config, &facts, &want);
	kernel_diff(router->kernel, &want, &have, &ops);
	result = apply(router, &ops, &want) ? -1 : (int)ops.count;
	router->env.guarded |= result >= 0; /* also where an earlier daemon had left it so */
	result += result == 0 && !guarded; /* one more pass for those who waited for that */
	stranded_look(router->stranded, router->config, &facts);
	returns_look(router->returns, router->config, &facts);
	home_dns_update(&router->home_dns, router->options.run_dir, router->config, router->path);
	op_list_free(&ops);
	plan_free(&want);
	plan_free(&have);
	return result;
}

static void free_left(struct router *router)
{
	for (size_t i = 0; i < 2 * CONFIG_PATHS_MAX; i++)
		if (router->leaving[i] && path_has_ended(router->leaving[i])) {
			path_free(router->leaving[i]);
			router->leaving[i] = NULL;
		}
}

/* Until a pass finds nothing to do. */
void router_sync(struct router *router)
{
	int applied = 1;

	if (router->torn_down)
		return;
	free_left(router);
	for (int i = 0; i < PASSES_MAX && applied > 0; i++)
		applied = pass(router);
	if (applied < 0) {
		retry_later(router);
		return;
	}
	if (router->trouble)
		log_info("the kernel is as it should be again");
	set_trouble(router, NULL);
	router->retry_s = RETRY_FIRST_S;
	ev_timer_stop(router->loop, &router->retry);
}

/* systemd-networkd does that unless it is told not to, and then every time that it is started. */
static void tell_deleted(struct router *router)
{
	struct rtnl_deleted now, *sum = &router->deleted;

	if (!rtnl_deleted(router->env.rtnl, &now))
		return;
	sum->rules += now.rules;
	sum->routes += now.routes;
	memcpy(sum->who, now.who, sizeof(sum->who));
	events_add(router->env.events, "router", "", "", "%s deleted rules (%u) or routes (%u) of ours: put back; 'dualpathctl "
	           "doctor' says what to do", *now.who ? now.who : "another program", now.rules, now.routes);
}

static void take_all_away(struct router *router);
static bool all_ended(const struct router *router);

/* On the way to a teardown: in each round of the loop. */
static void on_sync(struct ev_loop *loop, ev_prepare *w, int revents)
{
	struct router *router = w->data;

	(void)revents;
	if (router->torn_down && !all_ended(router))
		return;
	ev_prepare_stop(loop, w);
	if (router->torn_down) {
		take_all_away(router);
		return;
	}
	tell_deleted(router);
	router_sync(router);
}

/* Before the loop next sleeps: several changes in one turn are one. */
void router_changed(void *arg)
{
	struct router *router = arg;

	ev_prepare_start(router->loop, &router->sync);
}

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

static void on_retry(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	router_changed(w->data);
}

static void on_nft_changed(void *arg, bool ours)
{
	struct router *router = arg;

	kernel_nft_changed(router->kernel, ours);
	if (ours)
		events_add(router->env.events, "router", "", "", "another program changed nftables rules of ours: put right");
	router_changed(router);
}

/* ---- rules with a time ---- */

static bool has_times(const struct config *config)
{
	for (size_t i = 0; i < config->rules; i++)
		if (config->rule[i].times)
			return true;
	return false;
}

/* On the minute of the wall clock, so that setting the clock is noticed; not at all where no rule asks. */
void router_set_clock(struct router *router)
{
	ev_periodic_stop(router->loop, &router->clock);
	if (has_times(router->config))
		ev_periodic_start(router->loop, &router->clock);
}

static void on_clock(struct ev_loop *loop, ev_periodic *w, int revents)
{
	(void)loop;
	(void)revents;
	router_changed(w->data);
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

static void on_state_change(void *arg, const struct event *event)
{
	struct router *router = arg;

	if (router->config->hook_on_change)
		hook_run(router->hook, router->config->hook_on_change, event);
}

static void init_watchers(struct router *router)
{
	ev_prepare_init(&router->sync, on_sync);
	ev_timer_init(&router->retry, on_retry, 0, 0);
	ev_periodic_init(&router->clock, on_clock, 0, 60, NULL);
	router->sync.data = router->retry.data = router->clock.data = router;
	router->retry_s = RETRY_FIRST_S;
}

/* ---- pppd's plugins: find whose pppd it is ---- */

static struct pppoe *pppoe_of_pid(const struct router *router, pid_t pid)
{
	for (size_t i = 0; i < router->paths; i++)
		if (router->path[i]->pppoe && pppoe_pid(router->path[i]->pppoe) == pid)
			return router->path[i]->pppoe;
	return NULL;
}

static bool ppp_is_ours(void *arg, pid_t pid)
{
	return pppoe_of_pid(arg, pid) != NULL;
}

static int ppp_secret_for(void *arg, const struct ppp_report *hello, struct ppp_secret *secret)
{
	struct pppoe *pppoe = pppoe_of_pid(arg, hello->pid);

	return pppoe ? pppoe_secret(pppoe, secret) : -ESRCH;
}

static void on_ppp_report(void *arg, const struct ppp_report *report)
{
	struct pppoe *pppoe = pppoe_of_pid(arg, report->pid);

	if (pppoe)
		pppoe_report(pppoe, report);
}

/* buf: PATH_MAX; returns it. */
static char *ppp_sock_path(const struct router *router, char *buf)
{
	snprintf(buf, PATH_MAX, "%s/ppp.sock", router->options.run_dir);
	return buf;
}

static int open_ppp_sock(struct router *router)
{
	static const struct ppp_sock_callbacks callbacks = { ppp_is_ours, ppp_secret_for, on_ppp_report };
	char path[PATH_MAX];

	return ppp_sock_new(router->loop, ppp_sock_path(router, path), &callbacks, router, &router->ppp_sock);
}

int router_restore_run_dir(struct router *router, bool all)
{
	const char *run_dir = router->options.run_dir;
	char path[PATH_MAX];
	int r = ppp_sock_restore(router->ppp_sock, ppp_sock_path(router, path));

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
		r = open_ppp_sock(router);
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
	former_assign_slots(config, former);
	init_watchers(router);
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

static bool all_ended(const struct router *router)
{
	for (size_t i = 0; i < router->paths; i++)
		if (!path_has_ended(router->path[i]))
			return false;
	for (size_t i = 0; i < 2 * CONFIG_PATHS_MAX; i++)
		if (router->leaving[i] && !path_has_ended(router->leaving[i]))
			return false;
	return pppd_orphans_ended(router->orphans);
}

static void take_all_away(struct router *router)
{
	struct plan nothing = { 0 }, have = { 0 };
	struct op_list ops = { 0 };
	char path[PATH_MAX];

	kernel_nft_changed(router->kernel, false);
	if (rtnl_read(router->env.rtnl, router->config, &have) == 0) {
		kernel_diff(router->kernel, &nothing, &have, &ops);
		apply(router, &ops, &nothing);
	}
	plan_free(&have);
	stranded_forget_all(router->config);
	running_conf_forget(router->options.run_dir);
	unlink(ppp_sock_path(router, path)); /* no plugin is left that would look for the next daemon there */
	op_list_free(&ops);
	router->taken_away(router->taken_away_arg);
}

bool router_is_torn_down(const struct router *router)
{
	return router->torn_down;
}

/* pppd says goodbye to the concentrator; pppd_proc_stop() has a bound for it.  Meanwhile the loop goes on: see on_sync(). */
void router_teardown(struct router *router, void (*done)(void *arg), void *arg)
{
	router->torn_down = true;
	router->taken_away = done;
	router->taken_away_arg = arg;
	for (size_t i = 0; i < router->paths; i++)
		path_stop(router->path[i]);
	confirm_forget(router->confirm);
	router_changed(router);
}

void router_free(struct router *router)
{
	if (!router)
		return;
	metrics_http_free(router->http);
	inbound_free(router->inbound);
	ev_prepare_stop(router->loop, &router->sync);
	ev_timer_stop(router->loop, &router->retry);
	ev_periodic_stop(router->loop, &router->clock);
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
	probe_credit_free(router->env.credit);
	events_free(router->env.events);
	config_free(router->config);
	free(router->trouble);
	free(router);
}
