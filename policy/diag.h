/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with what the user wrote: a growing list of diagnostics with
 * their place.  Filled by the parser and the checks, printed by whoever asked.
 */
#ifndef DUALPATH_POLICY_DIAG_H
#define DUALPATH_POLICY_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum diag_level { DIAG_ERROR, DIAG_WARNING };

struct diag {
	enum diag_level level;
	char *file; /* owned copy */
	int line;   /* 1-based; 0: the file as a whole */
	int column; /* 1-based; 0: unknown */
	char *text; /* says what is wrong and what to do; never a secret's value */
};

struct diag_list {
	struct diag *item;
	size_t count, cap;
	size_t errors; /* those of level DIAG_ERROR */
	size_t *slot;  /* of diag.c: which stands in the list already, a hash table of numbers +1 */
	size_t slots;  /* a power of two, or 0 */
};

/* What stands in the list already, word for word at the same place, is not added again.
 * Control characters become '?'. */
void diag_add(struct diag_list *list, enum diag_level level, const char *file, int line, int column,
              const char *format, ...) __attribute__((format(printf, 6, 7)));
void diag_vadd(struct diag_list *list, enum diag_level level, const char *file, int line, int column,
               const char *format, va_list args) __attribute__((format(printf, 6, 0)));
/* Order by file, line, column; stable. */
void diag_sort(struct diag_list *list);
void diag_free(struct diag_list *list);
/* "FILE:LINE:COL: error: TEXT", allocated; caller frees. */
char *diag_format(const struct diag *d);
/* The word of words[0..n) nearest to word, or NULL: for "did you mean".  Case aside; two
 * neighbours swapped count as one edit.  At most 2 edits, 1 in words of up to four
 * letters, a third of the length in long ones; the first of equals. */
const char *diag_nearest(const char *word, const char *const *words, size_t n);

#endif
