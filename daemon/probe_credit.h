/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which probe targets have ever answered, over any path: one that never did says nothing about a path
 * (policy/health.h).  One for the whole daemon, shared by all probers.  Called by daemon/probe_ask.c; daemon/router.c owns it.
 */
#ifndef DUALPATH_DAEMON_PROBE_CREDIT_H
#define DUALPATH_DAEMON_PROBE_CREDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/config.h"

struct probe_credit;

struct probe_credit_entry {
	enum probe_kind kind;
	uint32_t addr; /* with PROBE_LCP the end of the concentrator's Ethernet address */
	uint16_t port;
	uint16_t status; /* that is wanted of a web server; 0: any */
	uint32_t text;   /* fnv_hash() of the name or page that is asked for; 0: none */
};

struct probe_credit *probe_credit_new(void);
void probe_credit_free(struct probe_credit *credit);
bool probe_credit_has(const struct probe_credit *credit, const struct probe_credit_entry *wanted);
/* What is there already is not added again. */
void probe_credit_add(struct probe_credit *credit, const struct probe_credit_entry *entry);

#endif
