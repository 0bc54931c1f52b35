/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The router's middle: brings the kernel to what should be, before the loop next sleeps, again later where that fails, and at the
 * end takes all of it away, which is the same with nothing wanted.  Called by router.c and router_reload.c, and by whatever changes;
 * see router.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/confirm.h"
#include "daemon/kernel.h"
#include "daemon/log.h"
#include "daemon/pppd_orphans.h"
#include "daemon/returns.h"
#include "daemon/router_internal.h"
#include "daemon/running_conf.h"
#include "daemon/stranded.h"

/* Each pass can make the next thing possible (tunnel, then its address, then its routes). */
#define PASSES_MAX 6
#define RETRY_FIRST_S 1.0
#define RETRY_LAST_S  30.0

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

/* ---- the end: nothing is wanted ---- */

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

	kernel_nft_changed(router->kernel, false);
	if (rtnl_read(router->env.rtnl, router->config, &have) == 0) {
		kernel_diff(router->kernel, &nothing, &have, &ops);
		apply(router, &ops, &nothing);
	}
	plan_free(&have);
	stranded_forget_all(router->config);
	running_conf_forget(router->options.run_dir);
	router_ppp_forget(router);
	op_list_free(&ops);
	router->taken_away(router->taken_away_arg);
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

/* ---- when ---- */

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

static void on_retry(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	router_changed(w->data);
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

/* ---- start and stop ---- */

void router_sync_init(struct router *router)
{
	ev_prepare_init(&router->sync, on_sync);
	ev_timer_init(&router->retry, on_retry, 0, 0);
	ev_periodic_init(&router->clock, on_clock, 0, 60, NULL);
	router->sync.data = router->retry.data = router->clock.data = router;
	router->retry_s = RETRY_FIRST_S;
}

void router_sync_stop(struct router *router)
{
	ev_prepare_stop(router->loop, &router->sync);
	ev_timer_stop(router->loop, &router->retry);
	ev_periodic_stop(router->loop, &router->clock);
}
