/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a path's packet counters tell without asking anybody: whether it answers the home, or is silent while the
 * home sends.  Pure; daemon/evidence.c reads the counters and brings the time (microseconds of a clock that
 * never jumps).
 *
 * Our own probes are taken off before anything is concluded, and so are errors: they come from where the path ends, and not
 * from whom the home called.  Traffic in both directions, and
 * enough of it, is a sign of life; what comes in without anything going out is not, since
 * a dead way up looks like that, too, while strangers knock on a static address.  Nor are counters believed
 * for ever: after PASSIVE_TRUST_US the path has to answer a probe again.  A home that sends where nobody answers (a log,
 * a camera) is suspect less and less often, until something comes in.
 *
 * Somebody who says that what the home called cannot be reached may speak of the path, and mostly speaks of one machine
 * that is off: worth a question at once, and then less and less often.
 */
#ifndef DUALPATH_POLICY_PASSIVE_H
#define DUALPATH_POLICY_PASSIVE_H

#include <stdbool.h>
#include <stdint.h>

#define PASSIVE_TRUST_US 30000000u
#define PASSIVE_LOOK_US 150000u   /* from one look to the next while there is traffic; sooner where probes are, too ... */
#define PASSIVE_LOOK_LEAST_US 50000u
#define PASSIVE_IDLE_US 2000000u  /* ... and while there is none: at multiples of it, where all paths wake up together */
#define PASSIVE_QUIET_US 3000000u /* so long without a packet is none */
#define PASSIVE_WINDOW_US 1000000u
#define PASSIVE_ALIVE_PACKETS 4   /* each way, within a window */

struct passive_counts {
	uint64_t received, sent;         /* by the device */
	uint64_t own_received, own_sent; /* of those, our probes' */
	uint64_t refused;                /* of those received, ICMP errors that say "unreachable" */
};

enum passive_verdict { PASSIVE_NOTHING, PASSIVE_ALIVE, PASSIVE_SUSPECT };

struct passive {
	uint32_t look_us;
	bool begun;
	struct passive_counts last;
	uint64_t last_us, traffic_us; /* the last look; the last that saw a packet of the home's */
	uint64_t silent_us;           /* nothing has come since, though the home sends; 0: not so */
	uint64_t window_us, in, out;  /* of the home, since the window began */
	uint64_t again_us;            /* not suspect before */
	unsigned alarms;              /* in a row, with nothing of the home's coming in between */
	bool heard;                   /* something of the home's came in by the last look */
	uint64_t trusted_us;          /* since when the counters alone have been believed; 0: they are not */
	uint64_t told_us;             /* nothing that is told is worth a question before */
	unsigned told;                /* in a row, each soon after the one before */
};

/* The beginning.  interval_ms: of probes; who wants to know soon is served soon. */
void passive_init(struct passive *passive, uint32_t interval_ms);
/* *since_us is written where it is suspect: nothing came in after it. */
enum passive_verdict passive_look(struct passive *passive, uint64_t now_us, const struct passive_counts *counts,
                                  uint64_t *since_us);
/* Somebody said that something behind the path cannot be reached.  True: the path should be asked now. */
bool passive_told(struct passive *passive, uint64_t now_us);
/* Until the next look. */
uint64_t passive_wait_us(const struct passive *passive);

#endif
