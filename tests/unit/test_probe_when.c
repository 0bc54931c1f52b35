/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/probe_when: when a path is asked, when it is suspect, and how long it may be silent. */
#include "policy/probe_when.h"
#include "tests/unit/unit.h"

#define MS UINT64_C(1000)
#define S (1000 * MS)
#define NOW (100 * S)

/* Asked every second, with answers after 20 ms, the last of them good; a round began a moment ago and nobody has answered it. */
static struct probe_when usual(void)
{
	return (struct probe_when){ .interval_ms = 1000, .timeout_us = S, .down_after = 3, .last_good = true, .usual_us = 20000,
		                    .last_us = NOW, .next_us = NOW + S };
}

static const struct probe_open waits = { .waits = true, .deadline_us = NOW + S };
static const struct probe_open nothing_open = { .deadline_us = UINT64_MAX };

/* ---- intervals ---- */

TEST(the_jitter_is_five_percent_to_either_side)
{
	CHECK_INT(probe_when_spread_us(1000, 0), 950 * MS);
	CHECK_INT(probe_when_spread_us(1000, 50000), 1000 * MS);
	CHECK_INT(probe_when_spread_us(1000, 100000), 1050 * MS);
	CHECK_INT(probe_when_spread_us(1000, 100001), 950 * MS);
	for (uint32_t chance = 0; chance < UINT32_MAX - 100000; chance += 99991) {
		uint64_t us = probe_when_spread_us(200, chance);

		CHECK(us >= 190 * MS && us <= 210 * MS);
	}
	CHECK_INT(probe_when_spread_us(0, 12345), 0);
}

TEST(quick_is_no_slower_than_the_interval)
{
	struct probe_when when = usual();

	CHECK_INT(probe_when_interval_ms(&when, false), 1000);
	when.quick = true;
	CHECK_INT(probe_when_interval_ms(&when, false), 200);
	CHECK_INT(probe_when_interval_ms(&when, true), 1000);
	when.interval_ms = 5000;
	CHECK_INT(probe_when_interval_ms(&when, true), 1000);
	when.interval_ms = 100;
	CHECK_INT(probe_when_interval_ms(&when, false), 100);
}

/* ---- suspicion ---- */

TEST(a_round_later_than_usual_is_suspect)
{
	struct probe_when when = usual();

	when.usual_us = 50000;
	CHECK_INT(probe_when_next_us(&when, &waits), NOW + 200 * MS);
	CHECK_INT(probe_when_due(&when, &waits, NOW + 198 * MS), PROBE_DUE_NOTHING);
	CHECK_INT(probe_when_due(&when, &waits, NOW + 199 * MS), PROBE_DUE_BURST); /* as good as there */
	when.usual_us = 1000;
	CHECK_INT(probe_when_next_us(&when, &waits), NOW + 100 * MS); /* no sooner, however near it is */
}

TEST(only_what_worked_a_moment_ago_is_suspect)
{
	struct probe_when never = usual(), bad = usual(), quick = usual(), bursting = usual();

	never.usual_us = 0;
	bad.last_good = false;
	quick.quick = true;
	bursting.bursting = true;
	bursting.burst_next_us = UINT64_MAX;
	CHECK(!probe_when_can_be_suspect(&never) && !probe_when_can_be_suspect(&bad));
	CHECK(!probe_when_can_be_suspect(&quick) && !probe_when_can_be_suspect(&bursting));
	CHECK_INT(probe_when_due(&bad, &waits, NOW + 500 * MS), PROBE_DUE_NOTHING);
	CHECK_INT(probe_when_next_us(&bad, &waits), NOW + S);
}

TEST(an_answered_round_is_not_suspect)
{
	struct probe_when when = usual();

	CHECK(probe_when_can_be_suspect(&when)); /* a word may make it so */
	CHECK_INT(probe_when_due(&when, &nothing_open, NOW + 500 * MS), PROBE_DUE_NOTHING);
	CHECK_INT(probe_when_next_us(&when, &nothing_open), NOW + S);
}

/* ---- what is due ---- */

TEST(a_round_is_due_and_told_of)
{
	struct probe_when when = usual();
	const struct probe_open early = { .waits = true, .deadline_us = NOW + 300 * MS };

	CHECK_INT(probe_when_due(&when, &nothing_open, NOW + 998 * MS), PROBE_DUE_NOTHING);
	CHECK_INT(probe_when_due(&when, &nothing_open, NOW + 999 * MS), PROBE_DUE_ROUND);
	when.last_good = false;
	CHECK_INT(probe_when_next_us(&when, &early), NOW + 300 * MS);
}

TEST(a_burst_takes_the_place_of_rounds)
{
	struct probe_when when = usual();

	probe_when_burst(&when, NOW + 100 * MS, NOW);
	CHECK(when.bursting);
	CHECK_INT(probe_when_next_us(&when, &waits), NOW + 160 * MS);
	CHECK_INT(probe_when_due(&when, &waits, NOW + 158 * MS), PROBE_DUE_NOTHING);
	CHECK_INT(probe_when_due(&when, &waits, NOW + 160 * MS), PROBE_DUE_AGAIN);
	probe_when_again(&when, NOW + 160 * MS, NOW + 750 * MS);
	CHECK_INT(when.burst_next_us, NOW + 220 * MS);
	CHECK_INT(probe_when_due(&when, &waits, NOW + 220 * MS), PROBE_DUE_AGAIN);
	when.next_us = NOW;
	CHECK_INT(probe_when_due(&when, &waits, NOW + 150 * MS), PROBE_DUE_NOTHING); /* no round meanwhile */
}

