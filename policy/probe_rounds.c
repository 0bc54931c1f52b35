/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_rounds.h. */
#include "policy/probe_rounds.h"

#define LATE_TIMEOUTS 3 /* an answer after so many is nobody's */
#define FALLBACK_BIT (UINT32_C(1) << PROBE_FALLBACK)

static unsigned bits(uint32_t set)
{
	return (unsigned)__builtin_popcount(set);
}

void probe_rounds_init(struct probe_rounds *rounds, uint64_t timeout_us, unsigned quorum)
{
	*rounds = (struct probe_rounds){ .timeout_us = timeout_us, .quorum = quorum };
}

/* Where the i-th of those kept is, oldest first. */
static unsigned slot(const struct probe_rounds *rounds, unsigned i)
{
	return (rounds->first + i) % PROBE_ROUNDS_MAX;
}

static struct probe_round *at(struct probe_rounds *rounds, unsigned i)
{
	return &rounds->round[slot(rounds, i)];
}

static uint32_t pending(const struct probe_round *round)
{
	return round->asked & ~round->answered & ~round->failed;
}

static struct probe_round *find(struct probe_rounds *rounds, uint16_t number)
{
	uint16_t i = (uint16_t)(number - rounds->first);

	return i < rounds->count ? at(rounds, i) : NULL;
}

/* A round that may still get answers, or NULL. */
static struct probe_round *open_round(struct probe_rounds *rounds, uint16_t number)
{
	struct probe_round *round = find(rounds, number);

	return round && !round->settled ? round : NULL;
}

/* Count the silent of a round that is over.  Where no target is credible all are told of:
 * "0 % lost" would be a strange thing to say of a line on which nothing answers. */
static void settle(struct probe_rounds *rounds, struct probe_round *round)
{
	uint32_t silent = round->asked & ~round->answered;

	if (round->asked & rounds->credible)
		silent &= rounds->credible;
	rounds->sent += bits(silent);
	rounds->lost += bits(silent);
	round->lost = silent;
	round->settled = true;
}

/* For who begins rounds faster than they are over and told of. */
static void push_out(struct probe_rounds *rounds)
{
	if (!at(rounds, 0)->settled)
		settle(rounds, at(rounds, 0));
	rounds->first++;
	rounds->count--;
}

uint16_t probe_rounds_begin(struct probe_rounds *rounds, uint32_t asked, uint64_t now_us)
{
	if (rounds->count == PROBE_ROUNDS_MAX)
		push_out(rounds);
	*at(rounds, rounds->count) = (struct probe_round){
		.begun_us = now_us, .judge_us = now_us + rounds->timeout_us, .asked = asked, .best_rtt_us = UINT32_MAX,
		.fallback_rtt_us = UINT32_MAX
	};
	return (uint16_t)(rounds->first + rounds->count++);
}

void probe_rounds_absorb(struct probe_rounds *rounds)
{
	for (unsigned i = 0; i < rounds->count; i++) {
		struct probe_round *round = at(rounds, i);

		round->again = false;
		if (!round->reported)
			round->reported = true;
	}
}

uint16_t probe_rounds_burst(struct probe_rounds *rounds, uint32_t asked, uint64_t now_us, uint64_t judge_us)
{
	uint16_t number;

	probe_rounds_absorb(rounds);
	number = probe_rounds_begin(rounds, asked, now_us);
	find(rounds, number)->judge_us = judge_us;
	find(rounds, number)->burst = find(rounds, number)->again = true;
	return number;
}

void probe_rounds_heard(struct probe_rounds *rounds, uint16_t number)
{
	struct probe_round *round = open_round(rounds, number);

	if (round && round->judge_us < round->begun_us + rounds->timeout_us)
		round->judge_us = round->begun_us + rounds->timeout_us;
}

uint32_t probe_rounds_again(struct probe_rounds *rounds, uint16_t number)
{
	struct probe_round *round = open_round(rounds, number);

	if (!round)
		return 0;
	round->failed = 0;
	round->again = false;
	return pending(round);
}

void probe_rounds_failed(struct probe_rounds *rounds, uint16_t number, unsigned target)
{
	struct probe_round *round = open_round(rounds, number);

	if (round && target <= PROBE_FALLBACK)
		round->failed |= UINT32_C(1) << target;
}

static uint32_t elapsed_us(uint64_t from, uint64_t to)
{
	uint64_t us = to > from ? to - from : 0;

	return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX - 1;
}

/* What the round would say if it was over now; without sent and lost. */
static struct health_round outcome(const struct probe_rounds *rounds, const struct probe_round *round)
{
	uint32_t count = round->asked & rounds->credible & ~FALLBACK_BIT;
	struct health_round result = {
		.credible = bits(count),
		.answered = bits(round->answered & count),
		.fallback_answered = round->answered & FALLBACK_BIT,
		.best_rtt_us = count ? round->best_rtt_us : round->fallback_rtt_us,
		.burst = round->burst,
	};

	return result;
}

static bool is_good(const struct probe_rounds *rounds, const struct probe_round *round)
{
	struct health_round result = outcome(rounds, round);

	return health_round_is_good(rounds->quorum, &result);
}

static void note_rtt(struct probe_round *round, unsigned target, uint32_t rtt_us)
{
	if (target == PROBE_FALLBACK)
		round->fallback_rtt_us = rtt_us;
	else if (rtt_us < round->best_rtt_us)
		round->best_rtt_us = rtt_us;
}

