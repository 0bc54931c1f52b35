/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/icmp_error: errors that are news, and everything that makes one none. */
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>

#include "policy/icmp_error.h"
#include "policy/wire.h"
#include "tests/unit/unit.h"

#define TARGET 0xc6336401u

static const struct icmp_echo sent = { .id = 0x1234, .sequence = 7, .cookie = 0x0123456789abcdefull, .target = 3 };
static const struct in6_addr local = { .s6_addr = { 0x24, 0x09, [15] = 1 } };
static const struct in6_addr remote = { .s6_addr = { 0x24, 0x04, [15] = 2 } };

static uint8_t packet[200];

/* An IPv4 packet with our request in it, at `at`; returns its end. */
static size_t put_request(size_t at)
{
	memset(packet + at, 0, 20);
	packet[at] = 0x45;
	packet[at + 9] = IPPROTO_ICMP;
	packet[at + 16] = 198;
	packet[at + 17] = 51;
	packet[at + 18] = 100;
	packet[at + 19] = 1;
	icmp_echo_build(&sent, packet + at + 20);
	return at + 20 + ICMP_ECHO_LEN;
}

static size_t make6(uint8_t type, uint8_t code, bool option)
{
	size_t at = 8 + 40;

	memset(packet, 0, sizeof(packet));
	packet[0] = type;
	packet[1] = code;
	wire_put16(packet + 6, 1454); /* means something in a Packet Too Big alone */
	packet[8] = 0x60;
	packet[ICMP6_ERROR_NEXT_HEADER_OFFSET] = option ? IPPROTO_DSTOPTS : IPPROTO_IPIP;
	memcpy(packet + 16, &local, 16);
	memcpy(packet + ICMP6_ERROR_DST_OFFSET, &remote, 16);
	if (option) {
		packet[at] = IPPROTO_IPIP;
		at += 8;
	}
	return put_request(at);
}

TEST(every_kind_of_icmp6)
{
	static const struct {
		uint8_t type, code;
		bool news;
	} cell[] = {
		{ ICMP6_DST_UNREACH, 0, true },   { ICMP6_DST_UNREACH, 1, true },   { ICMP6_DST_UNREACH, 3, true },
		{ ICMP6_DST_UNREACH, 4, true },   { ICMP6_TIME_EXCEEDED, 0, true }, { ICMP6_TIME_EXCEEDED, 1, false },
		{ ICMP6_PARAM_PROB, 1, true },    { ICMP6_PACKET_TOO_BIG, 0, true }, { ICMP6_ECHO_REPLY, 0, false },
	};

	for (unsigned i = 0; i < sizeof(cell) / sizeof(cell[0]); i++)
		for (int option = 0; option < 2; option++) {
			size_t len = make6(cell[i].type, cell[i].code, option);
			struct icmp6_error error;

			CHECK_INT(icmp6_error_parse(packet, len, &error) == NULL, cell[i].news);
			if (!cell[i].news)
				continue;
			CHECK_INT(error.type, cell[i].type);
			CHECK_INT(error.code, cell[i].code);
					CHECK_INT(error.mtu, cell[i].type == ICMP6_PACKET_TOO_BIG ? 1454 : 0);
			CHECK(memcmp(&error.src, &local, 16) == 0);
			CHECK(memcmp(&error.dst, &remote, 16) == 0);
			CHECK(error.has_echo);
			CHECK(error.echo.cookie == sent.cookie);
			CHECK_INT(error.echo.sequence, sent.sequence);
		}
}

/* Cut anywhere: what is left of it is told of, and what is not is not. */
TEST(cut_anywhere)
{
	size_t len = make6(ICMP6_DST_UNREACH, 0, true);

	for (size_t n = 0; n <= len; n++) {
		uint8_t *copy = malloc(n ? n : 1);
		struct icmp6_error error;
		bool news;

		memcpy(copy, packet, n);
		news = icmp6_error_parse(copy, n, &error) == NULL;
		CHECK_INT(news, n >= 8 + 40 + 8);
		CHECK_INT(news && error.has_echo, n == len);
		free(copy);
	}
}

TEST(not_a_tunnel_packet)
{
	size_t len = make6(ICMP6_DST_UNREACH, 0, false);
	struct icmp6_error error;

	packet[ICMP6_ERROR_NEXT_HEADER_OFFSET] = IPPROTO_TCP;
	CHECK(icmp6_error_parse(packet, len, &error) != NULL);
	make6(ICMP6_DST_UNREACH, 0, false);
	packet[8] = 0x40;
	CHECK(icmp6_error_parse(packet, len, &error) != NULL);
	make6(ICMP6_DST_UNREACH, 0, true);
	packet[48] = IPPROTO_TCP;
	CHECK(icmp6_error_parse(packet, len + 8, &error) != NULL);
	make6(ICMP6_DST_UNREACH, 0, true);
	packet[49] = 255; /* an option longer than the message */
	CHECK(icmp6_error_parse(packet, len + 8, &error) != NULL);
}

TEST(another_echo_is_not_ours)
{
	size_t len = make6(ICMP6_DST_UNREACH, 0, false);
	struct icmp6_error error;

	packet[len - 1] ^= 1; /* its checksum is wrong now */
	CHECK(icmp6_error_parse(packet, len, &error) == NULL);
	CHECK(!error.has_echo);
}

static size_t make4(uint8_t type, uint8_t code)
{
	memset(packet, 0, sizeof(packet));
	packet[0] = 0x45;
	packet[9] = IPPROTO_ICMP;
	packet[20] = type;
	packet[21] = code;
	return put_request(28);
}

TEST(every_kind_of_icmp)
{
	static const struct {
		uint8_t type, code;
		bool news;
	} cell[] = {
		{ ICMP_DEST_UNREACH, ICMP_NET_UNREACH, true },   { ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, true },
		{ ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, false },  { ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, true },
		{ ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, true },      { ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, false },
		{ ICMP_PARAMETERPROB, 0, true },                 { ICMP_ECHOREPLY, 0, false },
		{ ICMP_REDIRECT, 0, false },                     { ICMP_SOURCE_QUENCH, 0, false },
	};

	for (unsigned i = 0; i < sizeof(cell) / sizeof(cell[0]); i++) {
		size_t len = make4(cell[i].type, cell[i].code);
		struct icmp_echo echo = { 0 };
		uint32_t target = 0;

		CHECK_INT(icmp_error_parse(packet, len, &echo, &target), cell[i].news);
		CHECK_INT(target, cell[i].news ? TARGET : 0);
		CHECK_INT(echo.id, cell[i].news ? sent.id : 0);
		CHECK(!icmp_error_parse(packet, len - 1, &echo, &target));
	}
}
