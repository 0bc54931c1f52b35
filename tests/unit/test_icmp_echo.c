/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/icmp_echo: the request byte by byte, and that a reply with any one thing wrong is none. */
#include "policy/icmp_echo.h"
#include "policy/wire.h"

#include <string.h>

#include "tests/unit/unit.h"

static const struct icmp_echo echo = { .id = 0x1234, .sequence = 0x0007, .cookie = 0x0102030405060708, .target = 3 };

/* Its sum by hand: 0800 + 1234 + 0007 + 0102 + 0304 + 0506 + 0708 + 0003 = 2a52. */
static const uint8_t request[ICMP_ECHO_LEN] = { 8, 0, 0xd5, 0xad, 0x12, 0x34, 0, 7, 1, 2,
	                                        3, 4, 5,    6,    7,    8,    0, 0, 0, 3 };

/* The same as the reply to it: type 0, so the sum is less by 0800. */
static const uint8_t reply[] = {
	0x45, 0, 0, 40, 0xab, 0xcd, 0, 0, 57, 1, 0, 0, 192, 0, 2, 1, 198, 51, 100, 1, /* IPv4, from 192.0.2.1 */
	0, 0, 0xdd, 0xad, 0x12, 0x34, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 3
};

static const char *parse(const uint8_t *packet, size_t len)
{
	struct icmp_echo got = { 0 };
	uint32_t source = 1;
	const char *wrong = icmp_echo_parse_reply(packet, len, &got, &source);

	if (wrong)
		CHECK(source == 1 && got.id == 0 && got.cookie == 0);
	return wrong;
}

/* The reply with one byte changed. */
static const char *parse_with(size_t at, uint8_t value)
{
	uint8_t packet[sizeof(reply)];

	memcpy(packet, reply, sizeof(packet));
	packet[at] = value;
	return parse(packet, sizeof(packet));
}

TEST(request_byte_by_byte)
{
	uint8_t out[ICMP_ECHO_LEN];

	icmp_echo_build(&echo, out);
	CHECK(memcmp(out, request, sizeof(out)) == 0);
}

TEST(reply_is_read)
{
	struct icmp_echo got;
	uint32_t source;

	CHECK(icmp_echo_parse_reply(reply, sizeof(reply), &got, &source) == NULL);
	CHECK_INT(source, 0xc0000201);
	CHECK_INT(got.id, echo.id);
	CHECK_INT(got.sequence, echo.sequence);
	CHECK(got.cookie == echo.cookie);
	CHECK_INT(got.target, echo.target);
}

TEST(ip_options_are_passed_over)
{
	uint8_t packet[sizeof(reply) + 4];

	memcpy(packet, reply, 20);
	memset(packet + 20, 1, 4);
	memcpy(packet + 24, reply + 20, ICMP_ECHO_LEN);
	packet[0] = 0x46;
	packet[3] = 44;
	CHECK(parse(packet, sizeof(packet)) == NULL);
}

TEST(every_length_but_the_right_one_is_refused)
{
	uint8_t packet[sizeof(reply) + 8] = { 0 };

	memcpy(packet, reply, sizeof(reply));
	for (size_t len = 0; len <= sizeof(packet); len++) {
		CHECK((parse(packet, len) == NULL) == (len == sizeof(reply)));
		if (len < 20)
			continue;
		packet[3] = (uint8_t)len; /* and with an IP header that agrees */
		CHECK((parse(packet, len) == NULL) == (len == sizeof(reply)));
		packet[3] = reply[3];
	}
}

/* Every changed bit of the message is seen by the checksum; of the IP header, those that matter. */
TEST(every_bit_of_the_message_matters)
{
	for (size_t at = 20; at < sizeof(reply); at++)
		for (unsigned bit = 0; bit < 8; bit++)
			CHECK(parse_with(at, (uint8_t)(reply[at] ^ 1u << bit)) != NULL);
}

