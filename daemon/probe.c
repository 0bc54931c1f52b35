/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe.h. */
#include "daemon/probe.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fnv.h"
#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/probe_conn.h"
#include "daemon/probe_credit.h"
#include "daemon/probe_https.h"
#include "daemon/probe_icmp.h"
#include "daemon/probe_lcp.h"
#include "daemon/random.h"
#include "policy/probe_pace.h"
#include "policy/probe_rounds.h"

#define QUICK_MS 200
#define QUICK_DEAR_MS 1000 /* where each round starts a program */
#define FALLBACK_BIT (UINT32_C(1) << PROBE_FALLBACK)
/* A round that nobody has answered by so many times the usual is suspect. */
#define SUSPICION_TIMES 4
#define SUSPICION_LEAST_US 100000
/* So long a path may be silent though its timeout is longer: a line whose queue has just filled answers late. */
#define SILENCE_LEAST_MS 750
#define SILENCE_TIMES 3
#define DOWN_AFTER_USUAL 3
/* The first two questions of a burst are close together: where the line itself says that it is lost, two of its
 * words are a verdict. */
#define BURST_FIRST_US 10000
#define BURST_NEXT_US 60000
#define BURST_LEAST_US 100000
#define JITTER_PERCENT 5 /* to either side: probes of many homes do not march in step */
#define TCP_PACKETS 3      /* of ours in a connection that is accepted and reset */
#define HTTP_PACKETS 5     /* and in one with a question and an answer */
#define HTTPS_PACKETS 9    /* and over TLS */
#define ALMOST_US 1000   /* what is due within this is done in the same wake-up */

/* ---- the prober ---- */

struct prober {
	struct ev_loop *loop;
	struct probe_credit *credit;
	probe_round_fn *fn;
	void *arg;
	struct probe_callbacks callbacks; /* from the sockets to here */
	void (*look)(void *arg);          /* NULL: nobody counts packets */
	void *look_arg;
	unsigned generation;              /* of start and stop: a callback may call them */
	bool running, quick;
	bool bursting;
	bool told; /* somebody says that what is sent cannot be delivered, since a burst last asked */
	uint16_t burst_round;
	uint64_t burst_next_us; /* when its targets are asked again; UINT64_MAX: not any more */
	bool last_answered; /* the last report: only what worked a moment ago can be suspect */
	struct probe_pace pace;
	struct probe_traffic traffic;
	unsigned down_after;
	bool measures; /* loss or latency are of interest: nothing is saved on rounds */
	uint32_t last_asked;
	uint32_t usual_us; /* a good round's best answer, smoothed; 0: not known */
	uint32_t interval_ms;
	char device[IFNAMSIZ];
	uint32_t mark;
	uint32_t asked; /* the set of those below that are in use */
	uint32_t address[PROBE_TARGETS_MAX + 1];
	struct probe_credit_entry target[PROBE_TARGETS_MAX + 1];
	char *text[PROBE_TARGETS_MAX]; /* the name or page that a server is asked for; NULL for other targets.  Owned */
	struct probe_icmp *icmp; /* NULL: could not be opened */
	struct probe_lcp *lcp;   /* NULL likewise, or there is no session */
	struct probe_conn *conn;
	struct probe_https *https;
	struct probe_rounds rounds;
	ev_timer timer;
	uint64_t last_us, next_us; /* when the last round began and the next one will */
	int error; /* the last one that was told of; 0: none since */
};

/* ---- when ---- */

static uint32_t set_of_kind(const struct prober *p, enum probe_kind kind)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < PROBE_TARGETS_MAX; i++)
		if (p->asked >> i & 1 && p->target[i].kind == kind)
			set |= UINT32_C(1) << i;
	return set;
}

static struct probe_sets sets_of(const struct prober *p)
{
	struct probe_sets sets = { .all = p->asked, .fallback = p->asked & FALLBACK_BIT };

	sets.credible = p->asked & p->rounds.credible & ~sets.fallback;
	sets.cheap = set_of_kind(p, PROBE_ICMP);
	sets.dear = set_of_kind(p, PROBE_HTTPS);
	return sets;
}

/* An interval with its jitter. */
static uint64_t spread_us(uint32_t ms)
{
	uint64_t jitter = (uint64_t)ms * 1000 * JITTER_PERCENT / 100;

	return (uint64_t)ms * 1000 - jitter + random_number() % (2 * jitter + 1);
}

