/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See router.h. */
#include "daemon/router.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/config_load.h"
#include "daemon/confirm.h"
#include "daemon/dnsmasq_conf.h"
#include "daemon/home_dns.h"
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
	struct kernel *kernel;
	struct stranded *stranded;
	struct home_dns home_dns;
	unsigned failed;           /* operations of this pass */
	ev_prepare sync;           /* armed while a change waits */
	ev_timer retry;
	ev_periodic clock;         /* for rules with a time */
	double retry_s;
	char *trouble;
	bool torn_down;
};

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
	int result;

	if (rtnl_read(router->env.rtnl, router->config, &have) < 0)
		return -1;
	refresh_paths(router, &have);
	plan_free(&have);
	router_facts(router, &facts);
	compile(router->config, &facts, &want);
	result = kernel_diff(router->kernel, router->config, &want, &ops) < 0 ? -1 : 0;
	if (result == 0) {
		result = apply(router, &ops, &want) ? -1 : (int)ops.count;
		router->env.guarded |= result >= 0; /* also where an earlier daemon had left it so */
		stranded_look(router->stranded, router->config, &facts);
		returns_look(router->returns, router->config, &facts);
		home_dns_update(&router->home_dns, router->options.run_dir, router->config, router->path);
	}
	op_list_free(&ops);
	plan_free(&want);
	return result;
}

static bool path_ended(const struct path *path)
{
	return !path->pppoe || !pppoe_pid(path->pppoe);
}

static void free_left(struct router *router)
{
	for (size_t i = 0; i < 2 * CONFIG_PATHS_MAX; i++)
		if (router->leaving[i] && path_ended(router->leaving[i])) {
			path_free(router->leaving[i]);
			router->leaving[i] = NULL;
		}
}

/* Until a pass finds nothing to do. */
void router_sync(struct router *router)
{
	int applied = 1;

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

static void on_sync(struct ev_loop *loop, ev_prepare *w, int revents)
{
	struct router *router = w->data;

	(void)revents;
	ev_prepare_stop(loop, w);
	if (!router->torn_down)
		router_sync(router);
}

/* Before the loop next sleeps: several changes in one turn are one. */
static void changed(void *arg)
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
	changed(w->data);
}

