/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ports that the carrier's NAT has for a home: when they are nearly used up.  A connection has a port of
 * its own protocol, so the protocol that uses the most counts.  Used by daemon/budget.c.
 */
#ifndef DUALPATH_POLICY_BUDGET_H
#define DUALPATH_POLICY_BUDGET_H

#include <stdbool.h>

#define BUDGET_WARN_PERCENT  80
#define BUDGET_CLEAR_PERCENT 70 /* so that one on the edge does not flap */

/* Live connections of a path; rest: of protocols that have neither ports nor ids. */
struct budget_use {
	unsigned tcp, udp, icmp, rest;
};

unsigned budget_most(const struct budget_use *use);

/* Few are left; already: they were before. */
bool budget_is_tight(const struct budget_use *use, unsigned ports, bool already);

#endif
