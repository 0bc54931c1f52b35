/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See name_watch.h. */
#include "daemon/name_watch.h"

#include <stdio.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/random.h"
#include "policy/backoff.h"

static void print_servers(const struct dns_server *servers, size_t count, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < count && used < size; i++) {
		char text[DNS_SERVER_STRLEN];

		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "", dns_server_print(&servers[i], text));
	}
}

static void again_after(struct name_watch *w, ev_tstamp seconds)
{
	ev_timer_stop(w->loop, &w->again);
	ev_timer_set(&w->again, seconds, 0);
	ev_timer_start(w->loop, &w->again);
}

static void fail(struct name_watch *w, const char *why)
{
	struct backoff backoff = { .failures = { [BACKOFF_LINE] = w->failures } };
	uint32_t wait_ms = backoff_next(&backoff, BACKOFF_LINE, random_number());

	w->failures = backoff.failures[BACKOFF_LINE];
	w->tried = w->failed = true;
	snprintf(w->why, sizeof(w->why), "%s", why);
	log_debug("asked %s for %s: %s; again in %u ms", *w->asked ? w->asked : "nobody", w->name, why, wait_ms);
	again_after(w, wait_ms / 1000.0);
	w->callbacks.changed(w->arg);
}

static void on_answer(void *arg, const struct resolver_answer *answer, const char *why)
{
	struct name_watch *w = arg;
	uint32_t ttl;

	w->query = NULL;
	if (!answer) {
		fail(w, why);
		return;
	}
	ttl = answer->ttl_s < NAME_WATCH_TTL_MIN_S ? NAME_WATCH_TTL_MIN_S : answer->ttl_s;
	w->failures = 0;
	w->tried = true;
	w->failed = false;
	w->count = answer->count;
	memcpy(w->address, answer->address, sizeof(w->address));
	again_after(w, ttl < NAME_WATCH_TTL_MAX_S ? ttl : NAME_WATCH_TTL_MAX_S);
	w->callbacks.changed(w->arg);
}

static void on_again(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct name_watch *w = timer->data;
	struct dns_server servers[DNS_SERVERS_MAX];
	size_t count = w->callbacks.servers(w->arg, servers);

	(void)revents;
	print_servers(servers, count, w->asked, sizeof(w->asked));
	if (count == 0)
		fail(w, "no name server is known");
	else if (resolver_ask(loop, w->name, servers, count, on_answer, w, &w->query) < 0)
		fail(w, "the name or a server's address is not usable");
}

void name_watch_init(struct name_watch *watch, struct ev_loop *loop, const struct name_watch_callbacks *callbacks,
                     void *arg)
{
	*watch = (struct name_watch){ .loop = loop, .callbacks = *callbacks, .arg = arg };
	ev_init(&watch->again, on_again);
	watch->again.data = watch;
}

void name_watch_start(struct name_watch *watch, const char *name)
{
	name_watch_stop(watch);
	if (strcmp(name, watch->name) != 0) {
		snprintf(watch->name, sizeof(watch->name), "%s", name);
		watch->count = 0;
	}
	watch->running = true;
	watch->tried = watch->failed = false;
	watch->failures = 0;
	again_after(watch, 0);
}

void name_watch_stop(struct name_watch *watch)
{
	resolver_cancel(watch->query);
	watch->query = NULL;
	ev_timer_stop(watch->loop, &watch->again);
	watch->running = false;
}
