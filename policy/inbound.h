/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a forward answer the outside?  Which ports of it are called, when a call is made again or given up, and
 * what the signs of it (policy/inbound_packet.h) add up to.  Called by daemon/inbound*.c, which do the calling, and
 * by those who show it.  Pure.
 */
#ifndef DUALPATH_POLICY_INBOUND_H
#define DUALPATH_POLICY_INBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/config.h"
#include "policy/inbound_packet.h"

#define INBOUND_PORTS_MAX 16 /* that are called, of one forward */

/* From good to bad; those behind LIMITED are bad news. */
enum inbound_verdict {
	INBOUND_ANSWERS,
	INBOUND_ARRIVES,  /* UDP: it came in; nobody has to answer a datagram that he does not understand */
	INBOUND_LIMITED,  /* lets in only whom "from" names: not for us to try */
	INBOUND_UNTESTED, /* could not be called now */
	INBOUND_REFUSED,  /* came in, and the machine has nobody there */
	INBOUND_SILENT,   /* came in, and the machine did not answer */
	INBOUND_BLOCKED,  /* never came in, though the way is open to others */
	INBOUND_VERDICTS
};

/* "answers" ... */
const char *inbound_verdict_name(enum inbound_verdict verdict);
bool inbound_is_bad(enum inbound_verdict verdict);

/* What is known of one call so far. */
struct inbound_try {
	uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	uint16_t port;
	unsigned sent;          /* how often */
	uint32_t age_ms;        /* since the first time */
	uint32_t last_ms;       /* since the last time */
	bool arrived;           /* was seen coming in */
	enum inbound_sign answer;
};

/* The ports of a forward that are called: each port and the first of each range, TCP before UDP. */
size_t inbound_ports(const struct forward_config *forward, struct inbound_try out[INBOUND_PORTS_MAX]);

enum inbound_step { INBOUND_WAIT, INBOUND_CALL, INBOUND_END };
enum inbound_step inbound_next(const struct inbound_try *t);

/* way_open: something else that was sent to the same address came in. */
enum inbound_verdict inbound_judge(const struct inbound_try *t, bool way_open);

/* A sentence for people, about one port.  path: where it should come in.  Returns buf. */
const char *inbound_explain(const struct inbound_try *t, enum inbound_verdict verdict, const char *path, char *buf,
                            size_t size);

/* Is there news in this verdict for somebody who was told `before`?  That it cannot be tested now is none. */
bool inbound_is_news(enum inbound_verdict before, enum inbound_verdict now);

#endif
