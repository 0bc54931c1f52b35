/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/passive: what counters mean, look by look. */
#include "policy/passive.h"
#include "tests/unit/unit.h"

#define MS 1000ull

static struct passive p;
static struct passive_counts counts;
static uint64_t now, since;

static void begin(void)
{
	passive_init(&p, 10000);
	counts = (struct passive_counts){ .received = 1000, .sent = 2000 };
	now = 4000 * MS;
	since = 0;
	CHECK_INT(passive_look(&p, now, &counts, &since), PASSIVE_NOTHING);
}

static enum passive_verdict look(uint64_t ms, unsigned in, unsigned out)
{
	now += ms * MS;
	counts.received += in;
	counts.sent += out;
	return passive_look(&p, now, &counts, &since);
}

/* With so many probes of ours among them, all of which were answered. */
static enum passive_verdict look_own(uint64_t ms, unsigned in, unsigned out, unsigned own)
{
	counts.own_received += own;
	counts.own_sent += own;
	return look(ms, in + own, out + own);
}

TEST(traffic_both_ways_is_life)
{
	begin();
	CHECK_INT(look(150, 20, 20), PASSIVE_ALIVE);
	CHECK_INT(look(150, 20, 20), PASSIVE_ALIVE);
}

TEST(what_is_heard_is_the_homes)
{
	begin();
	CHECK_INT(look(150, 1, 0), PASSIVE_NOTHING);
	CHECK(p.heard);
	CHECK_INT(look_own(150, 0, 3, 2), PASSIVE_NOTHING);
	CHECK(!p.heard);
}

/* With so many errors among what comes in. */
static enum passive_verdict look_refused(uint64_t ms, unsigned in, unsigned out, unsigned refused)
{
	counts.refused += refused;
	return look(ms, in + refused, out);
}

TEST(errors_are_no_life)
{
	begin();
	CHECK_INT(look_refused(150, 0, 20, 20), PASSIVE_NOTHING);
	CHECK(!p.heard);
	CHECK_INT(look_refused(150, 0, 20, 20), PASSIVE_SUSPECT);
	CHECK_INT(look_refused(150, 20, 20, 3), PASSIVE_ALIVE); /* one machine of many */
}

TEST(what_is_told_is_worth_less_and_less)
{
	unsigned asked = 0;

	begin();
	CHECK(passive_told(&p, now));
	CHECK(!passive_told(&p, now + 1999 * MS));
	CHECK(passive_told(&p, now + 2000 * MS));
	CHECK(!passive_told(&p, now + 5999 * MS));
	for (unsigned i = 0; i < 3600; i++) /* an hour */
		asked += passive_told(&p, now += 1000 * MS);
	CHECK(asked >= 50 && asked <= 70);
	now += 130000 * MS;
	CHECK(passive_told(&p, now));
	CHECK(passive_told(&p, now + 2000 * MS)); /* as in the beginning */
}

TEST(a_trickle_adds_up_within_a_window)
{
	begin();
	for (unsigned i = 0; i < PASSIVE_ALIVE_PACKETS - 1; i++)
		CHECK_INT(look(150, 1, 1), PASSIVE_NOTHING);
	CHECK_INT(look(150, 1, 1), PASSIVE_ALIVE);
}

TEST(too_slow_a_trickle_does_not)
{
	begin();
	for (unsigned i = 0; i < 50; i++)
		CHECK_INT(look(1000, 1, 1), PASSIVE_NOTHING);
}

TEST(strangers_that_knock_are_no_life)
{
	begin();
	for (unsigned i = 0; i < 50; i++)
		CHECK_INT(look(150, 100, 0), PASSIVE_NOTHING);
}

TEST(our_own_probes_are_neither)
{
	begin();
	for (unsigned i = 0; i < 50; i++)
		CHECK_INT(look_own(150, 0, 0, 8), PASSIVE_NOTHING);
}

