/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See inbound.h. */
#include "daemon/inbound.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define RUNS_MAX 4
#define FIRST_S 30.0 /* after the start, where the interval is not shorter: the paths are up by then */

struct known {
	struct inbound_result result;
	enum inbound_verdict told; /* what an event was last about, or would have been */
};

struct run {
	struct inbound *inbound;
	struct inbound_run *run; /* NULL: the place is free */
	inbound_done_fn *done;   /* NULL: nobody waits */
	void *arg;
	bool outdated; /* it calls forwards of a config before, and of one at least that is no more or another now */
};

struct inbound {
	struct ev_loop *loop;
	struct router *router;
	struct run run[RUNS_MAX];
	struct known *known;
	size_t knowns;
	ev_timer check;
};

/* ---- what is known ---- */

static struct known *find(const struct inbound *inbound, const char *forward)
{
	for (size_t i = 0; i < inbound->knowns; i++)
		if (strcmp(inbound->known[i].result.forward, forward) == 0)
			return &inbound->known[i];
	return NULL;
}

const struct inbound_result *inbound_known(const struct inbound *inbound, const char *forward)
{
	const struct known *known = find(inbound, forward);

	return known ? &known->result : NULL;
}

static struct known *find_or_add(struct inbound *inbound, const char *forward)
{
	struct known *known = find(inbound, forward);

	if (known)
		return known;
	inbound->known = xreallocarray(inbound->known, inbound->knowns + 1, sizeof(*inbound->known));
	known = &inbound->known[inbound->knowns++];
	memset(known, 0, sizeof(*known));
	known->told = INBOUND_ANSWERS;
	return known;
}

/* A first good one is what everybody expects. */
static void tell(struct inbound *inbound, struct known *known)
{
	enum inbound_verdict before = known->told, now = known->result.verdict;

	if (!inbound_is_news(before, now))
		return;
	known->told = now;
	if (inbound_is_bad(before) || inbound_is_bad(now))
		events_add(router_events(inbound->router), "router", "", "", "forward %s, called from outside: %s",
		           known->result.forward, known->result.text);
}

static const struct forward_config *forward_of(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->forwards; i++)
		if (strcmp(config->forward[i].name, name) == 0)
			return &config->forward[i];
	return NULL;
}

static bool same_forward(const struct forward_config *a, const struct forward_config *b)
{
	return a->tcp == b->tcp && a->udp == b->udp && a->to_router == b->to_router && a->to == b->to &&
	       a->at == b->at && a->to_port.lo == b->to_port.lo && a->to_port.hi == b->to_port.hi &&
	       a->froms == b->froms && a->ports == b->ports &&
	       memcmp(a->port, b->port, a->ports * sizeof(*a->port)) == 0;
}

/* The path by its name: the index may mean another one now. */
static bool is_as_before(const struct config *old, const struct config *new, const char *name)
{
	const struct forward_config *before = forward_of(old, name), *now = forward_of(new, name);

	return before && now && same_forward(before, now) &&
	       strcmp(old->path[before->path].name, new->path[now->path].name) == 0;
}

/* Of what is no more, or is another now, nothing is known, nor will be by what is asked just now. */
static void forget_changed(struct inbound *inbound, const struct config *old, const struct config *new)
{
	bool changed = false;
	size_t kept = 0;

	for (size_t i = 0; i < inbound->knowns; i++)
		if (is_as_before(old, new, inbound->known[i].result.forward))
			inbound->known[kept++] = inbound->known[i];
	inbound->knowns = kept;
	for (size_t i = 0; i < old->forwards; i++)
		changed |= !is_as_before(old, new, old->forward[i].name);
	for (unsigned i = 0; i < RUNS_MAX; i++)
		inbound->run[i].outdated |= changed;
}

/* ---- running ---- */

static void on_done(void *arg, const struct inbound_result *result, size_t results)
{
	struct run place = *(struct run *)arg;
	struct inbound *inbound = place.inbound;

	for (size_t i = 0; i < results && !place.outdated; i++) {
		struct known *known = find_or_add(inbound, result[i].forward);

		known->result = result[i];
		tell(inbound, known);
	}
	((struct run *)arg)->run = NULL;
	if (place.done)
		place.done(place.arg, result, results);
	inbound_run_free(place.run);
}

static unsigned free_place(const struct inbound *inbound)
{
	unsigned i = 0;

	while (i < RUNS_MAX && inbound->run[i].run)
		i++;
	return i;
}

bool inbound_busy(const struct inbound *inbound)
{
	return free_place(inbound) == RUNS_MAX;
}

void inbound_test(struct inbound *inbound, const char *only, inbound_done_fn *done, void *arg)
{
	struct run *place = &inbound->run[free_place(inbound)];

	assert(!inbound_busy(inbound));
	*place = (struct run){ .inbound = inbound, .done = done, .arg = arg };
	place->run = inbound_run_new(inbound->loop, inbound->router, only, on_done, place);
}

static void on_check(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct inbound *inbound = w->data;

	(void)loop;
	(void)revents;
	if (router_config(inbound->router)->forwards && !inbound_busy(inbound))
		inbound_test(inbound, NULL, NULL, NULL);
}

static void set_schedule(struct inbound *inbound)
{
	double interval = router_config(inbound->router)->router.inbound_check_ms / 1000.0;

	ev_timer_stop(inbound->loop, &inbound->check);
	ev_timer_set(&inbound->check, interval < FIRST_S ? interval : FIRST_S, interval);
	if (interval > 0)
		ev_timer_start(inbound->loop, &inbound->check);
}

void inbound_reconfigure(struct inbound *inbound, const struct config *old)
{
	const struct config *new = router_config(inbound->router);

	forget_changed(inbound, old, new);
	if (old->router.inbound_check_ms != new->router.inbound_check_ms)
		set_schedule(inbound);
}

struct inbound *inbound_new(struct ev_loop *loop, struct router *router)
{
	struct inbound *inbound = xcalloc(1, sizeof(*inbound));

	inbound->loop = loop;
	inbound->router = router;
	ev_timer_init(&inbound->check, on_check, 0, 0);
	inbound->check.data = inbound;
	set_schedule(inbound);
	return inbound;
}

void inbound_free(struct inbound *inbound)
{
	if (!inbound)
		return;
	ev_timer_stop(inbound->loop, &inbound->check);
	for (struct run *place = inbound->run; place < inbound->run + RUNS_MAX; place++) {
		if (!place->run)
			continue;
		if (place->done)
			place->done(place->arg, NULL, 0);
		inbound_run_free(place->run);
	}
	free(inbound->known);
	free(inbound);
}
