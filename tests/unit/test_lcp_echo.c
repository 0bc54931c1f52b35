/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/lcp_echo: the request byte by byte, and that a reply with any one thing wrong is none. */
#include "policy/lcp_echo.h"

#include <string.h>

#include "tests/unit/unit.h"

static const struct lcp_echo echo = { .session = 0x0a0b, .round = 0x0107, .cookie = 0x1112131415161718 };

static const uint8_t request[LCP_ECHO_LEN] = { 0x11, 0,    0x0a, 0x0b, 0,    20,   0xc0, 0x21, 9,    7,    0,    18, 0,
	                                       0,    0,    0,    0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 1,  7 };

/* As it comes: another magic number, and what fills the smallest Ethernet frame. */
static void make_reply(uint8_t frame[46])
{
	memset(frame, 0, 46);
	memcpy(frame, request, sizeof(request));
	frame[LCP_ECHO_CODE_OFFSET] = LCP_ECHO_REPLY;
	memcpy(frame + 12, "\xde\xad\xbe\xef", 4);
}

TEST(request_byte_by_byte)
{
	uint8_t out[LCP_ECHO_LEN];

	lcp_echo_build(&echo, out);
	CHECK(memcmp(out, request, sizeof(out)) == 0);
}

TEST(reply_is_read_with_and_without_padding)
{
	static const size_t lengths[] = { LCP_ECHO_LEN, 46 };
	uint8_t frame[46];

	make_reply(frame);
	for (size_t i = 0; i < 2; i++) {
		struct lcp_echo got = { 0 };

		CHECK(lcp_echo_parse_reply(frame, lengths[i], &got) == NULL);
		CHECK_INT(got.session, echo.session);
		CHECK_INT(got.round, echo.round);
		CHECK(got.cookie == echo.cookie);
	}
}

TEST(each_length_but_a_whole_one_is_refused)
{
	uint8_t frame[46];
	struct lcp_echo got = { 0 };

	make_reply(frame);
	for (size_t len = 0; len < LCP_ECHO_LEN; len++)
		CHECK(lcp_echo_parse_reply(frame, len, &got) != NULL);
	CHECK(got.cookie == 0);
}

/* Session, magic number, cookie and the round's high half are for the caller; all else must be as it is. */
TEST(each_byte_that_must_be_so)
{
	static const uint8_t fixed[] = { 0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 25 };

	for (size_t i = 0; i < sizeof(fixed); i++) {
		uint8_t frame[46];
		struct lcp_echo got = { 0 };

		make_reply(frame);
		frame[fixed[i]] ^= 0x40;
		CHECK(lcp_echo_parse_reply(frame, sizeof(frame), &got) != NULL);
		CHECK(got.cookie == 0);
	}
}

TEST(what_we_sent_is_no_answer)
{
	struct lcp_echo got;

	CHECK(lcp_echo_parse_reply(request, sizeof(request), &got) != NULL);
}
