/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See backoff.h. */
#include "policy/backoff.h"

#include <assert.h>

static const struct {
	uint32_t first_ms, most_ms;
	unsigned steady; /* so many of the first, before they grow */
} wait[BACKOFF_KINDS] = {
	[BACKOFF_LINE] = { 1000, 60000, 0 },
	[BACKOFF_ACCOUNT] = { 30000, 1920000, 0 },
	[BACKOFF_SLOT] = { 5000, 5000, 0 },
	[BACKOFF_PADI] = { 1000, 8000, 300 },
	[BACKOFF_SERVER] = { 5000, 600000, 0 },
};

static uint32_t without_jitter(enum backoff_kind kind, unsigned failures)
{
	uint32_t ms = wait[kind].first_ms;

	failures = failures > wait[kind].steady ? failures - wait[kind].steady : 0;
	while (failures-- > 0 && ms < wait[kind].most_ms)
		ms *= 2;
	return ms < wait[kind].most_ms ? ms : wait[kind].most_ms;
}

uint32_t backoff_next(struct backoff *backoff, enum backoff_kind kind, uint32_t random)
{
	uint32_t ms;

	assert(kind < BACKOFF_KINDS);
	ms = without_jitter(kind, backoff->failures[kind]);
	if (ms < wait[kind].most_ms) /* more would change nothing, and could wrap one day */
		backoff->failures[kind]++;
	return ms + (uint32_t)((uint64_t)(ms / 4) * random / UINT32_MAX);
}

void backoff_session(struct backoff *backoff, uint64_t session_ms)
{
	if (session_ms > BACKOFF_STOOD_MS)
		*backoff = (struct backoff){ 0 };
}
