/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How little a path may be asked while all is well.  Thirty good rounds in a row make it calm: from
 * then on a round asks only as many targets as the quorum needs, by turns, pings before
 * what costs more, and rounds come half as often where they are half a second apart or more; one round
 * in sixteen still asks everybody.  A target that costs much is asked, where the others are enough for the quorum, every ten seconds
 * only, calm or not.  The first question that is late ends the calm,
 * with a burst to all (daemon/probe.c), so that a verdict does not come later for it.
 *
 * Pure; daemon/probe.c owns one for each path.
 */
#ifndef DUALPATH_POLICY_PROBE_PACE_H
#define DUALPATH_POLICY_PROBE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PROBE_CALM_ROUNDS 30
#define PROBE_FULL_EVERY 16
#define PROBE_STRETCH_FROM_MS 500
#define PROBE_DEAR_EVERY_US (10 * UINT64_C(1000000))

/* Zeroed is the beginning: not calm. */
struct probe_pace {
	unsigned good;  /* rounds in a row */
	unsigned turn;
	uint32_t silent; /* the set that was asked alone and did not answer: not asked alone again before a full round */
	uint64_t dear_us; /* when those that cost much were last asked; 0: not since the last bad round */
};

/* The sets of targets, a bit each, that a path has. */
struct probe_sets {
	uint32_t all;
	uint32_t credible; /* of the targets that count: without the fallback */
	uint32_t cheap;    /* a packet each way */
	uint32_t dear;     /* a program is started for each */
	uint32_t fallback; /* asked alone where nobody is credible */
};

bool probe_pace_is_calm(const struct probe_pace *pace);
/* Whom the next round asks, and *interval_ms, in and out, how long after it the one after that comes. */
uint32_t probe_pace_next(struct probe_pace *pace, const struct probe_sets *sets, unsigned quorum, uint32_t *interval_ms);
/* Would those that are not dear miss the quorum? */
bool probe_pace_needs_dear(const struct probe_sets *sets, unsigned quorum);
/* asked without those that are dear, where it is not their turn.  The time is of any clock that never jumps. */
uint32_t probe_pace_spare(struct probe_pace *pace, const struct probe_sets *sets, uint32_t asked, unsigned quorum,
                          uint64_t now_us);
/* What became of a round. */
void probe_pace_round(struct probe_pace *pace, bool good);
/* The targets that were asked alone are late; others are asked for a verdict. */
void probe_pace_late(struct probe_pace *pace, uint32_t asked);

#endif
