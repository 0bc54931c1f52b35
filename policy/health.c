/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See health.h. */
#include "policy/health.h"

void health_reset(struct health *h)
{
	struct health fresh = { .sent = h->sent, .lost = h->lost };

	*h = fresh;
}

bool health_round_is_good(unsigned quorum, const struct health_round *round)
{
	if (round->credible == 0)
		return round->fallback_answered;
	if (quorum == 0)
		quorum = 1;
	return round->answered >= (quorum < round->credible ? quorum : round->credible);
}

static void remember(struct health *h, const struct health_round *round)
{
	unsigned at = h->rounds++ % HEALTH_WINDOW;

	h->window[at].rtt_us = round->best_rtt_us;
	h->window[at].sent = round->sent;
	h->window[at].lost = round->lost;
	h->sent += round->sent;
	h->lost += round->lost;
}

static void uncount(struct health *h, unsigned losses)
{
	h->lost -= losses < h->lost ? losses : h->lost;
	for (unsigned i = h->rounds; losses && i > 0 && h->rounds - i < HEALTH_WINDOW; i--) {
		unsigned *lost = &h->window[(i - 1) % HEALTH_WINDOW].lost, n = losses < *lost ? losses : *lost;

		*lost -= n;
		losses -= n;
	}
}

void health_alive(struct health *h)
{
	h->bad_in_row = 0;
}

enum health_verdict health_round(struct health *h, const struct probe_config *config,
                                 const struct health_round *round, bool was_up, bool first)
{
	uncount(h, round->uncounted);
	if (round->late) {
		h->bad_in_row = 0;
		return HEALTH_NONE;
	}
	remember(h, round);
	if (!health_round_is_good(config->quorum, round)) {
		h->good_in_row = 0;
		h->bad_in_row++;
		if (round->burst && h->bad_in_row < config->down_after)
			h->bad_in_row = config->down_after;
		return h->bad_in_row >= config->down_after ? HEALTH_DOWN : HEALTH_NONE;
	}
	h->bad_in_row = 0;
	h->good_in_row++;
	if (was_up)
		return HEALTH_NONE;
	return first || h->good_in_row >= config->up_after ? HEALTH_UP : HEALTH_NONE;
}

static unsigned window_fill(const struct health *h)
{
	return h->rounds < HEALTH_WINDOW ? h->rounds : HEALTH_WINDOW;
}

double health_loss_percent(const struct health *h)
{
	unsigned long sent = 0, lost = 0;

	for (unsigned i = 0; i < window_fill(h); i++) {
		sent += h->window[i].sent;
		lost += h->window[i].lost;
	}
	return sent ? 100.0 * (double)lost / (double)sent : 0;
}

double health_rtt_ms(const struct health *h)
{
	uint64_t sum = 0;
	unsigned answered = 0;

	for (unsigned i = 0; i < window_fill(h); i++) {
		if (h->window[i].rtt_us == UINT32_MAX)
			continue;
		sum += h->window[i].rtt_us;
		answered++;
	}
	return answered ? (double)sum / answered / 1000 : -1;
}
