/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See lcp_echo.h. */
#include "policy/lcp_echo.h"

#include "policy/wire.h"

#define PPPOE_DATA 0x1100 /* version 1, type 1, code 0: RFC 2516 section 6 */
#define PPPOE_HEADER 6
#define ECHO_REQUEST 9
#define PROTOCOL_LEN 2
#define LCP_LEN (LCP_ECHO_LEN - PPPOE_HEADER - PROTOCOL_LEN)

/* LCP's identifier is the round's low half; the whole of it is behind the cookie. */
void lcp_echo_build(const struct lcp_echo *echo, uint8_t out[LCP_ECHO_LEN])
{
	out = wire_put16(out, PPPOE_DATA);
	out = wire_put16(out, echo->session);
	out = wire_put16(out, PROTOCOL_LEN + LCP_LEN);
	out = wire_put16(out, LCP_ECHO_PROTOCOL);
	out = wire_put16(out, ECHO_REQUEST << 8 | (echo->round & 0xff));
	out = wire_put16(out, LCP_LEN);
	out = wire_put32(out, 0); /* pppd's magic number is its own; nobody else's can be taken for the peer's */
	out = wire_put32(out, (uint32_t)(echo->cookie >> 32));
	out = wire_put32(out, (uint32_t)echo->cookie);
	wire_put16(out, echo->round);
}

const char *lcp_echo_parse_reply(const uint8_t *frame, size_t len, struct lcp_echo *echo)
{
	const uint8_t *lcp = frame + LCP_ECHO_CODE_OFFSET;

	if (len < LCP_ECHO_LEN)
		return "not as long as what was sent";
	if (wire_get16(frame) != PPPOE_DATA || wire_get16(frame + 4) != PROTOCOL_LEN + LCP_LEN)
		return "not PPPoE, or not as long as what was sent";
	if (wire_get16(frame + LCP_ECHO_PROTOCOL_OFFSET) != LCP_ECHO_PROTOCOL || lcp[0] != LCP_ECHO_REPLY ||
	    wire_get16(lcp + 2) != LCP_LEN)
		return "not an LCP echo reply";
	if (lcp[1] != frame[LCP_ECHO_LEN - 1])
		return "its identifier is not that of the round";
	echo->session = wire_get16(frame + 2);
	echo->cookie = (uint64_t)wire_get32(frame + LCP_ECHO_COOKIE_OFFSET) << 32;
	echo->cookie |= wire_get32(frame + LCP_ECHO_COOKIE_OFFSET + 4);
	echo->round = wire_get16(frame + LCP_ECHO_LEN - 2);
	return NULL;
}
