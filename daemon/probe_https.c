/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_https.h. */
#include "daemon/probe_https.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/http.h"
#include "daemon/log.h"
#include "policy/http_probe.h"

#define URL_MAX (HTTP_PROBE_PAGE_MAX + sizeof("https://"))

/* One connection: under way, or the program's. */
struct attempt {
	struct probe_https *https;
	struct attempt *next;
	ev_io io;             /* until it is connected; its descriptor stays ours to the end, which resets it */
	struct http_get *get; /* NULL: not connected yet */
	uint64_t until_us;
	uint16_t round, last; /* the rounds that it answers */
	unsigned target, status;
	char page[];
};

struct probe_https {
	struct ev_loop *loop;
	char device[IFNAMSIZ];
	uint32_t mark, timeout_ms;
	const struct probe_callbacks *callbacks;
	struct attempt *attempts;
	uint32_t told; /* the targets whose fault is in the log: once, until they are good again */
};

static void end(struct attempt *attempt)
{
	struct attempt **link = &attempt->https->attempts;

	while (*link != attempt)
		link = &(*link)->next;
	*link = attempt->next;
	ev_io_stop(attempt->https->loop, &attempt->io);
	http_cancel(attempt->get);
	close(attempt->io.fd);
	free(attempt);
}

/* May close what called it. */
static void tell(struct attempt *attempt, int result)
{
	struct probe_https *https = attempt->https;
	const struct probe_callbacks *callbacks = https->callbacks;
	uint16_t rounds = (uint16_t)(attempt->last - attempt->round + 1);

	for (uint16_t i = 0; i < rounds; i++)
		callbacks->result(callbacks->arg, (uint16_t)(attempt->round + i), attempt->target, result);
	end(attempt);
	callbacks->done(callbacks->arg);
}

/* A certificate that is not believed is nothing that the owner would find out by looking at the line. */
static void note(struct attempt *attempt, const char *fault)
{
	uint32_t bit = UINT32_C(1) << attempt->target;

	if (fault && !(attempt->https->told & bit))
		log_info("probe target https://%s over %s: %s", attempt->page, attempt->https->device, fault);
	if (fault)
		attempt->https->told |= bit;
	else
		attempt->https->told &= ~bit;
}

/* What the timeout ended is silence: a round that asked later is waited for until its own. */
static void on_answer(void *arg, const struct http_answer *answer, const char *why)
{
	struct attempt *attempt = arg;
	bool good = answer && http_probe_is_good(answer->code, attempt->status);
	bool silent = !answer && clock_monotonic_us() >= attempt->until_us;
	char status[32] = "";

	attempt->get = NULL;
	if (answer)
		snprintf(status, sizeof(status), "it answers with %u", answer->code);
	if (!silent)
		note(attempt, good ? NULL : answer ? status : why);
	if (silent)
		end(attempt);
	else
		tell(attempt, good ? 0 : -EPROTO);
}

static struct attempt *find_running(const struct attempt *like)
{
	struct attempt *other = like->https->attempts;

	while (other && !(other->get && other->target == like->target))
		other = other->next;
	return other;
}

/* 0 or -errno; -ETIMEDOUT: its time is up. */
static int start(struct attempt *attempt)
{
	uint64_t now = clock_monotonic_us();
	char url[URL_MAX];
	struct http_request request = { .url = url, .socket = attempt->io.fd, .verify = true };

	if (now >= attempt->until_us)
		return -ETIMEDOUT;
	request.limit_s = (double)(attempt->until_us - now) / 1e6;
	snprintf(url, sizeof(url), "https://%s", attempt->page);
	return http_get(attempt->https->loop, &request, on_answer, attempt, &attempt->get);
}

static void on_connected(struct ev_loop *loop, ev_io *io, int revents)
{
	struct attempt *attempt = io->data, *running = find_running(attempt);
	int r = probe_socket_error(io->fd);

	(void)revents;
	ev_io_stop(loop, io);
	if (r == 0 && attempt->https->callbacks->heard)
		attempt->https->callbacks->heard(attempt->https->callbacks->arg);
	if (r == 0 && running) {
		if ((int16_t)(attempt->last - running->last) > 0)
			running->last = attempt->last;
		end(attempt);
		return;
	}
	if (r == 0)
		r = start(attempt);
	if (r == -ETIMEDOUT)
		end(attempt);
	else if (r < 0)
		tell(attempt, r);
}

int probe_https_ask(struct probe_https *https, uint32_t address, uint16_t port, const char *page, unsigned status,
                    uint16_t round, unsigned target)
{
	struct attempt *attempt;
	size_t size = strlen(page) + 1;
	int fd = size <= HTTP_PROBE_PAGE_MAX ? probe_socket_tcp(address, port, https->device, https->mark) : -EINVAL;

	if (fd < 0)
		return fd;
	attempt = xcalloc(1, sizeof(*attempt) + size);
	*attempt = (struct attempt){ .https = https, .next = https->attempts, .round = round, .last = round,
		                     .target = target, .status = status,
		                     .until_us = clock_monotonic_us() + (uint64_t)https->timeout_ms * 1000 };
	memcpy(attempt->page, page, size);
	https->attempts = attempt;
	ev_io_init(&attempt->io, on_connected, fd, EV_WRITE);
	ev_set_priority(&attempt->io, PROBE_IO_PRIORITY);
	attempt->io.data = attempt;
	ev_io_start(https->loop, &attempt->io);
	return 0;
}

void probe_https_give_up(struct probe_https *https, uint16_t before)
{
	struct attempt *next;

	for (struct attempt *attempt = https->attempts; attempt; attempt = next) {
		next = attempt->next;
		if ((int16_t)(attempt->last - before) < 0)
			end(attempt);
	}
}

struct probe_https *probe_https_new(struct ev_loop *loop, const char *device, uint32_t mark, uint32_t timeout_ms,
                                    const struct probe_callbacks *callbacks)
{
	struct probe_https *https = xcalloc(1, sizeof(*https));

	*https = (struct probe_https){ .loop = loop, .mark = mark, .timeout_ms = timeout_ms, .callbacks = callbacks };
	snprintf(https->device, sizeof(https->device), "%s", device);
	return https;
}

void probe_https_free(struct probe_https *https)
{
	if (!https)
		return;
	while (https->attempts)
		end(https->attempts);
	free(https);
}
