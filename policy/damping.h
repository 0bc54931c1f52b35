/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flap damping: how long a path that was lost must work before it is used again.
 * Each loss is a debt that halves every minute; what is owed beyond two
 * losses is paid in time.  So outages now and then cost nothing, and a path that comes and
 * goes every few seconds is left alone until it stands: it is charged as well for
 * falling silent again while it is held back.
 *
 *      losses at once     1    2    3    4    5    6   ...  14 and more
 *      proof, seconds     0    0    5   10   15   20        60
 *
 * Pure: the owner (daemon/path.c) brings the time, milliseconds of a clock that never jumps.
 */
#ifndef DUALPATH_POLICY_DAMPING_H
#define DUALPATH_POLICY_DAMPING_H

#include <stdint.h>

#define DAMPING_HALF_LIFE_MS 60000
#define DAMPING_PROOF_MAX_MS 60000

/* Zeroed is a path that was never lost. */
struct damping {
	uint32_t debt;    /* at that time; a thousand a loss */
	uint64_t when_ms;
	unsigned losses;  /* since the debt was last paid off */
};

/* The path worked, or was about to be used again, and does not any more. */
void damping_lost(struct damping *damping, uint64_t now_ms);
/* How long it must work without a bad round, were it to begin now; 0: no longer than any other. */
uint32_t damping_proof_ms(const struct damping *damping, uint64_t now_ms);

#endif
