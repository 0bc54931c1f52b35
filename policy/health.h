/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a path's probes say: counts rounds and tells when they add up to "works"
 * or "lost".  Pure; the owner (daemon/path.c) feeds the rounds that daemon/probe.c
 * reports.
 *
 * A target that has never answered over any path says nothing about a path: it
 * may be filtered, or not exist.  Only credible targets (answered once) are
 * counted; a round without one is judged by the fallback alone (for DS-Lite the
 * AFTR's 192.0.0.1, for PPPoE the session itself).
 *
 * A round is good or bad:
 *
 *      credible  answered            fallback   round
 *      0         -                   answered   good
 *      0         -                   silent     bad
 *      1..       >= min(quorum, c.)  -          good
 *      1..       fewer               -          bad: what is behind the AFTR is asked for
 *
 * and what it means depends on how the path stands, n being the rounds of the same
 * kind in a row, this one among them:
 *
 *      path                      good round                   bad round
 *      up                        NONE                         DOWN if n >= down_after
 *      not up, was never proven  UP                           DOWN if n >= down_after
 *      not up, was lost          UP if n >= up_after          DOWN if n >= down_after
 *
 * A burst (policy/probe_rounds.h) asks many times in one round: where that is bad, it is as many bad rounds as
 * are needed.  A late answer takes its loss back, and begins the row of bad rounds anew: what answers slowly is not lost.
 *
 * "DOWN" is said again each further bad round: it is a verdict, not an event.
 * max_loss_percent and max_rtt_ms of the config are not judged here: they never bring a
 * path down (daemon/path.c has them).
 */
#ifndef DUALPATH_POLICY_HEALTH_H
#define DUALPATH_POLICY_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/config.h"

#define HEALTH_WINDOW 64 /* rounds kept for loss and RTT */

struct health {
	unsigned good_in_row, bad_in_row;
	unsigned rounds;     /* since health_reset */
	uint64_t sent, lost; /* probes that count, since start: a reset keeps them */
	/* The last rounds; number n is in [n % HEALTH_WINDOW]. */
	struct {
		uint32_t rtt_us; /* best answer; UINT32_MAX: none */
		unsigned sent, lost;
	} window[HEALTH_WINDOW];
};

enum health_verdict { HEALTH_NONE, HEALTH_UP, HEALTH_DOWN };

/*
 * What a round brought.  credible: targets that count; answered: of those.  sent
 * and lost: probes of targets that count whose fate is known since the report before
 * this one (a round is reported once its outcome stands, which is often before
 * the fate of all its probes does).
 */
struct health_round {
	unsigned credible, answered;
	bool fallback_answered;
	unsigned sent, lost;
	uint32_t best_rtt_us; /* UINT32_MAX: none */
	unsigned uncounted; /* of those told of as lost before: they were late, not lost */
	bool burst;
	bool late; /* not a round, but news of one that was told of as bad before: it is good by now */
};

/* A new link: forget rows and window, keep the totals.  All zeroes is a fresh one too. */
void health_reset(struct health *h);
/* The first table above. */
bool health_round_is_good(unsigned quorum, const struct health_round *round);
/*
 * Count a round, and the second table: was_up: the path is up now.  first: it never
 * was since its link came (only read where it is not up).
 */
enum health_verdict health_round(struct health *h, const struct probe_config *config,
                                 const struct health_round *round, bool was_up, bool first);
/* Something came in over the path by itself. */
void health_alive(struct health *h);
/* Of the probes in the window; 0 where there are none. */
double health_loss_percent(const struct health *h);
/* Mean of the answered rounds in the window, milliseconds; negative: none. */
double health_rtt_ms(const struct health *h);

#endif
