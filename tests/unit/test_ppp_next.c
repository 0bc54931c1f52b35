/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/ppp_next: what each end of pppd leads to, and the words for it. */
#include "policy/ppp_next.h"
#include "tests/unit/unit.h"

static const char *words(struct ppp_next next, uint32_t wait_ms)
{
	static char text[80];

	ppp_next_text(&next, wait_ms, text, sizeof(text));
	return text;
}

TEST(what_we_ended_is_dialled_at_once)
{
	CHECK_INT(ppp_next(PPP_END_ASKED, false).step, PPP_NEXT_AT_ONCE);
	CHECK_INT(ppp_next(PPP_END_ASKED, true).step, PPP_NEXT_AT_ONCE);
	CHECK_STR(words(ppp_next(PPP_END_ASKED, false), 0), "");
}

TEST(where_nobody_answers_we_ask)
{
	CHECK_INT(ppp_next(PPP_END_NO_CONCENTRATOR, false).step, PPP_NEXT_ASK);
	CHECK_STR(words(ppp_next(PPP_END_NO_CONCENTRATOR, false), 0), "; asking on until one answers");
}

/* Somebody who answers us and not pppd would have it dial without end. */
TEST(who_answers_us_alone_is_waited_for)
{
	struct ppp_next next = ppp_next(PPP_END_NO_CONCENTRATOR, true);

	CHECK_INT(next.step, PPP_NEXT_WAIT);
	CHECK_INT(next.pace, BACKOFF_LINE);
	CHECK_STR(words(next, 1000), "");
}

TEST(an_account_waits_for_its_password)
{
	struct ppp_next next = ppp_next(PPP_END_AUTH, false);

	CHECK_INT(next.step, PPP_NEXT_WAIT);
	CHECK_INT(next.pace, BACKOFF_ACCOUNT);
	CHECK(next.password);
	CHECK_STR(words(next, 30999), "; next try in 30 s, or when the password file changes");
}

TEST(a_file_that_cannot_be_read_waits_for_another)
{
	struct ppp_next next = ppp_next(PPP_END_NO_SECRET, false);

	CHECK_INT(next.step, PPP_NEXT_WAIT);
	CHECK_INT(next.pace, BACKOFF_LINE);
	CHECK(next.password);
	CHECK_STR(words(next, 4000), "; tried again now and then, and when the file changes");
}

TEST(a_full_table_is_asked_steadily)
{
	struct ppp_next next = ppp_next(PPP_END_SESSION_LIMIT, false);

	CHECK_INT(next.step, PPP_NEXT_WAIT);
	CHECK_INT(next.pace, BACKOFF_SLOT);
	CHECK_STR(words(next, 5000), "; trying every few seconds");
}

TEST(all_else_is_the_line)
{
	for (unsigned end = 0; end < PPP_ENDS; end++) {
		struct ppp_next next = ppp_next(end, false);

		if (end == PPP_END_ASKED || end == PPP_END_NO_CONCENTRATOR || end == PPP_END_AUTH || end == PPP_END_NO_SECRET ||
		    end == PPP_END_SESSION_LIMIT)
			continue;
		CHECK_INT(next.step, PPP_NEXT_WAIT);
		CHECK_INT(next.pace, BACKOFF_LINE);
		CHECK(!next.password);
		CHECK_STR(words(next, 4000), "");
	}
}

TEST(words_are_cut_to_fit)
{
	struct ppp_next next = ppp_next(PPP_END_AUTH, false);
	char text[10];

	ppp_next_text(&next, 30000, text, sizeof(text));
	CHECK_STR(text, "; next tr");
}
