/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mtu_watch.h. */
#include "daemon/mtu_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/mtu_probe.h"
#include "daemon/path.h"

/* Where all is as it should be, and where nobody answers. */
#define RARELY_S 1800.0
/* What was found to be narrower is asked again soon, and ever less often: perhaps it was a fault that is mended. */
#define SOON_S 60.0
#define LEAST_APART_MS 10000 /* whoever sends errors costs no more than this */
#define WAIT_MIN_MS 250
#define WAIT_MAX_MS 1000

struct mtu_watch {
	struct path *path;
	struct mtu_probe *probe; /* NULL: not measuring */
	ev_timer timer;
	double pause_s;          /* until the next time */
	struct in6_addr local, remote; /* measured between these, when last begun ... */
	unsigned full;                 /* ... up to this; 0: not yet since it came up */
	unsigned measured, hint;
	bool adopted; /* .carries is an earlier daemon's word */
	uint64_t begun_ms;
};

/* ---- what follows ---- */

static unsigned tunnel_mtu(const struct mtu_watch *w)
{
	return compile_tunnel_mtu(w->path->config, &w->path->facts);
}

static void tell_flaw(struct mtu_watch *w)
{
	const struct path *path = w->path;
	unsigned mtu = tunnel_mtu(w);

	if (path->config->mtu && mtu < path->config->mtu)
		path_set_flaw(w->path, PATH_FLAW_MTU, "the line carries only %u bytes: the tunnel's MTU is %u, not the %u of mtu =",
		              path->facts.carries, mtu, path->config->mtu);
	else
		path_set_flaw(w->path, PATH_FLAW_MTU, NULL);
}

/* bytes 0: what the line says. */
static void set_carries(struct mtu_watch *w, unsigned bytes)
{
	struct path *path = w->path;
	unsigned before = path->facts.carries;

	path->facts.carries = bytes;
	tell_flaw(w);
	if (bytes == before)
		return;
	if (bytes)
		events_add(path->env->events, path->config->name, "", "",
		           "the line carries only %u bytes, not the %u that %s promises: the tunnel's MTU is %u", bytes, w->full,
		           path->config->interface, tunnel_mtu(w));
	else
		events_add(path->env->events, path->config->name, "", "", "the line carries %u bytes again: the tunnel's MTU is %u",
		           w->full, tunnel_mtu(w));
	path->env->changed(path->env->arg);
}

static void on_measured(void *arg, enum mtu_verdict verdict, unsigned bytes)
{
	struct mtu_watch *w = arg;
	bool same = bytes == w->measured;

	w->probe = NULL;
	log_debug("%s: of %u bytes the line carries %u%s", w->path->config->name, w->full, bytes,
	          verdict == MTU_UNKNOWN ? " (nobody answers such packets)" : "");
	if (verdict == MTU_CARRIES) {
		w->measured = w->hint = bytes;
		set_carries(w, bytes < w->full ? bytes : 0);
	} else if (w->adopted) {
		set_carries(w, 0);
	}
	w->adopted = false;
	if (verdict == MTU_CARRIES && bytes < w->full)
		w->pause_s = !same ? SOON_S : w->pause_s * 2 < RARELY_S ? w->pause_s * 2 : RARELY_S;
	else
		w->pause_s = RARELY_S;
	ev_timer_set(&w->timer, w->pause_s, 0);
	ev_timer_start(w->path->env->loop, &w->timer);
}

/* ---- measuring ---- */

/* Whom to ask: the tunnel's other end, which is nearest, and who else answers pings. */
static void set_targets(const struct path *path, struct mtu_way *way)
{
	const struct probe_config *probe = &path->config->probe;

	if (path->config->kind == PATH_DSLITE)
		way->target[way->targets++] = AFTR_INNER_ADDRESS;
	for (size_t i = 0; i < probe->targets && way->targets < MTU_SEARCH_TARGETS; i++)
		if (probe->target[i].kind == PROBE_ICMP)
			way->target[way->targets++] = probe->target[i].addr;
}

