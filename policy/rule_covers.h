/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules as sets of packets: does one take all that another does, can it take any?
 * Used by policy/config_shadow.c.  Errs on the side of "no": what several rules cover
 * together is not seen.
 */
#ifndef DUALPATH_POLICY_RULE_COVERS_H
#define DUALPATH_POLICY_RULE_COVERS_H

#include <stdbool.h>

#include "policy/config.h"

/* Whatever b would take, a takes. */
bool rule_covers(const struct rule_config *a, const struct rule_config *b);
/* It takes every packet at any time. */
bool rule_takes_all(const struct rule_config *rule);
/* Why it can never take a packet: a phrase for behind "never matches: "; NULL: it can. */
const char *rule_never(const struct config *config, const struct rule_config *rule);

#endif
