/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See srcaddr.h. */
#include "policy/srcaddr.h"

#include <linux/if_addr.h>
#include <stdbool.h>
#include <string.h>

/* Temporary addresses (RFC 8981) go away within a day, and the AFTR's NAT state with them; the
 * others cannot carry anything. */
#define UNFIT_FLAGS (IFA_F_TEMPORARY | IFA_F_TENTATIVE | IFA_F_DADFAILED)

static bool is_ula(const struct in6_addr *addr)
{
	return (addr->s6_addr[0] & 0xfe) == 0xfc;
}

static bool is_global_unicast(const struct in6_addr *addr)
{
	return !IN6_IS_ADDR_UNSPECIFIED(addr) && !IN6_IS_ADDR_LOOPBACK(addr) && !IN6_IS_ADDR_MULTICAST(addr) &&
	       !IN6_IS_ADDR_LINKLOCAL(addr) && !IN6_IS_ADDR_SITELOCAL(addr) && !IN6_IS_ADDR_V4MAPPED(addr) &&
	       !IN6_IS_ADDR_V4COMPAT(addr);
}

/* An address without a flag may still be at its end: the kernel marks it a moment later. */
static bool is_deprecated(const struct addr6 *a)
{
	return (a->flags & IFA_F_DEPRECATED) || a->preferred_s == 0;
}

static bool is_fit(const struct addr6 *a, const struct in6_addr *dest)
{
	if ((a->flags & UNFIT_FLAGS) || a->valid_s == 0)
		return false;
	return is_global_unicast(&a->addr) && (!is_ula(&a->addr) || is_ula(dest));
}

/* RFC 6724 section 2.2: bits in common, at most the length of the source's prefix. */
static unsigned common_prefix(const struct addr6 *a, const struct in6_addr *dest)
{
	unsigned bits = 0;

	while (bits < a->prefix_len && bits < 128 &&
	       !((a->addr.s6_addr[bits / 8] ^ dest->s6_addr[bits / 8]) & (0x80 >> bits % 8)))
		bits++;
	return bits;
}

/*
 * Is a better than b?  Rules 1, 2 and 7 of RFC 6724 section 5 are what is_fit() leaves (rule 7 turned round:
 * temporary ones are out), rule 6 is the ULA, rule 3 the deprecated ones: such an address carries on while it is valid, and is
 * better than none until the new prefix's is ready, or where advertisements stay away.  Rules 4, 5 and 5.5 have no meaning on
 * one interface.  Then, in place of the rule-less end of the RFC: what is in use, what lives
 * longer, and the lower number, so that two runs choose the same.
 */
static bool is_better(const struct addr6 *a, const struct addr6 *b, const struct in6_addr *dest,
                      const struct in6_addr *current)
{
	unsigned common_a = common_prefix(a, dest), common_b = common_prefix(b, dest);

	if (is_ula(&a->addr) != is_ula(&b->addr))
		return is_ula(&a->addr) == is_ula(dest);
	if (is_deprecated(a) != is_deprecated(b))
		return is_deprecated(b);
	if (current && IN6_ARE_ADDR_EQUAL(&a->addr, current) != IN6_ARE_ADDR_EQUAL(&b->addr, current))
		return IN6_ARE_ADDR_EQUAL(&a->addr, current);
	if (common_a != common_b)
		return common_a > common_b;
	if (a->preferred_s != b->preferred_s)
		return a->preferred_s > b->preferred_s;
	return memcmp(&a->addr, &b->addr, sizeof(a->addr)) < 0;
}

const struct addr6 *srcaddr_choose(const struct addr6 *list, size_t count, const struct in6_addr *dest,
                                   const struct in6_addr *current)
{
	const struct addr6 *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (is_fit(&list[i], dest) && (!best || is_better(&list[i], best, dest, current)))
			best = &list[i];
	return best;
}
