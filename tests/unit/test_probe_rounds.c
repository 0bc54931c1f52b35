/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/probe_rounds: when a round is reported and with what, with time as a number. */
#include "policy/probe_rounds.h"
#include "tests/unit/unit.h"

#define MS 1000ull
#define TIMEOUT (1000 * MS)
#define A 0x1u
#define B 0x2u
#define FALLBACK (1u << PROBE_FALLBACK)

static struct probe_rounds rounds;
static struct health_round report;

static void begin_with(uint32_t credible, unsigned quorum)
{
	probe_rounds_init(&rounds, TIMEOUT, quorum);
	rounds.credible = credible;
}

static bool next(uint64_t ms)
{
	return probe_rounds_next(&rounds, ms * MS, &report);
}

static uint16_t ask(uint32_t set, uint64_t ms)
{
	return probe_rounds_begin(&rounds, set, ms * MS);
}

static bool answer(uint16_t round, unsigned target, uint64_t ms)
{
	return probe_rounds_answer(&rounds, round, target, ms * MS);
}

TEST(all_answer)
{
	uint16_t n;

	begin_with(A | B, 2);
	n = ask(A | B, 100);
	CHECK(!next(100));
	CHECK(answer(n, 1, 107));
	CHECK(!next(107));
	CHECK(answer(n, 0, 109));
	CHECK(next(109));
	CHECK_INT(report.credible, 2);
	CHECK_INT(report.answered, 2);
	CHECK_INT(report.sent, 2);
	CHECK_INT(report.lost, 0);
	CHECK_INT(report.best_rtt_us, 7000);
	CHECK(!report.fallback_answered);
	CHECK(!next(109));
	CHECK_INT(rounds.count, 0);
}

/* A dead target delays neither the good news nor, later, wakes anybody for its loss. */
TEST(good_is_told_at_once_and_the_loss_later)
{
	uint16_t n;

	begin_with(A | B, 1);
	n = ask(A | B, 0);
	CHECK_INT(probe_rounds_deadline(&rounds), TIMEOUT);
	CHECK(answer(n, 0, 3));
	CHECK(next(3));
	CHECK_INT(report.answered, 1);
	CHECK_INT(report.sent, 1);
	CHECK_INT(report.lost, 0);
	CHECK(probe_rounds_deadline(&rounds) == UINT64_MAX);
	CHECK(!next(1500));
	n = ask(A | B, 1500);
	CHECK(answer(n, 0, 1503));
	CHECK(next(1503));
	CHECK_INT(report.sent, 2); /* this answer, and B of the round before */
	CHECK_INT(report.lost, 1);
}

TEST(nothing_comes)
{
	begin_with(A | B, 1);
	ask(A | B, 0);
	CHECK(!next(999));
	CHECK(next(1000));
	CHECK_INT(report.credible, 2);
	CHECK_INT(report.answered, 0);
	CHECK_INT(report.sent, 2);
	CHECK_INT(report.lost, 2);
	CHECK(report.best_rtt_us == UINT32_MAX);
	CHECK(!next(5000));
}

TEST(all_sends_fail_and_nobody_waits)
{
	uint16_t n;

	begin_with(A | B, 1);
	n = ask(A | B, 0);
	probe_rounds_failed(&rounds, n, 0);
	CHECK(!next(0));
	probe_rounds_failed(&rounds, n, 1);
	CHECK(next(0));
	CHECK_INT(report.answered, 0);
	CHECK_INT(report.lost, 2);
	CHECK(!answer(n, 0, 1));
}

TEST(a_late_answer_takes_its_loss_back)
{
	uint16_t first, second;

	begin_with(A, 1);
	first = ask(A, 0);
	CHECK(next(1000));
	CHECK_INT(report.lost, 1);
	second = ask(A, 1000);
	CHECK(!answer(first, 0, 1001));
	CHECK(next(1001));
	CHECK(report.late);
	CHECK_INT(report.uncounted, 1);
	CHECK(!next(1001));
	CHECK(!answer(first, 0, 1002)); /* once */
	CHECK(!next(1002));
	CHECK(next(2000));
	CHECK(!report.late);
	CHECK_INT(report.answered, 0);
	CHECK_INT(rounds.sent, 0);
	/* But not for ever. */
	CHECK(!next(4000));
	CHECK(!answer(second, 0, 4001));
	CHECK(!next(4001));
	CHECK_INT(rounds.count, 0);
}

