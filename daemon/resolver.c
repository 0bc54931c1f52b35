/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See resolver.h.  Uses only what c-ares 1.18 (Debian 12) has and 1.34 (Debian 13) does not deprecate: of the
 * ways to ask for an AAAA record that is ares_getaddrinfo(), which also tells the TTLs.  For TXT there is no such
 * way: what 1.18 has is used, which 1.34 still has.
 */
#include "daemon/resolver.h"

#define CARES_NO_DEPRECATED
#include <arpa/nameser.h>
#include <ares.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "policy/addr6.h"
#include "policy/dname.h"

#define EDNS_SIZE 1232 /* fits every IPv6 path without fragments */

/* One socket of c-ares'. */
struct watch {
	ev_io io;
	struct watch *next;
};

struct resolver_query {
	struct ev_loop *loop;
	ares_channel channel;
	ev_timer timer;   /* c-ares' next time-out, or our limit */
	ev_timer over;    /* the callback is due: from the loop, not from inside of c-ares */
	uint64_t limit_us; /* of clock_monotonic_us() */
	char name[DNAME_TEXT_MAX + 1]; /* absolute: with a dot at its end, whatever the flags */
	struct dns_server server[DNS_SERVERS_MAX]; /* those not yet found to answer nonsense */
	size_t servers;
	struct watch *watches;
	bool timed_out, done;
	int status;       /* c-ares', once done */
	struct resolver_answer answer;
	unsigned refused; /* addresses that cannot be an AFTR's */
	resolver_fn *fn;
	resolver_text_fn *text_fn; /* instead of fn: texts were asked for */
	struct resolver_texts texts;
	void *arg;
};

/* ---- c-ares' sockets and time-outs on the loop ---- */

static void arm(struct resolver_query *q)
{
	struct timeval tv, *next = ares_timeout(q->channel, NULL, &tv);
	uint64_t now = clock_monotonic_us();
	double left = q->limit_us > now ? (double)(q->limit_us - now) / 1e6 : 0, wait = left;

	if (next && (double)next->tv_sec + (double)next->tv_usec / 1e6 < left)
		wait = (double)next->tv_sec + (double)next->tv_usec / 1e6;
	ev_timer_stop(q->loop, &q->timer);
	if (q->done) {
		ev_timer_start(q->loop, &q->over);
		return;
	}
	/* A millisecond more: woken too early, c-ares would have nothing to do and be asked again. */
	ev_timer_set(&q->timer, wait > 0 ? wait + 0.001 : 0, 0);
	ev_timer_start(q->loop, &q->timer);
}

static void on_io(struct ev_loop *loop, ev_io *w, int revents)
{
	struct resolver_query *q = w->data;
	int fd = w->fd; /* w may be gone after c-ares has closed its socket */

	(void)loop;
	ares_process_fd(q->channel, revents & EV_READ ? fd : ARES_SOCKET_BAD, revents & EV_WRITE ? fd : ARES_SOCKET_BAD);
	arm(q);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct resolver_query *q = w->data;

	(void)loop;
	(void)revents;
	if (clock_monotonic_us() >= q->limit_us) {
		q->timed_out = true;
		ares_cancel(q->channel);
	} else {
		ares_process_fd(q->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	}
	arm(q);
}

static struct watch **find(struct resolver_query *q, int fd)
{
	struct watch **at = &q->watches;

	while (*at && (*at)->io.fd != fd)
		at = &(*at)->next;
	return at;
}

/* c-ares wants to know these things of a socket; none: it is about to close it. */
static void on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct resolver_query *q = arg;
	struct watch **at = find(q, fd), *w = *at;
	int events = (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0);

	if (!w && !events)
		return;
	if (!w) {
		w = xcalloc(1, sizeof(*w));
		ev_init(&w->io, on_io);
		w->io.data = q;
		*at = w;
	}
	ev_io_stop(q->loop, &w->io);
	if (events) {
		ev_io_set(&w->io, fd, events);
		ev_io_start(q->loop, &w->io);
	} else {
		*at = w->next;
		free(w);
	}
}

/* ---- the answer ---- */

static uint32_t smaller(uint32_t a, int ttl)
{
	if (ttl < 0) /* RFC 2181 section 8: the highest bit counts as 0 */
		return 0;
	return (uint32_t)ttl < a ? (uint32_t)ttl : a;
}

