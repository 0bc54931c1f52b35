/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_ask.h. */
#include "daemon/probe_ask.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fnv.h"
#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/probe_conn.h"
#include "daemon/probe_https.h"
#include "daemon/probe_icmp.h"
#include "policy/probe_rounds.h"

#define FALLBACK_BIT (UINT32_C(1) << PROBE_FALLBACK)
#define TCP_PACKETS 3   /* of ours in a connection that is accepted and reset */
#define HTTP_PACKETS 5  /* and in one with a question and an answer */
#define HTTPS_PACKETS 9 /* and over TLS */

struct probe_ask {
	struct ev_loop *loop;
	struct probe_credit *credit;
	const struct probe_callbacks *callbacks;
	char device[IFNAMSIZ];
	uint32_t mark;
	uint32_t all; /* the set of those below that are in use */
	uint32_t address[PROBE_TARGETS_MAX + 1];
	struct probe_credit_entry target[PROBE_TARGETS_MAX + 1];
	char *text[PROBE_TARGETS_MAX]; /* the name or page that a server is asked for; NULL for other targets.  Owned */
	struct probe_icmp *icmp;       /* NULL: could not be opened */
	struct probe_lcp *lcp;         /* NULL likewise, or there is no session */
	struct probe_conn *conn;
	struct probe_https *https;
	struct probe_traffic traffic;
	int error; /* the last one that was told of; 0: none since */
	bool withheld; /* this machine's kernel did not let the last question out */
};

/* ---- targets ---- */

static void set_target(struct probe_ask *ask, unsigned i, enum probe_kind kind, uint32_t addr, uint16_t port)
{
	ask->target[i] = (struct probe_credit_entry){ .kind = kind, .addr = addr, .port = port };
	ask->address[i] = addr;
	ask->all |= UINT32_C(1) << i;
}

static uint32_t end_of(const struct mac *mac)
{
	return (uint32_t)mac->byte[2] << 24 | (uint32_t)mac->byte[3] << 16 | (uint32_t)mac->byte[4] << 8 | mac->byte[5];
}

static void set_other_end(struct probe_ask *ask, const struct probe_other_end *end)
{
	if (end->address)
		set_target(ask, PROBE_FALLBACK, PROBE_ICMP, end->address, 0);
	if (end->session.id)
		set_target(ask, PROBE_FALLBACK, PROBE_LCP, end_of(&end->session.ac), 0);
}

static void set_targets(struct probe_ask *ask, const struct probe_config *config)
{
	unsigned n = 0;

	ask->all = 0;
	for (size_t i = 0; i < config->targets && n < PROBE_TARGETS_MAX; i++) {
		const struct probe_target *t = &config->target[i];

		if (probe_is_other_end(t->kind))
			continue;
		ask->text[n] = t->text ? xstrdup(t->text) : NULL;
		set_target(ask, n, t->kind, t->addr, t->kind == PROBE_ICMP ? 0 : t->port);
		ask->target[n].text = t->text ? (uint32_t)fnv_add(FNV_START, t->text) : 0;
		ask->target[n++].status = t->status;
	}
}

static uint32_t set_of_kind(const struct probe_ask *ask, enum probe_kind kind)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < PROBE_TARGETS_MAX; i++)
		if (ask->all >> i & 1 && ask->target[i].kind == kind)
			set |= UINT32_C(1) << i;
	return set;
}

struct probe_sets probe_ask_sets(const struct probe_ask *ask, uint32_t credible)
{
	struct probe_sets sets = { .all = ask->all, .fallback = ask->all & FALLBACK_BIT };

	sets.credible = ask->all & credible & ~sets.fallback;
	sets.cheap = set_of_kind(ask, PROBE_ICMP);
	sets.dear = set_of_kind(ask, PROBE_HTTPS);
	return sets;
}

uint32_t probe_ask_known(const struct probe_ask *ask)
{
	uint32_t set = 0;

	for (unsigned i = 0; i <= PROBE_FALLBACK; i++)
		if (ask->all >> i & 1 && probe_credit_has(ask->credit, &ask->target[i]))
			set |= UINT32_C(1) << i;
	return set;
}

bool probe_ask_is_withheld(const struct probe_ask *ask)
{
	return ask->withheld;
}

uint32_t probe_ask_one_ping(const struct probe_ask *ask, uint32_t set)
{
	uint32_t pings = set & set_of_kind(ask, PROBE_ICMP);

	if (!pings && ask->target[PROBE_FALLBACK].kind == PROBE_ICMP)
		pings = set & FALLBACK_BIT;
	return pings & -pings;
}

void probe_ask_believe(struct probe_ask *ask, unsigned target)
{
	probe_credit_add(ask->credit, &ask->target[target]);
	ask->error = 0;
}

/* ---- asking ---- */

static int open_icmp(struct probe_ask *ask)
{
	return probe_icmp_open(ask->loop, ask->device, ask->mark, ask->address, ask->callbacks, &ask->icmp);
}

