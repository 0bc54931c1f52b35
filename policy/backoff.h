/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long to wait before the next dial, or the next question to a provider's server.  Pure: the owner
 * (daemon/pppoe_dial.c, pppoe_discovery.c, daemon/registration.c) has the timer and the random number.
 *
 * The kinds of failure are counted apart, and each has its own pace.  An account that was refused
 * is left alone ever longer: providers lock accounts that are hammered, and a wrong password
 * does not get better by itself.  A full session table empties when others, or an
 * earlier session of ours, end: nothing is gained by asking less and less often.  And to ask who
 * is there costs one small frame, no process and no login: a concentrator that
 * was restarted is found within a second.
 */
#ifndef DUALPATH_POLICY_BACKOFF_H
#define DUALPATH_POLICY_BACKOFF_H

#include <stdint.h>

enum backoff_kind {
	BACKOFF_LINE,    /* 1 s, doubling up to 60 s */
	BACKOFF_ACCOUNT, /* 30 s, doubling up to 32 min */
	BACKOFF_SLOT,    /* 5 s, always */
	BACKOFF_PADI,    /* 1 s; after 300 of them doubling up to 8 s */
	BACKOFF_SERVER,  /* 5 s, doubling up to 10 min: a provider's server that all its customers ask */
	BACKOFF_KINDS
};

#define BACKOFF_STOOD_MS 60000 /* a session that stood longer than this was a good one */

/* Zeroed is the beginning. */
struct backoff {
	unsigned failures[BACKOFF_KINDS]; /* in a row */
};

/*
 * A dial failed, or its session ended: milliseconds until the next one.  random is
 * any number, spread evenly over its range; it adds up to a quarter, so that the homes of
 * a street do not all dial in the same second after a power cut.
 */
uint32_t backoff_next(struct backoff *backoff, enum backoff_kind kind, uint32_t random);
/* A session ended after session_ms: where it had stood, what failed before is history. */
void backoff_session(struct backoff *backoff, uint64_t session_ms);

#endif