/* Between the reports of two rounds that ended together: one probe is not both lost and answered. */
TEST(an_answer_while_reports_wait)
{
	uint16_t second;

	begin_with(A, 1);
	ask(A, 0);
	second = ask(A, 200);
	CHECK(next(1500));
	CHECK_INT(report.lost, 2);
	CHECK(!answer(second, 0, 1500));
	CHECK(next(1500));
	CHECK_INT(report.answered, 1);
	CHECK_INT(report.sent, 0);
	CHECK_INT(report.uncounted, 1);
}

/* One of two that had to answer is late: the loss was none, the round is bad all the same. */
TEST(late_but_not_enough)
{
	uint16_t n;

	begin_with(A | B, 2);
	n = ask(A | B, 0);
	CHECK(next(1000));
	CHECK(!answer(n, 0, 1100));
	CHECK(!next(1100));
	ask(A | B, 1200);
	CHECK(next(2200));
	CHECK_INT(report.uncounted, 1);
}

TEST(answers_twice_or_unasked_are_not_counted)
{
	uint16_t n;

	begin_with(0, 2);
	n = ask(A | B, 0);
	CHECK(answer(n, 0, 1));
	CHECK(!answer(n, 0, 2));
	CHECK(!answer(n, 2, 2));
	CHECK(!answer(n, 99, 2));
	CHECK(!answer((uint16_t)(n + 1), 1, 2));
	CHECK(!answer((uint16_t)(n - 1), 1, 2));
	CHECK_INT(rounds.credible, A);
	probe_rounds_failed(&rounds, n, 1);
	CHECK(!answer(n, 1, 3));
}

TEST(who_answers_becomes_credible_in_that_round)
{
	uint16_t n;

	begin_with(0, 1);
	n = ask(A | B, 0);
	CHECK(answer(n, 1, 4));
	CHECK(next(4));
	CHECK_INT(report.credible, 1);
	CHECK_INT(report.answered, 1);
	CHECK_INT(rounds.credible, B);
}

TEST(nobody_credible_and_the_fallback_answers)
{
	uint16_t n;

	begin_with(0, 1);
	n = ask(A | FALLBACK, 0);
	CHECK(answer(n, PROBE_FALLBACK, 2));
	CHECK(next(2));
	CHECK_INT(report.credible, 0);
	CHECK(report.fallback_answered);
	CHECK_INT(report.best_rtt_us, 2000);
	CHECK(!next(1000));
	CHECK_INT(rounds.lost, 0); /* A says nothing, and is not told of either */
}

/* Of a line on which nothing ever answered, all that was sent was lost. */
TEST(nobody_credible_and_nobody_answers)
{
	begin_with(0, 1);
	ask(A | B | FALLBACK, 0);
	CHECK(!next(500));
	CHECK(next(1000));
	CHECK_INT(report.credible, 0);
	CHECK(!report.fallback_answered);
	CHECK_INT(report.sent, 3);
	CHECK_INT(report.lost, 3);
}

/* The AFTR alone does not make a path good where targets behind it used to answer. */
TEST(the_fallback_does_not_stand_in_for_credible_targets)
{
	uint16_t n;

	begin_with(A | FALLBACK, 1);
	n = ask(A | FALLBACK, 0);
	CHECK(answer(n, PROBE_FALLBACK, 2));
	CHECK(!next(2));
	CHECK(next(1000));
	CHECK_INT(report.credible, 1);
	CHECK_INT(report.answered, 0);
	CHECK(report.fallback_answered);
	CHECK(report.best_rtt_us == UINT32_MAX);
}

TEST(a_round_that_asks_nobody_is_over_at_once)
{
	begin_with(0, 1);
	ask(0, 0);
	CHECK(next(0));
	CHECK_INT(report.credible, 0);
	CHECK_INT(report.sent, 0);
	CHECK(!next(0));
}

TEST(rounds_overlap_and_each_gets_its_own_answer)
{
	uint16_t first, second;

	begin_with(A, 1);
	first = ask(A, 0);
	second = ask(A, 200);
	CHECK(answer(first, 0, 300));
	CHECK(next(300));
	CHECK_INT(report.best_rtt_us, 300000);
	CHECK(!next(300));
	CHECK(answer(second, 0, 510));
	CHECK(next(510));
	CHECK_INT(report.best_rtt_us, 310000);
	CHECK_INT(rounds.count, 0);
}

