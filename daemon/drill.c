/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See drill.h. */
#include "daemon/drill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/conntrack.h"
#include "daemon/link.h"
#include "daemon/log.h"
#include "daemon/probe_conn.h"
#include "daemon/probe_icmp.h"
#include "policy/mark.h"
#include "policy/probe_rounds.h"

#define TICK_S 0.05       /* between probes, until one is answered */
#define LOOK_S 0.1        /* whether the path that stands in still works */
#define PATIENCE_US 3000000
#define BACKSTOP_MS 5000  /* the path comes back by itself after this, should we not be there to do it */

struct drill {
	struct ev_loop *loop;
	struct router *router;
	bool running;
	struct drill_report report;
	drill_done_fn *done;
	void *arg;
	struct drill_leg *leg; /* that is measured; NULL: none is */
	uint64_t asked_us;     /* when that began */
	ev_timer end, tick;    /* of the time away; the next probe */
	ev_timer look;         /* active: while another path stands in */
	struct probe_callbacks callbacks;
	struct probe_icmp *icmp;
	struct probe_conn *conn;
	uint32_t address[PROBE_TARGETS_MAX + 1];
	struct probe_target target[PROBE_TARGETS_MAX]; /* copies: a reload may come in between */
	unsigned targets;
	unsigned movable; /* connections that were on the path and may go elsewhere */
	uint16_t round;
};

/* ---- probes that go where new connections go ---- */

static void stop_probes(struct drill *drill)
{
	ev_timer_stop(drill->loop, &drill->tick);
	probe_icmp_close(drill->icmp);
	probe_conn_free(drill->conn);
	drill->icmp = NULL;
	drill->conn = NULL;
	drill->leg = NULL;
	while (drill->targets)
		free(drill->target[--drill->targets].text);
}

/* Of a web server the connection is enough: what it says is the prober's business, and would only take time. */
static bool is_connected_to(enum probe_kind kind)
{
	return kind == PROBE_TCP || kind == PROBE_HTTP || kind == PROBE_HTTPS;
}

static void send_to(struct drill *drill, unsigned i)
{
	const struct probe_target *t = &drill->target[i];

	if (t->kind == PROBE_ICMP && drill->icmp)
		probe_icmp_send(drill->icmp, drill->round, i);
	else if (is_connected_to(t->kind))
		probe_conn_tcp(drill->conn, t->addr, t->port, drill->round, i);
	else if (t->kind == PROBE_DNS)
		probe_conn_dns(drill->conn, t->addr, t->port, t->text, drill->round, i);
}

static void send_all(struct drill *drill)
{
	drill->round++;
	for (unsigned i = 0; i < drill->targets; i++)
		send_to(drill, i);
}

static void add_target(struct drill *drill, const struct probe_target *t)
{
	unsigned i = drill->targets++;

	drill->target[i] = *t;
	drill->target[i].text = t->text ? xstrdup(t->text) : NULL;
	drill->target[i].spec = NULL;
	drill->address[i] = t->addr;
}

/* Its other end where no other target is named, as for its state.  That of a tunnel is pinged; that of a session is no target: an LCP
 * echo goes by the session, wherever new connections go. */
static void set_targets(struct drill *drill, const struct path *path)
{
	const struct probe_config *probe = &path->config->probe;
	struct probe_other_end end;

	for (size_t i = 0; i < probe->targets && drill->targets < PROBE_TARGETS_MAX; i++)
		if (!probe_is_other_end(probe->target[i].kind))
			add_target(drill, &probe->target[i]);
	link_other_end(path, &end);
	if (!drill->targets && end.address)
		add_target(drill, &(struct probe_target){ .kind = PROBE_ICMP, .addr = end.address });
}

static void start_probes(struct drill *drill)
{
	/* No device and no mark: routed as anything that the router starts. */
	if (probe_icmp_open(drill->loop, "", 0, drill->address, &drill->callbacks, &drill->icmp) < 0)
		log_warn("the failover cannot be measured by echo requests");
	drill->conn = probe_conn_new(drill->loop, "", 0, &drill->callbacks);
	send_all(drill);
	ev_timer_again(drill->loop, &drill->tick);
}

static void finish(struct drill *drill, const char *trouble)
{
	stop_probes(drill);
	ev_timer_stop(drill->loop, &drill->end);
	ev_timer_stop(drill->loop, &drill->look);
	drill->running = false;
	drill->report.trouble = trouble;
	drill->done(drill->arg, &drill->report);
}

/* Connections of the path whose mark is that of the path within mask. */
static unsigned count(const struct drill *drill, uint32_t mask)
{
	const struct path *path = router_find_path(drill->router, drill->report.path);
	struct budget_use n = { 0 };
	int r = path ? conntrack_count(mark_of_path(router_config(drill->router)->router.mark_mask, path->config->slot),
	                               mask, &n)
	             : 0;

	if (r < 0)
		log_warn("the connections of %s cannot be counted: %s", drill->report.path, strerror(-r));
	return n.tcp + n.udp + n.icmp + n.rest;
}

/* Counted after the measurement, for it takes its time; the way back is the last to be measured. */
static void leg_over(struct drill *drill)
{
	bool last = drill->leg == &drill->report.back;
	unsigned left;

	stop_probes(drill);
	if (last) {
		finish(drill, NULL);
		return;
	}
	left = count(drill, router_config(drill->router)->router.mark_mask);
	drill->report.forgotten = drill->movable > left ? drill->movable - left : 0;
}

