/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See budget.h. */
#include "daemon/budget.h"

#include <string.h>

#include "daemon/conntrack.h"
#include "daemon/log.h"

#define COUNT_EVERY_S 5

static void set_tight(struct budget *budget, bool tight)
{
	if (budget->tight == tight)
		return;
	budget->tight = tight;
	budget->fn(budget->arg);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct budget *budget = w->data;
	int r = conntrack_count(budget->value, budget->mask, &budget->use);

	(void)loop;
	(void)revents;
	if (r < 0)
		log_warn("the connections of DS-Lite cannot be counted: %s", strerror(-r));
	else
		set_tight(budget, budget_is_tight(&budget->use, budget->ports, budget->tight));
}

void budget_set(struct budget *budget, unsigned ports, uint32_t value, uint32_t mask)
{
	budget->ports = ports;
	budget->value = value;
	budget->mask = mask;
	ev_timer_stop(budget->loop, &budget->timer);
	if (ports)
		ev_timer_start(budget->loop, &budget->timer);
	else
		set_tight(budget, false);
}

void budget_init(struct budget *budget, struct ev_loop *loop, void (*fn)(void *arg), void *arg)
{
	*budget = (struct budget){ .loop = loop, .fn = fn, .arg = arg };
	ev_timer_init(&budget->timer, on_timer, 0, COUNT_EVERY_S);
	budget->timer.data = budget;
}

void budget_stop(struct budget *budget)
{
	ev_timer_stop(budget->loop, &budget->timer);
}