static uint32_t interval_ms(const struct prober *p)
{
	const struct probe_sets sets = sets_of(p);
	uint32_t quick = probe_pace_needs_dear(&sets, p->rounds.quorum) ? QUICK_DEAR_MS : QUICK_MS;

	return p->quick && p->interval_ms > quick ? quick : p->interval_ms;
}

/* Only what worked a moment ago can be suspect. */
static bool may_be_suspect(const struct prober *p)
{
	return p->running && p->usual_us && p->last_answered && !p->quick && !p->bursting;
}

/* When the last round becomes suspect; UINT64_MAX: never. */
static uint64_t suspect_at(const struct prober *p)
{
	uint64_t after = (uint64_t)p->usual_us * SUSPICION_TIMES;

	if (!may_be_suspect(p) || !probe_rounds_waits(&p->rounds))
		return UINT64_MAX;
	return p->last_us + (after > SUSPICION_LEAST_US ? after : SUSPICION_LEAST_US);
}

/* How long a path may be silent. */
static uint64_t silence_us(const struct prober *p)
{
	uint64_t us = (uint64_t)p->usual_us * SILENCE_TIMES;

	if (us < SILENCE_LEAST_MS * 1000)
		us = SILENCE_LEAST_MS * 1000;
	if (us > p->rounds.timeout_us)
		us = p->rounds.timeout_us;
	return p->down_after > DOWN_AFTER_USUAL ? us * p->down_after / DOWN_AFTER_USUAL : us;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* One timer for all: the next round or question, and the end of a round that got too few answers, or is late. */
static void arm(struct prober *p)
{
	uint64_t now = clock_monotonic_us();
	uint64_t at = earlier(probe_rounds_deadline(&p->rounds), p->bursting ? p->burst_next_us : p->next_us);

	at = earlier(at, suspect_at(p));

	ev_timer_stop(p->loop, &p->timer);
	ev_now_update(p->loop); /* a delay counts from the loop's idea of now */
	ev_timer_set(&p->timer, at > now ? (double)(at - now) / 1e6 : 0, 0);
	ev_timer_start(p->loop, &p->timer);
}

static void note_usual(struct prober *p, const struct health_round *round)
{
	if (round->late)
		return;
	if (round->burst) {
		p->bursting = false;
		p->next_us = clock_monotonic_us() + spread_us(interval_ms(p));
	}
	p->last_answered = health_round_is_good(p->rounds.quorum, round);
	probe_pace_round(&p->pace, p->last_answered);
	if (!round->answered || round->best_rtt_us == UINT32_MAX)
		return;
	p->usual_us = p->usual_us ? (uint32_t)(((uint64_t)p->usual_us * 7 + round->best_rtt_us) / 8) : round->best_rtt_us;
	p->usual_us += !p->usual_us;
}

/* ---- asking ---- */

static int open_icmp(struct prober *p)
{
	return probe_icmp_open(p->loop, p->device, p->mark, p->address, &p->callbacks, &p->icmp);
}

/* A device that went and came back by the same name needs a new socket. */
static int ask_icmp(struct prober *p, uint16_t round, unsigned target)
{
	int r = p->icmp ? 0 : open_icmp(p);

	if (r == 0)
		r = probe_icmp_send(p->icmp, round, target);
	if (r == -ENODEV || r == -ENXIO) {
		probe_icmp_close(p->icmp);
		p->icmp = NULL;
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

static void ask(struct prober *p, uint16_t round, unsigned target)
{
	const struct probe_credit_entry *t = &p->target[target];
	int r;

	p->traffic.sent += packets_of(t->kind);
	if (t->kind == PROBE_TCP)
		r = probe_conn_tcp(p->conn, t->addr, t->port, round, target);
	else if (t->kind == PROBE_DNS)
		r = probe_conn_dns(p->conn, t->addr, t->port, p->text[target], round, target);
	else if (t->kind == PROBE_HTTP)
		r = probe_conn_http(p->conn, t->addr, t->port, p->text[target], t->status, round, target);
	else if (t->kind == PROBE_HTTPS)
		r = probe_https_ask(p->https, t->addr, t->port, p->text[target], t->status, round, target);
	else if (t->kind == PROBE_LCP)
		r = p->lcp ? probe_lcp_send(p->lcp, round, target) : -ENODEV;
	else
		r = ask_icmp(p, round, target);
	if (r == 0)
		return;
	/* Whatever kept it from leaving would have kept everybody else's packet too. */
	probe_rounds_failed(&p->rounds, round, target);
	if (r != p->error)
		log_debug("probes over %s: %s", p->device, strerror(-r));
	p->error = r;
}

static void load_credit(struct prober *p)
{
	for (unsigned i = 0; i <= PROBE_FALLBACK; i++)
		if (p->asked >> i & 1 && probe_credit_has(p->credit, &p->target[i]))
			p->rounds.credible |= UINT32_C(1) << i;
}

static void ask_all(struct prober *p, uint16_t number, uint32_t set)
{
	for (unsigned i = 0; i <= PROBE_FALLBACK; i++)
		if (set >> i & 1)
			ask(p, number, i);
}

static void begin_round(struct prober *p)
{
	uint32_t ms = interval_ms(p);
	struct probe_sets sets;
	uint16_t number;

	load_credit(p);
	sets = sets_of(p);
	p->last_us = clock_monotonic_us();
	p->last_asked = p->measures ? p->asked : probe_pace_next(&p->pace, &sets, p->rounds.quorum, &ms);
	p->last_asked = probe_pace_spare(&p->pace, &sets, p->last_asked, p->rounds.quorum, p->last_us);
	p->next_us = p->last_us + spread_us(ms);
	number = probe_rounds_begin(&p->rounds, p->last_asked, p->last_us);
	probe_conn_give_up(p->conn, p->rounds.first);
	probe_https_give_up(p->https, p->rounds.first);
	ask_all(p, number, p->last_asked);
}

/* Who says that something cannot be delivered is mostly allowed to say it a few times a second only, of the home's packets
 * and of ours; and of one target it is as good as of all. */
static void ask_burst(struct prober *p, uint32_t set)
{
	uint32_t cheap = set & set_of_kind(p, PROBE_ICMP);

	if (!cheap && p->target[PROBE_FALLBACK].kind == PROBE_ICMP)
		cheap = set & FALLBACK_BIT;
	if (p->told && cheap)
		set = cheap & -cheap;
	p->told = false;
	ask_all(p, p->burst_round, set);
}

/* Why a path is asked in a burst. */
enum doubt {
	DOUBT_SILENT,
	DOUBT_TOLD,  /* somebody says that a packet of the home cannot be delivered */
	DOUBT_FAILED /* or that a question of ours cannot: once more is enough */
};

static void begin_burst(struct prober *p, uint64_t since_us, enum doubt doubt)
{
	uint64_t now = clock_monotonic_us(), judge = since_us + silence_us(p);

	if (p->last_asked != p->asked && probe_rounds_waits(&p->rounds))
		probe_pace_late(&p->pace, p->last_asked);
	load_credit(p);
	if (judge < now + BURST_LEAST_US)
		judge = now + BURST_LEAST_US;
	p->bursting = true;
	p->burst_next_us = now + BURST_FIRST_US;
	p->burst_round = probe_rounds_burst(&p->rounds, p->asked, now, judge);
	if (doubt == DOUBT_FAILED)
		probe_rounds_again(&p->rounds, p->burst_round);
	p->told = doubt != DOUBT_SILENT;
	ask_burst(p, p->asked);
}

static void ask_burst_again(struct prober *p)
{
	p->burst_next_us = clock_monotonic_us() + BURST_NEXT_US;
	if (p->burst_next_us > probe_rounds_deadline(&p->rounds))
		p->burst_next_us = UINT64_MAX;
	ask_burst(p, probe_rounds_again(&p->rounds, p->burst_round));
}

/* ---- telling ---- */

/* A bad round after good ones, also one that failed before it was late. */
static bool is_first_bad(const struct prober *p, const struct health_round *round)
{
	return !round->late && !round->burst && may_be_suspect(p) && !health_round_is_good(p->rounds.quorum, round);
}

/* The burst is told of in its place; what was lost in it is told of with that. */
static void ask_instead(struct prober *p, const struct health_round *round)
{
	p->rounds.sent += round->sent;
	p->rounds.lost += round->lost;
	p->rounds.uncounted += round->uncounted;
	begin_burst(p, p->last_us,
	            clock_monotonic_us() < p->last_us + p->rounds.timeout_us ? DOUBT_FAILED : DOUBT_SILENT);
}

/* Tell of what is ripe.  False: a callback stopped us, or started us anew. */
static bool report(struct prober *p)
{
	unsigned generation = p->generation;
	struct health_round round;

	while (probe_rounds_next(&p->rounds, clock_monotonic_us(), &round)) {
		if (is_first_bad(p, &round)) {
			ask_instead(p, &round);
			continue;
		}
		note_usual(p, &round);
		p->fn(p->arg, &round);
		if (p->generation != generation)
			return false;
	}
	return true;
}

/* What it is time for.  Reports come before and after.  What came before a burst is counted first, lest it be taken for
 * something that came after it. */
static void act(struct prober *p)
{
	uint64_t soon = clock_monotonic_us() + ALMOST_US;

	if (suspect_at(p) <= soon && p->look)
		p->look(p->look_arg);
	if (suspect_at(p) <= soon)
		begin_burst(p, p->last_us, DOUBT_SILENT);
	else if (p->bursting && p->burst_next_us <= soon)
		ask_burst_again(p);
	else if (!p->bursting && p->next_us <= soon)
		begin_round(p);
}

/* Packets are counted now and then alone: what came since is not to be overlooked. */
static void look_before_verdict(struct prober *p)
{
	if (p->bursting && p->look && probe_rounds_deadline(&p->rounds) <= clock_monotonic_us())
		p->look(p->look_arg);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct prober *p = timer->data;

	(void)loop;
	(void)revents;
	look_before_verdict(p);
	if (!report(p))
		return;
	act(p);
	if (report(p))
		arm(p);
}

/* ---- answers ---- */

static void on_result(void *arg, uint16_t round, unsigned target, int result)
{
	struct prober *p = arg;

	if (result < 0) {
		probe_rounds_failed(&p->rounds, round, target);
		return;
	}
	p->traffic.received += p->target[target].kind != PROBE_LCP;
	if (!probe_rounds_answer(&p->rounds, round, target, clock_monotonic_us()))
		return;
	probe_credit_add(p->credit, &p->target[target]);
	p->error = 0;
}

static void on_done(void *arg)
{
	struct prober *p = arg;

	if (report(p))
		arm(p);
}

static void on_heard(void *arg)
{
	prober_heard(arg);
}

/* ---- start and stop ---- */

static void set_target(struct prober *p, unsigned i, enum probe_kind kind, uint32_t addr, uint16_t port)
{
	p->target[i] = (struct probe_credit_entry){ .kind = kind, .addr = addr, .port = port };
	p->address[i] = addr;
	p->asked |= UINT32_C(1) << i;
}

static uint32_t end_of(const struct mac *mac)
{
	return (uint32_t)mac->byte[2] << 24 | (uint32_t)mac->byte[3] << 16 | (uint32_t)mac->byte[4] << 8 | mac->byte[5];
}

static void set_other_end(struct prober *p, const struct probe_other_end *end)
{
	int r;

	if (end->address)
		set_target(p, PROBE_FALLBACK, PROBE_ICMP, end->address, 0);
	if (!end->session.id)
		return;
	set_target(p, PROBE_FALLBACK, PROBE_LCP, end_of(&end->session.ac), 0);
	r = probe_lcp_open(p->loop, &end->session, &p->callbacks, &p->lcp);
	if (r < 0)
		log_debug("LCP echoes on %s: %s", end->session.interface, strerror(-r));
}

static void set_targets(struct prober *p, const struct probe_config *config, const struct probe_other_end *end)
{
	unsigned n = 0;

	p->asked = 0;
	for (size_t i = 0; i < config->targets && n < PROBE_TARGETS_MAX; i++) {
		const struct probe_target *t = &config->target[i];

		if (probe_is_other_end(t->kind))
			continue;
		p->text[n] = t->text ? xstrdup(t->text) : NULL;
		set_target(p, n, t->kind, t->addr, t->kind == PROBE_ICMP ? 0 : t->port);
		p->target[n].text = t->text ? (uint32_t)fnv_add(FNV_START, t->text) : 0;
		p->target[n++].status = t->status;
	}
	set_other_end(p, end);
}

int prober_start(struct prober *p, const struct probe_config *config, const char *device, uint32_t mark,
                 const struct probe_other_end *end, bool quick)
{
	prober_stop(p);
	set_targets(p, config, end);
	probe_rounds_init(&p->rounds, (uint64_t)config->timeout_ms * 1000, config->quorum);
	snprintf(p->device, sizeof(p->device), "%s", device);
	p->mark = mark;
	p->interval_ms = config->interval_ms;
	p->quick = quick;
	p->down_after = config->down_after;
	p->measures = config->max_loss_percent || config->max_rtt_ms;
	p->bursting = p->last_answered = false;
	p->pace = (struct probe_pace){ 0 };
	p->usual_us = 0;
	p->error = 0;
	p->conn = probe_conn_new(p->loop, p->device, mark, &p->callbacks);
	p->https = probe_https_new(p->loop, p->device, mark, config->timeout_ms, &p->callbacks);
	p->running = true;
	p->last_us = p->next_us = clock_monotonic_us();
	arm(p);
	return open_icmp(p);
}

bool prober_other_end_is_known(const struct prober *p)
{
	return p->asked & FALLBACK_BIT && probe_credit_has(p->credit, &p->target[PROBE_FALLBACK]);
}

void prober_quick(struct prober *p, bool quick)
{
	if (!p->running || p->quick == quick)
		return;
	p->quick = quick;
	p->next_us = quick ? clock_monotonic_us() : p->last_us + spread_us(p->interval_ms);
	arm(p);
}

static void suspect(struct prober *p, uint64_t since_us, enum doubt doubt)
{
	if (!may_be_suspect(p))
		return;
	begin_burst(p, since_us, doubt);
	arm(p);
}

void prober_suspect(struct prober *p, uint64_t since_us)
{
	suspect(p, since_us, DOUBT_SILENT);
}

void prober_told(struct prober *p)
{
	suspect(p, clock_monotonic_us(), DOUBT_TOLD);
}

void prober_alive(struct prober *p)
{
	if (!p->running || p->quick)
		return;
	probe_rounds_absorb(&p->rounds);
	p->bursting = false;
	if (!p->measures)
		p->next_us = clock_monotonic_us() + spread_us(p->interval_ms);
	arm(p);
}

void prober_heard(struct prober *p)
{
	if (!p->running || !p->bursting)
		return;
	probe_rounds_heard(&p->rounds, p->burst_round);
	if (p->burst_next_us == UINT64_MAX)
		p->burst_next_us = clock_monotonic_us();
	arm(p);
}

/* Whatever else was asked with it had to go the same way. */
void prober_unreachable(struct prober *p, const struct icmp_echo *echo)
{
	if (!p->running || !p->icmp || !probe_icmp_sent(p->icmp, echo))
		return;
	for (unsigned i = 0; i <= PROBE_FALLBACK; i++)
		probe_rounds_failed(&p->rounds, echo->sequence, i);
	p->told = p->bursting;
	if (report(p))
		arm(p);
}

void prober_set_look(struct prober *p, void (*look)(void *arg), void *arg)
{
	p->look = look;
	p->look_arg = arg;
}

struct probe_traffic prober_traffic(const struct prober *p)
{
	return p->traffic;
}

void prober_stop(struct prober *p)
{
	p->generation++;
	p->running = false;
	ev_timer_stop(p->loop, &p->timer);
	probe_icmp_close(p->icmp);
	probe_lcp_close(p->lcp);
	probe_conn_free(p->conn);
	probe_https_free(p->https);
	for (unsigned i = 0; i < PROBE_TARGETS_MAX; i++) {
		free(p->text[i]);
		p->text[i] = NULL;
	}
	p->icmp = NULL;
	p->lcp = NULL;
	p->conn = NULL;
	p->https = NULL;
}

struct prober *prober_new(struct ev_loop *loop, struct probe_credit *credit, probe_round_fn *fn, void *arg)
{
	struct prober *p = xcalloc(1, sizeof(*p));

	p->loop = loop;
	p->credit = credit;
	p->fn = fn;
	p->arg = arg;
	p->callbacks = (struct probe_callbacks){ .result = on_result, .done = on_done, .arg = p, .heard = on_heard };
	ev_timer_init(&p->timer, on_timer, 0, 0);
	p->timer.data = p;
	return p;
}

void prober_free(struct prober *p)
{
	if (!p)
		return;
	prober_stop(p);
	free(p);
}