/* What comes back after a burst began speaks for the burst, whichever round asked. */
static void tell_burst(struct probe_rounds *rounds, const struct probe_round *round, unsigned target, uint32_t rtt_us)
{
	struct probe_round *last = at(rounds, rounds->count - 1);

	if (round == last || !last->burst || last->reported)
		return;
	last->answered |= last->asked & UINT32_C(1) << target;
	note_rtt(last, target, rtt_us);
}

/* After its round was over: not an answer in time, but not a loss either. */
static void take_back(struct probe_rounds *rounds, struct probe_round *round, unsigned target, uint32_t rtt_us)
{
	uint32_t bit = UINT32_C(1) << target;

	if (!(round->lost & bit))
		return;
	round->lost &= ~bit;
	round->answered |= bit;
	rounds->uncounted++;
	rounds->late |= round->bad && is_good(rounds, round);
	tell_burst(rounds, round, target, rtt_us);
}

bool probe_rounds_answer(struct probe_rounds *rounds, uint16_t number, unsigned target, uint64_t now_us)
{
	struct probe_round *round = find(rounds, number);
	uint32_t bit, rtt_us;

	if (!round || target > PROBE_FALLBACK)
		return false;
	bit = UINT32_C(1) << target;
	rtt_us = elapsed_us(round->begun_us, now_us);
	if (round->settled) {
		take_back(rounds, round, target, rtt_us);
		return false;
	}
	if (!(pending(round) & bit))
		return false;
	note_rtt(round, target, rtt_us);
	round->answered |= bit;
	rounds->credible |= bit;
	rounds->sent++;
	rounds->late |= round->bad && is_good(rounds, round);
	tell_burst(rounds, round, target, rtt_us);
	return true;
}

/* A burst may be given more time than one question has. */
static uint64_t over_us(const struct probe_rounds *rounds, const struct probe_round *round)
{
	uint64_t end = round->begun_us + rounds->timeout_us;

	return end > round->judge_us ? end : round->judge_us;
}

static void settle_all(struct probe_rounds *rounds, uint64_t now_us)
{
	for (unsigned i = 0; i < rounds->count; i++) {
		struct probe_round *round = at(rounds, i);
		bool pushed_out = i == 0 && rounds->count == PROBE_ROUNDS_MAX;

		if (round->settled)
			continue;
		if ((!pending(round) && !round->again) || now_us >= over_us(rounds, round) || pushed_out)
			settle(rounds, round);
	}
}

static bool is_done(const struct probe_rounds *rounds, const struct probe_round *round, uint64_t now_us)
{
	if (!round->settled || !round->reported)
		return false;
	return !round->lost || rounds->count == PROBE_ROUNDS_MAX ||
	       now_us >= round->begun_us + LATE_TIMEOUTS * rounds->timeout_us;
}

static void forget_old(struct probe_rounds *rounds, uint64_t now_us)
{
	while (rounds->count && is_done(rounds, at(rounds, 0), now_us)) {
		rounds->first++;
		rounds->count--;
	}
}

static bool tell_late(struct probe_rounds *rounds, struct health_round *report)
{
	if (!rounds->late)
		return false;
	*report = (struct health_round){ .late = true, .uncounted = rounds->uncounted, .best_rtt_us = UINT32_MAX };
	rounds->late = false;
	rounds->uncounted = 0;
	return true;
}

/* The oldest that is not reported yet; rounds->count: none. */
static unsigned unreported(const struct probe_rounds *rounds)
{
	unsigned i = 0;

	while (i < rounds->count && rounds->round[slot(rounds, i)].reported)
		i++;
	return i;
}

bool probe_rounds_next(struct probe_rounds *rounds, uint64_t now_us, struct health_round *report)
{
	unsigned oldest, good;

	settle_all(rounds, now_us);
	forget_old(rounds, now_us);
	if (tell_late(rounds, report))
		return true;
	oldest = good = unreported(rounds);
	if (oldest == rounds->count)
		return false;
	/* Itself or a later one; what is found later says that the oldest was overtaken. */
	while (good < rounds->count && !is_good(rounds, at(rounds, good)))
		good++;
	if (good == rounds->count && !at(rounds, oldest)->settled && now_us < at(rounds, oldest)->judge_us)
		return false;
	*report = outcome(rounds, at(rounds, oldest));
	report->sent = rounds->sent;
	report->lost = rounds->lost;
	report->uncounted = rounds->uncounted;
	rounds->sent = rounds->lost = rounds->uncounted = 0;
	at(rounds, oldest)->reported = true;
	at(rounds, oldest)->bad = !is_good(rounds, at(rounds, oldest));
	forget_old(rounds, now_us);
	return true;
}

uint64_t probe_rounds_deadline(const struct probe_rounds *rounds)
{
	unsigned oldest = unreported(rounds);

	if (oldest == rounds->count)
		return UINT64_MAX;
	return rounds->round[slot(rounds, oldest)].judge_us;
}

bool probe_rounds_waits(const struct probe_rounds *rounds)
{
	uint16_t last = (uint16_t)(rounds->first + rounds->count - 1);

	return rounds->count && !rounds->round[last % PROBE_ROUNDS_MAX].reported;
}
