/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How large a packet does a line carry?  Found by asking: which sizes to ask next, and what answers and silence add up to.
 * Sizes are those of whole packets on the line, in bytes.  Pure; daemon/mtu_probe.c sends and listens.
 *
 * That a size passes is proved by one answer.  That it does not is never proved by silence alone: packets get lost,
 * and there are machines that answer no large ping.  So each question for a size is asked together with a smaller one that
 * has passed, of the same machine at the same moment.
 *
 *      smaller   size       is
 *      answered  silent     a "no" of this machine
 *      silent    silent     a loss: says nothing, and more is asked for
 *
 * A machine's word is "no" after five of the first kind, and one more for each loss; it has none after five losses more
 * than that the other way round.  A size does not pass where each machine has spoken or has no word, and at least one
 * said no.  At the end one size passes and the size of one byte more does not: nothing less lowers an MTU.
 */
#ifndef DUALPATH_POLICY_MTU_SEARCH_H
#define DUALPATH_POLICY_MTU_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#define MTU_SEARCH_TARGETS 3
#define MTU_SEARCH_LEAST 1280u /* every IPv6 line carries this (RFC 8200 section 5) */

enum mtu_phase {
	MTU_FULL,     /* does it pass as it should?  Mostly that is all */
	MTU_LEAST,    /* who answers at all? */
	MTU_BETWEEN,
};

enum mtu_verdict {
	MTU_GOES_ON, /* ask again */
	MTU_CARRIES, /* .passed is what the line carries */
	MTU_UNKNOWN, /* nobody answers large packets, or too many are lost */
};

/* One question: big, and small where it is not 0, to each machine of the set (bit i: machine i). */
struct mtu_question {
	unsigned big, small;
	unsigned set;
};

struct mtu_search {
	enum mtu_phase phase;
	unsigned full, hint;
	unsigned all, live;      /* sets of machines: that can be asked, and that answered the least size */
	unsigned passed, failed; /* what does, and the least that does not */
	bool failed_surely;      /* not only because it was silent at first */
	struct mtu_question question;
	unsigned big, small;     /* sets that answered the question */
	unsigned times;          /* the question was asked */
	unsigned no[MTU_SEARCH_TARGETS], lost[MTU_SEARCH_TARGETS];
};

/* full: what should pass.  hint: what passed the last time, or what somebody says that passes; 0: none.  all: machines. */
void mtu_search_begin(struct mtu_search *search, unsigned full, unsigned hint, unsigned all);
/* Somebody says, on the way, what passes.  Believed in so far as it is asked for soon. */
void mtu_search_hint(struct mtu_search *search, unsigned size);
/* Machine target answered the question's big or small one, whole.  True: no need to wait for more. */
bool mtu_search_answer(struct mtu_search *search, unsigned target, bool big);
/* No more answers will come to the question.  The next is in .question if it goes on. */
enum mtu_verdict mtu_search_next(struct mtu_search *search);

#endif
