/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of a rule or a forward: in force, or why not.  Called by daemon/status.c.
 */
#ifndef DUALPATH_POLICY_RULE_STATE_H
#define DUALPATH_POLICY_RULE_STATE_H

#include <stdbool.h>

#include "policy/compile.h"
#include "policy/home.h"

#define RULE_REASON_SIZE 200

enum rule_state {
	RULE_INSTALLED,   /* what it takes goes over a path */
	RULE_WAITING,     /* nothing can fit it now: its time, its interface, its machine */
	RULE_UNREACHABLE, /* what it takes is refused: none of its paths is up */
	RULE_MISSING,     /* the kernel does not have it */
};

const char *rule_state_name(enum rule_state state);

/* in_kernel: its counter was seen there.  reason (RULE_REASON_SIZE): why, for people; "" where all is as asked. */
enum rule_state rule_state_of(const struct config *config, const struct rule_config *rule, const struct facts *facts,
                              const struct home *home, bool in_kernel, char *reason);

/*
 * The same for a forward, what its path does aside.  False: nothing that it takes can arrive.  A reason
 * although true: it may well not work.
 */
bool forward_state_of(const struct config *config, const struct forward_config *forward, const struct home *home,
                      bool in_kernel, char *reason);

#endif
