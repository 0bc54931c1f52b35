/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts the live connections of DS-Lite against the ports that the carrier's NAT has for the home
 * ([dslite] ports), every few seconds and only where the owner gave a number.  Owned by path.c.
 */
#ifndef DUALPATH_DAEMON_BUDGET_H
#define DUALPATH_DAEMON_BUDGET_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/budget.h"

struct budget {
	struct ev_loop *loop;
	ev_timer timer;
	unsigned ports; /* 0: nothing is counted */
	uint32_t value, mask; /* (mark & mask) == value: a connection of the path */
	struct budget_use use; /* as last counted */
	bool tight;
	void (*fn)(void *arg); /* .tight is another one */
	void *arg;
};

void budget_init(struct budget *budget, struct ev_loop *loop, void (*fn)(void *arg), void *arg);
/* From now on, or no longer (ports 0). */
void budget_set(struct budget *budget, unsigned ports, uint32_t value, uint32_t mask);
void budget_stop(struct budget *budget);

#endif
