/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/probe_pace: who is asked how often, while all is well and when it is not. */
#include "policy/probe_pace.h"
#include "tests/unit/unit.h"

#define ICMP_1 0x1u
#define ICMP_2 0x2u
#define DNS 0x4u
#define TCP 0x8u
#define FALLBACK 0x80000000u
#define ALL (ICMP_1 | ICMP_2 | DNS | TCP | FALLBACK)

static const struct probe_sets usual = { .all = ALL, .credible = ALL & ~FALLBACK, .cheap = ICMP_1 | ICMP_2,
	                                 .fallback = FALLBACK };

static struct probe_pace calm(void)
{
	struct probe_pace pace = { 0 };

	for (unsigned i = 0; i < PROBE_CALM_ROUNDS; i++) {
		CHECK(!probe_pace_is_calm(&pace));
		probe_pace_round(&pace, true);
	}
	CHECK(probe_pace_is_calm(&pace));
	return pace;
}

static uint32_t next(struct probe_pace *pace, const struct probe_sets *sets, unsigned quorum)
{
	uint32_t ms = 100;

	return probe_pace_next(pace, sets, quorum, &ms);
}

TEST(everybody_until_calm)
{
	struct probe_pace pace = { 0 };
	uint32_t ms = 1000;

	CHECK_INT(probe_pace_next(&pace, &usual, 1, &ms), ALL);
	CHECK_INT(ms, 1000);
}

TEST(one_bad_round_ends_the_calm)
{
	struct probe_pace pace = calm();

	probe_pace_round(&pace, false);
	CHECK(!probe_pace_is_calm(&pace));
	CHECK_INT(next(&pace, &usual, 1), ALL);
}

TEST(half_as_often_unless_it_is_fast)
{
	static const uint32_t interval[][2] = { { 10, 10 }, { 499, 499 }, { 500, 1000 }, { 1000, 2000 }, { 60000, 120000 } };

	for (unsigned i = 0; i < sizeof(interval) / sizeof(interval[0]); i++) {
		struct probe_pace pace = calm();
		uint32_t ms = interval[i][0];

		probe_pace_next(&pace, &usual, 1, &ms);
		CHECK_INT(ms, interval[i][1]);
	}
}

TEST(pings_by_turns_and_everybody_now_and_then)
{
	struct probe_pace pace = calm();
	unsigned first = 0, second = 0, all = 0;

	for (unsigned i = 0; i < 10 * PROBE_FULL_EVERY; i++) {
		uint32_t set = next(&pace, &usual, 1);

		first += set == ICMP_1;
		second += set == ICMP_2;
		all += set == ALL;
	}
	CHECK_INT(all, 10);
	CHECK_INT(first + second + all, 10 * PROBE_FULL_EVERY);
	CHECK(first > 60 && second > 60);
}

TEST(as_many_as_the_quorum)
{
	struct probe_pace pace = calm();

	CHECK_INT(next(&pace, &usual, 2), ICMP_1 | ICMP_2);
	for (unsigned i = 0; i < 5; i++)
		CHECK_INT(__builtin_popcount(next(&pace, &usual, 3)), 3);
	CHECK_INT(next(&pace, &usual, 9), ALL);
	CHECK_INT(__builtin_popcount(next(&pace, &usual, 0)), 1);
}

TEST(who_was_silent_is_not_asked_alone)
{
	struct probe_pace pace = calm();

	probe_pace_late(&pace, ICMP_1);
	for (unsigned i = 1; i < PROBE_FULL_EVERY; i++)
		CHECK_INT(next(&pace, &usual, 1), ICMP_2);
	CHECK_INT(next(&pace, &usual, 1), ALL); /* and then it may have come back */
	probe_pace_late(&pace, ICMP_1 | ICMP_2);
	CHECK((next(&pace, &usual, 1) & (DNS | TCP)) != 0);
	probe_pace_late(&pace, ALL);
	CHECK_INT(next(&pace, &usual, 1), ALL);
}

TEST(nobody_is_credible)
{
	struct probe_sets sets = usual;
	struct probe_pace pace = calm();

	sets.credible = 0;
	CHECK_INT(next(&pace, &sets, 1), FALLBACK);
	sets.fallback = 0;
	CHECK_INT(next(&pace, &sets, 1), ALL);
}
