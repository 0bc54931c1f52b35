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

/* ---- what is dear ---- */

#define HTTPS 0x10u
#define S UINT64_C(1000000)

static const struct probe_sets with_tls = { .all = ALL | HTTPS, .credible = (ALL | HTTPS) & ~FALLBACK, .cheap = ICMP_1 | ICMP_2,
	                                    .dear = HTTPS, .fallback = FALLBACK };

TEST(what_is_dear_is_asked_every_ten_seconds)
{
	struct probe_pace pace = { 0 };
	unsigned asked = 0;

	for (uint64_t at = 100 * S; at < 130 * S; at += S)
		asked += (probe_pace_spare(&pace, &with_tls, with_tls.all, 2, at) & HTTPS) != 0;
	CHECK_INT(asked, 3);
	CHECK_INT(probe_pace_spare(&pace, &with_tls, ICMP_1, 1, 200 * S), ICMP_1); /* it was not its turn anyway */
	CHECK_INT(probe_pace_spare(&pace, &with_tls, with_tls.all, 1, 200 * S), with_tls.all);
	CHECK_INT(probe_pace_spare(&pace, &with_tls, with_tls.all, 1, 201 * S), ALL);
	probe_pace_round(&pace, false);
	CHECK_INT(probe_pace_spare(&pace, &with_tls, with_tls.all, 1, 202 * S), with_tls.all);
}

TEST(but_always_where_the_quorum_needs_it)
{
	struct probe_sets alone = { .all = HTTPS, .credible = HTTPS, .dear = HTTPS }, young = with_tls;
	struct probe_pace pace = { 0 };

	young.credible = HTTPS;
	for (uint64_t at = 100 * S; at < 110 * S; at += S) {
		CHECK_INT(probe_pace_spare(&pace, &with_tls, with_tls.all, 5, at), with_tls.all);
		CHECK_INT(probe_pace_spare(&pace, &alone, HTTPS, 1, at), HTTPS);
		CHECK_INT(probe_pace_spare(&pace, &young, with_tls.all, 1, at), with_tls.all);
	}
	CHECK(probe_pace_needs_dear(&with_tls, 5) && probe_pace_needs_dear(&alone, 1) && probe_pace_needs_dear(&young, 1));
	CHECK(!probe_pace_needs_dear(&with_tls, 4) && !probe_pace_needs_dear(&usual, 9));
	young.credible = 0;
	CHECK(!probe_pace_needs_dear(&young, 1)); /* any may be the first */
}

TEST(calm_it_is_the_last_resort)
{
	struct probe_pace pace = calm();

	for (unsigned i = 1; i < PROBE_FULL_EVERY; i++)
		CHECK((next(&pace, &with_tls, 4) & HTTPS) == 0);
	CHECK_INT(next(&pace, &with_tls, 4), with_tls.all);
	CHECK((next(&pace, &with_tls, 5) & HTTPS) != 0);
}
