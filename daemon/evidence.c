/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See evidence.h. */
#include "daemon/evidence.h"

#include <netinet/icmp6.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/icmp6_watch.h"
#include "daemon/icmp_watch.h"
#include "daemon/log.h"
#include "policy/passive.h"

struct evidence {
	struct ev_loop *loop;
	struct rtnl *rtnl;
	struct prober *prober;
	void (*alive)(void *arg);
	void (*too_big)(void *arg, unsigned mtu);
	void *arg;
	char device[IFNAMSIZ];
	struct passive passive;
	ev_timer look;
	struct icmp_watch *inner;  /* NULL: it could not be opened */
	struct icmp6_watch *watch; /* NULL likewise, or there is no tunnel */
	struct in6_addr local, remote; /* that it was opened for */
};

/* ---- counters ---- */

static void look_later(struct evidence *e)
{
	ev_timer_stop(e->loop, &e->look);
	ev_timer_set(&e->look, (double)passive_wait_us(&e->passive) / 1e6, 0);
	ev_timer_start(e->loop, &e->look);
}

/* A device that is gone has no evidence to give; others tell of that. */
static void look(struct evidence *e)
{
	struct probe_traffic own = prober_traffic(e->prober);
	struct passive_counts counts = { .own_received = own.received, .own_sent = own.sent,
	                                 .refused = e->inner ? icmp_watch_count(e->inner) : 0 };
	struct link_info link;
	enum passive_verdict verdict = PASSIVE_NOTHING;
	uint64_t since = 0;

	if (rtnl_link(e->rtnl, e->device, &link) == 0) {
		counts.received = link.rx_packets;
		counts.sent = link.tx_packets;
		verdict = passive_look(&e->passive, clock_monotonic_us(), &counts, &since);
	}
	if (!ev_is_active(&e->look)) /* before others are told, who may end all this */
		look_later(e);
	if (verdict == PASSIVE_ALIVE) {
		prober_alive(e->prober);
		e->alive(e->arg);
	} else if (e->passive.heard) {
		prober_heard(e->prober);
	} else if (verdict == PASSIVE_SUSPECT) {
		log_debug("%s: the home sends, and nothing comes back: asking", e->device);
		prober_suspect(e->prober, since);
	}
}

static void on_look(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	look(timer->data);
}

/* The prober is about to begin a burst, or to tell of one that nobody has answered. */
static void on_look_wanted(void *arg)
{
	struct evidence *e = arg;

	if (ev_is_active(&e->look))
		look(e);
}

/* ---- errors ---- */

static void on_error(void *arg, const struct icmp6_error *error)
{
	struct evidence *e = arg;

	log_trace("%s: ICMPv6 error %u/%u about %s", e->device, error->type, error->code,
	          error->has_echo ? "a probe" : "a packet");
	if (error->type == ICMP6_PACKET_TOO_BIG)
		e->too_big(e->arg, error->mtu);
	else if (error->has_echo)
		prober_unreachable(e->prober, &error->echo);
	else
		prober_line_told(e->prober);
}

/* About a packet of the home's, or of ours, by somebody behind the path. */
static void on_inner_error(void *arg)
{
	struct evidence *e = arg;

	if (!passive_told(&e->passive, clock_monotonic_us()))
		return;
	log_debug("%s: somebody says that something cannot be reached: asking", e->device);
	prober_told(e->prober);
}

static void watch_inner(struct evidence *e)
{
	int r;

	icmp_watch_close(e->inner);
	e->inner = NULL;
	r = icmp_watch_open(e->loop, e->device, on_inner_error, e, &e->inner);
	if (r < 0)
		log_debug("%s: cannot listen to ICMP errors: %s", e->device, strerror(-r));
}

void evidence_tunnel(struct evidence *e, const char *interface, const struct in6_addr *local,
                     const struct in6_addr *remote)
{
	int r;

	if (e->watch && IN6_ARE_ADDR_EQUAL(local, &e->local) && IN6_ARE_ADDR_EQUAL(remote, &e->remote))
		return;
	icmp6_watch_close(e->watch);
	e->watch = NULL;
	e->local = *local;
	e->remote = *remote;
	r = icmp6_watch_open(e->loop, interface, local, remote, on_error, e, &e->watch);
	if (r < 0)
		log_debug("%s: cannot listen to ICMPv6 errors on %s: %s", e->device, interface, strerror(-r));
}

/* ---- start and stop ---- */

void evidence_start(struct evidence *e, const char *device, uint32_t interval_ms)
{
	snprintf(e->device, sizeof(e->device), "%s", device);
	passive_init(&e->passive, interval_ms);
	watch_inner(e);
	look(e); /* from here on is counted */
}

void evidence_stop(struct evidence *e)
{
	ev_timer_stop(e->loop, &e->look);
	icmp_watch_close(e->inner);
	icmp6_watch_close(e->watch);
	e->inner = NULL;
	e->watch = NULL;
}

struct evidence *evidence_new(struct ev_loop *loop, struct rtnl *rtnl, struct prober *prober, void (*alive)(void *arg),
                              void (*too_big)(void *arg, unsigned mtu), void *arg)
{
	struct evidence *e = xcalloc(1, sizeof(*e));

	*e = (struct evidence){ .loop = loop, .rtnl = rtnl, .prober = prober, .alive = alive, .too_big = too_big, .arg = arg };
	ev_timer_init(&e->look, on_look, 0, 0);
	e->look.data = e;
	prober_set_look(prober, on_look_wanted, e);
	return e;
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	evidence_stop(e);
	prober_set_look(e->prober, NULL, NULL);
	free(e);
}
