/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/mtu_search: what a line carries is found, with few packets, and never by loss alone. */
#include "policy/mtu_search.h"
#include "tests/unit/unit.h"

/* A line, and the machines behind it. */
struct line {
	unsigned carries;
	unsigned answers[MTU_SEARCH_TARGETS]; /* the largest that each answers, as a packet on the line; 0: none */
	unsigned loss; /* of a question or its answer, in 1000 */
	unsigned sent;
	uint32_t seed;
};

static bool lucky(struct line *line)
{
	line->seed = line->seed * 1664525u + 1013904223u;
	return (line->seed >> 8) % 1000 >= line->loss;
}

static bool comes_back(struct line *line, unsigned target, unsigned size)
{
	line->sent++;
	return lucky(line) && size <= line->carries && size <= line->answers[target];
}

static void answer(struct mtu_search *s, struct line *line)
{
	struct mtu_question q = s->question;

	for (unsigned i = 0; i < MTU_SEARCH_TARGETS; i++) {
		if (!(q.set >> i & 1))
			continue;
		if (comes_back(line, i, q.big))
			mtu_search_answer(s, i, true);
		if (q.small && comes_back(line, i, q.small))
			mtu_search_answer(s, i, false);
	}
}

static enum mtu_verdict run(struct mtu_search *s, struct line *line, unsigned full, unsigned hint, unsigned all)
{
	enum mtu_verdict verdict;

	mtu_search_begin(s, full, hint, all);
	do {
		answer(s, line);
		verdict = mtu_search_next(s);
	} while (verdict == MTU_GOES_ON);
	return verdict;
}

static struct line good_line(unsigned carries)
{
	return (struct line){ .carries = carries, .answers = { 9999, 9999, 9999 }, .seed = carries };
}

TEST(all_is_well_and_one_packet_tells)
{
	struct line line = good_line(1500);
	struct mtu_search s;

	CHECK_INT(run(&s, &line, 1500, 0, 7), MTU_CARRIES);
	CHECK_INT(s.passed, 1500);
	CHECK_INT(line.sent, 1);
}

TEST(every_size_is_found_exactly)
{
	for (unsigned full = 1281; full <= 1500; full += 73)
		for (unsigned carries = 1280; carries < full; carries++) {
			struct line line = good_line(carries);
			struct mtu_search s;

			CHECK_INT(run(&s, &line, full, 0, 1), MTU_CARRIES);
			CHECK_INT(s.passed, carries);
			CHECK(line.sent <= 100);
		}
}

/* What the line is likely to carry costs few questions, and what is hinted at fewer. */
TEST(a_hint_is_asked_for_and_held_against_one_byte_more)
{
	struct line line = good_line(1454);
	struct mtu_search s;

	CHECK_INT(run(&s, &line, 1500, 0, 1), MTU_CARRIES);
	CHECK_INT(s.passed, 1454);
	CHECK(line.sent <= 60);
	line.sent = 0;
	CHECK_INT(run(&s, &line, 1500, 1454, 1), MTU_CARRIES);
	CHECK_INT(s.passed, 1454);
	CHECK_INT(line.sent, 3 + 1 + 2 + 2 * 5);
}

TEST(a_wrong_hint_misleads_nobody)
{
	for (unsigned hint = 1200; hint <= 1600; hint += 7) {
		struct line line = good_line(1447);
		struct mtu_search s;

		CHECK_INT(run(&s, &line, 1500, hint, 1), MTU_CARRIES);
		CHECK_INT(s.passed, 1447);
	}
}

/* Nobody answers a large ping, or nobody answers at all: nothing is known, and nothing is lowered. */
TEST(who_answers_no_large_ping_lowers_nothing)
{
	struct line line = good_line(1500);
	struct mtu_search s;

	line.answers[0] = line.answers[1] = line.answers[2] = 600;
	CHECK_INT(run(&s, &line, 1500, 0, 7), MTU_UNKNOWN);
	line.answers[0] = line.answers[1] = line.answers[2] = 0;
	CHECK_INT(run(&s, &line, 1500, 0, 7), MTU_UNKNOWN);
	CHECK(line.sent < 60);
}

/* One that answers up to its own limit is overruled by one that answers more. */
TEST(the_most_generous_machine_counts)
{
	for (unsigned i = 0; i < MTU_SEARCH_TARGETS; i++) {
		struct line line = good_line(1500);
		struct mtu_search s;

		line.answers[i] = 1300;
		line.answers[(i + 1) % 3] = 0;
		CHECK_INT(run(&s, &line, 1500, 0, 7), MTU_CARRIES);
		CHECK_INT(s.passed, 1500);
		line.carries = 1454;
		CHECK_INT(run(&s, &line, 1500, 0, 7), MTU_CARRIES);
		CHECK_INT(s.passed, 1454);
	}
}

/* A line of 1280 has nothing below it to be held against. */
TEST(nothing_is_below_the_least)
{
	struct line line = good_line(1279);
	struct mtu_search s;

	CHECK_INT(run(&s, &line, 1280, 0, 7), MTU_UNKNOWN);
	CHECK_INT(run(&s, &line, 1500, 0, 7), MTU_UNKNOWN);
}

/* Losses of every kind: what is found is so, or nothing is.  Of 2000 lines that lose a tenth not one is wrong, of those that
 * lose a third one or two, by a few steps; beyond, nothing is found ever more often. */
TEST(random_loss)
{
	unsigned wrong[10] = { 0 }, unknown[10] = { 0 };
	struct line line = { .seed = 1 };

	for (unsigned i = 0; i < 20000; i++) {
		unsigned tenth = i % 10, all = 1 + i / 10 % 7, full = 1281 + i % 220;
		unsigned carries = 1280 + i * 7919 % 260, truth = carries < full ? carries : full;
		struct mtu_search s;

		line = (struct line){ .carries = carries, .answers = { 9999, 9999, 9999 }, .loss = tenth * 100, .seed = line.seed };
		if (run(&s, &line, full, i % 3 ? 0 : 1400, all) == MTU_UNKNOWN)
			unknown[tenth]++;
		else
			wrong[tenth] += s.passed != truth;
		CHECK(line.sent < 2000);
	}
	CHECK_INT(unknown[0] + wrong[0] + wrong[1], 0);
	CHECK_INT(unknown[1], 0);
	CHECK(wrong[2] <= 1 && wrong[3] <= 4);
	CHECK(unknown[2] < 40 && unknown[9] > 1000);
	printf("# wrong, unknown of 2000 by loss:");
	for (unsigned i = 0; i < 10; i++)
		printf(" %u%%: %u, %u;", i * 10, wrong[i], unknown[i]);
	printf("\n");
}

/* A machine that limits its answers is heard out, and another decides. */
TEST(a_machine_that_falls_silent_has_no_word)
{
	struct line line = good_line(1454);
	enum mtu_verdict verdict;
	struct mtu_search s;

	mtu_search_begin(&s, 1500, 0, 3);
	do {
		if (s.phase == MTU_BETWEEN)
			line.answers[1] = 0;
		answer(&s, &line);
		verdict = mtu_search_next(&s);
	} while (verdict == MTU_GOES_ON);
	CHECK_INT(verdict, MTU_CARRIES);
	CHECK_INT(s.passed, 1454);
}
