/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The day and minute that rules with a time go by, where clocks are put forward and back. */
#include <stdlib.h>

#include "daemon/clock.h"
#include "policy/compile.h"
#include "tests/unit/unit.h"

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3" /* needs no file of zones */
#define SPRING 1774746000 /* Sunday 29 March 2026, 01:00 UTC: from 02:00 to 03:00 */
#define AUTUMN 1792890000 /* Sunday 25 October 2026, 01:00 UTC: from 03:00 back to 02:00 */
#define SUNDAY 6

static void zone(const char *tz)
{
	setenv("TZ", tz, 1);
}

static bool in_time(struct rule_time time, int64_t at)
{
	struct rule_config rule = { .time = &time, .times = 1 };
	unsigned weekday, minute;

	clock_local(at, &weekday, &minute);
	return rule_in_time(&rule, weekday, minute);
}

static void check_local(int64_t at, unsigned want_weekday, unsigned want_minute)
{
	unsigned weekday, minute;

	clock_local(at, &weekday, &minute);
	CHECK_INT(weekday, want_weekday);
	CHECK_INT(minute, want_minute);
}

TEST(a_day_of_the_week_begins_on_monday)
{
	zone("UTC");
	check_local(1767571200, 0, 0);    /* Monday 5 January 2026 */
	check_local(1767571199, 6, 1439); /* a second before */
}

TEST(put_forward)
{
	struct rule_time skipped = { WEEK_ALL, 150, 165 }, night = { 1 << 5, 22 * 60, 3 * 60 + 30 };

	zone(BERLIN);
	check_local(SPRING - 60, SUNDAY, 119);
	check_local(SPRING, SUNDAY, 180);
	/* 02:30 to 02:45 is not there on this day. */
	for (int64_t at = SPRING - 7200; at < SPRING + 7200; at += 60)
		CHECK(!in_time(skipped, at));
	/* Saturday 22:00 to 03:30 is an hour shorter. */
	CHECK(in_time(night, SPRING - 60));
	CHECK(in_time(night, SPRING + 29 * 60));
	CHECK(!in_time(night, SPRING + 30 * 60));
}

TEST(put_back)
{
	struct rule_time twice = { WEEK_ALL, 150, 165 }, night = { 1 << 5, 22 * 60, 3 * 60 };
	unsigned minutes = 0;

	zone(BERLIN);
	check_local(AUTUMN - 60, SUNDAY, 179);
	check_local(AUTUMN, SUNDAY, 120);
	/* 02:30 to 02:45 comes twice. */
	for (int64_t at = AUTUMN - 7200; at < AUTUMN + 7200; at += 60)
		minutes += in_time(twice, at);
	CHECK_INT(minutes, 30);
	/* Saturday 22:00 to 03:00 is an hour longer. */
	CHECK(in_time(night, AUTUMN - 60));
	CHECK(in_time(night, AUTUMN + 59 * 60));
	CHECK(!in_time(night, AUTUMN + 60 * 60));
}

TEST(another_zone_while_it_runs)
{
	zone("UTC");
	check_local(SPRING, SUNDAY, 60);
	zone("JST-9");
	check_local(SPRING, SUNDAY, 600);
}
