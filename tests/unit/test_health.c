/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/health: every cell of its two tables, and what it tells of loss and RTT. */
#include "policy/health.h"
#include "tests/unit/unit.h"

#define NO_RTT UINT32_MAX

static const struct probe_config config = { .quorum = 1, .down_after = 3, .up_after = 5 };
static const struct health_round good = { .credible = 2, .answered = 1, .best_rtt_us = 1000 };
static const struct health_round bad = { .credible = 2, .answered = 0, .best_rtt_us = NO_RTT };

/* The verdict of the last of n equal rounds; no earlier one may be `last` already. */
static enum health_verdict after(unsigned n, const struct health_round *round, bool was_up, bool first)
{
	struct health h = { 0 };
	enum health_verdict verdict = HEALTH_NONE;

	for (unsigned i = 0; i < n; i++)
		verdict = health_round(&h, &config, round, was_up, first);
	return verdict;
}

TEST(good_or_bad_every_cell)
{
	static const struct {
		unsigned quorum, credible, answered;
		bool fallback, good;
	} cell[] = {
		{ 1, 0, 0, true, true },   { 1, 0, 0, false, false }, { 3, 0, 0, true, true },  { 3, 0, 0, false, false },
		{ 1, 1, 1, false, true },  { 1, 1, 0, true, false },  { 1, 1, 0, false, false }, { 1, 4, 1, false, true },
		{ 1, 4, 4, true, true },   { 1, 4, 0, true, false },  { 2, 3, 2, false, true },  { 2, 3, 1, true, false },
		{ 2, 1, 1, false, true },  { 2, 1, 0, true, false },  { 0, 1, 0, true, false },  { 0, 1, 1, false, true },
	};

	for (unsigned i = 0; i < sizeof(cell) / sizeof(cell[0]); i++) {
		struct health_round round = { .credible = cell[i].credible, .answered = cell[i].answered,
			                      .fallback_answered = cell[i].fallback };

		CHECK_INT(health_round_is_good(cell[i].quorum, &round), cell[i].good);
	}
}

TEST(up_and_good_is_nothing_new)
{
	for (unsigned n = 1; n < 10; n++) {
		CHECK_INT(after(n, &good, true, false), HEALTH_NONE);
		CHECK_INT(after(n, &good, true, true), HEALTH_NONE);
	}
}

TEST(up_and_bad_is_down_at_down_after_and_on)
{
	for (unsigned n = 1; n < 10; n++) {
		CHECK_INT(after(n, &bad, true, false), n < 3 ? HEALTH_NONE : HEALTH_DOWN);
		CHECK_INT(after(n, &bad, true, true), n < 3 ? HEALTH_NONE : HEALTH_DOWN);
	}
}

TEST(never_proven_and_good_is_up_at_once)
{
	CHECK_INT(after(1, &good, false, true), HEALTH_UP);
}

TEST(never_proven_and_bad_is_down_at_down_after)
{
	for (unsigned n = 1; n < 10; n++)
		CHECK_INT(after(n, &bad, false, true), n < 3 ? HEALTH_NONE : HEALTH_DOWN);
}

TEST(lost_and_good_is_up_at_up_after)
{
	for (unsigned n = 1; n < 10; n++)
		CHECK_INT(after(n, &good, false, false), n < 5 ? HEALTH_NONE : HEALTH_UP);
}

TEST(lost_and_bad_is_down_still)
{
	for (unsigned n = 1; n < 10; n++)
		CHECK_INT(after(n, &bad, false, false), n < 3 ? HEALTH_NONE : HEALTH_DOWN);
}

TEST(one_of_the_other_kind_begins_the_row_anew)
{
	struct health h = { 0 };

	for (unsigned i = 0; i < 20; i++) {
		CHECK_INT(health_round(&h, &config, &bad, true, false), HEALTH_NONE);
		CHECK_INT(health_round(&h, &config, &bad, true, false), HEALTH_NONE);
		CHECK_INT(health_round(&h, &config, &good, true, false), HEALTH_NONE);
	}
	health_reset(&h);
	for (unsigned i = 0; i < 20; i++) {
		for (unsigned k = 0; k < 4; k++)
			CHECK_INT(health_round(&h, &config, &good, false, false), HEALTH_NONE);
		CHECK_INT(health_round(&h, &config, &bad, false, false), HEALTH_NONE);
	}
}