TEST(sending_into_silence_is_suspect)
{
	begin();
	CHECK_INT(look(150, 10, 10), PASSIVE_ALIVE);
	CHECK_INT(look(150, 0, 5), PASSIVE_NOTHING); /* perhaps on its way */
	CHECK_INT(look(150, 0, 0), PASSIVE_SUSPECT);
	CHECK_INT(since, now - 300 * MS);
}

TEST(an_answer_in_between_is_none)
{
	begin();
	for (unsigned i = 0; i < 50; i++) {
		CHECK_INT(look(150, 0, 1), PASSIVE_NOTHING);
		CHECK_INT(look(150, 1, 0), PASSIVE_NOTHING);
	}
}

TEST(so_is_the_answer_to_a_probe)
{
	begin();
	for (unsigned i = 0; i < 50; i++) {
		CHECK_INT(look(150, 0, 1), PASSIVE_NOTHING);
		CHECK_INT(look_own(150, 0, 1, 1), PASSIVE_NOTHING);
	}
}

/* The look before was long ago, and what was sent may just have been. */
TEST(after_a_long_silence_the_time_is_not_counted_twice)
{
	begin();
	CHECK_INT(look(1000, 0, 1), PASSIVE_NOTHING);
	CHECK_INT(look(150, 0, 1), PASSIVE_SUSPECT);
	CHECK_INT(since, now - 300 * MS);
}

/* Somebody logs to a machine that never answers, over a path that works. */
TEST(a_home_that_talks_to_nobody_is_suspect_less_and_less)
{
	unsigned alarms = 0;

	begin();
	for (unsigned i = 0; i < 4000; i++) /* ten minutes */
		alarms += look_own(150, 0, 5, i % 2) == PASSIVE_SUSPECT;
	CHECK_INT(alarms, 0); /* the probes' answers say that the path works */
	begin();
	for (unsigned i = 0; i < 4000; i++)
		alarms += look_own(150, 0, 5, i % 7 == 0) == PASSIVE_SUSPECT;
	CHECK(alarms < 20);
	CHECK_INT(look(150, 1, 1), PASSIVE_NOTHING);
	CHECK_INT(p.alarms, 0);
}

TEST(counters_are_not_believed_for_ever)
{
	unsigned alive = 0;

	begin();
	for (unsigned i = 0; i < 400; i++) /* a minute */
		alive += look(150, 20, 20) == PASSIVE_ALIVE;
	CHECK(alive >= 195 && alive <= 205);
	CHECK_INT(look_own(150, 20, 20, 1), PASSIVE_ALIVE);
	CHECK_INT(look(150, 20, 20), PASSIVE_ALIVE);
}

TEST(another_device_by_the_same_name)
{
	begin();
	counts = (struct passive_counts){ .received = 1 };
	CHECK_INT(look(150, 0, 50), PASSIVE_NOTHING);
	CHECK_INT(look(150, 0, 0), PASSIVE_NOTHING);
}

TEST(looks_are_closer_where_probes_are)
{
	begin();
	passive_init(&p, 200);
	look(0, 0, 0);
	look(1000, 1, 1);
	CHECK_INT(passive_wait_us(&p), 100 * MS);
	passive_init(&p, 20);
	look(0, 0, 0);
	look(1000, 1, 1);
	CHECK_INT(passive_wait_us(&p), PASSIVE_LOOK_LEAST_US);
	look(50, 0, 5);
	CHECK_INT(look(50, 0, 5), PASSIVE_SUSPECT);
}

TEST(looks_are_rare_where_there_is_nothing)
{
	begin();
	CHECK_INT(passive_wait_us(&p), PASSIVE_IDLE_US);
	look_own(1000, 0, 0, 3);
	CHECK_INT(passive_wait_us(&p), PASSIVE_IDLE_US - 1000 * MS); /* to where other paths look, too */
	look(1000, 0, 1);
	CHECK_INT(passive_wait_us(&p), PASSIVE_LOOK_US);
	look(2900, 0, 0);
	CHECK_INT(passive_wait_us(&p), PASSIVE_LOOK_US);
	look(150, 0, 0);
	CHECK_INT(passive_wait_us(&p), PASSIVE_IDLE_US - 1050 * MS);
}