static void take_address(struct resolver_query *q, const struct ares_addrinfo_node *node)
{
	struct resolver_answer *answer = &q->answer;
	struct sockaddr_in6 sa;

	if (node->ai_family != AF_INET6 || node->ai_addrlen < sizeof(sa))
		return;
	memcpy(&sa, node->ai_addr, sizeof(sa));
	if (!addr6_may_be_remote(&sa.sin6_addr)) {
		q->refused++;
		return;
	}
	for (unsigned i = 0; i < answer->count; i++)
		if (IN6_ARE_ADDR_EQUAL(&answer->address[i], &sa.sin6_addr))
			return;
	if (answer->count < RESOLVER_ADDRESSES_MAX) {
		answer->address[answer->count++] = sa.sin6_addr;
		answer->ttl_s = smaller(answer->ttl_s, node->ai_ttl);
	}
}

static void on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *result)
{
	struct resolver_query *q = arg;

	(void)timeouts;
	if (status == ARES_EDESTRUCTION)
		return;
	q->done = true;
	q->status = status;
	if (!result)
		return;
	q->answer.ttl_s = UINT32_MAX;
	for (const struct ares_addrinfo_node *node = result->nodes; node; node = node->ai_next)
		take_address(q, node);
	for (const struct ares_addrinfo_cname *alias = result->cnames; alias; alias = alias->next)
		q->answer.ttl_s = smaller(q->answer.ttl_s, alias->ttl);
	ares_freeaddrinfo(result);
}

/* A record's parts follow one another; record_start marks the first. */
static void take_text(struct resolver_texts *texts, const struct ares_txt_ext *part)
{
	for (const struct ares_txt_ext *next; part && texts->count < RESOLVER_TEXTS_MAX; part = next) {
		struct resolver_text *text = &texts->text[texts->count];
		bool fits = true;

		text->len = 0;
		next = part;
		do {
			fits = fits && next->length <= sizeof(text->byte) - text->len;
			if (fits) {
				memcpy(text->byte + text->len, next->txt, next->length);
				text->len += next->length;
			}
			next = next->next;
		} while (next && !next->record_start);
		texts->count += fits;
	}
}

static void on_text(void *arg, int status, int timeouts, unsigned char *reply, int len)
{
	struct resolver_query *q = arg;
	struct ares_txt_ext *parts;

	(void)timeouts;
	if (status == ARES_EDESTRUCTION)
		return;
	q->done = true;
	if (status == ARES_SUCCESS)
		status = ares_parse_txt_reply_ext(reply, len, &parts);
	q->status = status;
	if (status != ARES_SUCCESS)
		return;
	take_text(&q->texts, parts);
	ares_free_data(parts);
}

static const char *why_not(const struct resolver_query *q)
{
	if (q->text_fn && !q->timed_out && (q->status == ARES_SUCCESS || q->status == ARES_ENODATA))
		return "it has no text";
	if (q->timed_out)
		return "no answer";
	switch (q->status) {
	case ARES_SUCCESS: return q->refused ? "its addresses cannot be an AFTR's" : "it has no IPv6 address";
	case ARES_ENODATA: return "it has no IPv6 address";
	case ARES_ENOTFOUND: return "there is no such name";
	case ARES_ETIMEOUT: return "no answer";
	case ARES_ECONNREFUSED: return "the server cannot be reached";
	case ARES_EBADRESP: return "the answer makes no sense";
	case ARES_ESERVFAIL: return "the server failed";
	case ARES_EREFUSED: return "the server refused";
	}
	return ares_strerror(q->status);
}

static void close_channel(struct resolver_query *q)
{
	if (q->channel)
		ares_destroy(q->channel);
	q->channel = NULL;
	while (q->watches) {
		struct watch *w = q->watches;

		q->watches = w->next;
		ev_io_stop(q->loop, &w->io);
		free(w);
	}
	ev_timer_stop(q->loop, &q->timer);
	ev_timer_stop(q->loop, &q->over);
}

static void query_free(struct resolver_query *q)
{
	close_channel(q);
	ares_library_cleanup();
	free(q);
}

/* ---- the question ---- */

/* The device that all servers share, or "". */
static const char *common_device(const struct dns_server *servers, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(servers[i].device, servers[0].device) != 0)
			return "";
	return servers[0].device;
}

/* "a,b,c", with or without the interface behind a link-local address. */
static void print_servers(const struct dns_server *servers, size_t count, bool scoped, char *buf)
{
	*buf = '\0';
	for (size_t i = 0; i < count; i++) {
		char text[DNS_SERVER_STRLEN];

		dns_server_print(&servers[i], text);
		if (!scoped)
			text[strcspn(text, "%")] = '\0';
		if (i > 0)
			strcat(buf, ",");
		strcat(buf, text);
	}
}

/*
 * 1.34 wants a link-local server's interface behind it and leaves out the server otherwise; 1.18 does not
 * know that notation and needs the socket's device instead.  Asking both ways serves both.
 */
