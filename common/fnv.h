/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FNV-1a, 64 bits: to tell texts apart, not to keep secrets.  Used where a text is remembered by
 * its hash alone: policy/plan.c, daemon/confirm.c; or found by it: policy/diag.c.
 */
#ifndef DUALPATH_COMMON_FNV_H
#define DUALPATH_COMMON_FNV_H

#include <stdint.h>

#define FNV_START UINT64_C(0xcbf29ce484222325)

/* hash, FNV_START at first, with text added. */
static inline uint64_t fnv_add(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

#endif
