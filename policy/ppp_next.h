/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What to do once pppd has ended: dial at once, ask who is there, or wait, and at which pace.  Pure: why it ended
 * is policy/ppp_exit.h's, how long a wait is policy/backoff.h's; who does it is daemon/pppoe_dial.c.
 */
#ifndef DUALPATH_POLICY_PPP_NEXT_H
#define DUALPATH_POLICY_PPP_NEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/backoff.h"
#include "policy/ppp_exit.h"

enum ppp_next_step {
	PPP_NEXT_AT_ONCE, /* it was ended in order to dial anew */
	PPP_NEXT_ASK,     /* nobody is there: ask until somebody answers, without pppd */
	PPP_NEXT_WAIT     /* for backoff_next() of pace */
};

struct ppp_next {
	enum ppp_next_step step;
	enum backoff_kind pace; /* of a wait alone */
	bool password;          /* during the wait, a new password is worth a try at once */
};

/*
 * offered: this dial was made because somebody had answered.  If nobody answers it all the same, asking on would dial at each
 * of his answers: that is a line that fails, and waited for as such.
 */
struct ppp_next ppp_next(enum ppp_end end, bool offered);
/*
 * What is done, to be added to the sentence about the end ("; asking on until one answers"); empty where nothing is worth
 * saying.  wait_ms: of a wait.  Cut to fit.
 */
void ppp_next_text(const struct ppp_next *next, uint32_t wait_ms, char *text, size_t size);

#endif
