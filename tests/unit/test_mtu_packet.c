/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/mtu_packet: what is sent is well-formed at every size, and what is taken for an answer is one. */
#include "policy/mtu_packet.h"

#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>

#include "policy/wire.h"
#include "tests/unit/unit.h"

static const struct mtu_packet sent = { .from = 0xc0000002, .to = 0xc0000001,
	                                .local = { .s6_addr = { 0x20, 1, [15] = 2 } },
	                                .remote = { .s6_addr = { 0x24, 4, [15] = 1 } },
	                                .echo = { .id = 7, .sequence = 42, .cookie = 0x1122334455667788, .target = 1 } };
static uint8_t packet[1500];

/* What the other end makes of a request. */
static size_t reply(size_t size)
{
	uint8_t *inner = packet + 40;

	mtu_packet_build(&sent, packet, size);
	inner[20] = ICMP_ECHOREPLY;
	wire_put16(inner + 22, 0);
	wire_put16(inner + 22, wire_checksum(wire_sum(0, inner + 20, size - 60)));
	wire_put32(inner + 12, sent.to);
	wire_put32(inner + 16, sent.from);
	return size - 40;
}

TEST(every_size)
{
	for (size_t size = 80; size <= sizeof(packet); size++) {
		struct mtu_answer answer;
		const uint8_t *inner = packet + 40;

		memset(packet, 0xee, sizeof(packet));
		mtu_packet_build(&sent, packet, size);
		CHECK(packet[0] == 0x60 && packet[6] == 4 && wire_get16(packet + 4) == size - 40);
		CHECK(memcmp(packet + 8, &sent.local, 16) == 0 && memcmp(packet + 24, &sent.remote, 16) == 0);
		CHECK(inner[0] == 0x45 && wire_get16(inner + 2) == size - 40 && wire_get16(inner + 6) == IP_DF);
		CHECK(wire_get32(inner + 12) == sent.from && wire_get32(inner + 16) == sent.to);
		CHECK(wire_checksum(wire_sum(0, inner, 20)) == 0);
		CHECK(wire_checksum(wire_sum(0, inner + 20, size - 60)) == 0);
		CHECK(!mtu_packet_answer(inner, size - 40, &answer)); /* it is a request */
		CHECK(mtu_packet_answer(inner, reply(size), &answer));
		CHECK(answer.size == size - 40 && !answer.fragment && answer.source == sent.to);
		CHECK(answer.echo.cookie == sent.echo.cookie && answer.echo.id == 7 && answer.echo.sequence == 42 &&
		      answer.echo.target == 1);
	}
}

TEST(what_is_no_answer)
{
	struct mtu_answer answer;
	uint8_t *inner = packet + 40;
	size_t len = reply(200);

	for (size_t n = 0; n < len; n++) {
		uint8_t *copy = malloc(n ? n : 1);

		memcpy(copy, inner, n);
		CHECK(!mtu_packet_answer(copy, n, &answer));
		free(copy);
	}
	inner[100] ^= 1; /* the sum is wrong */
	CHECK(!mtu_packet_answer(inner, len, &answer));
	reply(200);
	wire_put16(inner + 6, 10); /* from the middle */
	CHECK(!mtu_packet_answer(inner, len, &answer));
	reply(200);
	inner[0] = 0x4f; /* options that leave no room */
	wire_put16(inner + 2, 70);
	CHECK(!mtu_packet_answer(inner, 70, &answer));
	reply(200);
	inner[9] = IPPROTO_UDP;
	CHECK(!mtu_packet_answer(inner, len, &answer));
}

TEST(a_first_fragment_is_told_apart)
{
	struct mtu_answer answer;
	uint8_t *inner = packet + 40;

	reply(1500);
	wire_put16(inner + 2, 100);
	wire_put16(inner + 6, IP_MF);
	CHECK(mtu_packet_answer(inner, 100, &answer));
	CHECK(answer.fragment && answer.size == 100 && answer.echo.cookie == sent.echo.cookie);
}
