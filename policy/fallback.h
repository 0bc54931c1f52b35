/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a connection that fell back remembers it: in its conntrack label, beside the mark, which has no
 * room for it.  The label tells by itself from which paths it fell back and how long it may run
 * on when one of them returns: no later config, nor another daemon, needs to know the rule that it came by.
 */
#ifndef DUALPATH_POLICY_FALLBACK_H
#define DUALPATH_POLICY_FALLBACK_H

#include "policy/compile.h"

/* Bits of the 128 of a label, from FALLBACK_LABEL on: one a path's slot, then the seconds in binary. */
#define FALLBACK_LABEL       96
#define FALLBACK_LABEL_BITS  23
#define FALLBACK_DRAIN_MAX_S 86400u

struct fallback {
	unsigned slots; /* bit of each path that it would rather take */
	uint32_t drain_s;
};

/* Of what takes this order now.  False: nothing that is to be remembered. */
bool fallback_of(const struct config *config, const struct facts *facts, const struct path_list *order,
                 struct fallback *out);

uint32_t fallback_pack(const struct fallback *fallback);
struct fallback fallback_unpack(uint32_t bits);

/* Of each path by slot: usable since then, ms of a clock that does not go back; 0: it is not, or no path has that slot. */
struct fallback_since {
	uint64_t ms[CONFIG_PATHS_MAX];
};

/* True: one became usable. */
bool fallback_note(struct fallback_since *since, const struct config *config, const struct facts *facts, uint64_t now_ms);

/* Of each path by slot: how long it has worked, seconds; -1: it does not. */
struct fallback_works {
	int64_t s[CONFIG_PATHS_MAX];
};

/* Seconds until such a connection is over: 0 now, -1 never as things are. */
int64_t fallback_left(const struct fallback *fallback, const struct fallback_works *works);

#endif
