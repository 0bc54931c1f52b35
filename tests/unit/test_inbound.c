/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/inbound and policy/inbound_packet: packets byte by byte, answers with any one thing wrong, and verdicts. */
#include "policy/inbound.h"

#include <netinet/in.h>
#include <string.h>

#include "tests/unit/unit.h"

static const struct inbound_call tcp = { IPPROTO_TCP, 0xc0000002, 0xcb00710a, 0x9c40, 80, 0x01020304 };
static const struct inbound_call udp = { IPPROTO_UDP, 0xc0000002, 0xcb00710a, 0x9c40, 53, 0x01020304 };

/* The checksums are another program's. */
static const uint8_t syn[] = {
	0x45, 0, 0, 44, 3, 4, 0x40, 0, 64, 6, 0x3b, 0xbb, 192, 0, 0, 2, 203, 0, 113, 10,
	0x9c, 0x40, 0, 80, 1, 2, 3, 4, 0, 0, 0, 0, 0x60, 2, 0xfa, 0xf0, 0x00, 0xf6, 0, 0, 2, 4, 5, 0x50,
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint16_t sum_of(const uint8_t *packet, size_t len, uint8_t protocol)
{
	uint32_t sum = protocol + (uint32_t)len - 20;

	for (size_t i = 12; i + 1 < len; i += 2)
		sum += get16(packet + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

TEST(a_syn_byte_by_byte)
{
	uint8_t out[INBOUND_PACKET_MAX];

	CHECK_INT(inbound_packet_call(&tcp, out), sizeof(syn));
	CHECK(memcmp(out, syn, sizeof(syn)) == 0);
}

TEST(checksums_are_right)
{
	uint8_t out[INBOUND_PACKET_MAX];
	size_t n = inbound_packet_call(&udp, out);

	CHECK_INT(n, 40);
	CHECK_INT(sum_of(out, n, IPPROTO_UDP), 0xffff);
	CHECK(memcmp(out + 28, "dualpath\1\2\3\4", 12) == 0);
	n = inbound_packet_reset(&tcp, out);
	CHECK_INT(n, 40);
	CHECK_INT(sum_of(out, n, IPPROTO_TCP), 0xffff);
	CHECK_INT(out[33], 4);
	CHECK_INT(out[27], 5); /* the sequence number behind the SYN's */
}

/* Another source, and another port of it: the AFTR's. */
static size_t translated(const struct inbound_call *call, uint8_t out[INBOUND_PACKET_MAX])
{
	struct inbound_call outside = *call;

	outside.from = 0xc6336465;
	outside.from_port = 1025;
	return inbound_packet_call(&outside, out);
}

TEST(a_call_is_known_again_when_it_comes_in)
{
	uint8_t packet[INBOUND_PACKET_MAX];
	struct inbound_call other = tcp;
	size_t n = translated(&tcp, packet);

	CHECK_INT(inbound_packet_arrival(&tcp, packet, n), INBOUND_ARRIVED);
	for (size_t len = 0; len < n; len++)
		CHECK_INT(inbound_packet_arrival(&tcp, packet, len), INBOUND_NONE);
	other.tag++;
	CHECK_INT(inbound_packet_arrival(&other, packet, n), INBOUND_NONE);
	other = tcp;
	other.to_port++;
	CHECK_INT(inbound_packet_arrival(&other, packet, n), INBOUND_NONE);
	other = tcp;
	other.to++;
	CHECK_INT(inbound_packet_arrival(&other, packet, n), INBOUND_NONE);
	CHECK_INT(inbound_packet_arrival(&udp, packet, n), INBOUND_NONE);
	n = translated(&udp, packet);
	CHECK_INT(inbound_packet_arrival(&udp, packet, n), INBOUND_ARRIVED);
	packet[28] = 'D';
	CHECK_INT(inbound_packet_arrival(&udp, packet, n), INBOUND_NONE);
}

/* What the one who is called sends: there and back are exchanged. */
static size_t answer(const struct inbound_call *call, uint8_t flags, uint8_t out[INBOUND_PACKET_MAX])
{
	struct inbound_call back = { call->protocol, call->to, call->from, call->to_port, call->from_port, 0x55667788 };
	size_t n = inbound_packet_call(&back, out);

	if (call->protocol == IPPROTO_TCP) {
		memcpy(out + 28, "\1\2\3\5", 4);
		out[33] = flags;
	}
	return n;
}

TEST(answers_of_tcp)
{
	uint8_t packet[INBOUND_PACKET_MAX];
	size_t n = answer(&tcp, 0x12, packet);

	CHECK_INT(inbound_packet_answer(&tcp, packet, n), INBOUND_ACCEPTED);
	for (size_t len = 0; len < n; len++)
		CHECK_INT(inbound_packet_answer(&tcp, packet, len), INBOUND_NONE);
	answer(&tcp, 0x14, packet);
	CHECK_INT(inbound_packet_answer(&tcp, packet, n), INBOUND_RESET);
	answer(&tcp, 0x04, packet);
	CHECK_INT(inbound_packet_answer(&tcp, packet, n), INBOUND_NONE);
	answer(&tcp, 0x02, packet);
	CHECK_INT(inbound_packet_answer(&tcp, packet, n), INBOUND_NONE);
}

/* Every byte by which an answer is told from a guess. */
TEST(answers_with_one_thing_wrong)
{
	static const size_t matters[] = { 0, 9, 12, 15, 16, 19, 20, 21, 22, 23, 28, 29, 30, 31 };

	for (size_t i = 0; i < sizeof(matters) / sizeof(matters[0]); i++) {
		uint8_t packet[INBOUND_PACKET_MAX];
		size_t n = answer(&tcp, 0x12, packet);

		packet[matters[i]] ^= 0x10;
		CHECK_INT(inbound_packet_answer(&tcp, packet, n), INBOUND_NONE);
	}
}

TEST(answers_of_udp)
{
	uint8_t packet[INBOUND_PACKET_MAX];
	size_t n = answer(&udp, 0, packet);

	CHECK_INT(inbound_packet_answer(&udp, packet, n), INBOUND_ACCEPTED);
	packet[23]++;
	CHECK_INT(inbound_packet_answer(&udp, packet, n), INBOUND_NONE);
}

/* An ICMP error of source about call: header, then what was sent, of which quoted bytes are there. */
static size_t error_about(const struct inbound_call *call, uint32_t source, uint8_t code, size_t quoted, uint8_t *out)
{
	struct inbound_call outer = { IPPROTO_ICMP, source, call->from, 0, 0, 0 };
	uint8_t inner[INBOUND_PACKET_MAX];

	inbound_packet_call(call, inner);
	inbound_packet_reset(&outer, out);
	out[9] = IPPROTO_ICMP;
	out[3] = (uint8_t)(28 + quoted);
	memset(out + 20, 0, 8);
	out[20] = 3;
	out[21] = code;
	memcpy(out + 28, inner, quoted);
	return 28 + quoted;
}

TEST(errors_of_icmp)
{
	uint8_t packet[100];
	size_t n = error_about(&tcp, tcp.to, 1, 28, packet);

	CHECK_INT(inbound_packet_answer(&tcp, packet, n), INBOUND_UNREACHABLE);
	for (size_t len = 0; len < n; len++)
		CHECK_INT(inbound_packet_answer(&tcp, packet, len), INBOUND_NONE);
	n = error_about(&tcp, tcp.to, 1, 27, packet);
	CHECK_INT(inbound_packet_answer(&tcp, packet, n), INBOUND_NONE);
	n = error_about(&udp, udp.to, 3, 40, packet);
	CHECK_INT(inbound_packet_answer(&udp, packet, n), INBOUND_NO_PORT);
	n = error_about(&udp, 0x01010101, 3, 40, packet);
	CHECK_INT(inbound_packet_answer(&udp, packet, n), INBOUND_UNREACHABLE);
	CHECK_INT(inbound_packet_answer(&tcp, packet, n), INBOUND_NONE);
	packet[20] = 11;
	CHECK_INT(inbound_packet_answer(&udp, packet, n), INBOUND_NONE);
}

/* ---- what is called, and when ---- */

TEST(ports_of_a_forward)
{
	struct port_range port[] = { { 80, 80 }, { 8000, 8010 } }, many[40];
	struct forward_config w = { .tcp = true, .udp = true, .port = port, .ports = 2 };
	struct inbound_try out[INBOUND_PORTS_MAX];

	CHECK_INT(inbound_ports(&w, out), 4);
	CHECK(out[0].protocol == IPPROTO_TCP && out[0].port == 80);
	CHECK(out[1].protocol == IPPROTO_TCP && out[1].port == 8000);
	CHECK(out[3].protocol == IPPROTO_UDP && out[3].port == 8000);
	for (unsigned i = 0; i < 40; i++)
		many[i] = (struct port_range){ (uint16_t)(i + 1), (uint16_t)(i + 1) };
	w = (struct forward_config){ .udp = true, .port = many, .ports = 40 };
	CHECK_INT(inbound_ports(&w, out), INBOUND_PORTS_MAX);
}

static enum inbound_step next(uint8_t protocol, unsigned sent, uint32_t age, uint32_t last, bool arrived)
{
	struct inbound_try t = { .protocol = protocol, .sent = sent, .age_ms = age, .last_ms = last, .arrived = arrived };

	return inbound_next(&t);
}

TEST(calls_are_made_three_times_and_given_up_after_four_seconds)
{
	struct inbound_try answered = { .protocol = IPPROTO_TCP, .sent = 1, .answer = INBOUND_RESET };

	CHECK_INT(next(IPPROTO_TCP, 0, 0, 0, false), INBOUND_CALL);
	CHECK_INT(next(IPPROTO_TCP, 1, 999, 999, false), INBOUND_WAIT);
	CHECK_INT(next(IPPROTO_TCP, 1, 1000, 1000, true), INBOUND_CALL);
	CHECK_INT(next(IPPROTO_TCP, 3, 3900, 1900, false), INBOUND_WAIT);
	CHECK_INT(next(IPPROTO_TCP, 3, 4000, 2000, true), INBOUND_END);
	CHECK_INT(next(IPPROTO_UDP, 1, 1000, 1000, false), INBOUND_CALL);
	CHECK_INT(next(IPPROTO_UDP, 1, 1000, 1000, true), INBOUND_WAIT);
	CHECK_INT(inbound_next(&answered), INBOUND_END);
}

/* ---- verdicts ---- */

static enum inbound_verdict judge(uint8_t protocol, bool arrived, enum inbound_sign sign, bool way_open)
{
	struct inbound_try t = { .protocol = protocol, .arrived = arrived, .answer = sign };

	return inbound_judge(&t, way_open);
}

TEST(verdicts)
{
	CHECK_INT(judge(IPPROTO_TCP, true, INBOUND_ACCEPTED, true), INBOUND_ANSWERS);
	CHECK_INT(judge(IPPROTO_TCP, false, INBOUND_ACCEPTED, false), INBOUND_ANSWERS);
	CHECK_INT(judge(IPPROTO_TCP, true, INBOUND_RESET, true), INBOUND_REFUSED);
	CHECK_INT(judge(IPPROTO_UDP, true, INBOUND_NO_PORT, true), INBOUND_REFUSED);
	CHECK_INT(judge(IPPROTO_TCP, true, INBOUND_NONE, true), INBOUND_SILENT);
	CHECK_INT(judge(IPPROTO_UDP, true, INBOUND_NONE, true), INBOUND_ARRIVES);
	CHECK_INT(judge(IPPROTO_UDP, true, INBOUND_UNREACHABLE, true), INBOUND_SILENT);
	CHECK_INT(judge(IPPROTO_TCP, false, INBOUND_NONE, true), INBOUND_BLOCKED);
	CHECK_INT(judge(IPPROTO_TCP, false, INBOUND_RESET, false), INBOUND_BLOCKED);
	CHECK_INT(judge(IPPROTO_TCP, false, INBOUND_NONE, false), INBOUND_UNTESTED);
}

TEST(words_and_news)
{
	struct inbound_try t = { .protocol = IPPROTO_TCP, .port = 25 };
	char buf[160];

	CHECK_STR(inbound_explain(&t, INBOUND_BLOCKED, "pppoe", buf, sizeof(buf)),
	          "tcp 25 over pppoe: never comes in: many providers block this port");
	for (int v = 0; v < INBOUND_VERDICTS; v++)
		CHECK(*inbound_verdict_name((enum inbound_verdict)v));
	CHECK(!inbound_is_bad(INBOUND_LIMITED) && inbound_is_bad(INBOUND_UNTESTED) && inbound_is_bad(INBOUND_BLOCKED));
	CHECK(inbound_is_news(INBOUND_ANSWERS, INBOUND_BLOCKED) && inbound_is_news(INBOUND_BLOCKED, INBOUND_ANSWERS));
	CHECK(!inbound_is_news(INBOUND_ANSWERS, INBOUND_UNTESTED) && !inbound_is_news(INBOUND_SILENT, INBOUND_SILENT));
}