TEST(reset_forgets_rows_and_window_and_keeps_totals)
{
	struct health h = { 0 };
	struct health_round lossy = { .credible = 1, .sent = 4, .lost = 3, .best_rtt_us = 5000 };

	health_round(&h, &config, &lossy, true, false);
	health_round(&h, &config, &lossy, true, false);
	health_reset(&h);
	CHECK_INT(h.sent, 8);
	CHECK_INT(h.lost, 6);
	CHECK_INT(h.rounds, 0);
	CHECK(health_loss_percent(&h) == 0);
	CHECK(health_rtt_ms(&h) < 0);
	CHECK_INT(health_round(&h, &config, &bad, true, false), HEALTH_NONE);
	CHECK_INT(health_round(&h, &config, &bad, true, false), HEALTH_NONE);
	CHECK_INT(health_round(&h, &config, &bad, true, false), HEALTH_DOWN);
}

TEST(rtt_is_the_mean_of_the_answered)
{
	struct health h = { 0 };
	struct health_round round = { .credible = 1, .answered = 1 };

	CHECK(health_rtt_ms(&h) < 0);
	health_round(&h, &config, &bad, true, false);
	CHECK(health_rtt_ms(&h) < 0);
	round.best_rtt_us = 2000;
	health_round(&h, &config, &round, true, false);
	round.best_rtt_us = 4000;
	health_round(&h, &config, &round, true, false);
	CHECK(health_rtt_ms(&h) == 3.0);
}

TEST(loss_is_of_probes_not_of_rounds)
{
	struct health h = { 0 };
	struct health_round round = { .credible = 4, .answered = 3, .sent = 4, .lost = 1 };

	health_round(&h, &config, &round, true, false);
	CHECK(health_loss_percent(&h) == 25.0);
	round.sent = 0;
	round.lost = 0;
	health_round(&h, &config, &round, true, false);
	CHECK(health_loss_percent(&h) == 25.0);
}

TEST(the_window_moves_on)
{
	struct health h = { 0 };
	struct health_round lost = { .credible = 1, .sent = 1, .lost = 1, .best_rtt_us = NO_RTT };
	struct health_round fine = { .credible = 1, .answered = 1, .sent = 1, .best_rtt_us = 7000 };

	for (unsigned i = 0; i < 3 * HEALTH_WINDOW; i++)
		health_round(&h, &config, &lost, true, false);
	CHECK(health_loss_percent(&h) == 100.0);
	for (unsigned i = 0; i < HEALTH_WINDOW / 2; i++)
		health_round(&h, &config, &fine, true, false);
	CHECK(health_loss_percent(&h) == 50.0);
	for (unsigned i = 0; i < HEALTH_WINDOW / 2; i++)
		health_round(&h, &config, &fine, true, false);
	CHECK(health_loss_percent(&h) == 0);
	CHECK(health_rtt_ms(&h) == 7.0);
	CHECK_INT(h.sent, 4 * HEALTH_WINDOW);
	CHECK_INT(h.lost, 3 * HEALTH_WINDOW);
}

TEST(a_bad_burst_stands_for_down_after_rounds)
{
	struct health h = { 0 };
	struct health_round burst = { .credible = 2, .best_rtt_us = NO_RTT, .burst = true };

	CHECK_INT(health_round(&h, &config, &burst, true, false), HEALTH_DOWN);
	burst.answered = 1;
	CHECK_INT(health_round(&h, &config, &burst, true, false), HEALTH_NONE);
	CHECK_INT(h.bad_in_row, 0);
}

TEST(what_is_late_is_not_lost)
{
	struct health h = { 0 };
	struct health_round lost = { .credible = 1, .sent = 1, .lost = 1, .best_rtt_us = NO_RTT };
	struct health_round late = { .late = true, .uncounted = 1, .best_rtt_us = NO_RTT };

	for (unsigned i = 0; i < 100; i++) {
		CHECK_INT(health_round(&h, &config, &lost, true, false), HEALTH_NONE);
		CHECK_INT(health_round(&h, &config, &late, true, false), HEALTH_NONE);
	}
	CHECK_INT(h.rounds, 100);
	CHECK_INT(h.lost, 0);
	CHECK(health_loss_percent(&h) == 0);
	health_round(&h, &config, &late, true, false); /* one that never was */
	CHECK_INT(h.lost, 0);
}

TEST(what_comes_in_by_itself_begins_the_row_anew)
{
	struct health h = { 0 };

	for (unsigned i = 0; i < 10; i++) {
		CHECK_INT(health_round(&h, &config, &bad, true, false), HEALTH_NONE);
		CHECK_INT(health_round(&h, &config, &bad, true, false), HEALTH_NONE);
		health_alive(&h);
	}
}
