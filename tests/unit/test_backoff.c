/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/backoff: the row of delays, the jitter's bounds, what resets what. */
#include <stdint.h>

#include "policy/backoff.h"
#include "tests/unit/unit.h"

TEST(line_doubles_to_a_minute)
{
	static const uint32_t want[] = { 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000 };
	struct backoff backoff = { 0 };

	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		CHECK_INT(backoff_next(&backoff, BACKOFF_LINE, 0), want[i]);
}

TEST(server_doubles_to_ten_minutes)
{
	static const uint32_t want[] = { 5000, 10000, 20000, 40000, 80000, 160000, 320000, 600000, 600000 };
	struct backoff backoff = { 0 };

	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		CHECK_INT(backoff_next(&backoff, BACKOFF_SERVER, 0), want[i]);
}

TEST(account_starts_slow)
{
	static const uint32_t want[] = { 30000, 60000, 120000, 240000, 480000, 960000, 1920000, 1920000 };
	struct backoff backoff = { 0 };

	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		CHECK_INT(backoff_next(&backoff, BACKOFF_ACCOUNT, 0), want[i]);
}

TEST(full_table_is_asked_steadily)
{
	struct backoff backoff = { 0 };

	for (unsigned i = 0; i < 1000; i++)
		CHECK_INT(backoff_next(&backoff, BACKOFF_SLOT, 0), 5000);
}

TEST(who_is_there_every_second_for_five_minutes)
{
	struct backoff backoff = { 0 };

	for (unsigned i = 0; i <= 300; i++)
		CHECK_INT(backoff_next(&backoff, BACKOFF_PADI, 0), 1000);
	CHECK_INT(backoff_next(&backoff, BACKOFF_PADI, 0), 2000);
	CHECK_INT(backoff_next(&backoff, BACKOFF_PADI, 0), 4000);
	for (unsigned i = 0; i < 100; i++)
		CHECK_INT(backoff_next(&backoff, BACKOFF_PADI, 0), 8000);
}

TEST(jitter_adds_up_to_a_quarter)
{
	for (unsigned kind = 0; kind < BACKOFF_KINDS; kind++) {
		struct backoff least = { 0 }, most = { 0 }, middle = { 0 };

		for (unsigned i = 0; i < 100; i++) {
			uint32_t ms = backoff_next(&least, kind, 0);

			CHECK_INT(backoff_next(&most, kind, UINT32_MAX), ms + ms / 4);
			CHECK(backoff_next(&middle, kind, UINT32_MAX / 2) > ms);
		}
	}
}

/* A line that fails between two refusals must not make the account's wait short again. */
TEST(kinds_count_apart)
{
	struct backoff backoff = { 0 };

	CHECK_INT(backoff_next(&backoff, BACKOFF_ACCOUNT, 0), 30000);
	CHECK_INT(backoff_next(&backoff, BACKOFF_LINE, 0), 1000);
	CHECK_INT(backoff_next(&backoff, BACKOFF_ACCOUNT, 0), 60000);
	CHECK_INT(backoff_next(&backoff, BACKOFF_LINE, 0), 2000);
}

TEST(only_a_session_that_stood_resets)
{
	struct backoff backoff = { 0 };

	backoff_next(&backoff, BACKOFF_LINE, 0);
	backoff_next(&backoff, BACKOFF_ACCOUNT, 0);
	backoff_session(&backoff, BACKOFF_STOOD_MS);
	CHECK_INT(backoff_next(&backoff, BACKOFF_LINE, 0), 2000);
	backoff_session(&backoff, BACKOFF_STOOD_MS + 1);
	CHECK_INT(backoff_next(&backoff, BACKOFF_LINE, 0), 1000);
	CHECK_INT(backoff_next(&backoff, BACKOFF_ACCOUNT, 0), 30000);
}
