/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See inbound.h. */
#include "policy/inbound.h"

#include <netinet/in.h>
#include <stdio.h>

/* As TCP would do it; what is not there after the last is not coming.  The kernel says "no such machine" after 3 s. */
#define AGAIN_MS 1000
#define CALLS_MAX 3
#define PATIENCE_MS 4000

const char *inbound_verdict_name(enum inbound_verdict verdict)
{
	static const char *const name[INBOUND_VERDICTS] = { "answers", "arrives", "limited", "untested",
		                                            "refused", "silent",  "blocked" };

	return name[verdict];
}

bool inbound_is_bad(enum inbound_verdict verdict)
{
	return verdict > INBOUND_LIMITED;
}

/* ---- what is called, and when ---- */

static size_t add_ports(const struct forward_config *forward, uint8_t protocol, struct inbound_try *out, size_t n)
{
	for (size_t i = 0; i < forward->ports && n < INBOUND_PORTS_MAX; i++)
		out[n++] = (struct inbound_try){ .protocol = protocol, .port = forward->port[i].lo };
	return n;
}

size_t inbound_ports(const struct forward_config *forward, struct inbound_try out[INBOUND_PORTS_MAX])
{
	size_t n = 0;

	if (forward->tcp)
		n = add_ports(forward, IPPROTO_TCP, out, n);
	if (forward->udp)
		n = add_ports(forward, IPPROTO_UDP, out, n);
	return n;
}

enum inbound_step inbound_next(const struct inbound_try *t)
{
	if (!t->sent)
		return INBOUND_CALL;
	if (t->answer != INBOUND_NONE || t->age_ms >= PATIENCE_MS)
		return INBOUND_END;
	/* A server may take every datagram for one more request. */
	if (t->protocol == IPPROTO_UDP && t->arrived)
		return INBOUND_WAIT;
	return t->sent < CALLS_MAX && t->last_ms >= AGAIN_MS ? INBOUND_CALL : INBOUND_WAIT;
}

/* ---- what it adds up to ---- */

enum inbound_verdict inbound_judge(const struct inbound_try *t, bool way_open)
{
	if (t->answer == INBOUND_ACCEPTED)
		return INBOUND_ANSWERS;
	/* A refusal of what never came in is somebody else's, on the way. */
	if (!t->arrived)
		return way_open || t->answer != INBOUND_NONE ? INBOUND_BLOCKED : INBOUND_UNTESTED;
	if (t->answer == INBOUND_RESET || t->answer == INBOUND_NO_PORT)
		return INBOUND_REFUSED;
	return t->protocol == IPPROTO_UDP && t->answer == INBOUND_NONE ? INBOUND_ARRIVES : INBOUND_SILENT;
}

/* Those that providers commonly keep from their customers: mail, and Windows' own. */
static bool often_blocked(uint16_t port)
{
	return port == 25 || port == 135 || (port >= 137 && port <= 139) || port == 445;
}

static const char *words(const struct inbound_try *t, enum inbound_verdict verdict)
{
	switch (verdict) {
	case INBOUND_ANSWERS: return "answers";
	case INBOUND_ARRIVES: return "comes in; the machine says nothing to a datagram that means nothing to it";
	case INBOUND_REFUSED: return "comes in, but is refused: nobody listens on that port of the machine";
	case INBOUND_SILENT:
		return t->answer == INBOUND_UNREACHABLE ? "comes in, but the machine cannot be reached: is it switched on?"
		                                        : "comes in, but the machine does not answer: has it a firewall of its own?";
	case INBOUND_BLOCKED:
		return often_blocked(t->port) ? "never comes in: many providers block this port" : "never comes in: the provider blocks it";
	case INBOUND_UNTESTED: return "cannot be told: nothing sent to the address from outside comes in now";
	default: return "";
	}
}

const char *inbound_explain(const struct inbound_try *t, enum inbound_verdict verdict, const char *path, char *buf,
                            size_t size)
{
	snprintf(buf, size, "%s %u over %s: %s", t->protocol == IPPROTO_TCP ? "tcp" : "udp", t->port, path,
	         words(t, verdict));
	return buf;
}

bool inbound_is_news(enum inbound_verdict before, enum inbound_verdict now)
{
	return now != before && now != INBOUND_UNTESTED;
}
