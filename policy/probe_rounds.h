/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bookkeeping of probe rounds: who was asked when, who has answered, and when
 * there is something to report.  Pure: the owner (daemon/probe.c) brings the time,
 * microseconds of a clock that never jumps.
 *
 * Rounds may overlap: where the timeout is longer than the interval, a new round
 * begins while older ones still wait.  Each answer belongs to the round that asked.
 * Rounds are reported once each, in the order in which they began:
 *   - as soon as a round is good, whoever may still answer: a dead target
 *     among living ones delays nothing;
 *   - otherwise when all targets have answered or failed, or the timeout is over;
 *   - otherwise when a later round is good: the older one was overtaken, and what
 *     it has not got by then is held against it.
 *
 * A burst is a round whose targets are asked again and again until it is good or its time, which the owner
 * chooses, is up.  It takes the place of the rounds that were open: they are not told of any more.
 *
 * A round's time to be good is not its targets' time to answer: an answer that comes later, up to three
 * timeouts after the question, takes back the loss that was counted for it.
 */
#ifndef DUALPATH_POLICY_PROBE_ROUNDS_H
#define DUALPATH_POLICY_PROBE_ROUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/health.h"

#define PROBE_TARGETS_MAX 31             /* of one path; the config takes no more */
#define PROBE_FALLBACK PROBE_TARGETS_MAX /* the fallback's number among targets */
#define PROBE_ROUNDS_MAX 64              /* kept at once; one more ends the oldest, told of or not.  A power of two */

struct probe_round {
	uint64_t begun_us;
	uint64_t judge_us; /* told of as it stands by then */
	uint32_t asked, answered, failed; /* sets of targets, a bit each */
	uint32_t lost; /* the set that was counted as lost when it was over */
	uint32_t best_rtt_us, fallback_rtt_us; /* UINT32_MAX: none */
	bool reported;
	bool settled; /* over, and its losses counted */
	bool bad;     /* as it was reported */
	bool burst;
	bool again;   /* its targets will be asked again: who failed is not lost yet */
};

struct probe_rounds {
	struct probe_round round[PROBE_ROUNDS_MAX]; /* round n is in [n % PROBE_ROUNDS_MAX] */
	uint16_t first;    /* number of the oldest that is kept */
	unsigned count;
	uint64_t timeout_us;
	unsigned quorum;
	uint32_t credible;   /* set of targets; grows with each that answers.  The owner may add some */
	unsigned sent, lost; /* known since the last report */
	unsigned uncounted;
	bool late; /* a round that was told of as bad is good by now */
};

void probe_rounds_init(struct probe_rounds *rounds, uint64_t timeout_us, unsigned quorum);
/* Begin a round that asks these targets (a set).  Returns its number, which is free again only
 * 65536 rounds later.  Call probe_rounds_next() until it is false before, where the oldest shall not go untold. */
uint16_t probe_rounds_begin(struct probe_rounds *rounds, uint32_t asked, uint64_t now_us);
/* Likewise, a burst: its outcome stands at judge_us at the latest. */
uint16_t probe_rounds_burst(struct probe_rounds *rounds, uint32_t asked, uint64_t now_us, uint64_t judge_us);
/* The burst's path is not silent: its answers have the whole timeout. */
void probe_rounds_heard(struct probe_rounds *rounds, uint16_t number);
/* Its targets are asked again now.  Returns those that have not answered. */
uint32_t probe_rounds_again(struct probe_rounds *rounds, uint16_t number);
/* Something else says that the path works: open rounds are not told of. */
void probe_rounds_absorb(struct probe_rounds *rounds);
/* It could not be asked, or somebody else said that it cannot be reached. */
void probe_rounds_failed(struct probe_rounds *rounds, uint16_t number, unsigned target);
/* True: counted.  False: that round is over (its loss is taken back, if it was one) or never asked this
 * target, or it has answered before. */
bool probe_rounds_answer(struct probe_rounds *rounds, uint16_t number, unsigned target, uint64_t now_us);
/* The next report, if there is one now. */
bool probe_rounds_next(struct probe_rounds *rounds, uint64_t now_us, struct health_round *report);
/* Is the outcome of the last round still open? */
bool probe_rounds_waits(const struct probe_rounds *rounds);
/* When to call probe_rounds_next() though nothing happened; UINT64_MAX: no need to. */
uint64_t probe_rounds_deadline(const struct probe_rounds *rounds);

#endif
