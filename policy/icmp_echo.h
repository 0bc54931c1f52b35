/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP echo (RFC 792) as this daemon uses it: the message that it sends, and the
 * reply as a raw socket hands it over, IPv4 header and all.  What comes in is
 * hostile: a reply is told apart from a guess by 64 random bits that it must bring back.
 * Called by daemon/probe_icmp.c and ping6.c, and by policy/icmp_error.c and mtu_packet.c.  Pure.
 */
#ifndef DUALPATH_POLICY_ICMP_ECHO_H
#define DUALPATH_POLICY_ICMP_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ICMP_ECHO_LEN 20 /* header 8, cookie 8, target 4 */
#define ICMP_ECHO_PACKET_LEN 40

struct icmp_echo {
	uint16_t id;       /* of the socket */
	uint16_t sequence; /* of the round */
	uint64_t cookie;   /* of the socket, random */
	uint32_t target;   /* which target of the round was asked */
};

/* Where things stand in the message, for a socket filter. */
#define ICMP_ECHO_ID_OFFSET 4
#define ICMP_ECHO_COOKIE_OFFSET 8

/* What stands in a message of at least ICMP_ECHO_LEN bytes, whatever else it is. */
void icmp_echo_read(const uint8_t *icmp, struct icmp_echo *echo);

/* An echo request, without IP header. */
void icmp_echo_build(const struct icmp_echo *echo, uint8_t out[ICMP_ECHO_LEN]);

/* The same with its IPv4 header, from that address to echo->target. */
void icmp_echo_build_packet(const struct icmp_echo *echo, uint32_t source, uint8_t out[ICMP_ECHO_PACKET_LEN]);

/*
 * packet: an IPv4 packet.  NULL: it is a well-formed reply to a message of
 * icmp_echo_build()'s form; *echo is what stands in it and *source who sent it (host
 * order), both for the caller to compare with what was sent.  Otherwise: what is
 * wrong (static text), and nothing is written.
 */
const char *icmp_echo_parse_reply(const uint8_t *packet, size_t len, struct icmp_echo *echo, uint32_t *source);

/* message: begins with a request of icmp_echo_build()'s form, as an error quotes it.  False: it does not. */
bool icmp_echo_parse_request(const uint8_t *message, size_t len, struct icmp_echo *echo);

#endif