TEST(an_overtaken_round_is_told_first_and_as_bad)
{
	uint16_t first, second;

	begin_with(A, 1);
	first = ask(A, 0);
	ask(A, 200);
	second = ask(A, 400);
	CHECK(answer(second, 0, 405));
	CHECK(next(405));
	CHECK_INT(report.answered, 0);
	CHECK(next(405));
	CHECK_INT(report.answered, 0);
	CHECK(next(405));
	CHECK_INT(report.answered, 1);
	CHECK(!next(405));
	/* Its answer within the timeout still is no loss. */
	CHECK(answer(first, 0, 600));
	CHECK(next(600));
	CHECK(report.late);
	CHECK_INT(report.uncounted, 0);
	CHECK(!next(2000));
	CHECK_INT(rounds.lost, 1);
	CHECK(!next(3200));
	CHECK_INT(rounds.count, 0);
}

TEST(bad_rounds_are_told_each_at_its_own_timeout)
{
	begin_with(A, 1);
	for (unsigned i = 0; i < 5; i++)
		ask(A, 200 * i);
	for (unsigned i = 0; i < 5; i++) {
		CHECK_INT(probe_rounds_deadline(&rounds), (1000 + 200 * i) * MS);
		CHECK(!next(999 + 200 * i));
		CHECK(next(1000 + 200 * i));
	}
	CHECK(probe_rounds_deadline(&rounds) == UINT64_MAX);
}

TEST(one_round_too_many_ends_the_oldest)
{
	begin_with(A, 1);
	for (unsigned i = 0; i < PROBE_ROUNDS_MAX; i++) {
		CHECK(!next(i));
		ask(A, i);
	}
	CHECK(next(PROBE_ROUNDS_MAX));
	CHECK_INT(report.lost, 1);
	CHECK(!next(PROBE_ROUNDS_MAX));
	CHECK_INT(rounds.count, PROBE_ROUNDS_MAX - 1);
	CHECK(!answer(0, 0, PROBE_ROUNDS_MAX));
	CHECK(answer(1, 0, PROBE_ROUNDS_MAX));
}

/* Numbers go round: with some open, all through the seam and with each kind of end. */
TEST(numbers_wrap)
{
	begin_with(A, 1);
	for (unsigned i = 0; i < 70000; i++) {
		uint64_t ms = 200ull * i;
		uint16_t n = ask(A, ms);

		CHECK_INT(n, i & 0xffff);
		if (i % 3)
			CHECK(answer(n, 0, ms + 5));
		while (next(ms + 5))
			CHECK_INT(report.credible, 1);
		CHECK(rounds.count <= 16); /* those of whom one may answer late among them */
	}
}

TEST(a_clock_that_stands_still_is_an_rtt_of_nothing)
{
	uint16_t n;

	begin_with(A, 1);
	n = ask(A, 5);
	CHECK(answer(n, 0, 5));
	CHECK(next(5));
	CHECK_INT(report.best_rtt_us, 0);
}

/* ---- bursts ---- */

static uint16_t burst(uint32_t set, uint64_t ms, uint64_t judge_ms)
{
	return probe_rounds_burst(&rounds, set, ms * MS, judge_ms * MS);
}

TEST(a_burst_is_told_of_when_its_time_is_up)
{
	uint16_t n;

	begin_with(A | B, 1);
	n = burst(A | B, 100, 400);
	CHECK_INT(probe_rounds_deadline(&rounds), 400 * MS);
	CHECK(!next(399));
	CHECK_INT(probe_rounds_again(&rounds, n), A | B);
	CHECK(next(400));
	CHECK(report.burst);
	CHECK_INT(report.answered, 0);
	CHECK_INT(report.lost, 0); /* there is time for an answer yet, ... */
	CHECK(answer(n, 1, 450));
	CHECK(next(450));
	CHECK(report.late); /* ... and this is one */
	CHECK(!next(3100));
}

