/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a path is written into a packet's or a connection's mark.  The mask's top
 * bit says "stays": the connection has nowhere else to go (it came in here, or its
 * rule names no other path), so losing the path does not make us forget it.  The bits below
 * hold the path's number from 1; all of them set mean "unreachable", and with "stays" as well that it is over.
 */
#ifndef DUALPATH_POLICY_MARK_H
#define DUALPATH_POLICY_MARK_H

#include <stdint.h>

static inline uint32_t mark_lowest_bit(uint32_t mask)
{
	return mask & -mask;
}

static inline uint32_t mark_stays(uint32_t mask)
{
	return mask & ~(mask >> 1);
}

/* The bits that hold the path's number: what ip rules look at. */
static inline uint32_t mark_path_mask(uint32_t mask)
{
	return mask & ~mark_stays(mask);
}

static inline uint32_t mark_of_path(uint32_t mask, unsigned slot)
{
	return (slot + 1) * mark_lowest_bit(mask);
}

static inline uint32_t mark_unreachable(uint32_t mask)
{
	return mark_path_mask(mask);
}

/* Of a connection that is over, and whose programs are to learn it (compile_reset.c). */
static inline uint32_t mark_over(uint32_t mask)
{
	return mask;
}

#endif
