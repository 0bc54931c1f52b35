/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe.h. */
#include "daemon/probe.h"

#include <stdlib.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/probe_ask.h"
#include "daemon/random.h"
#include "policy/probe_pace.h"
#include "policy/probe_rounds.h"
#include "policy/probe_when.h"

/* Why a path is asked in a burst. */
enum doubt {
	DOUBT_SILENT,
	DOUBT_TOLD,  /* somebody says that a packet of the home cannot be delivered */
	DOUBT_FAILED /* or that a question of ours cannot: once more is enough */
};

struct prober {
	struct ev_loop *loop;
	probe_round_fn *fn;
	void *arg;
	struct probe_callbacks callbacks; /* from the sockets to here */
	void (*look)(void *arg);          /* NULL: nobody counts packets */
	void *look_arg;
	unsigned generation;              /* of start and stop: a callback may call them */
	bool running;
	bool told;     /* somebody says that what is sent cannot be delivered, since a burst last asked */
	bool measures; /* loss or latency are of interest: nothing is saved on rounds */
	enum doubt doubt; /* and why it asks */
	uint16_t burst_round;
	uint32_t last_asked; /* whom the last round asked, where that was no burst */
	struct probe_ask *ask;
	struct probe_pace pace;
	struct probe_when when;
	struct probe_rounds rounds;
	ev_timer timer;
};

/* ---- when ---- */

static struct probe_sets sets_of(const struct prober *p)
{
	return probe_ask_sets(p->ask, p->rounds.credible);
}

static uint32_t interval_ms(const struct prober *p)
{
	const struct probe_sets sets = sets_of(p);

	return probe_when_interval_ms(&p->when, probe_pace_needs_dear(&sets, p->rounds.quorum));
}

/* The next round comes so long after that. */
static void next_round_in(struct prober *p, uint64_t from_us, uint32_t ms)
{
	p->when.next_us = from_us + probe_when_spread_us(ms, random_number());
}

static struct probe_open open_rounds(const struct prober *p)
{
	return (struct probe_open){ .waits = probe_rounds_waits(&p->rounds), .deadline_us = probe_rounds_deadline(&p->rounds) };
}

/* One timer for all: the next round or question, and the end of a round that got too few answers, or is late. */
static void arm(struct prober *p)
{
	const struct probe_open open = open_rounds(p);
	uint64_t now = clock_monotonic_us(), at = probe_when_next_us(&p->when, &open);

	ev_timer_stop(p->loop, &p->timer);
	ev_now_update(p->loop); /* a delay counts from the loop's idea of now */
	ev_timer_set(&p->timer, at > now ? (double)(at - now) / 1e6 : 0, 0);
	ev_timer_start(p->loop, &p->timer);
}

static void note_usual(struct prober *p, const struct health_round *round)
{
	bool good = health_round_is_good(p->rounds.quorum, round);

	if (round->late)
		return;
	if (round->burst) {
		p->when.bursting = false;
		next_round_in(p, clock_monotonic_us(), interval_ms(p));
	}
	probe_pace_round(&p->pace, good);
	probe_when_round(&p->when, good, round->answered ? round->best_rtt_us : UINT32_MAX);
}

/* ---- asking ---- */

static void ask(struct prober *p, uint16_t round, uint32_t set)
{
	uint32_t failed = probe_ask_send(p->ask, round, set);

	for (unsigned i = 0; i <= PROBE_FALLBACK; i++)
		if (failed >> i & 1)
			probe_rounds_failed(&p->rounds, round, i);
	if (failed)
		probe_when_refused(&p->when, clock_monotonic_us());
}

static void load_credit(struct prober *p)
{
	p->rounds.credible |= probe_ask_known(p->ask);
}

static void begin_round(struct prober *p)
{
	uint32_t ms = interval_ms(p);
	struct probe_sets sets;
	uint16_t number;

	load_credit(p);
	sets = sets_of(p);
	p->when.last_us = clock_monotonic_us();
	p->last_asked = p->measures ? sets.all : probe_pace_next(&p->pace, &sets, p->rounds.quorum, &ms);
	p->last_asked = probe_pace_spare(&p->pace, &sets, p->last_asked, p->rounds.quorum, p->when.last_us);
	next_round_in(p, p->when.last_us, ms);
	number = probe_rounds_begin(&p->rounds, p->last_asked, p->when.last_us);
	probe_ask_give_up(p->ask, p->rounds.first);
	ask(p, number, p->last_asked);
}

/* Who says that something cannot be delivered is mostly allowed to say it a few times a second only, of the home's packets
 * and of ours; and of one target it is as good as of all. */