static unsigned wait_ms(const struct path *path)
{
	double rtt = health_rtt_ms(&path->health);

	if (rtt < 0 || rtt * 4 > WAIT_MAX_MS)
		return WAIT_MAX_MS;
	return rtt * 4 < WAIT_MIN_MS ? WAIT_MIN_MS : (unsigned)(rtt * 4);
}

static void measure(struct mtu_watch *w)
{
	const struct path *path = w->path;
	struct mtu_way way = { .local = path->facts.local, .remote = path->facts.remote, .from = path->facts.address,
		               .wait_ms = wait_ms(path) };
	int r;

	snprintf(way.interface, sizeof(way.interface), "%s", path->config->interface);
	snprintf(way.device, sizeof(way.device), "%s", path->config->device);
	set_targets(path, &way);
	ev_timer_stop(path->env->loop, &w->timer);
	mtu_probe_cancel(w->probe);
	w->probe = NULL;
	w->begun_ms = clock_monotonic_ms();
	if (!way.targets)
		return;
	r = mtu_probe_start(path->env->loop, &way, w->full, w->hint, on_measured, w, &w->probe);
	if (r == 0)
		return;
	log_debug("%s: cannot measure what the line carries: %s", path->config->name, strerror(-r));
	on_measured(w, MTU_UNKNOWN, 0);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	measure(timer->data);
}

/* ---- when ---- */

/* The most that is of use: what the line says, or what the owner's MTU takes of it. */
static unsigned wanted(const struct path *path)
{
	unsigned line = path->facts.line_mtu, used = path->config->mtu + compile_tunnel_header(path->config);

	return path->config->mtu && used < line ? used : line;
}

static void stop(struct mtu_watch *w)
{
	ev_timer_stop(w->path->env->loop, &w->timer);
	mtu_probe_cancel(w->probe);
	w->probe = NULL;
	w->full = 0;
}

void mtu_watch_look(struct mtu_watch *w)
{
	const struct path_facts *facts = &w->path->facts;
	unsigned full = wanted(w->path);

	if (w->path->state != PATH_UP || !facts->has_ends || !facts->device_up || full < MTU_SEARCH_LEAST) {
		stop(w);
		return;
	}
	if (facts->carries >= full)
		w->path->facts.carries = 0;
	tell_flaw(w); /* the owner may have asked for another MTU */
	if (full == w->full && IN6_ARE_ADDR_EQUAL(&facts->local, &w->local) && IN6_ARE_ADDR_EQUAL(&facts->remote, &w->remote))
		return;
	w->full = full;
	w->local = facts->local;
	w->remote = facts->remote;
	w->measured = 0;
	measure(w);
}

void mtu_watch_adopt(struct mtu_watch *w, unsigned mtu)
{
	w->path->facts.carries = w->hint = mtu + compile_tunnel_header(w->path->config);
	w->adopted = true;
}

void mtu_watch_too_big(struct mtu_watch *w, unsigned bytes)
{
	const struct path_facts *facts = &w->path->facts;
	uint64_t next = w->begun_ms + LEAST_APART_MS, now = clock_monotonic_ms();

	if (w->probe)
		mtu_probe_hint(w->probe, bytes);
	if (w->probe || !w->full || bytes >= (facts->carries ? facts->carries : w->full))
		return;
	w->hint = bytes;
	if (now >= next) {
		measure(w);
		return;
	}
	ev_timer_stop(w->path->env->loop, &w->timer);
	ev_timer_set(&w->timer, (double)(next - now) / 1000, 0);
	ev_timer_start(w->path->env->loop, &w->timer);
}

unsigned mtu_watch_measured(const struct mtu_watch *w)
{
	return w->measured;
}

struct mtu_watch *mtu_watch_new(struct path *path)
{
	struct mtu_watch *w = xcalloc(1, sizeof(*w));

	w->path = path;
	ev_timer_init(&w->timer, on_timer, 0, 0);
	w->timer.data = w;
	return w;
}

void mtu_watch_free(struct mtu_watch *w)
{
	if (!w)
		return;
	stop(w);
	free(w);
}