static int set_servers(struct resolver_query *q)
{
	char text[DNS_SERVERS_MAX * (DNS_SERVER_STRLEN + 1) + 1];
	int status;

	ares_set_local_dev(q->channel, common_device(q->server, q->servers));
	print_servers(q->server, q->servers, true, text);
	status = ares_set_servers_csv(q->channel, text);
	if (status == ARES_SUCCESS)
		return status;
	print_servers(q->server, q->servers, false, text);
	return ares_set_servers_csv(q->channel, text);
}

static int open_channel(struct resolver_query *q)
{
	char lookups[] = "b"; /* DNS alone, no hosts file */
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS,
		.timeout = (int)(RESOLVER_TRY_S * 1000),
		.tries = RESOLVER_TRIES,
		.ednspsz = EDNS_SIZE,
		.lookups = lookups,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = q,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_LOOKUPS |
	           ARES_OPT_DOMAINS | ARES_OPT_NOROTATE | ARES_OPT_SOCK_STATE_CB;

	if (ares_init_options(&q->channel, &options, mask) != ARES_SUCCESS) {
		q->channel = NULL;
		return -ENOMEM;
	}
	return set_servers(q) == ARES_SUCCESS ? 0 : -EINVAL;
}

static void start(struct resolver_query *q)
{
	static const struct ares_addrinfo_hints hints = { .ai_family = AF_INET6, .ai_flags = ARES_AI_NOSORT };

	if (q->text_fn)
		ares_query(q->channel, q->name, ns_c_in, ns_t_txt, on_text, q);
	else
		ares_getaddrinfo(q->channel, q->name, NULL, &hints, on_answer, q);
	arm(q);
}

/*
 * c-ares goes on to the next server where one is silent or refuses, but takes an answer that makes no sense for the last word.  It does
 * not tell whose that was: the first is left out, and so on until it was the one.  The limit of time stays.
 */
static bool ask_the_rest(struct resolver_query *q)
{
	if (q->status != ARES_EBADRESP || q->timed_out || q->servers < 2)
		return false;
	close_channel(q);
	q->servers--;
	memmove(q->server, q->server + 1, q->servers * sizeof(q->server[0]));
	q->answer.count = q->refused = q->texts.count = 0;
	if (open_channel(q) < 0)
		return false;
	q->done = false;
	start(q);
	return true;
}

static void on_over(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct resolver_query *q = w->data;
	const char *why = q->answer.count || q->texts.count ? NULL : why_not(q);
	struct resolver_query last = *q; /* the callback may want to ask again, or to free all */
	bool absent = !q->timed_out && (q->status == ARES_ENODATA || q->status == ARES_ENOTFOUND);

	(void)loop;
	(void)revents;
	if (ask_the_rest(q))
		return;
	query_free(q);
	if (last.text_fn)
		last.text_fn(last.arg, why ? NULL : &last.texts, absent, why);
	else
		last.fn(last.arg, why ? NULL : &last.answer, why);
}

/* what: fn or text_fn, and arg. */
static int ask(struct ev_loop *loop, const char *name, const struct dns_server *servers, size_t count,
               const struct resolver_query *what, struct resolver_query **out)
{
	struct resolver_query *q;
	int r;

	if (count == 0 || count > DNS_SERVERS_MAX || !dname_is_valid(name))
		return -EINVAL;
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		return -ENOMEM;
	q = xcalloc(1, sizeof(*q));
	*q = *what;
	q->loop = loop;
	q->limit_us = clock_monotonic_us() + (uint64_t)(RESOLVER_LIMIT_S * 1e6);
	snprintf(q->name, sizeof(q->name), "%s%s", name, name[strlen(name) - 1] == '.' ? "" : ".");
	memcpy(q->server, servers, count * sizeof(*servers));
	q->servers = count;
	ev_init(&q->timer, on_timer);
	ev_init(&q->over, on_over);
	q->timer.data = q->over.data = q;
	r = open_channel(q);
	if (r < 0) {
		query_free(q);
		return r;
	}
	start(q);
	*out = q;
	return 0;
}

int resolver_ask(struct ev_loop *loop, const char *name, const struct dns_server *servers, size_t count,
                 resolver_fn *fn, void *arg, struct resolver_query **out)
{
	return ask(loop, name, servers, count, &(struct resolver_query){ .fn = fn, .arg = arg }, out);
}

int resolver_ask_text(struct ev_loop *loop, const char *name, const struct dns_server *servers, size_t count,
                      resolver_text_fn *fn, void *arg, struct resolver_query **out)
{
	return ask(loop, name, servers, count, &(struct resolver_query){ .text_fn = fn, .arg = arg }, out);
}

void resolver_cancel(struct resolver_query *query)
{
	if (query)
		query_free(query);
}
