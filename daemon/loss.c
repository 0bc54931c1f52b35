/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See loss.h. */
#include "daemon/loss.h"

#include "daemon/clock.h"

static void on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct loss *loss = w->data;

	(void)loop;
	(void)revents;
	loss->hopeless = true;
	loss->fn(loss->arg);
}

void loss_reconfigure(struct loss *loss, uint32_t after_ms)
{
	uint64_t lasted = loss->since_ms ? clock_monotonic_ms() - loss->since_ms : 0;

	ev_timer_stop(loss->loop, &loss->timer);
	loss->hopeless = loss->since_ms && after_ms && lasted >= after_ms;
	if (!loss->since_ms || !after_ms || loss->hopeless)
		return;
	ev_timer_set(&loss->timer, (double)(after_ms - lasted) / 1000.0, 0);
	ev_timer_start(loss->loop, &loss->timer);
}

void loss_begin(struct loss *loss, uint32_t after_ms)
{
	if (loss->since_ms)
		return;
	loss->since_ms = clock_monotonic_ms();
	loss_reconfigure(loss, after_ms);
}

void loss_end(struct loss *loss)
{
	loss->since_ms = 0;
	loss->was_up = true;
	loss->hopeless = false;
	ev_timer_stop(loss->loop, &loss->timer);
}

void loss_init(struct loss *loss, struct ev_loop *loop, uint32_t after_ms, void (*fn)(void *arg), void *arg)
{
	*loss = (struct loss){ .loop = loop, .fn = fn, .arg = arg };
	ev_timer_init(&loss->timer, on_timer, 0, 0);
	loss->timer.data = loss;
	loss_begin(loss, after_ms);
}

void loss_stop(struct loss *loss)
{
	ev_timer_stop(loss->loop, &loss->timer);
}
