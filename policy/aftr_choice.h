/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back to the AFTR that the owner would rather have ("[dslite] aftr-return"), gently: the connections of the home are in the
 * NAT of the AFTR in use, and none of them outlives a move.  So the preferred one must have answered for a while, and the move
 * waits until nobody has a connection, or until a time is over.  Preference is the config's order alone: of the addresses
 * of one name none is better than another, since servers turn their order round.  Pure; called by daemon/aftr_return.c.
 */
#ifndef DUALPATH_POLICY_AFTR_CHOICE_H
#define DUALPATH_POLICY_AFTR_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/config.h"

#define AFTR_PROOF_MS    60000   /* so long the preferred one must have answered every question, or */
                                 /* half of the owner's time, if that is less */
#define AFTR_RELAPSE_MS  3600000 /* a return that did not last so long makes the next proof twice as long */
#define AFTR_QUESTIONS   6       /* in the time of a proof, */
#define AFTR_ASK_MIN_MS  1000    /* but no more than this apart */

/* Zeroed: has never been back. */
struct aftr_return {
	uint64_t good_since_ms; /* where good > 0: it has answered since */
	unsigned good;          /* answers in a row */
	uint64_t returned_ms;   /* the return that still lasts; 0: there is none */
	unsigned relapses;      /* returns in a row that did not last */
};

enum aftr_return_verdict {
	AFTR_STAY,
	AFTR_BACK_UNUSED,  /* nobody has a connection */
	AFTR_BACK_IN_TIME, /* the owner's time is over */
};

/* The preferred one had to be left, perhaps after it was tried once more.  now_ms: of a clock that never jumps. */
void aftr_return_left(struct aftr_return *r, uint64_t now_ms);
/* It was asked. */
void aftr_return_asked(struct aftr_return *r, bool answered, uint64_t now_ms);
/* We are back. */
void aftr_return_went(struct aftr_return *r, uint64_t now_ms);

/* How long it must have answered. */
uint32_t aftr_return_proof_ms(const struct aftr_return *r, const struct dslite_config *config);
/* How long between two questions. */
uint32_t aftr_return_pause_ms(const struct aftr_return *r, const struct dslite_config *config);
/* It has answered for so long: only then is it worth counting connections. */
bool aftr_return_is_proven(const struct aftr_return *r, const struct dslite_config *config, uint64_t now_ms);
/* live: connections through the AFTR in use. */
enum aftr_return_verdict aftr_return_decide(const struct aftr_return *r, const struct dslite_config *config, unsigned live,
                                            uint64_t now_ms);

#endif
