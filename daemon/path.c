/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See path.h. */
#include "daemon/path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/forced_store.h"
#include "daemon/link.h"
#include "daemon/log.h"
#include "daemon/path_judge.h"
#include "policy/mark.h"
#include "policy/utf8.h"

/* The first of its flaws, or "". */
static const char *flaw_of(const struct path *path)
{
	unsigned i = 0;

	while (i + 1 < PATH_FLAWS && !*path->flaw[i])
		i++;
	return path->flaw[i];
}

enum path_view path_view(const struct path *path)
{
	return path_fsm_view(path->state, path->forced, *flaw_of(path));
}

const char *path_reason(const struct path *path)
{
	if (path->forced)
		return "failover was asked for; 'dualpathctl failback' ends it";
	return path_view(path) == PATH_VIEW_DEGRADED ? flaw_of(path) : path->reason;
}

struct path_facts path_facts(const struct path *path)
{
	struct path_facts facts = path->facts;

	facts.usable = path_fsm_usable(path->state, path->forced);
	facts.unjudged = path->state == PATH_PROVING && !path->forced;
	facts.lost = path->loss.was_up && !facts.usable;
	facts.hopeless = path->loss.hopeless;
	facts.full = path->budget.tight;
	return facts;
}

/* Note a change of what is shown, if there is one. */
static void note(struct path *path, enum path_view before, const char *cause)
{
	enum path_view after = path_view(path);

	if (after == before)
		return;
	path->since_ms = clock_boot_ms();
	path->transitions++;
	events_add(path->env->events, path->config->name, path_view_name(before), path_view_name(after), "%s", cause);
}

/* ---- probes ---- */

static bool has_link(enum path_state state)
{
	return state == PATH_PROVING || state == PATH_UP || state == PATH_SILENT;
}

static void on_round(void *arg, const struct health_round *round)
{
	path_judge_round(arg, round);
}

static void on_alive(void *arg)
{
	health_alive(&((struct path *)arg)->health);
}

static void on_too_big(void *arg, unsigned mtu)
{
	mtu_watch_too_big(((struct path *)arg)->mtu, mtu);
}

static void start_evidence(struct path *path)
{
	evidence_start(path->evidence, path->config->device, path->config->probe.interval_ms);
}

/* Only a path that is up is told of by what comes in unasked: to come up it must answer. */
static void watch_evidence(struct path *path, enum path_state before)
{
	if (path->state == PATH_UP && before != PATH_UP)
		start_evidence(path);
	else if (path->state != PATH_UP)
		evidence_stop(path->evidence);
}

static void start_probes(struct path *path)
{
	struct probe_other_end end;
	uint32_t mark = mark_of_path(path->env->mark_mask, path->config->slot);
	int r;

	link_other_end(path, &end);
	health_reset(&path->health);
	path_set_flaw(path, PATH_FLAW_QUALITY, NULL);
	path->proven = path->state == PATH_UP;
	r = prober_start(path->prober, &path->config->probe, path->config->device, mark, &end, !path->proven);
	if (r < 0)
		log_error("%s: cannot probe over %s: %s", path->config->name, path->config->device, strerror(-r));
}

void path_prove_again(struct path *path)
{
	if (has_link(path->state))
		start_probes(path);
}

/* ---- the state ---- */

static void enter(struct path *path, enum path_state before)
{
	if (has_link(path->state) && !has_link(before)) {
		start_probes(path);
	} else if (!has_link(path->state) && has_link(before)) {
		prober_stop(path->prober);
		path->proven = false;
	}
	watch_evidence(path, before);
	mtu_watch_look(path->mtu);
	if (before == PATH_UP)
		loss_begin(&path->loss, path->env->reset_after_ms);
	if (before == PATH_UP && path->state != PATH_DISABLED)
		damping_lost(&path->damping, clock_monotonic_ms());
	if (path->state == PATH_UP && before != PATH_UP) {
		path->proven = true;
		path->standing = false;
		loss_end(&path->loss);
		prober_quick(path->prober, false);
		link_worked(path);
	}
	if (path_fsm_usable(path->state, path->forced) != path_fsm_usable(before, path->forced))
		path->env->changed(path->env->arg);
}

