/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LCP echo (RFC 1661 section 5.8) in a PPPoE session (RFC 2516 section 6), as this daemon asks it beside pppd: the
 * frame that it sends, and the answer.  Anybody on the line can send such frames: an answer is told
 * apart from a guess by 64 random bits that it must bring back.  Called by daemon/probe_lcp.c.  Pure.
 */
#ifndef DUALPATH_POLICY_LCP_ECHO_H
#define DUALPATH_POLICY_LCP_ECHO_H

#include <stddef.h>
#include <stdint.h>

#define LCP_ECHO_LEN 26 /* PPPoE 6, protocol 2, LCP 4, magic number 4, cookie 8, round 2 */

struct lcp_echo {
	uint16_t session; /* PPPoE's */
	uint16_t round;
	uint64_t cookie; /* of the socket, random */
};

/* Where things stand behind the Ethernet header, for a socket filter. */
#define LCP_ECHO_PROTOCOL_OFFSET 6
#define LCP_ECHO_CODE_OFFSET 8
#define LCP_ECHO_COOKIE_OFFSET 16
#define LCP_ECHO_PROTOCOL 0xc021
#define LCP_ECHO_REPLY 10

/* An Echo-Request: what follows the Ethernet header. */
void lcp_echo_build(const struct lcp_echo *echo, uint8_t out[LCP_ECHO_LEN]);

/*
 * frame: from behind the Ethernet header on; padding after it is fine.  NULL: it is a well-formed reply to a request of
 * lcp_echo_build()'s form, and *echo is what stands in it, for the caller to compare with what was sent.  Otherwise:
 * what is wrong (static text), and nothing is written.
 */
const char *lcp_echo_parse_reply(const uint8_t *frame, size_t len, struct lcp_echo *echo);

#endif
