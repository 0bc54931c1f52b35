/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a path is asked next, and from when on it is suspect.
 *
 * A round comes every interval, with a jitter.  One that nobody has answered by four times what is usual there, and no less than a
 * tenth of a second, is suspect: then the path is asked in a burst (policy/probe_rounds.h), again and again, until somebody answers
 * or it has been silent for too long.  That is three times what is usual, but no less than three quarters of a second and no more
 * than the timeout, and longer the more rounds down-after wants.
 *
 * Pure: microseconds of a clock that never jumps, and chance, are the owner's to bring: daemon/probe.c has one for each path.
 */
#ifndef DUALPATH_POLICY_PROBE_WHEN_H
#define DUALPATH_POLICY_PROBE_WHEN_H

#include <stdbool.h>
#include <stdint.h>

struct probe_when {
	uint32_t interval_ms;
	uint64_t timeout_us;
	unsigned down_after;
	bool quick;             /* rounds are close together */
	bool bursting;
	bool refused;           /* in the burst, somebody said of a question that it cannot be delivered */
	bool last_good;         /* the last round that was told of: only what worked a moment ago can be suspect */
	uint32_t usual_us;      /* a good round's best answer, smoothed; 0: not known */
	uint64_t last_us;       /* when the last round began */
	uint64_t next_us;       /* and the next one will */
	uint64_t burst_us;      /* when a burst began */
	uint64_t burst_next_us; /* when a burst's targets are asked again; UINT64_MAX: not any more */
};

/* What it is time for. */
enum probe_due {
	PROBE_DUE_NOTHING,
	PROBE_DUE_BURST, /* the last round is suspect */
	PROBE_DUE_AGAIN, /* a burst asks once more */
	PROBE_DUE_ROUND
};

/* What the last round and the rounds that are open say (policy/probe_rounds.h). */
struct probe_open {
	bool waits;           /* its outcome is open */
	uint64_t deadline_us; /* when there is something to tell of; UINT64_MAX: nothing */
};

/* An interval with its jitter; chance is any number. */
uint64_t probe_when_spread_us(uint32_t ms, uint32_t chance);
/* What lies between rounds now; dear: each of them starts a program. */
uint32_t probe_when_interval_ms(const struct probe_when *when, bool dear);
/* Is it one of those that a word or a late answer makes suspect? */
bool probe_when_can_be_suspect(const struct probe_when *when);
enum probe_due probe_when_due(const struct probe_when *when, const struct probe_open *open, uint64_t now_us);
/* When to look again: something is due, or there is something to tell of. */
uint64_t probe_when_next_us(const struct probe_when *when, const struct probe_open *open);
/* A round was told of; rtt_us: its best answer, UINT32_MAX: none. */
void probe_when_round(struct probe_when *when, bool good, uint32_t rtt_us);
/* A burst begins: nothing has come since since_us.  Returns when its outcome stands. */
uint64_t probe_when_burst(struct probe_when *when, uint64_t now_us, uint64_t since_us);
/* Somebody says that a question of it cannot be delivered: the second one is due. */
void probe_when_refused(struct probe_when *when, uint64_t now_us);
/* The line says of others' packets that they cannot be delivered: is that its second word in a burst, the first having been of a
 * question, which nobody else can know?  It says few, and of a home that sends much all are of the home's. */
bool probe_when_is_second_word(const struct probe_when *when, uint64_t now_us);
/* It asks again now, and will once more if that is before its outcome stands. */
void probe_when_again(struct probe_when *when, uint64_t now_us, uint64_t deadline_us);
/* Has a burst begun so lately that what comes in may have been under way before? */
bool probe_when_is_fresh(const struct probe_when *when, uint64_t now_us);
/* It is not silent, and is given more time: who has stopped asking asks again. */
void probe_when_heard(struct probe_when *when, uint64_t now_us);

#endif
