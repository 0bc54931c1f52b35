/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets of a call to ourselves from outside: what is sent through the tunnel to a
 * static address, how it is known again when it comes in over the session, and what the answer to it
 * says.  What comes in is hostile: an answer must bring back what was made up at random for the
 * call (tag, from_port).  Called by daemon/inbound_run.c.  Pure.
 */
#ifndef DUALPATH_POLICY_INBOUND_PACKET_H
#define DUALPATH_POLICY_INBOUND_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INBOUND_PACKET_MAX 44

/* One call, in host order.  tag: TCP's first sequence number, or what a datagram says. */
struct inbound_call {
	uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	uint32_t from, to;
	uint16_t from_port, to_port;
	uint32_t tag;
};

enum inbound_sign {
	INBOUND_NONE,
	INBOUND_ARRIVED,     /* the call itself, on its way in */
	INBOUND_ACCEPTED,    /* a SYN with ACK, a datagram back */
	INBOUND_RESET,
	INBOUND_NO_PORT,     /* ICMP: nobody has that port, from the one who was called */
	INBOUND_UNREACHABLE, /* ICMP: anything else, or from anybody else */
};

/* A whole IPv4 packet: the call (a SYN, or a datagram of 12 bytes).  Its length. */
size_t inbound_packet_call(const struct inbound_call *call, uint8_t out[INBOUND_PACKET_MAX]);
/* The reset that ends a TCP call which was accepted. */
size_t inbound_packet_reset(const struct inbound_call *call, uint8_t out[INBOUND_PACKET_MAX]);

/*
 * Is the packet, seen coming in over the session, this call?  Its source is a translator's by now.  INBOUND_NONE or
 * INBOUND_ARRIVED.
 */
enum inbound_sign inbound_packet_arrival(const struct inbound_call *call, const uint8_t *packet, size_t len);
/* What the packet, seen coming out of the tunnel, says to this call. */
enum inbound_sign inbound_packet_answer(const struct inbound_call *call, const uint8_t *packet, size_t len);

/* A datagram begins with these bytes; the tag comes after them. */
#define INBOUND_DATAGRAM_HELLO "dualpath"

#endif
