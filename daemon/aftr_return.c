/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See aftr_return.h.  Pings of the AFTR's own address would be cheaper, but say nothing of what it carries.  The questions go
 * to the ping targets of the path; where it has none, to 192.0.0.1, the AFTR's own end.
 */
#include "daemon/aftr_return.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "daemon/aftr_ask.h"
#include "daemon/clock.h"
#include "daemon/conntrack.h"
#include "daemon/ping6.h"
#include "policy/aftr_choice.h"
#include "policy/mark.h"

struct aftr_watch {
	struct path *path;
	const struct aftr_result *known;
	aftr_watch_fn *back;
	void *arg;
	struct aftr_return state;
	bool away;             /* the tunnel goes to one that is not of the first rank */
	unsigned attempt;      /* counts on with each question that was not answered: another AFTR, then another target */
	struct in6_addr asked;
	struct ping6 *ping;    /* under way; NULL: none */
	ev_timer timer;
};

/* How many are of an earlier rank than the one in use: they are the first of the list. */
static unsigned preferred(const struct aftr_watch *w)
{
	const struct aftr_result *known = w->known;
	unsigned i = 0, n = 0;

	while (i < known->addresses && !IN6_ARE_ADDR_EQUAL(&known->address[i], &w->path->facts.remote))
		i++;
	if (i == known->addresses)
		return 0;
	while (n < i && known->rank[n] < known->rank[i])
		n++;
	return n;
}

/* A reload may have taken it out while it was asked. */
static bool is_preferred(const struct aftr_watch *w, const struct in6_addr *aftr)
{
	unsigned n = preferred(w);

	for (unsigned i = 0; i < n; i++)
		if (IN6_ARE_ADDR_EQUAL(&w->known->address[i], aftr))
			return true;
	return false;
}

/* TCP and UDP alone: a ping of somebody's outlives the move. */
static unsigned connections(const struct aftr_watch *w)
{
	uint32_t mask = w->path->env->mark_mask;
	struct budget_use use;
	int r = conntrack_count(mark_of_path(mask, w->path->config->slot), mark_path_mask(mask), &use);

	return r < 0 ? 1 : use.tcp + use.udp; /* where nobody can tell, somebody has one */
}

static void go_back(struct aftr_watch *w, enum aftr_return_verdict verdict, uint64_t now)
{
	unsigned answered_s = (unsigned)((now - w->state.good_since_ms) / 1000);
	char why[120];

	snprintf(why, sizeof(why), "it has answered for %u s, and %s", answered_s,
	         verdict == AFTR_BACK_UNUSED ? "no connection goes by the other" : "the time of aftr-return is over");
	aftr_return_went(&w->state, now);
	w->back(w->arg, &w->asked, why);
}

static void on_answer(void *arg, bool answered)
{
	struct aftr_watch *w = arg;
	const struct dslite_config *config = &w->path->config->dslite;
	uint64_t now = clock_monotonic_ms();
	enum aftr_return_verdict verdict;
	unsigned live;

	w->ping = NULL;
	if (!is_preferred(w, &w->asked))
		return;
	w->attempt += !answered;
	aftr_return_asked(&w->state, answered && w->path->state == PATH_UP, now);
	live = aftr_return_is_proven(&w->state, config, now) ? connections(w) : 1;
	verdict = aftr_return_decide(&w->state, config, live, now);
	if (verdict != AFTR_STAY)
		go_back(w, verdict, now);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct aftr_watch *w = timer->data;
	const struct path *path = w->path;
	const struct in6_addr *aftr;
	unsigned n = preferred(w);
	uint32_t target;

	(void)revents;
	if (w->ping || n == 0 || path->state != PATH_UP)
		return;
	target = aftr_ask_target(path, w->attempt / n);
	aftr = &w->known->address[w->attempt % n];
	if (!IN6_ARE_ADDR_EQUAL(aftr, &w->asked))
		w->state.good = 0;
	w->asked = *aftr;
	if (ping6_through(loop, path->config->interface, &path->facts.local, &w->asked, path->config->dslite.address,
	                  target ? target : AFTR_INNER_ADDRESS, on_answer, w, &w->ping) < 0) {
		w->ping = NULL;
		aftr_return_asked(&w->state, false, clock_monotonic_ms());
	}
}

static void stop(struct aftr_watch *w)
{
	ev_timer_stop(w->path->env->loop, &w->timer);
	ping6_cancel(w->ping);
	w->ping = NULL;
}

/* Only from a tunnel that works: from one that does not, dslite.c turns to the next at once. */
void aftr_watch_look(struct aftr_watch *watch)
{
	const struct dslite_config *config = &watch->path->config->dslite;
	bool away = preferred(watch) > 0;

	if (away && !watch->away)
		aftr_return_left(&watch->state, clock_monotonic_ms());
	watch->away = away;
	if (!away || watch->path->state != PATH_UP || config->aftr_return == AFTR_RETURN_NO) {
		watch->state.good = 0;
		stop(watch);
		return;
	}
	watch->timer.repeat = aftr_return_pause_ms(&watch->state, config) / 1000.0;
	if (!ev_is_active(&watch->timer))
		ev_timer_again(watch->path->env->loop, &watch->timer);
}

struct aftr_watch *aftr_watch_new(struct path *path, const struct aftr_result *known, aftr_watch_fn *back, void *arg)
{
	struct aftr_watch *w = xcalloc(1, sizeof(*w));

	w->path = path;
	w->known = known;
	w->back = back;
	w->arg = arg;
	ev_init(&w->timer, on_timer);
	w->timer.data = w;
	return w;
}

void aftr_watch_free(struct aftr_watch *watch)
{
	if (!watch)
		return;
	stop(watch);
	free(watch);
}
