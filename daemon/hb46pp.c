/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See hb46pp.h.  A round: ask_record() -> on_texts() -> ask_host() -> on_host() -> ask_server() -> on_answer(), which
 * goes back to ask_host() for a redirect; finish() is its end, whatever came.
 */
#include "daemon/hb46pp.h"

#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/hb46pp_json.h"
#include "daemon/hb46pp_store.h"
#include "daemon/http.h"
#include "daemon/log.h"
#include "daemon/random.h"
#include "daemon/resolver.h"
#include "policy/utf8.h"

#define LIMIT_S 15         /* for one answer */
#define BODY_MAX 131072    /* 256 rules of MAP-E, which are none of ours, and some */
#define LATELY_MS 600000

struct hb46pp {
	struct ev_loop *loop;
	char interface[IFNAMSIZ];
	char *state_dir;
	struct hb46pp_callbacks callbacks;
	void *arg;

	bool running, asking;
	enum hb46pp_end last;  /* how the last round ended ... */
	uint64_t ended_ms;     /* ... and when, monotonic; 0: there was none for this prefix */
	struct in6_addr prefix;
	struct resolver_query *query;
	struct http_get *get;
	ev_timer again;
	struct hb46pp_server server;
	unsigned redirects;

	struct hb46pp_offer offer; /* of it what counts now: ways, and of the last answer what they lack */
	char trouble[200];
	struct hb46pp_memory kept;
};

/* ---- the end of a round ---- */

static void keep(struct hb46pp *hb, const struct hb46pp_offer *offer)
{
	struct hb46pp_memory now = hb->kept;

	now.prefix = hb->prefix;
	now.ways = offer->ways;
	if (*offer->token)
		strcpy(now.token, offer->token);
	if (hb46pp_memory_equal(&now, &hb->kept))
		return;
	hb46pp_store_write(hb->state_dir, hb->interface, &now);
	hb->kept = now;
}

/* Section 3.5: what was told before may be used while the server is out of reach. */
static void use_kept(struct hb46pp *hb)
{
	if (!*hb->offer.ways.aftr && !hb->offer.ways.tunnels && IN6_ARE_ADDR_EQUAL(&hb->kept.prefix, &hb->prefix))
		hb->offer.ways = hb->kept.ways;
}

static void finish(struct hb46pp *hb, enum hb46pp_end end, uint32_t ttl_s)
{
	uint32_t wait_s = hb46pp_wait_s(end, ttl_s, random_number());

	hb->asking = false;
	hb->last = end;
	hb->ended_ms = clock_monotonic_ms();
	if (end == HB46PP_NO_RECORD)
		hb->offer = (struct hb46pp_offer){ .ttl_s = 0 };
	else if (end != HB46PP_ANSWERED)
		use_kept(hb);
	ev_timer_stop(hb->loop, &hb->again);
	ev_timer_set(&hb->again, wait_s, 0);
	ev_timer_start(hb->loop, &hb->again);
	log_debug("provisioning on %s: %s; again in %u s", hb->interface,
	          *hb->trouble ? hb->trouble : *hb->offer.offered ? hb->offer.offered : "nothing", wait_s);
	hb->callbacks.changed(hb->arg);
}

__attribute__((format(printf, 3, 4))) static void fail(struct hb46pp *hb, enum hb46pp_end end, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	utf8_vprint(hb->trouble, sizeof(hb->trouble), format, args);
	va_end(args);
	finish(hb, end, 0);
}

/* About the server, which is named. */
static void fail_server(struct hb46pp *hb, const char *why)
{
	fail(hb, HB46PP_NO_ANSWER, "the provider's server %s: %s", *hb->server.url.host ? hb->server.url.host : hb->server.url.text, why);
}

/* ---- the server ---- */

static void ask_host(struct hb46pp *hb);

static void read_offer(struct hb46pp *hb, const struct http_answer *answer)
{
	struct hb46pp_offer offer;
	const char *fault = hb46pp_json_read(answer->body, answer->len, &offer);

	if (fault) {
		fail_server(hb, fault);
		return;
	}
	hb->offer = offer;
	keep(hb, &offer);
	hb->trouble[0] = '\0';
	finish(hb, HB46PP_ANSWERED, offer.ttl_s);
}

static void redirect(struct hb46pp *hb, const struct http_answer *answer)
{
	const char *fault = hb->redirects++ < HB46PP_REDIRECTS_MAX ? hb46pp_redirect(&hb->server, answer->location)
	                                                           : "it leads from server to server";

	if (fault)
		fail_server(hb, fault);
	else
		ask_host(hb);
}

static void on_answer(void *arg, const struct http_answer *answer, const char *why)
{
	struct hb46pp *hb = arg;
	char text[80];

	hb->get = NULL;
	if (!answer) {
		fail_server(hb, why);
	} else if (answer->code == 200) {
		read_offer(hb, answer);
	} else if (answer->code == 307) {
		redirect(hb, answer);
	} else {
		snprintf(text, sizeof(text), "it answers with code %u%s", answer->code,
		         answer->code == 403 || answer->code == 404 ? " (it does not know this line)" : "");
		fail_server(hb, text);
	}
}

static void ask_server(struct hb46pp *hb, const struct in6_addr *address, unsigned addresses)
{
	char url[URL_TEXT_MAX + 256];
	struct http_request request = {
		.url = url,
		.interface = hb->interface,
		.host = *hb->server.url.host ? hb->server.url.host : NULL,
		.port = hb->server.url.port,
		.address = address,
		.addresses = addresses,
		.verify = hb->server.verify,
		.limit_s = LIMIT_S,
		.body_max = BODY_MAX,
	};
	int r;

	hb46pp_question(&hb->server.url, PACKAGE_VERSION, hb->kept.token, url);
	r = http_get(hb->loop, &request, on_answer, hb, &hb->get);
	if (r < 0)
		fail_server(hb, strerror(-r));
}