/* A line that is slow all of a sudden: what was under way comes in before the answers can. */
TEST(a_burst_has_the_timeout_where_something_is_heard)
{
	uint16_t n;

	begin_with(A | B, 1);
	n = burst(A | B, 300, 750);
	CHECK(!next(740));
	probe_rounds_heard(&rounds, n);
	CHECK(!next(800));
	CHECK_INT(probe_rounds_deadline(&rounds), 1300 * MS);
	CHECK(answer(n, 0, 802));
	CHECK(next(802));
	CHECK_INT(report.answered, 1);
	n = burst(A | B, 2000, 4000);
	probe_rounds_heard(&rounds, n); /* never shorter */
	CHECK_INT(probe_rounds_deadline(&rounds), 4000 * MS);
	probe_rounds_heard(&rounds, (uint16_t)(n + 1)); /* no such round */
}

TEST(a_burst_takes_the_place_of_what_was_open)
{
	uint16_t n;

	begin_with(A, 1);
	ask(A, 0);
	ask(A, 100);
	n = burst(A, 200, 500);
	CHECK(answer(n, 0, 210));
	CHECK(next(210));
	CHECK(report.burst);
	CHECK_INT(report.answered, 1);
	CHECK(!next(999));
	CHECK(!next(1100)); /* nobody is told of the two, but by their losses */
	CHECK_INT(rounds.lost, 2);
}

TEST(an_answer_to_an_earlier_round_speaks_for_the_burst)
{
	uint16_t early, n;

	begin_with(A, 1);
	early = ask(A, 0);
	n = burst(A, 200, 500);
	CHECK(answer(early, 0, 300));
	CHECK(next(300));
	CHECK(report.burst);
	CHECK_INT(report.answered, 1);
	CHECK_INT(report.best_rtt_us, 300000); /* and tells how slow the path has become */
	CHECK(!answer(n, 0, 305));
}

/* The first word of who cannot be reached is not the last one; the second is. */
TEST(a_burst_fails_twice)
{
	uint16_t n;

	begin_with(A | B, 1);
	n = burst(A | B, 0, 750);
	probe_rounds_failed(&rounds, n, 0);
	probe_rounds_failed(&rounds, n, 1);
	CHECK(!next(5));
	CHECK_INT(probe_rounds_again(&rounds, n), A | B);
	probe_rounds_failed(&rounds, n, 0);
	CHECK(!next(25));
	probe_rounds_failed(&rounds, n, 1);
	CHECK(next(25));
	CHECK(report.burst);
	CHECK_INT(report.answered, 0);
}

TEST(who_failed_first_may_answer_then)
{
	uint16_t n;

	begin_with(A, 1);
	n = burst(A, 0, 750);
	probe_rounds_failed(&rounds, n, 0);
	CHECK(!next(5));
	probe_rounds_again(&rounds, n);
	CHECK(answer(n, 0, 30));
	CHECK(next(30));
	CHECK_INT(report.answered, 1);
}

TEST(absorbed_rounds_are_not_told_of)
{
	begin_with(A, 1);
	ask(A, 0);
	burst(A, 100, 500);
	probe_rounds_absorb(&rounds);
	CHECK(!next(600));
	CHECK(!next(1200));
	CHECK_INT(rounds.lost, 2);
	CHECK(!probe_rounds_waits(&rounds));
}

/* Bursts that something else answered: nobody asks for reports in between. */
TEST(more_than_are_kept)
{
	uint16_t number = 0;

	begin_with(A, 1);
	for (unsigned i = 0; i < 3 * PROBE_ROUNDS_MAX; i++) {
		number = probe_rounds_burst(&rounds, A, i * MS, (i + 750) * MS);
		CHECK(rounds.count <= PROBE_ROUNDS_MAX);
		if (i + 1 < 3 * PROBE_ROUNDS_MAX)
			probe_rounds_absorb(&rounds);
	}
	CHECK_INT(number, 3 * PROBE_ROUNDS_MAX - 1);
	CHECK(!probe_rounds_answer(&rounds, 0, 0, 200 * MS)); /* pushed out */
	CHECK(probe_rounds_answer(&rounds, number, 0, 200 * MS));
	CHECK(next(200));
	CHECK(report.burst && report.answered == 1);
	CHECK_INT(report.lost, 2 * PROBE_ROUNDS_MAX + 1); /* a full house has no room for the next either */
	CHECK(!next(200));
}
