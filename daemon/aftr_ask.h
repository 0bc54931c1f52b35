/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of several AFTRs carries: all are asked at once by an IPv4 ping within IPv6, beside the tunnel, which stays where it is.
 * Called by daemon/dslite.c when the one in use is silent; daemon/aftr_return.c has its targets from here.
 */
#ifndef DUALPATH_DAEMON_AFTR_ASK_H
#define DUALPATH_DAEMON_AFTR_ASK_H

#include "daemon/aftr.h"
#include "daemon/path.h"

struct aftr_ask;

/* The first that answered, or the favourite where it did so, too; NULL: none.  Once, from the loop; the question is gone afterwards. */
typedef void aftr_ask_fn(void *arg, const struct in6_addr *answered);

/*
 * A probe target of the path that answers pings, the next with every higher number.  Host order; 0: it has none, and nothing that an
 * AFTR carries can be asked.
 */
uint32_t aftr_ask_target(const struct path *path, unsigned number);

/*
 * favourite: has the home's connections in its NAT; another is only named once this one has had a moment more to answer.
 * number: as for aftr_ask_target().  0 and *out, or -errno (-ENOENT: no target).
 */
int aftr_ask_start(const struct path *path, const struct aftr_result *known, const struct in6_addr *favourite, unsigned number,
                   aftr_ask_fn *fn, void *arg, struct aftr_ask **out);
/* No callback any more.  NULL is good. */
void aftr_ask_cancel(struct aftr_ask *ask);

#endif
