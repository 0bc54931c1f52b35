/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See aftr_choice.h. */
#include "policy/aftr_choice.h"

#define RELAPSES_MAX 5 /* a proof of 32 minutes */

void aftr_return_left(struct aftr_return *r, uint64_t now_ms)
{
	if (r->returned_ms && now_ms - r->returned_ms >= AFTR_RELAPSE_MS)
		r->relapses = 0;
	else if (r->returned_ms && r->relapses < RELAPSES_MAX)
		r->relapses++;
	r->returned_ms = 0;
	r->good = 0;
}

void aftr_return_asked(struct aftr_return *r, bool answered, uint64_t now_ms)
{
	if (!answered)
		r->good = 0;
	else if (r->good++ == 0)
		r->good_since_ms = now_ms;
}

void aftr_return_went(struct aftr_return *r, uint64_t now_ms)
{
	r->good = 0;
	r->returned_ms = now_ms;
}

uint32_t aftr_return_proof_ms(const struct aftr_return *r, const struct dslite_config *config)
{
	uint32_t proof = AFTR_PROOF_MS;

	if (config->aftr_return == AFTR_RETURN_AFTER && config->aftr_return_ms / 2 < proof)
		proof = config->aftr_return_ms / 2;
	return proof << r->relapses;
}

uint32_t aftr_return_pause_ms(const struct aftr_return *r, const struct dslite_config *config)
{
	uint32_t pause = aftr_return_proof_ms(r, config) / AFTR_QUESTIONS;

	return pause < AFTR_ASK_MIN_MS ? AFTR_ASK_MIN_MS : pause;
}

bool aftr_return_is_proven(const struct aftr_return *r, const struct dslite_config *config, uint64_t now_ms)
{
	return r->good > 1 && now_ms - r->good_since_ms >= aftr_return_proof_ms(r, config);
}

enum aftr_return_verdict aftr_return_decide(const struct aftr_return *r, const struct dslite_config *config, unsigned live,
                                            uint64_t now_ms)
{
	if (config->aftr_return == AFTR_RETURN_NO || !aftr_return_is_proven(r, config, now_ms))
		return AFTR_STAY;
	if (live == 0)
		return AFTR_BACK_UNUSED;
	if (config->aftr_return == AFTR_RETURN_AFTER && now_ms - r->good_since_ms >= config->aftr_return_ms)
		return AFTR_BACK_IN_TIME;
	return AFTR_STAY;
}