static void ask_burst(struct prober *p, uint32_t set)
{
	uint32_t one = p->told ? probe_ask_one_ping(p->ask, set) : 0;

	p->told = false;
	ask(p, p->burst_round, one ? one : set);
}

static void begin_burst(struct prober *p, uint64_t since_us, enum doubt doubt)
{
	uint64_t now = clock_monotonic_us(), judge = probe_when_burst(&p->when, now, since_us);
	uint32_t all = sets_of(p).all;

	if (p->last_asked != all && probe_rounds_waits(&p->rounds))
		probe_pace_late(&p->pace, p->last_asked);
	load_credit(p);
	p->burst_round = probe_rounds_burst(&p->rounds, all, now, judge);
	if (doubt == DOUBT_FAILED)
		probe_rounds_again(&p->rounds, p->burst_round);
	p->doubt = doubt;
	p->told = doubt != DOUBT_SILENT;
	ask_burst(p, all);
}

static void ask_burst_again(struct prober *p)
{
	probe_when_again(&p->when, clock_monotonic_us(), probe_rounds_deadline(&p->rounds));
	ask_burst(p, probe_rounds_again(&p->rounds, p->burst_round));
}

/* ---- telling ---- */

/* A bad round after good ones, also one that failed before it was late. */
static bool is_first_bad(const struct prober *p, const struct health_round *round)
{
	return !round->late && !round->burst && probe_when_can_be_suspect(&p->when) &&
	       !health_round_is_good(p->rounds.quorum, round);
}

/* The burst is told of in its place; what was lost in it is told of with that. */
static void ask_instead(struct prober *p, const struct health_round *round)
{
	p->rounds.sent += round->sent;
	p->rounds.lost += round->lost;
	p->rounds.uncounted += round->uncounted;
	begin_burst(p, p->when.last_us,
	            clock_monotonic_us() < p->when.last_us + p->rounds.timeout_us ? DOUBT_FAILED : DOUBT_SILENT);
}

/* Tell of what is ripe.  False: a callback stopped us, or started us anew. */
static bool report(struct prober *p)
{
	unsigned generation = p->generation;
	struct health_round round;

	while (probe_rounds_next(&p->rounds, clock_monotonic_us(), &round)) {
		if (is_first_bad(p, &round)) {
			ask_instead(p, &round);
			continue;
		}
		note_usual(p, &round);
		p->fn(p->arg, &round);
		if (p->generation != generation)
			return false;
	}
	return true;
}

static enum probe_due due_now(const struct prober *p)
{
	const struct probe_open open = open_rounds(p);

	return probe_when_due(&p->when, &open, clock_monotonic_us());
}

/* What it is time for.  Reports come before and after.  What came before a burst is counted first, lest it be taken for
 * something that came after it. */
static void act(struct prober *p)
{
	enum probe_due due = due_now(p);

	if (due == PROBE_DUE_BURST && p->look) {
		p->look(p->look_arg);
		due = due_now(p);
	}
	switch (due) {
	case PROBE_DUE_BURST:
		begin_burst(p, p->when.last_us, DOUBT_SILENT);
		break;
	case PROBE_DUE_AGAIN:
		ask_burst_again(p);
		break;
	case PROBE_DUE_ROUND:
		begin_round(p);
		break;
	case PROBE_DUE_NOTHING:
		break;
	}
}

/* Packets are counted now and then alone: what came since is not to be overlooked. */
static void look_before_verdict(struct prober *p)
{
	if (p->when.bursting && p->look && probe_rounds_deadline(&p->rounds) <= clock_monotonic_us())
		p->look(p->look_arg);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct prober *p = timer->data;

	(void)loop;
	(void)revents;
	look_before_verdict(p);
	if (!report(p))
		return;
	act(p);
	if (report(p))
		arm(p);
}

/* ---- answers ---- */

static void on_result(void *arg, uint16_t round, unsigned target, int result)
{
	struct prober *p = arg;

	if (result < 0) {
		probe_rounds_failed(&p->rounds, round, target);
		probe_when_refused(&p->when, clock_monotonic_us());
		return;
	}
	probe_ask_count(p->ask, target);
	if (probe_rounds_answer(&p->rounds, round, target, clock_monotonic_us()))
		probe_ask_believe(p->ask, target);
}

static void on_done(void *arg)
{
	struct prober *p = arg;

	if (report(p))
		arm(p);
}

static void on_heard(void *arg)
{
	prober_heard(arg);
}

/* ---- start and stop ---- */

