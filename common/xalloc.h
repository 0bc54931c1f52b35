/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that does not return on failure: a router that cannot get a few
 * bytes cannot do anything sensible but start again.  Used everywhere but in the
 * plugin, which lives in somebody else's process.
 */
#ifndef DUALPATH_COMMON_XALLOC_H
#define DUALPATH_COMMON_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t max);

#endif
