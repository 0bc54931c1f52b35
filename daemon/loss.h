/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a path has been lost, and whether that is longer than what is bound to it should wait for
 * it ([router] reset-after).  Owned by path.c, a part of each path.
 */
#ifndef DUALPATH_DAEMON_LOSS_H
#define DUALPATH_DAEMON_LOSS_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

struct loss {
	struct ev_loop *loop;
	ev_timer timer;
	uint64_t since_ms; /* monotonic; 0: it works */
	bool was_up;       /* at any time of this daemon */
	bool hopeless;     /* lost for longer than that */
	void (*fn)(void *arg);
	void *arg;
};

/* As of a path that does not work; fn is called when it becomes hopeless.  after_ms 0: it never does. */
void loss_init(struct loss *loss, struct ev_loop *loop, uint32_t after_ms, void (*fn)(void *arg), void *arg);
void loss_stop(struct loss *loss);
/* It works, or no longer. */
void loss_begin(struct loss *loss, uint32_t after_ms);
void loss_end(struct loss *loss);
/* Another after_ms counts from the beginning of the loss. */
void loss_reconfigure(struct loss *loss, uint32_t after_ms);

#endif
