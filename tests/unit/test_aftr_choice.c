/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When DS-Lite goes back to the AFTR that the owner would rather have. */
#include "policy/aftr_choice.h"
#include "tests/unit/unit.h"

#define BEGIN 5000000

static const struct dslite_config day = { .aftr_return = AFTR_RETURN_AFTER, .aftr_return_ms = 86400000 };
static const struct dslite_config idle = { .aftr_return = AFTR_RETURN_IDLE };
static const struct dslite_config no = { .aftr_return = AFTR_RETURN_NO };

/* Answers every pause, from BEGIN on for ms. */
static struct aftr_return answered(const struct dslite_config *config, uint64_t ms)
{
	struct aftr_return r = { .good = 0 };

	aftr_return_left(&r, BEGIN - 1000);
	for (uint64_t at = 0; at <= ms; at += aftr_return_pause_ms(&r, config))
		aftr_return_asked(&r, true, BEGIN + at);
	return r;
}

TEST(it_must_have_answered_for_a_minute)
{
	struct aftr_return r = answered(&idle, 59999);

	CHECK(aftr_return_decide(&r, &idle, 0, BEGIN + 59999) == AFTR_STAY);
	aftr_return_asked(&r, true, BEGIN + 60000);
	CHECK(aftr_return_decide(&r, &idle, 0, BEGIN + 60000) == AFTR_BACK_UNUSED);
}

TEST(one_question_without_an_answer_begins_anew)
{
	struct aftr_return r = answered(&idle, 60000);

	aftr_return_asked(&r, false, BEGIN + 61000);
	CHECK(aftr_return_decide(&r, &idle, 0, BEGIN + 61000) == AFTR_STAY);
	aftr_return_asked(&r, true, BEGIN + 62000);
	CHECK(!aftr_return_is_proven(&r, &idle, BEGIN + 62000));
	aftr_return_asked(&r, true, BEGIN + 122000);
	CHECK(aftr_return_is_proven(&r, &idle, BEGIN + 122000));
}

TEST(one_answer_is_no_proof_however_old)
{
	struct aftr_return r = { .good = 0 };

	aftr_return_asked(&r, true, BEGIN);
	CHECK(!aftr_return_is_proven(&r, &idle, BEGIN + 600000));
}

TEST(it_waits_for_the_last_connection_or_the_time)
{
	struct aftr_return r = answered(&day, 86400000);

	CHECK(aftr_return_decide(&r, &day, 1, BEGIN + 86399999) == AFTR_STAY);
	CHECK(aftr_return_decide(&r, &day, 0, BEGIN + 86399999) == AFTR_BACK_UNUSED);
	CHECK(aftr_return_decide(&r, &day, 1, BEGIN + 86400000) == AFTR_BACK_IN_TIME);
	CHECK(aftr_return_decide(&r, &idle, 1, BEGIN + 86400000) == AFTR_STAY);
	CHECK(aftr_return_decide(&r, &no, 0, BEGIN + 86400000) == AFTR_STAY);
}

TEST(a_short_time_has_a_short_proof)
{
	struct dslite_config soon = { .aftr_return = AFTR_RETURN_AFTER, .aftr_return_ms = 10000 };
	struct aftr_return r = answered(&soon, 10000);

	CHECK(aftr_return_proof_ms(&r, &soon) == 5000);
	CHECK(aftr_return_pause_ms(&r, &soon) == 1000);
	CHECK(aftr_return_decide(&r, &soon, 0, BEGIN + 4999) == AFTR_STAY);
	CHECK(aftr_return_decide(&r, &soon, 0, BEGIN + 5000) == AFTR_BACK_UNUSED);
	CHECK(aftr_return_decide(&r, &soon, 7, BEGIN + 9999) == AFTR_STAY);
	CHECK(aftr_return_decide(&r, &soon, 7, BEGIN + 10000) == AFTR_BACK_IN_TIME);
}

TEST(a_return_that_does_not_last_makes_the_next_one_slower)
{
	struct aftr_return r = { .good = 0 };
	uint64_t now = BEGIN;

	aftr_return_left(&r, now);
	CHECK(aftr_return_proof_ms(&r, &day) == 60000);
	for (unsigned i = 1; i <= 8; i++) {
		aftr_return_went(&r, now += 1000);
		aftr_return_left(&r, now += 1000);
		CHECK(aftr_return_proof_ms(&r, &day) == 60000u << (i < 5 ? i : 5));
	}
	aftr_return_left(&r, now += 1000); /* tried once more meanwhile, and in vain: that is no return */
	CHECK(aftr_return_proof_ms(&r, &day) == 60000u << 5);
	aftr_return_went(&r, now += 1000);
	aftr_return_left(&r, now + AFTR_RELAPSE_MS);
	CHECK(aftr_return_proof_ms(&r, &day) == 60000);
}

TEST(what_was_answered_before_it_was_left_does_not_count)
{
	struct aftr_return r = answered(&idle, 60000);

	aftr_return_left(&r, BEGIN + 70000);
	aftr_return_asked(&r, true, BEGIN + 80000);
	CHECK(aftr_return_decide(&r, &idle, 0, BEGIN + 80000) == AFTR_STAY);
}