void path_event(struct path *path, enum path_event event, const char *format, ...)
{
	enum path_view view = path_view(path);
	enum path_state before = path->state;
	char cause[sizeof(path->reason)];
	va_list ap;

	va_start(ap, format);
	utf8_vprint(cause, sizeof(cause), format, ap);
	va_end(ap);
	path->state = path_fsm_next(before, event);
	if (path->state == before)
		return;
	log_debug("%s: %s: %s -> %s (%s)", path->config->name, path_event_name(event), path_state_name(before),
	          path_state_name(path->state), cause);
	snprintf(path->reason, sizeof(path->reason), "%s", cause);
	path->aside[0] = '\0';
	note(path, view, cause);
	enter(path, before);
}

/* While the path is up nobody asks why it is not: what is said then is for the log, and does not stand in status for ever. */
static bool takes_reason(struct path *path, const char *text)
{
	char *last = path->state == PATH_UP ? path->aside : path->reason;

	if (strcmp(text, last) == 0)
		return false;
	snprintf(last, sizeof(path->reason), "%s", text);
	return true;
}

void path_explain(struct path *path, const char *format, ...)
{
	char text[sizeof(path->reason)];
	va_list ap;

	va_start(ap, format);
	utf8_vprint(text, sizeof(text), format, ap);
	va_end(ap);
	if (takes_reason(path, text))
		log_info("%s: %s", path->config->name, text);
}

void path_note(struct path *path, const char *said)
{
	char text[sizeof(path->reason)];

	snprintf(text, sizeof(text), "%s", said);
	utf8_mend(text);
	if (takes_reason(path, text))
		events_add(path->env->events, path->config->name, "", "", "%s", text);
}

void path_set_flaw(struct path *path, enum path_flaw which, const char *format, ...)
{
	enum path_view view = path_view(path);
	char text[sizeof(path->flaw[which])] = "";
	va_list ap;

	if (format) {
		va_start(ap, format);
		utf8_vprint(text, sizeof(text), format, ap);
		va_end(ap);
	}
	if (strcmp(text, path->flaw[which]) == 0)
		return;
	snprintf(path->flaw[which], sizeof(path->flaw[which]), "%s", text);
	if (*text)
		log_warn("%s: %s", path->config->name, text);
	note(path, view, *text ? text : "as it should be again");
}

static void set_forced(struct path *path, bool forced, const char *cause)
{
	enum path_view view = path_view(path);
	bool usable = path_fsm_usable(path->state, path->forced);

	if (path->forced == forced)
		return;
	path->forced = forced;
	note(path, view, cause);
	if (usable != path_fsm_usable(path->state, forced))
		path->env->changed(path->env->arg);
}

static void remember_forced(const struct path *path, uint32_t for_ms)
{
	if (path->forced)
		forced_store_write(path->env->run_dir, path->config->name, for_ms);
	else
		forced_store_clear(path->env->run_dir, path->config->name);
}

static void arm_force_end(struct path *path, int64_t ms)
{
	ev_timer_set(&path->force_end, (double)ms / 1000.0, 0);
	ev_timer_start(path->env->loop, &path->force_end);
}

static void recall_forced(struct path *path)
{
	int64_t left_ms;

	path->forced = forced_store_read(path->env->run_dir, path->config->name, &left_ms);
	if (path->forced && left_ms)
		arm_force_end(path, left_ms);
}

static void on_force_end(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	set_forced(w->data, false, "the time of the failover is over");
	remember_forced(w->data, 0);
}

void path_force(struct path *path, bool forced, uint32_t for_ms)
{
	ev_timer_stop(path->env->loop, &path->force_end);
	if (!forced)
		path->damping = (struct damping){ 0 };
	set_forced(path, forced, forced ? "failover was asked for" : "back to automatic");
	remember_forced(path, for_ms);
	if (forced && for_ms)
		arm_force_end(path, for_ms);
}

void path_note_all(struct path *path)
{
	double left = ev_is_active(&path->force_end) ? ev_timer_remaining(path->env->loop, &path->force_end) : 0;

	if (path->forced)
		remember_forced(path, left > 0 ? (uint32_t)(left * 1000) + 1 : 0);
	link_note(path);
}

/* ---- the link below it ---- */

void path_refresh(struct path *path, const struct plan *have)
{
	link_refresh(path, have);
	if (!path->pppoe && path->state == PATH_UP)
		evidence_tunnel(path->evidence, path->config->interface, &path->facts.local, &path->facts.remote);
	mtu_watch_look(path->mtu);
}

void path_adopt(struct path *path, const struct plan *have, bool carried_traffic)
{
	if (link_adopt(path, have) && carried_traffic)
		path_event(path, PATH_EV_ADOPT, "taken over as it was");
}

