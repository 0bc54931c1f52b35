/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of our IPv6 addresses the tunnel uses (RFC 6724 section 5, cut down to
 * what can be a B4's end: global, stable, usable now).  Pure.
 */
#ifndef DUALPATH_POLICY_SRCADDR_H
#define DUALPATH_POLICY_SRCADDR_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

struct addr6 {
	struct in6_addr addr;
	uint8_t prefix_len;
	uint32_t flags; /* IFA_F_*: temporary, deprecated, tentative, dadfailed, ... */
	uint32_t preferred_s, valid_s; /* UINT32_MAX: for ever */
};

/*
 * The best address to reach dest from, or NULL where none will do.  Never a temporary,
 * tentative or failed one, never link-local or ULA (to a global dest); a deprecated one where there is no other.
 * current (or NULL) is kept while it is as good as any other.
 */
const struct addr6 *srcaddr_choose(const struct addr6 *list, size_t count, const struct in6_addr *dest,
                                   const struct in6_addr *current);

#endif