/* The second question waits for what is said of the first, and is not drawn out of the third by what is said of that. */
TEST(a_refusal_is_asked_about_once)
{
	struct probe_when when = usual();

	probe_when_refused(&when, NOW);
	CHECK(!when.bursting);
	probe_when_burst(&when, NOW, NOW);
	probe_when_refused(&when, NOW + 2 * MS);
	CHECK_INT(when.burst_next_us, NOW + 10 * MS);
	probe_when_refused(&when, NOW + 5 * MS);
	CHECK_INT(when.burst_next_us, NOW + 10 * MS);
	probe_when_again(&when, NOW + 10 * MS, NOW + 750 * MS);
	probe_when_refused(&when, NOW + 12 * MS);
	CHECK_INT(when.burst_next_us, NOW + 70 * MS);
	probe_when_burst(&when, NOW, NOW);
	probe_when_refused(&when, NOW + 30 * MS);
	CHECK_INT(when.burst_next_us, NOW + 30 * MS);
}

/* What the line says of others' packets is believed only where it has said it of a question, and not in the same breath. */
TEST(a_word_about_others_is_the_second_one_only)
{
	struct probe_when when = usual();

	CHECK(!probe_when_is_second_word(&when, NOW));
	probe_when_burst(&when, NOW, NOW);
	CHECK(!probe_when_is_second_word(&when, NOW + 20 * MS));
	probe_when_refused(&when, NOW + 1 * MS);
	CHECK(!probe_when_is_second_word(&when, NOW + 9 * MS));
	CHECK(probe_when_is_second_word(&when, NOW + 10 * MS));
	probe_when_burst(&when, NOW + 500 * MS, NOW + 500 * MS);
	CHECK(!probe_when_is_second_word(&when, NOW + 520 * MS));
}

TEST(what_comes_in_the_first_tenth_of_a_second_may_have_been_under_way)
{
	struct probe_when when = usual();

	CHECK(!probe_when_is_fresh(&when, NOW));
	probe_when_burst(&when, NOW, NOW);
	CHECK(probe_when_is_fresh(&when, NOW));
	CHECK(probe_when_is_fresh(&when, NOW + 99 * MS));
	CHECK(!probe_when_is_fresh(&when, NOW + 100 * MS));
}

TEST(no_question_after_the_verdict)
{
	struct probe_when when = usual();

	probe_when_burst(&when, NOW, NOW);
	probe_when_again(&when, NOW + 690 * MS, NOW + 750 * MS);
	CHECK_INT(when.burst_next_us, NOW + 750 * MS);
	probe_when_again(&when, NOW + 691 * MS, NOW + 750 * MS);
	CHECK_INT(when.burst_next_us, UINT64_MAX);
	CHECK_INT(probe_when_due(&when, &waits, NOW + 10 * S), PROBE_DUE_NOTHING);
	CHECK_INT(probe_when_next_us(&when, &waits), waits.deadline_us);
	probe_when_heard(&when, NOW + 700 * MS); /* more time, and more questions */
	CHECK_INT(when.burst_next_us, NOW + 700 * MS);
	probe_when_heard(&when, NOW + 701 * MS);
	CHECK_INT(when.burst_next_us, NOW + 700 * MS);
}

/* ---- silence ---- */

static uint64_t silence_ms(uint32_t usual_us, uint64_t timeout_us, unsigned down_after)
{
	struct probe_when when = usual();

	when.usual_us = usual_us;
	when.timeout_us = timeout_us;
	when.down_after = down_after;
	return (probe_when_burst(&when, NOW, NOW) - NOW) / MS;
}

TEST(how_long_a_path_may_be_silent)
{
	CHECK_INT(silence_ms(20000, S, 3), 750);
	CHECK_INT(silence_ms(20000, 500 * MS, 3), 500); /* never more than the timeout */
	CHECK_INT(silence_ms(300000, 2 * S, 3), 900);   /* three times the usual */
	CHECK_INT(silence_ms(900000, 2 * S, 3), 2000);
	CHECK_INT(silence_ms(20000, S, 6), 1500);
	CHECK_INT(silence_ms(20000, S, 1), 750);
	CHECK_INT(silence_ms(20000, 50 * MS, 3), 100);  /* and there is time for an answer */
}

TEST(silence_counts_from_what_came_last)
{
	struct probe_when when = usual();

	CHECK_INT(probe_when_burst(&when, NOW, NOW - 500 * MS), NOW + 250 * MS);
	CHECK_INT(probe_when_burst(&when, NOW, NOW - 5 * S), NOW + 100 * MS);
}

/* ---- what is usual ---- */

TEST(the_usual_is_smoothed)
{
	struct probe_when when = { 0 };

	probe_when_round(&when, true, 8000);
	CHECK_INT(when.usual_us, 8000);
	probe_when_round(&when, true, 16000);
	CHECK_INT(when.usual_us, 9000);
	probe_when_round(&when, false, UINT32_MAX);
	CHECK_INT(when.usual_us, 9000);
	CHECK(!when.last_good);
	for (unsigned i = 0; i < 200; i++)
		probe_when_round(&when, true, 0);
	CHECK_INT(when.usual_us, 1); /* 0 would be: not known */
}
