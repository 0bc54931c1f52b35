/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See inbound_packet.h.  RFC 791, 792, 768, 9293. */
#include "policy/inbound_packet.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "policy/wire.h"

#define IP_HEADER 20
#define TCP_HEADER 20
#define UDP_HEADER 8
#define ICMP_HEADER 8
#define QUOTED_MIN 8 /* what an ICMP error quotes of the header behind the IP header */
#define DATAGRAM_LEN (sizeof(INBOUND_DATAGRAM_HELLO) - 1 + 4)
#define TTL 64
#define TCP_WINDOW 64240
#define TCP_MSS 1360 /* fits through every tunnel of ours */
#define SYN 0x02
#define RST 0x04
#define ACK 0x10

/* ---- making ---- */

/* The IPv4 header before len bytes, and the checksum of these, which belongs at sum_at. */
static size_t finish(const struct inbound_call *call, uint8_t *out, size_t len, size_t sum_at)
{
	uint8_t *payload = out + IP_HEADER;
	uint16_t sum;

	memset(out, 0, IP_HEADER);
	out[0] = IPVERSION << 4 | IP_HEADER / 4;
	wire_put16(out + 2, (uint16_t)(IP_HEADER + len));
	wire_put16(out + 4, (uint16_t)call->tag);
	wire_put16(out + 6, IP_DF);
	out[8] = TTL;
	out[9] = call->protocol;
	wire_put32(out + 12, call->from);
	wire_put32(out + 16, call->to);
	wire_put16(out + 10, wire_checksum(wire_sum(0, out, IP_HEADER)));
	wire_put16(payload + sum_at, 0);
	sum = wire_checksum(wire_sum(wire_sum(call->protocol + (uint32_t)len, out + 12, 8), payload, len));
	wire_put16(payload + sum_at, sum ? sum : 0xffff); /* 0 would tell UDP that there is none */
	return IP_HEADER + len;
}

static void tcp_header(const struct inbound_call *call, uint8_t *tcp, uint32_t seq, size_t len, uint8_t flags)
{
	memset(tcp, 0, len);
	wire_put16(tcp, call->from_port);
	wire_put16(tcp + 2, call->to_port);
	wire_put32(tcp + 4, seq);
	tcp[12] = (uint8_t)(len / 4 << 4);
	tcp[13] = flags;
}

static size_t build_syn(const struct inbound_call *call, uint8_t *out)
{
	uint8_t *tcp = out + IP_HEADER;

	tcp_header(call, tcp, call->tag, TCP_HEADER + 4, SYN);
	wire_put16(tcp + 14, TCP_WINDOW);
	wire_put16(tcp + TCP_HEADER, 0x0204); /* option: maximum segment size */
	wire_put16(tcp + TCP_HEADER + 2, TCP_MSS);
	return finish(call, out, TCP_HEADER + 4, 16);
}

static size_t build_datagram(const struct inbound_call *call, uint8_t *out)
{
	uint8_t *udp = out + IP_HEADER;

	wire_put16(udp, call->from_port);
	wire_put16(udp + 2, call->to_port);
	wire_put16(udp + 4, UDP_HEADER + DATAGRAM_LEN);
	memcpy(udp + UDP_HEADER, INBOUND_DATAGRAM_HELLO, DATAGRAM_LEN - 4);
	wire_put32(udp + UDP_HEADER + DATAGRAM_LEN - 4, call->tag);
	return finish(call, out, UDP_HEADER + DATAGRAM_LEN, 6);
}

size_t inbound_packet_call(const struct inbound_call *call, uint8_t out[INBOUND_PACKET_MAX])
{
	return call->protocol == IPPROTO_TCP ? build_syn(call, out) : build_datagram(call, out);
}

size_t inbound_packet_reset(const struct inbound_call *call, uint8_t out[INBOUND_PACKET_MAX])
{
	tcp_header(call, out + IP_HEADER, call->tag + 1, TCP_HEADER, RST);
	return finish(call, out, TCP_HEADER, 16);
}

/* ---- reading ---- */

