/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AFTR names that providers publish, by the prefixes that their lines have: where the line itself tells nothing, this is
 * where to ask.  A hint, and no more: the name is looked up as any other, and what answers is probed.
 * Called by daemon/aftr.c.  Pure.
 */
#ifndef DUALPATH_POLICY_AFTR_KNOWN_H
#define DUALPATH_POLICY_AFTR_KNOWN_H

#include <netinet/in.h>

/* Of the provider that this address of ours comes from; NULL: not known. */
const char *aftr_known(const struct in6_addr *local);

#endif
