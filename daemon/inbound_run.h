/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One round of calls to forwards from outside: out through the DS-Lite tunnel to the static address, in over its
 * session.  Owns its sockets and its timer.  Made by daemon/inbound.c.
 */
#ifndef DUALPATH_DAEMON_INBOUND_RUN_H
#define DUALPATH_DAEMON_INBOUND_RUN_H

#include <ev.h>

#include "daemon/router.h"
#include "policy/inbound.h"

struct inbound_port {
	struct inbound_try t;
	enum inbound_verdict verdict;
	int32_t answer_us; /* after how long it answered; -1: not */
	char text[160];
};

struct inbound_result {
	char forward[CONFIG_NAME_MAX];
	enum inbound_verdict verdict; /* of its worst port */
	int64_t checked_ms;           /* UTC */
	char text[256];               /* for people */
	size_t ports;                 /* 0: none could be called */
	struct inbound_port port[INBOUND_PORTS_MAX];
};

/* The results are borrowed; what called it may be freed. */
typedef void inbound_done_fn(void *arg, const struct inbound_result *result, size_t results);

struct inbound_run;

/* Call every forward, or the one of that name.  done comes in a later turn of the loop, within seconds a port. */
struct inbound_run *inbound_run_new(struct ev_loop *loop, const struct router *router, const char *only,
                                    inbound_done_fn *done, void *arg);
void inbound_run_free(struct inbound_run *run);

#endif
