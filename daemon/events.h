/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened and why: the last changes of state, in a ring.  Written by the
 * paths and the router, read by the control verbs.
 */
#ifndef DUALPATH_DAEMON_EVENTS_H
#define DUALPATH_DAEMON_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#define EVENTS_KEPT 1000

struct event {
	uint64_t seq;      /* from 1, never reused while the daemon lives */
	int64_t time_ms;   /* since 1970, UTC */
	char subject[32];  /* a path's name, or "router" */
	char from[12], to[12]; /* states; empty where nothing changed state */
	char *cause;       /* owned */
};

struct events;

/* Called with each event that changes a state. */
typedef void events_change_fn(void *arg, const struct event *event);

struct events *events_new(events_change_fn *fn, void *arg);
void events_free(struct events *events);
/* Record, and log. */
void events_add(struct events *events, const char *subject, const char *from, const char *to, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
uint64_t events_last(const struct events *events);
/* The event with this number, or NULL where it is gone or not there yet. */
const struct event *events_get(const struct events *events, uint64_t seq);

#endif