void path_reconnect(struct path *path)
{
	path_event(path, PATH_EV_LINK_LOST, "reconnect was asked for");
	path->damping = (struct damping){ 0 };
	link_rebuild(path);
	path->env->changed(path->env->arg);
}

static void on_budget(void *arg)
{
	struct path *path = arg;
	const struct budget *b = &path->budget;
	unsigned most = budget_most(&b->use);

	if (b->tight)
		events_add(path->env->events, path->config->name, "", "",
		           "%u of the carrier's %u ports are in use (tcp %u, udp %u, icmp %u): soon new connections will fail", most,
		           b->ports, b->use.tcp, b->use.udp, b->use.icmp);
	else if (b->ports)
		events_add(path->env->events, path->config->name, "", "", "enough of the carrier's ports are free again (%u in use)",
		           most);
	path->env->changed(path->env->arg);
}

static void set_budget(struct path *path)
{
	budget_set(&path->budget, link_ports(path), mark_of_path(path->env->mark_mask, path->config->slot),
	           mark_path_mask(path->env->mark_mask));
}

static void on_hopeless(void *arg)
{
	struct path *path = arg;

	if (path->loss.was_up)
		events_add(path->env->events, path->config->name, "", "",
		           "lost for %u s: TCP connections that can go nowhere else are reset (reset-after)",
		           path->env->reset_after_ms / 1000);
	path->env->changed(path->env->arg);
}

/* Loss or latency are of interest: then no round is saved. */
static bool measures(const struct probe_config *c)
{
	return c->max_loss_percent || c->max_rtt_ms;
}

/* In all that the prober keeps for itself; limits are looked at with each round (judge_quality). */
static bool same_probes(const struct probe_config *a, const struct probe_config *b)
{
	if (a->targets != b->targets || a->interval_ms != b->interval_ms || a->timeout_ms != b->timeout_ms ||
	    a->quorum != b->quorum || a->down_after != b->down_after || measures(a) != measures(b))
		return false;
	for (size_t i = 0; i < a->targets; i++)
		if (strcmp(a->target[i].spec, b->target[i].spec) != 0)
			return false;
	return true;
}

void path_reconfigure(struct path *path, const struct path_config *config)
{
	const struct path_config *old = path->config;
	bool probes = same_probes(&old->probe, &config->probe);

	path->config = config;
	loss_reconfigure(&path->loss, path->env->reset_after_ms);
	set_budget(path);
	if (strcmp(old->device, config->device) != 0)
		path_event(path, PATH_EV_LINK_LOST, "its device is called %s from now on", config->device);
	link_reconfigure(path, old);
	if (probes || !has_link(path->state))
		return;
	start_probes(path);
	if (path->state == PATH_UP)
		start_evidence(path);
}

void path_stop(struct path *path)
{
	/* Nobody shall find a failover that was asked for once. */
	forced_store_clear(path->env->run_dir, path->config->name);
	link_stop(path);
}

struct path *path_new(const struct path_env *env, const struct path_config *config)
{
	struct path *path = xcalloc(1, sizeof(*path));

	path->env = env;
	path->config = config;
	path->since_ms = clock_boot_ms();
	path->state = path_fsm_next(PATH_DISABLED, PATH_EV_ENABLE);
	path->prober = prober_new(env->loop, env->credit, on_round, path);
	path->evidence = evidence_new(env->loop, env->rtnl, path->prober, on_alive, on_too_big, path);
	path->mtu = mtu_watch_new(path);
	snprintf(path->reason, sizeof(path->reason), "starting");
	budget_init(&path->budget, env->loop, on_budget, path);
	set_budget(path);
	loss_init(&path->loss, env->loop, env->reset_after_ms, on_hopeless, path);
	ev_timer_init(&path->force_end, on_force_end, 0, 0);
	path->force_end.data = path;
	recall_forced(path);
	link_make(path);
	return path;
}

/* All that looks at the config. */
static void end_watches(struct path *path)
{
	ev_timer_stop(path->env->loop, &path->force_end);
	loss_stop(&path->loss);
	budget_stop(&path->budget);
	mtu_watch_free(path->mtu);
	evidence_free(path->evidence);
	prober_free(path->prober);
	path->mtu = NULL;
	path->evidence = NULL;
	path->prober = NULL;
}

bool path_has_ended(const struct path *path)
{
	return link_has_ended(path);
}

void path_leave(struct path *path)
{
	path_stop(path);
	end_watches(path);
	if (!path_has_ended(path))
		path->config = NULL;
}

void path_free(struct path *path)
{
	if (!path)
		return;
	end_watches(path);
	link_free(path);
	free(path);
}
