/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_pace.h. */
#include "policy/probe_pace.h"

bool probe_pace_is_calm(const struct probe_pace *pace)
{
	return pace->good >= PROBE_CALM_ROUNDS;
}

static unsigned count(uint32_t set)
{
	return (unsigned)__builtin_popcount(set);
}

/* n of the set, beginning with another one each turn. */
static uint32_t take(uint32_t set, unsigned n, unsigned turn)
{
	unsigned size = count(set);
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

/* Pings alone where they are enough, and what is dear only where it must be. */
static uint32_t alone(const struct probe_pace *pace, const struct probe_sets *sets, unsigned quorum)
{
	uint32_t credible = sets->credible & ~pace->silent;
	uint32_t by_cost[] = { credible & sets->cheap, credible & ~sets->dear, credible };
	unsigned n = quorum ? quorum : 1;

	if (!sets->credible)
		return sets->fallback ? sets->fallback : sets->all;
	for (unsigned i = 0; i < 3; i++)
		if (count(by_cost[i]) >= n)
			return take(by_cost[i], n, pace->turn);
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

bool probe_pace_needs_dear(const struct probe_sets *sets, unsigned quorum)
{
	uint32_t counted = sets->credible ? sets->credible : sets->all & ~sets->fallback;

	return sets->dear && count(counted & ~sets->dear) < (quorum ? quorum : 1);
}

uint32_t probe_pace_spare(struct probe_pace *pace, const struct probe_sets *sets, uint32_t asked, unsigned quorum, uint64_t now_us)
{
	uint32_t others = asked & ~sets->dear;
	bool enough = count(others & sets->credible) >= (quorum ? quorum : 1);

	if (!(asked & sets->dear))
		return asked;
	if (enough && pace->dear_us && now_us < pace->dear_us + PROBE_DEAR_EVERY_US)
		return others;
	pace->dear_us = now_us;
	return asked;
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
