/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See damping.h. */
#include "policy/damping.h"

#define LOSS 1000u
#define FREE (2 * LOSS)
#define MS_PER_DEBT 5u
/* Less than a second is no proof that anybody would notice. */
#define NO_PROOF_MS 1000u
#define DEBT_MAX (FREE + DAMPING_PROOF_MAX_MS / MS_PER_DEBT)

/* Halving in a straight line within each half-life: no floating point, and off by 6 % at most. */
static uint32_t debt_at(const struct damping *damping, uint64_t now_ms)
{
	uint64_t age = now_ms > damping->when_ms ? now_ms - damping->when_ms : 0;
	uint64_t halvings = age / DAMPING_HALF_LIFE_MS;
	uint32_t debt;

	if (halvings > 31)
		return 0;
	debt = damping->debt >> halvings;
	return debt - (uint32_t)(debt / 2 * (age % DAMPING_HALF_LIFE_MS) / DAMPING_HALF_LIFE_MS);
}

void damping_lost(struct damping *damping, uint64_t now_ms)
{
	uint32_t debt = debt_at(damping, now_ms);

	if (debt * MS_PER_DEBT < NO_PROOF_MS)
		damping->losses = 0;
	damping->losses++;
	damping->debt = debt + LOSS < DEBT_MAX ? debt + LOSS : DEBT_MAX;
	damping->when_ms = now_ms;
}

uint32_t damping_proof_ms(const struct damping *damping, uint64_t now_ms)
{
	uint32_t debt = debt_at(damping, now_ms);
	uint32_t proof = debt > FREE ? (debt - FREE) * MS_PER_DEBT : 0;

	return proof < NO_PROOF_MS ? 0 : proof;
}