static void on_host(void *arg, const struct resolver_answer *answer, const char *why)
{
	struct hb46pp *hb = arg;

	hb->query = NULL;
	if (answer)
		ask_server(hb, answer->address, answer->count < HTTP_ADDRESSES_MAX ? answer->count : HTTP_ADDRESSES_MAX);
	else
		fail_server(hb, why);
}

static void ask_host(struct hb46pp *hb)
{
	struct dns_server servers[DNS_SERVERS_MAX];
	size_t count = hb->callbacks.servers(hb->arg, servers);

	if (!*hb->server.url.host)
		ask_server(hb, NULL, 0);
	else if (resolver_ask(hb->loop, hb->server.url.host, servers, count, on_host, hb, &hb->query) < 0)
		fail_server(hb, "nobody is known who could be asked for its address");
}

/* ---- the record ---- */

static void on_texts(void *arg, const struct resolver_texts *texts, bool known_absent, const char *why)
{
	struct hb46pp *hb = arg;
	const char *fault = why;

	hb->query = NULL;
	if (!texts) {
		fail(hb, known_absent ? HB46PP_NO_RECORD : HB46PP_NO_DNS, "the line's name servers tell no provisioning server: %s", why);
		return;
	}
	for (unsigned i = 0; i < texts->count; i++) {
		fault = hb46pp_record_parse(texts->text[i].byte, texts->text[i].len, &hb->server);
		if (!fault) {
			ask_host(hb);
			return;
		}
	}
	fail(hb, HB46PP_NO_DNS, "the record of " HB46PP_NAME " is not usable: %s", fault);
}

static void ask_record(struct hb46pp *hb)
{
	struct dns_server servers[DNS_SERVERS_MAX];
	size_t count = hb->callbacks.servers(hb->arg, servers);

	hb->asking = true;
	hb->redirects = 0;
	ev_timer_stop(hb->loop, &hb->again);
	if (count == 0)
		fail(hb, HB46PP_NO_DNS, "the line has named no name servers");
	else if (resolver_ask_text(hb->loop, HB46PP_NAME, servers, count, on_texts, hb, &hb->query) < 0)
		fail(hb, HB46PP_NO_DNS, "a name server's address is not usable");
}

static void on_again(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	ask_record(w->data);
}

/* ---- from outside ---- */

static void cancel(struct hb46pp *hb)
{
	resolver_cancel(hb->query);
	http_cancel(hb->get);
	hb->query = NULL;
	hb->get = NULL;
	hb->asking = false;
	ev_timer_stop(hb->loop, &hb->again);
}

/* Of a prefix that we have left nothing is told any more: what was told of it stays with whoever uses it. */
static void take_prefix(struct hb46pp *hb, const struct in6_addr *local)
{
	struct in6_addr prefix = { 0 };

	memcpy(prefix.s6_addr, local->s6_addr, 8);
	if (memcmp(&prefix, &hb->prefix, sizeof(prefix)) == 0)
		return;
	hb->prefix = prefix;
	cancel(hb);
	hb->ended_ms = 0;
	hb->offer = (struct hb46pp_offer){ .ttl_s = 0 };
	hb->trouble[0] = '\0';
}

void hb46pp_start(struct hb46pp *hb, const struct in6_addr *local)
{
	bool lately;

	take_prefix(hb, local);
	lately = hb->running && hb->ended_ms && hb->last != HB46PP_NO_DNS && clock_monotonic_ms() - hb->ended_ms < LATELY_MS;
	hb->running = true;
	if (!hb->asking && !lately)
		ask_record(hb);
}

void hb46pp_stop(struct hb46pp *hb)
{
	cancel(hb);
	hb->running = false;
}

void hb46pp_recall(struct hb46pp *hb)
{
	use_kept(hb);
}

bool hb46pp_is_asking(const struct hb46pp *hb)
{
	return hb->asking;
}

const struct hb46pp_ways *hb46pp_ways(const struct hb46pp *hb)
{
	return &hb->offer.ways;
}

void hb46pp_trouble(const struct hb46pp *hb, bool tunnel, char *buf, size_t size)
{
	if (*hb->trouble || !hb->ended_ms)
		snprintf(buf, size, "%s", hb->trouble);
	else
		hb46pp_offer_lacks(&hb->offer, tunnel, buf, size);
}

struct hb46pp *hb46pp_new(struct ev_loop *loop, const char *interface, const char *state_dir,
                          const struct hb46pp_callbacks *callbacks, void *arg)
{
	struct hb46pp *hb = xcalloc(1, sizeof(*hb));

	hb->loop = loop;
	snprintf(hb->interface, sizeof(hb->interface), "%s", interface);
	hb->state_dir = xstrdup(state_dir);
	hb->callbacks = *callbacks;
	hb->arg = arg;
	ev_init(&hb->again, on_again);
	hb->again.data = hb;
	if (hb46pp_store_read(state_dir, interface, &hb->kept) < 0)
		hb->kept = (struct hb46pp_memory){ .token = "" };
	return hb;
}

void hb46pp_free(struct hb46pp *hb)
{
	if (!hb)
		return;
	cancel(hb);
	free(hb->state_dir);
	free(hb);
}
