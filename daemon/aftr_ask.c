/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See aftr_ask.h. */
#include "daemon/aftr_ask.h"

#include <errno.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "daemon/ping6.h"

#define GRACE_S 0.4 /* a ping is sent three times, a third of a second apart */
#define TARGETS_MAX 16

struct question {
	struct aftr_ask *ask;
	struct in6_addr aftr;
	struct ping6 *ping; /* NULL: it is over */
};

struct aftr_ask {
	struct ev_loop *loop;
	struct question question[AFTR_ADDRESSES_MAX];
	unsigned questions;
	struct in6_addr favourite;
	const struct in6_addr *found; /* NULL: nobody yet */
	ev_timer grace;
	aftr_ask_fn *fn;
	void *arg;
};

uint32_t aftr_ask_target(const struct path *path, unsigned number)
{
	const struct probe_config *probe = &path->config->probe;
	uint32_t icmp[TARGETS_MAX];
	unsigned n = 0;

	for (size_t i = 0; i < probe->targets && n < TARGETS_MAX; i++)
		if (probe->target[i].kind == PROBE_ICMP)
			icmp[n++] = probe->target[i].addr;
	return n ? icmp[number % n] : 0;
}

static void end(struct aftr_ask *ask, const struct in6_addr *answered)
{
	struct in6_addr address = answered ? *answered : in6addr_any;
	aftr_ask_fn *fn = ask->fn;
	void *arg = ask->arg;

	aftr_ask_cancel(ask);
	fn(arg, answered ? &address : NULL);
}

static bool is_favourite(const struct question *q)
{
	return IN6_ARE_ADDR_EQUAL(&q->aftr, &q->ask->favourite);
}

/* Somebody may still answer whose word counts. */
static bool is_open(const struct aftr_ask *ask)
{
	for (unsigned i = 0; i < ask->questions; i++)
		if (ask->question[i].ping && (!ask->found || is_favourite(&ask->question[i])))
			return true;
	return false;
}

static void on_grace(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct aftr_ask *ask = timer->data;

	(void)loop;
	(void)revents;
	end(ask, ask->found);
}

static void on_answer(void *arg, bool answered)
{
	struct question *q = arg;
	struct aftr_ask *ask = q->ask;

	q->ping = NULL;
	if (answered && (!ask->found || is_favourite(q)))
		ask->found = &q->aftr;
	if ((answered && is_favourite(q)) || !is_open(ask))
		end(ask, ask->found);
	else if (ask->found && !ev_is_active(&ask->grace))
		ev_timer_start(ask->loop, &ask->grace);
}

int aftr_ask_start(const struct path *path, const struct aftr_result *known, const struct in6_addr *favourite, unsigned number,
                   aftr_ask_fn *fn, void *arg, struct aftr_ask **out)
{
	uint32_t target = aftr_ask_target(path, number);
	struct aftr_ask *ask;
	int r = -ENOENT;

	if (!target)
		return -ENOENT;
	ask = xcalloc(1, sizeof(*ask));
	*ask = (struct aftr_ask){ .loop = path->env->loop, .favourite = *favourite, .fn = fn, .arg = arg };
	ev_timer_init(&ask->grace, on_grace, GRACE_S, 0);
	ask->grace.data = ask;
	for (unsigned i = 0; i < known->addresses; i++) {
		struct question *q = &ask->question[ask->questions];

		*q = (struct question){ .ask = ask, .aftr = known->address[i] };
		r = ping6_through(ask->loop, path->config->interface, &path->facts.local, &q->aftr, path->config->dslite.address,
		                  target, on_answer, q, &q->ping);
		ask->questions += r == 0;
	}
	if (!ask->questions) {
		free(ask);
		return r;
	}
	*out = ask;
	return 0;
}

void aftr_ask_cancel(struct aftr_ask *ask)
{
	if (!ask)
		return;
	for (unsigned i = 0; i < ask->questions; i++)
		ping6_cancel(ask->question[i].ping);
	ev_timer_stop(ask->loop, &ask->grace);
	free(ask);
}