int prober_start(struct prober *p, const struct probe_config *config, const char *device, uint32_t mark,
                 const struct probe_other_end *end, bool quick)
{
	uint64_t now = clock_monotonic_us();

	prober_stop(p);
	probe_rounds_init(&p->rounds, (uint64_t)config->timeout_ms * 1000, config->quorum);
	p->measures = config->max_loss_percent || config->max_rtt_ms;
	p->pace = (struct probe_pace){ 0 };
	p->when = (struct probe_when){
		.interval_ms = config->interval_ms, .timeout_us = p->rounds.timeout_us, .down_after = config->down_after,
		.quick = quick, .last_us = now, .next_us = now
	};
	p->running = true;
	arm(p);
	return probe_ask_open(p->ask, config, device, mark, end);
}

bool prober_other_end_is_known(const struct prober *p)
{
	return probe_ask_known(p->ask) >> PROBE_FALLBACK & 1;
}

bool prober_is_withheld(const struct prober *p)
{
	return probe_ask_is_withheld(p->ask);
}

void prober_quick(struct prober *p, bool quick)
{
	if (!p->running || p->when.quick == quick)
		return;
	p->when.quick = quick;
	if (quick)
		p->when.next_us = clock_monotonic_us();
	else
		next_round_in(p, p->when.last_us, p->when.interval_ms);
	arm(p);
}

static void suspect(struct prober *p, uint64_t since_us, enum doubt doubt)
{
	if (!p->running || !probe_when_can_be_suspect(&p->when))
		return;
	begin_burst(p, since_us, doubt);
	arm(p);
}

void prober_suspect(struct prober *p, uint64_t since_us)
{
	suspect(p, since_us, DOUBT_SILENT);
}

void prober_told(struct prober *p)
{
	suspect(p, clock_monotonic_us(), DOUBT_TOLD);
}

static void refuse_all(struct prober *p, uint16_t round)
{
	for (unsigned i = 0; i <= PROBE_FALLBACK; i++)
		probe_rounds_failed(&p->rounds, round, i);
}

void prober_line_told(struct prober *p)
{
	if (!p->running || !probe_when_is_second_word(&p->when, clock_monotonic_us())) {
		prober_told(p);
		return;
	}
	probe_rounds_again(&p->rounds, p->burst_round);
	refuse_all(p, p->burst_round);
	if (report(p))
		arm(p);
}

/* What was under way when the line said that it is lost, and is counted only now, does not say otherwise. */
void prober_alive(struct prober *p)
{
	if (!p->running || p->when.quick)
		return;
	if (p->doubt != DOUBT_SILENT && probe_when_is_fresh(&p->when, clock_monotonic_us())) {
		prober_heard(p);
		return;
	}
	probe_rounds_absorb(&p->rounds);
	p->when.bursting = false;
	if (!p->measures)
		next_round_in(p, clock_monotonic_us(), p->when.interval_ms);
	arm(p);
}

void prober_heard(struct prober *p)
{
	if (!p->running || !p->when.bursting)
		return;
	probe_rounds_heard(&p->rounds, p->burst_round);
	probe_when_heard(&p->when, clock_monotonic_us());
	arm(p);
}

/* Whatever else was asked with it had to go the same way. */
void prober_unreachable(struct prober *p, const struct icmp_echo *echo)
{
	if (!p->running || !probe_ask_sent(p->ask, echo))
		return;
	refuse_all(p, echo->sequence);
	p->told = p->when.bursting;
	probe_when_refused(&p->when, clock_monotonic_us());
	if (report(p))
		arm(p);
}

void prober_set_look(struct prober *p, void (*look)(void *arg), void *arg)
{
	p->look = look;
	p->look_arg = arg;
}

struct probe_traffic prober_traffic(const struct prober *p)
{
	return probe_ask_traffic(p->ask);
}

void prober_stop(struct prober *p)
{
	p->generation++;
	p->running = false;
	ev_timer_stop(p->loop, &p->timer);
	probe_ask_close(p->ask);
}

struct prober *prober_new(struct ev_loop *loop, struct probe_credit *credit, probe_round_fn *fn, void *arg)
{
	struct prober *p = xcalloc(1, sizeof(*p));

	p->loop = loop;
	p->fn = fn;
	p->arg = arg;
	p->callbacks = (struct probe_callbacks){ .result = on_result, .done = on_done, .arg = p, .heard = on_heard };
	p->ask = probe_ask_new(loop, credit, &p->callbacks);
	ev_timer_init(&p->timer, on_timer, 0, 0);
	p->timer.data = p;
	return p;
}

void prober_free(struct prober *p)
{
	if (!p)
		return;
	prober_stop(p);
	probe_ask_free(p->ask);
	free(p);
}