/* A packet, or what an ICMP error quotes of one: its IPv4 header is there and is the first fragment's. */
struct view {
	uint8_t protocol;
	uint32_t source, destination;
	const uint8_t *payload;
	size_t len; /* of payload; of a packet, without what is behind the length that it tells */
};

static bool look(const uint8_t *packet, size_t len, bool quoted, struct view *v)
{
	size_t header, total;

	if (len < IP_HEADER || packet[0] >> 4 != IPVERSION)
		return false;
	header = (size_t)(packet[0] & 0xf) * 4;
	total = wire_get16(packet + 2);
	if (header < IP_HEADER || header > len || total < header || (!quoted && total > len))
		return false;
	if (wire_get16(packet + 6) & IP_OFFMASK)
		return false;
	*v = (struct view){ packet[9], wire_get32(packet + 12), wire_get32(packet + 16), packet + header,
		            (total < len ? total : len) - header };
	return true;
}

enum inbound_sign inbound_packet_arrival(const struct inbound_call *call, const uint8_t *packet, size_t len)
{
	struct view v;

	if (!look(packet, len, false, &v) || v.protocol != call->protocol || v.destination != call->to)
		return INBOUND_NONE;
	if (v.len < (v.protocol == IPPROTO_TCP ? TCP_HEADER : UDP_HEADER + DATAGRAM_LEN))
		return INBOUND_NONE;
	if (wire_get16(v.payload + 2) != call->to_port)
		return INBOUND_NONE;
	if (v.protocol == IPPROTO_TCP)
		return (v.payload[13] & (SYN | ACK | RST)) == SYN && wire_get32(v.payload + 4) == call->tag ? INBOUND_ARRIVED
		                                                                                       : INBOUND_NONE;
	return memcmp(v.payload + UDP_HEADER, INBOUND_DATAGRAM_HELLO, DATAGRAM_LEN - 4) == 0 &&
	               wire_get32(v.payload + UDP_HEADER + DATAGRAM_LEN - 4) == call->tag
	           ? INBOUND_ARRIVED
	           : INBOUND_NONE;
}

static enum inbound_sign tcp_answer(const struct inbound_call *call, const struct view *v)
{
	uint8_t flags;

	if (v->len < TCP_HEADER || wire_get32(v->payload + 8) != call->tag + 1)
		return INBOUND_NONE;
	flags = v->payload[13] & (SYN | ACK | RST);
	return flags == (SYN | ACK) ? INBOUND_ACCEPTED : flags == (RST | ACK) ? INBOUND_RESET : INBOUND_NONE;
}

/* The error quotes the beginning of what we sent. */
static enum inbound_sign icmp_answer(const struct inbound_call *call, const struct view *v)
{
	struct view sent;

	if (v->len < ICMP_HEADER || v->payload[0] != ICMP_DEST_UNREACH ||
	    !look(v->payload + ICMP_HEADER, v->len - ICMP_HEADER, true, &sent))
		return INBOUND_NONE;
	if (sent.protocol != call->protocol || sent.source != call->from || sent.destination != call->to ||
	    sent.len < QUOTED_MIN || wire_get16(sent.payload) != call->from_port || wire_get16(sent.payload + 2) != call->to_port)
		return INBOUND_NONE;
	if (call->protocol == IPPROTO_TCP && wire_get32(sent.payload + 4) != call->tag)
		return INBOUND_NONE;
	return v->payload[1] == ICMP_PORT_UNREACH && v->source == call->to ? INBOUND_NO_PORT : INBOUND_UNREACHABLE;
}

enum inbound_sign inbound_packet_answer(const struct inbound_call *call, const uint8_t *packet, size_t len)
{
	struct view v;

	if (!look(packet, len, false, &v) || v.destination != call->from)
		return INBOUND_NONE;
	if (v.protocol == IPPROTO_ICMP)
		return icmp_answer(call, &v);
	if (v.protocol != call->protocol || v.source != call->to || v.len < UDP_HEADER ||
	    wire_get16(v.payload) != call->to_port || wire_get16(v.payload + 2) != call->from_port)
		return INBOUND_NONE;
	return v.protocol == IPPROTO_TCP ? tcp_answer(call, &v) : INBOUND_ACCEPTED;
}