/* A device that went and came back by the same name needs a new socket. */
static int ping(struct probe_ask *ask, uint16_t round, unsigned target)
{
	int r = ask->icmp ? 0 : open_icmp(ask);

	if (r == 0)
		r = probe_icmp_send(ask->icmp, round, target);
	if (r == -ENODEV || r == -ENXIO) {
		probe_icmp_close(ask->icmp);
		ask->icmp = NULL;
	}
	return r;
}

/* Of ours, as the device of the path counts them. */
static unsigned packets_of(enum probe_kind kind)
{
	switch (kind) {
	case PROBE_TCP:
		return TCP_PACKETS;
	case PROBE_HTTP:
		return HTTP_PACKETS;
	case PROBE_HTTPS:
		return HTTPS_PACKETS;
	case PROBE_LCP: /* goes by the line, below the session */
		return 0;
	default:
		return 1;
	}
}

static int ask_one(struct probe_ask *ask, uint16_t round, unsigned target)
{
	const struct probe_credit_entry *t = &ask->target[target];

	switch (t->kind) {
	case PROBE_TCP:
		return probe_conn_tcp(ask->conn, t->addr, t->port, round, target);
	case PROBE_DNS:
		return probe_conn_dns(ask->conn, t->addr, t->port, ask->text[target], round, target);
	case PROBE_HTTP:
		return probe_conn_http(ask->conn, t->addr, t->port, ask->text[target], t->status, round, target);
	case PROBE_HTTPS:
		return probe_https_ask(ask->https, t->addr, t->port, ask->text[target], t->status, round, target);
	case PROBE_LCP:
		return ask->lcp ? probe_lcp_send(ask->lcp, round, target) : -ENODEV;
	default:
		return ping(ask, round, target);
	}
}

/* Whatever kept it from leaving would have kept everybody else's packet too. */
static void note_error(struct probe_ask *ask, int r)
{
	if (r != ask->error)
		log_debug("probes over %s: %s", ask->device, strerror(-r));
	ask->error = r;
}

uint32_t probe_ask_send(struct probe_ask *ask, uint16_t round, uint32_t set)
{
	uint32_t failed = 0;

	for (unsigned i = 0; i <= PROBE_FALLBACK; i++) {
		int r = set >> i & 1 ? ask_one(ask, round, i) : 0;

		if (set >> i & 1) {
			ask->traffic.sent += packets_of(ask->target[i].kind);
			ask->withheld = r == -EPERM;
		}
		if (r == 0)
			continue;
		failed |= UINT32_C(1) << i;
		note_error(ask, r);
	}
	return failed;
}

void probe_ask_give_up(struct probe_ask *ask, uint16_t before)
{
	probe_conn_give_up(ask->conn, before);
	probe_https_give_up(ask->https, before);
}

bool probe_ask_sent(const struct probe_ask *ask, const struct icmp_echo *echo)
{
	return ask->icmp && probe_icmp_sent(ask->icmp, echo);
}

void probe_ask_count(struct probe_ask *ask, unsigned target)
{
	ask->traffic.received += ask->target[target].kind != PROBE_LCP;
}

struct probe_traffic probe_ask_traffic(const struct probe_ask *ask)
{
	return ask->traffic;
}

/* ---- start and stop ---- */

static void open_lcp(struct probe_ask *ask, const struct probe_session *session)
{
	int r = session->id ? probe_lcp_open(ask->loop, session, ask->callbacks, &ask->lcp) : 0;

	if (r < 0)
		log_debug("LCP echoes on %s: %s", session->interface, strerror(-r));
}

int probe_ask_open(struct probe_ask *ask, const struct probe_config *config, const char *device, uint32_t mark,
                   const struct probe_other_end *end)
{
	set_targets(ask, config);
	set_other_end(ask, end);
	snprintf(ask->device, sizeof(ask->device), "%s", device);
	ask->mark = mark;
	ask->error = 0;
	open_lcp(ask, &end->session);
	ask->conn = probe_conn_new(ask->loop, ask->device, mark, ask->callbacks);
	ask->https = probe_https_new(ask->loop, ask->device, mark, config->timeout_ms, ask->callbacks);
	return open_icmp(ask);
}

void probe_ask_close(struct probe_ask *ask)
{
	probe_icmp_close(ask->icmp);
	probe_lcp_close(ask->lcp);
	probe_conn_free(ask->conn);
	probe_https_free(ask->https);
	ask->icmp = NULL;
	ask->lcp = NULL;
	ask->conn = NULL;
	ask->https = NULL;
	for (unsigned i = 0; i < PROBE_TARGETS_MAX; i++) {
		free(ask->text[i]);
		ask->text[i] = NULL;
	}
}

struct probe_ask *probe_ask_new(struct ev_loop *loop, struct probe_credit *credit, const struct probe_callbacks *callbacks)
{
	struct probe_ask *ask = xcalloc(1, sizeof(*ask));

	ask->loop = loop;
	ask->credit = credit;
	ask->callbacks = callbacks;
	return ask;
}

void probe_ask_free(struct probe_ask *ask)
{
	if (!ask)
		return;
	probe_ask_close(ask);
	free(ask);
}
