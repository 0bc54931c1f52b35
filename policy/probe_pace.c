/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_pace.h. */
#include "policy/probe_pace.h"

bool probe_pace_is_calm(const struct probe_pace *pace)
{
	return pace->good >= PROBE_CALM_ROUNDS;
}

/* n of the set, beginning with another one each turn. */
static uint32_t take(uint32_t set, unsigned n, unsigned turn)
{
	unsigned size = (unsigned)__builtin_popcount(set);
	uint32_t taken = 0;

	for (unsigned i = 0; size && i < n; i++) {
		unsigned skip = (turn + i) % size;
		uint32_t rest = set;

		while (skip--)
			rest &= rest - 1;
		taken |= rest & -rest;
	}
	return taken;
}

/* Pings alone where they are enough. */
static uint32_t alone(const struct probe_pace *pace, const struct probe_sets *sets, unsigned quorum)
{
	uint32_t credible = sets->credible & ~pace->silent, cheap = credible & sets->cheap;
	unsigned n = quorum ? quorum : 1;

	if (!sets->credible)
		return sets->fallback ? sets->fallback : sets->all;
	if ((unsigned)__builtin_popcount(cheap) >= n)
		return take(cheap, n, pace->turn);
	if ((unsigned)__builtin_popcount(credible) >= n)
		return take(credible, n, pace->turn);
	return sets->all;
}

uint32_t probe_pace_next(struct probe_pace *pace, const struct probe_sets *sets, unsigned quorum, uint32_t *interval_ms)
{
	if (!probe_pace_is_calm(pace))
		return sets->all;
	if (*interval_ms >= PROBE_STRETCH_FROM_MS)
		*interval_ms *= 2;
	pace->turn++;
	if (pace->turn % PROBE_FULL_EVERY)
		return alone(pace, sets, quorum);
	pace->silent = 0;
	return sets->all;
}

void probe_pace_round(struct probe_pace *pace, bool good)
{
	if (!good)
		*pace = (struct probe_pace){ 0 };
	else if (pace->good < PROBE_CALM_ROUNDS)
		pace->good++;
}

void probe_pace_late(struct probe_pace *pace, uint32_t asked)
{
	pace->silent |= asked;
}