static void on_nft_changed(void *arg, bool ours)
{
	struct router *router = arg;

	kernel_nft_changed(router->kernel, ours);
	changed(router);
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
static void set_clock(struct router *router)
{
	ev_periodic_stop(router->loop, &router->clock);
	if (has_times(router->config))
		ev_periodic_start(router->loop, &router->clock);
}

static void on_clock(struct ev_loop *loop, ev_periodic *w, int revents)
{
	(void)loop;
	(void)revents;
	changed(w->data);
}

/* ---- config ---- */

static struct path *take_path(struct router *router, const struct path_config *config)
{
	for (size_t i = 0; i < router->paths; i++) {
		struct path *path = router->path[i];

		if (!path || path->config->kind != config->kind || strcmp(path->config->name, config->name) != 0)
			continue;
		router->path[i] = NULL;
		path_reconfigure(path, config);
		return path;
	}
	return path_new(&router->env, config);
}

/* A path that is no longer wanted is freed when its pppd has ended (free_left). */
static void leave(struct router *router, struct path *path)
{
	if (!path)
		return;
	path_stop(path);
	for (size_t i = 0; i < 2 * CONFIG_PATHS_MAX; i++)
		if (!router->leaving[i]) {
			router->leaving[i] = path;
			return;
		}
	path_free(path);
}

/* Paths that both configs have live on; the others end or begin. */
static void take_config(struct router *router, struct config *config)
{
	struct config *old = router->config;
	struct path *path[CONFIG_PATHS_MAX];

	config_assign_slots(config, old);
	router->env.mark_mask = config->router.mark_mask;
	router->env.reset_after_ms = config->router.reset_after_ms;
	for (size_t i = 0; i < config->paths; i++)
		path[i] = take_path(router, &config->path[i]);
	for (size_t i = 0; i < router->paths; i++)
		leave(router, router->path[i]);
	memcpy(router->path, path, sizeof(path));
	router->paths = config->paths;
	router->config = config;
	inbound_reconfigure(router->inbound, old);
	returns_reconfigure(router->returns, config);
	metrics_http_reconfigure(router->http);
	config_free(old);
	set_clock(router);
	dnsmasq_conf_update(router->options.run_dir, config, router->env.events);
	running_conf_write(router->options.run_dir, config);
}

/* What is fixed for a daemon's life: objects made under the old value would be lost sight of. */
static void check_fixed(const struct config *old, const struct config *new, struct diag_list *diags)
{
	const struct router_config *a = &old->router, *b = &new->router;

	if (a->mark_mask != b->mark_mask || a->rule_priority != b->rule_priority || a->table_base != b->table_base ||
	    a->route_protocol != b->route_protocol)
		diag_add(diags, DIAG_ERROR, new->file, 0, 0,
		         "mark-mask, rule-priority, table and route-protocol cannot change in a reload: run "
		         "'dualpathctl teardown' and start dualpathd again");
}

static struct config *read_for_reload(struct router *router, const char *file, struct diag_list *diags)
{
	struct config *config = config_load(file, diags);

	if (!config)
		return NULL;
	check_fixed(router->config, config, diags);
	if (!diags->errors)
		return config;
	config_free(config);
	return NULL;
}

/* What the kernel would get for config while the paths are as they are now. */
static void plan_difference(struct router *router, struct config *config, struct op_list *ops)
{
	struct plan want = { 0 };
	struct facts now, facts;

	router_facts(router, &now);
	facts = now;
	memset(facts.path, 0, sizeof(facts.path));
	config_assign_slots(config, router->config);
	for (size_t i = 0; i < config->paths; i++) {
		int old = config_path_index(router->config, config->path[i].name);

		if (old >= 0)
			facts.path[i] = now.path[old];
	}
	offload_facts(router->offload, config, &facts);
	compile(config, &facts, &want);
	kernel_diff(router->kernel, config, &want, ops);
	plan_free(&want);
}

bool router_diff(struct router *router, const char *file, struct diag_list *diags, struct op_list *ops)
{
	struct config *config = read_for_reload(router, file, diags);

	if (!config)
		return false;
	plan_difference(router, config, ops);
	config_free(config);
	return true;
}

/* ---- a config on trial ---- */

static void on_trial_failed(void *arg)
{
	struct router *router = arg;
	struct diag_list diags = { 0 };
	char file[PATH_MAX];
	struct config *good = config_load(confirm_good_file(router->options.state_dir, file), &diags);

	if (good) {
		take_config(router, good);
		events_add(router->env.events, "router", "", "", "nobody confirmed the new configuration: back to the one before");
		changed(router);
	} else {
		events_add(router->env.events, "router", "", "",
		           "nobody confirmed the new configuration, but the one before can no longer be used: %s",
		           diags.count ? diags.item[0].text : "");
	}
	diag_free(&diags);
}

/* Written down before it is taken: whatever happens then, the way back is known. */
static bool begin_trial(struct router *router, const struct config *config, uint32_t ms, struct diag_list *diags)
{
	int r = confirm_begin(router->confirm, router->config, config, ms);

	if (r < 0)
		diag_add(diags, DIAG_ERROR, config->file, 0, 0, "cannot remember the configuration to go back to in %s: %s",
		         router->options.state_dir, strerror(-r));
	return r == 0;
}

bool router_confirm(struct router *router)
{
	if (!confirm_keep(router->confirm))
		return false;
	events_add(router->env.events, "router", "", "", "the new configuration was confirmed");
	return true;
}

int64_t router_trial_left_ms(const struct router *router)
{
	return confirm_left_ms(router->confirm);
}

/* ---- reload ---- */

bool router_reload(struct router *router, uint32_t trial_ms, struct diag_list *diags, struct op_list *ops)
{
	struct config *config = read_for_reload(router, router->options.config_file, diags);

	if (!config)
		return false;
	if (trial_ms && !begin_trial(router, config, trial_ms, diags)) {
		config_free(config);
		return false;
	}
	if (!trial_ms)
		confirm_forget(router->confirm);
	offload_try_again(router->offload);
	plan_difference(router, config, ops);
	take_config(router, config);
	events_add(router->env.events, "router", "", "", "config reloaded: %zu changes", ops->count);
	router_sync(router);
	return true;
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

static int open_edges(struct router *router, char **why)
{
	int r = rtnl_new(router->loop, router->config->router.route_protocol, changed, router, &router->env.rtnl);
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

int router_new(struct ev_loop *loop, const struct router_options *options, struct config *config,
               struct router **out, char **why)
{
	struct router *router = xcalloc(1, sizeof(*router));
	int r;

	*why = NULL;
	router->loop = loop;
	router->options = *options;
	router->config = config;
	config_assign_slots(config, NULL);
	init_watchers(router);
	router->env = (struct path_env){ .loop = loop, .events = events_new(on_state_change, router),
	                                 .credit = probe_credit_new(),
	                                 .run_dir = options->run_dir, .state_dir = options->state_dir,
	                                 .plugin_file = options->plugin_file, .pppd_file = options->pppd_file,
	                                 .mark_mask = config->router.mark_mask,
	                                 .reset_after_ms = config->router.reset_after_ms, .changed = changed,
	                                 .others_work = others_work, .same_ends = same_ends, .arg = router };
	router->hook = hook_new(loop);
	router->returns = returns_new(loop, router->env.events);
	router->confirm = confirm_new(loop, options->state_dir, on_trial_failed, router);
	router->nft = nft_new(router->loop);
	router->offload = offload_new(router->nft, router->env.events);
	router->stranded = stranded_new(loop);
	r = open_edges(router, why);
	if (r < 0) {
		router_free(router);
		return r;
	}
	router->kernel = kernel_new(router->env.rtnl, router->nft, router->offload);
	router->orphans = pppd_orphans_new(loop, options, config);
	for (size_t i = 0; i < config->paths; i++)
		router->path[router->paths++] = path_new(&router->env, &config->path[i]);
	adopt(router);
	set_clock(router);
	dnsmasq_conf_update(options->run_dir, config, router->env.events);
	running_conf_write(options->run_dir, config);
	/* The daemon before us may have been killed in the middle of a trial. */
	confirm_resume(router->confirm, config);
	router_sync(router);
	router->inbound = inbound_new(loop, router);
	router->http = metrics_http_new(loop, router);
	*out = router;
	return 0;
}

static bool all_ended(const struct router *router)
{
	for (size_t i = 0; i < router->paths; i++)
		if (!path_ended(router->path[i]))
			return false;
	return pppd_orphans_ended(router->orphans);
}

/* pppd says goodbye to the concentrator, which takes a moment; pppd_proc_stop() has a bound for it. */
static void wait_for_pppd(struct router *router)
{
	while (!all_ended(router))
		ev_run(router->loop, EVRUN_ONCE);
}

void router_teardown(struct router *router)
{
	struct plan nothing = { 0 };
	struct op_list ops = { 0 };
	char path[PATH_MAX];

	router->torn_down = true;
	for (size_t i = 0; i < router->paths; i++)
		path_stop(router->path[i]);
	wait_for_pppd(router);
	confirm_forget(router->confirm);
	kernel_nft_changed(router->kernel, false);
	if (kernel_diff(router->kernel, router->config, &nothing, &ops) == 0)
		apply(router, &ops, &nothing);
	stranded_forget_all(router->config);
	running_conf_forget(router->options.run_dir);
	unlink(ppp_sock_path(router, path)); /* no plugin is left that would look for the next daemon there */
	op_list_free(&ops);
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