TEST(wrong_ip_headers)
{
	CHECK(parse_with(0, 0x65) != NULL); /* version 6 */
	CHECK(parse_with(0, 0x44) != NULL); /* header below 20 bytes */
	CHECK(parse_with(0, 0x4f) != NULL); /* header beyond the packet */
	CHECK(parse_with(3, 39) != NULL);
	CHECK(parse_with(6, 0x20) != NULL); /* more fragments */
	CHECK(parse_with(7, 1) != NULL);    /* not the first fragment */
	CHECK(parse_with(6, 0x40) == NULL); /* don't fragment */
	CHECK(parse_with(9, 17) != NULL);
}

/* Everything is right with it but that an IP header is not so short. */
TEST(a_header_of_16_bytes)
{
	uint8_t packet[16 + ICMP_ECHO_LEN];

	memcpy(packet, reply, 16);
	memcpy(packet + 16, reply + 20, ICMP_ECHO_LEN);
	packet[0] = 0x44;
	packet[3] = sizeof(packet);
	CHECK(parse(packet, sizeof(packet)) != NULL);
}

TEST(a_code_that_no_reply_has)
{
	uint8_t packet[sizeof(reply)];

	memcpy(packet, reply, sizeof(packet));
	packet[21] = 1;
	packet[23]--; /* the checksum agrees */
	CHECK_STR(parse(packet, sizeof(packet)), "not an echo reply");
}

TEST(our_own_request_is_no_reply)
{
	uint8_t packet[sizeof(reply)];

	memcpy(packet, reply, 20);
	memcpy(packet + 20, request, ICMP_ECHO_LEN);
	CHECK_STR(parse(packet, sizeof(packet)), "not an echo reply");
}

/* What was built comes back as it was, for values at the edges. */
TEST(a_whole_packet_is_one_that_can_be_read)
{
	struct icmp_echo sent = { .id = 7, .cookie = 0x1122334455667788, .target = 0x01010101 }, got;
	uint8_t packet[ICMP_ECHO_PACKET_LEN];
	uint32_t source;

	icmp_echo_build_packet(&sent, 0xc0000002, packet);
	CHECK(wire_checksum(wire_sum(0, packet, 20)) == 0);
	CHECK(wire_get32(packet + 12) == 0xc0000002 && wire_get32(packet + 16) == 0x01010101);
	packet[20] = 0; /* an echo reply, whose sum is that of the request and what its type was */
	wire_put16(packet + 22, wire_get16(packet + 22) + 0x0800u);
	CHECK(icmp_echo_parse_reply(packet, sizeof(packet), &got, &source) == NULL);
	CHECK(got.id == 7 && got.cookie == sent.cookie && got.target == sent.target && source == 0xc0000002);
}

TEST(there_and_back)
{
	static const struct icmp_echo edge[] = {
		{ 0, 0, 0, 0 },
		{ 0xffff, 0xffff, UINT64_MAX, UINT32_MAX },
		{ 1, 0x8000, 0x8000000000000001, 31 },
	};

	for (unsigned i = 0; i < sizeof(edge) / sizeof(edge[0]); i++) {
		uint8_t packet[sizeof(reply)];
		struct icmp_echo got;
		uint32_t source, sum;

		memcpy(packet, reply, 20);
		icmp_echo_build(&edge[i], packet + 20);
		packet[20] = 0; /* a host answers: the type, and the checksum that goes with it (RFC 1624) */
		sum = (uint32_t)(packet[22] << 8 | packet[23]) + 0x0800;
		sum = (sum & 0xffff) + (sum >> 16);
		packet[22] = (uint8_t)(sum >> 8);
		packet[23] = (uint8_t)sum;
		CHECK(icmp_echo_parse_reply(packet, sizeof(packet), &got, &source) == NULL);
		CHECK(got.id == edge[i].id && got.sequence == edge[i].sequence);
		CHECK(got.cookie == edge[i].cookie && got.target == edge[i].target);
	}
}
