/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See events.h. */
#include "daemon/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "policy/utf8.h"

struct events {
	struct event ring[EVENTS_KEPT];
	uint64_t last;
	events_change_fn *fn;
	void *arg;
};

struct events *events_new(events_change_fn *fn, void *arg)
{
	struct events *events = xcalloc(1, sizeof(*events));

	events->fn = fn;
	events->arg = arg;
	return events;
}

void events_free(struct events *events)
{
	if (!events)
		return;
	for (size_t i = 0; i < EVENTS_KEPT; i++)
		free(events->ring[i].cause);
	free(events);
}

void events_add(struct events *events, const char *subject, const char *from, const char *to, const char *format, ...)
{
	struct event *e = &events->ring[++events->last % EVENTS_KEPT];
	va_list ap;

	free(e->cause);
	e->seq = events->last;
	e->time_ms = clock_utc_ms();
	snprintf(e->subject, sizeof(e->subject), "%s", subject);
	snprintf(e->from, sizeof(e->from), "%s", from);
	snprintf(e->to, sizeof(e->to), "%s", to);
	va_start(ap, format);
	if (vasprintf(&e->cause, format, ap) < 0)
		abort();
	va_end(ap);
	utf8_mend(e->cause);
	if (*to)
		log_info("%s: %s -> %s: %s", subject, from, to, e->cause);
	else
		log_info("%s: %s", subject, e->cause);
	if (*to)
		events->fn(events->arg, e);
}

uint64_t events_last(const struct events *events)
{
	return events->last;
}

const struct event *events_get(const struct events *events, uint64_t seq)
{
	const struct event *e = &events->ring[seq % EVENTS_KEPT];

	return seq && e->seq == seq ? e : NULL;
}
