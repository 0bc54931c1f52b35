/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_when.h. */
#include "policy/probe_when.h"

#define QUICK_MS 200
#define QUICK_DEAR_MS 1000
/* A round that nobody has answered by so many times the usual is suspect. */
#define SUSPICION_TIMES 4
#define SUSPICION_LEAST_US 100000
/* So long a path may be silent though its timeout is longer: a line whose queue has just filled answers late. */
#define SILENCE_LEAST_US 750000
#define SILENCE_TIMES 3
#define DOWN_AFTER_USUAL 3
/* Where the line itself says that it is lost, two of its words are a verdict: the second question follows the first word, but not
 * at once. */
#define BURST_REFUSED_US 10000
#define BURST_NEXT_US 60000
#define BURST_LEAST_US 100000
#define JITTER_PERCENT 5 /* to either side: probes of many homes do not march in step */
#define ALMOST_US 1000   /* what is due within this is done in the same wake-up */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

uint64_t probe_when_spread_us(uint32_t ms, uint32_t chance)
{
	uint64_t jitter = (uint64_t)ms * 1000 * JITTER_PERCENT / 100;

	return (uint64_t)ms * 1000 - jitter + chance % (2 * jitter + 1);
}

uint32_t probe_when_interval_ms(const struct probe_when *when, bool dear)
{
	uint32_t quick = dear ? QUICK_DEAR_MS : QUICK_MS;

	return when->quick && when->interval_ms > quick ? quick : when->interval_ms;
}

bool probe_when_can_be_suspect(const struct probe_when *when)
{
	return when->usual_us && when->last_good && !when->quick && !when->bursting;
}

/* When the last round becomes suspect; UINT64_MAX: never. */
static uint64_t suspect_at(const struct probe_when *when, bool waits)
{
	if (!waits || !probe_when_can_be_suspect(when))
		return UINT64_MAX;
	return when->last_us + later((uint64_t)when->usual_us * SUSPICION_TIMES, SUSPICION_LEAST_US);
}

enum probe_due probe_when_due(const struct probe_when *when, const struct probe_open *open, uint64_t now_us)
{
	uint64_t soon = now_us + ALMOST_US;

	if (suspect_at(when, open->waits) <= soon)
		return PROBE_DUE_BURST;
	if (when->bursting)
		return when->burst_next_us <= soon ? PROBE_DUE_AGAIN : PROBE_DUE_NOTHING;
	return when->next_us <= soon ? PROBE_DUE_ROUND : PROBE_DUE_NOTHING;
}

uint64_t probe_when_next_us(const struct probe_when *when, const struct probe_open *open)
{
	uint64_t at = earlier(open->deadline_us, when->bursting ? when->burst_next_us : when->next_us);

	return earlier(at, suspect_at(when, open->waits));
}

void probe_when_round(struct probe_when *when, bool good, uint32_t rtt_us)
{
	when->last_good = good;
	if (rtt_us == UINT32_MAX)
		return;
	when->usual_us = when->usual_us ? (uint32_t)(((uint64_t)when->usual_us * 7 + rtt_us) / 8) : rtt_us;
	when->usual_us += !when->usual_us;
}

/* How long a path may be silent. */
static uint64_t silence_us(const struct probe_when *when)
{
	uint64_t us = earlier(later((uint64_t)when->usual_us * SILENCE_TIMES, SILENCE_LEAST_US), when->timeout_us);

	return when->down_after > DOWN_AFTER_USUAL ? us * when->down_after / DOWN_AFTER_USUAL : us;
}

uint64_t probe_when_burst(struct probe_when *when, uint64_t now_us, uint64_t since_us)
{
	when->bursting = true;
	when->refused = false;
	when->burst_us = now_us;
	when->burst_next_us = now_us + BURST_NEXT_US;
	return later(since_us + silence_us(when), now_us + BURST_LEAST_US);
}

void probe_when_refused(struct probe_when *when, uint64_t now_us)
{
	when->refused = when->bursting;
	if (when->bursting && when->burst_next_us == when->burst_us + BURST_NEXT_US)
		when->burst_next_us = later(when->burst_us + BURST_REFUSED_US, now_us);
}

bool probe_when_is_second_word(const struct probe_when *when, uint64_t now_us)
{
	return when->bursting && when->refused && now_us >= when->burst_us + BURST_REFUSED_US;
}

void probe_when_again(struct probe_when *when, uint64_t now_us, uint64_t deadline_us)
{
	when->burst_next_us = now_us + BURST_NEXT_US <= deadline_us ? now_us + BURST_NEXT_US : UINT64_MAX;
}

bool probe_when_is_fresh(const struct probe_when *when, uint64_t now_us)
{
	return when->bursting && now_us < when->burst_us + BURST_LEAST_US;
}

void probe_when_heard(struct probe_when *when, uint64_t now_us)
{
	if (when->burst_next_us == UINT64_MAX)
		when->burst_next_us = now_us;
}