static void on_result(void *arg, uint16_t round, unsigned target, int result)
{
	struct drill *drill = arg;

	(void)round;
	(void)target;
	if (drill->leg && drill->leg->works_us < 0 && result == 0)
		drill->leg->works_us = (int64_t)(clock_monotonic_us() - drill->asked_us);
}

static void on_results_done(void *arg)
{
	struct drill *drill = arg;

	if (drill->leg && drill->leg->works_us >= 0)
		leg_over(drill);
}

static void on_tick(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct drill *drill = w->data;

	(void)loop;
	(void)revents;
	if (clock_monotonic_us() - drill->asked_us > PATIENCE_US)
		leg_over(drill);
	else
		send_all(drill);
}

/* ---- away and back ---- */

/* Force, bring the kernel to it, and see when something answers. */
static void go(struct drill *drill, struct path *path, struct drill_leg *leg, bool away)
{
	const struct config *config = router_config(drill->router);
	struct facts facts;
	int over;

	drill->asked_us = clock_monotonic_us();
	path_force(path, away, away ? drill->report.for_ms + BACKSTOP_MS : 0);
	router_sync(drill->router);
	leg->commit_us = (int64_t)(clock_monotonic_us() - drill->asked_us);
	router_facts(drill->router, &facts);
	over = path_list_active(&config->router.order, &facts);
	drill->leg = leg;
	if (over >= 0) {
		snprintf(leg->over, sizeof(leg->over), "%s", config->path[over].name);
		set_targets(drill, router_path(drill->router, (size_t)over));
		leg->unmeasured = !drill->targets;
	}
	if (drill->targets)
		start_probes(drill);
	else
		leg_over(drill);
}

static void on_end(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct drill *drill = w->data;
	struct path *path = router_find_path(drill->router, drill->report.path);

	(void)revents;
	stop_probes(drill);
	ev_timer_stop(loop, &drill->look);
	if (!path)
		finish(drill, "the path went out of the configuration meanwhile");
	else if (!path->forced)
		finish(drill, "somebody else brought the path back before the time was over");
	else
		go(drill, path, &drill->report.back, false);
}

/* A home that is offline for as long as the test was to last: nobody asked for that. */
static void on_look(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct drill *drill = w->data;
	struct facts facts;

	(void)loop;
	(void)revents;
	router_facts(drill->router, &facts);
	if (path_list_active(&router_config(drill->router)->router.order, &facts) < 0)
		drill_stop(drill, "the path that stood in was lost meanwhile, so it was ended early");
}

const char *drill_refuses(const struct drill *drill, const struct path *path, bool force)
{
	const struct config *config = router_config(drill->router);
	int index = config_path_index(config, path->config->name);
	struct facts facts;

	if (router_is_torn_down(drill->router))
		return ROUTER_GOES;
	if (drill->running)
		return "one is running already";
	if (path->forced)
		return "the path is treated as lost already; 'dualpathctl failback' ends that";
	router_facts(drill->router, &facts);
	if (!facts.path[index].usable)
		return "the path does not work now: there is nothing to lose";
	if (!force && path_list_without(&config->router.order, &facts, index) < 0)
		return "no other path of the default works now: the home would be offline. --force does it all the same";
	return NULL;
}

void drill_start(struct drill *drill, struct path *path, uint32_t for_ms, drill_done_fn *done, void *arg)
{
	const struct router_config *config = &router_config(drill->router)->router;

	drill->running = true;
	drill->done = done;
	drill->arg = arg;
	drill->report = (struct drill_report){ .for_ms = for_ms, .away = { -1, -1, "", false }, .back = { -1, -1, "", false } };
	snprintf(drill->report.path, sizeof(drill->report.path), "%s", path->config->name);
	drill->report.connections = count(drill, mark_path_mask(config->mark_mask));
	drill->movable = count(drill, config->mark_mask);
	ev_timer_set(&drill->end, for_ms / 1000.0, 0);
	ev_timer_start(drill->loop, &drill->end);
	go(drill, path, &drill->report.away, true);
	if (*drill->report.away.over)
		ev_timer_again(drill->loop, &drill->look);
}

struct drill *drill_new(struct ev_loop *loop, struct router *router)
{
	struct drill *drill = xcalloc(1, sizeof(*drill));

	drill->loop = loop;
	drill->router = router;
	drill->callbacks = (struct probe_callbacks){ .result = on_result, .done = on_results_done, .arg = drill };
	ev_timer_init(&drill->end, on_end, 0, 0);
	ev_timer_init(&drill->tick, on_tick, 0, TICK_S);
	ev_timer_init(&drill->look, on_look, 0, LOOK_S);
	drill->end.data = drill->tick.data = drill->look.data = drill;
	return drill;
}

void drill_stop(struct drill *drill, const char *why)
{
	struct path *path;

	if (!drill->running)
		return;
	path = router_find_path(drill->router, drill->report.path);
	if (path)
		path_force(path, false, 0);
	finish(drill, why);
}

void drill_free(struct drill *drill)
{
	if (!drill)
		return;
	drill_stop(drill, "the daemon ends");
	free(drill);
}
