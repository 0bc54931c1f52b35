/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See diag.h.  Called by whatever reads what the user wrote, and by whoever shows it. */
#include "policy/diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/fnv.h"
#include "common/xalloc.h"
#include "policy/utf8.h"

#define WORD_MAX 64 /* longer ones are not worth a guess */

/* ---- what is known: a file may have as many mistakes as lines ---- */

static bool is_same(const struct diag *a, const struct diag *b)
{
	return a->line == b->line && a->column == b->column && a->level == b->level && strcmp(a->text, b->text) == 0 &&
	       strcmp(a->file, b->file) == 0;
}

/* Where its number (+1) stands, or would. */
static size_t *slot_of(const struct diag_list *list, const struct diag *d)
{
	uint64_t hash = fnv_add(fnv_add(FNV_START, d->text), d->file) + (uint64_t)d->line * 31 + (uint64_t)d->column;
	size_t i = hash & (list->slots - 1);

	while (list->slot[i] && !is_same(&list->item[list->slot[i] - 1], d))
		i = (i + 1) & (list->slots - 1);
	return &list->slot[i];
}

static void need_slots(struct diag_list *list)
{
	if (list->slots > 2 * list->count)
		return;
	while (list->slots <= 2 * list->count)
		list->slots = list->slots ? 2 * list->slots : 32;
	free(list->slot);
	list->slot = xcalloc(list->slots, sizeof(*list->slot));
	for (size_t i = 0; i < list->count; i++)
		*slot_of(list, &list->item[i]) = i + 1;
}

static void forget_slots(struct diag_list *list)
{
	free(list->slot);
	list->slot = NULL;
	list->slots = 0;
}

/* ---- the list ---- */

/* One diagnostic is one line on a terminal and a string of JSON, whatever the file held. */
static void make_plain(char *text)
{
	utf8_mend(text);
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

void diag_vadd(struct diag_list *list, enum diag_level level, const char *file, int line, int column,
               const char *format, va_list args)
{
	struct diag d = { .level = level, .file = xstrdup(file ? file : ""), .line = line, .column = column };
	size_t *slot;

	if (vasprintf(&d.text, format, args) < 0)
		abort();
	make_plain(d.text);
	make_plain(d.file);
	need_slots(list);
	slot = slot_of(list, &d);
	if (*slot) {
		free(d.file);
		free(d.text);
		return;
	}
	if (list->count == list->cap) {
		list->cap = list->cap ? list->cap * 2 : 16;
		list->item = xreallocarray(list->item, list->cap, sizeof(*list->item));
	}
	list->item[list->count++] = d;
	*slot = list->count;
	list->errors += level == DIAG_ERROR;
}

void diag_add(struct diag_list *list, enum diag_level level, const char *file, int line, int column,
              const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vadd(list, level, file, line, column, format, args);
	va_end(args);
}

struct sortable {
	struct diag diag;
	size_t index; /* qsort() alone is not stable */
};

static int compare(const void *left, const void *right)
{
	const struct sortable *a = left, *b = right;
	int by_file = strcmp(a->diag.file, b->diag.file);

	if (by_file)
		return by_file;
	if (a->diag.line != b->diag.line)
		return a->diag.line < b->diag.line ? -1 : 1;
	if (a->diag.column != b->diag.column)
		return a->diag.column < b->diag.column ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

void diag_sort(struct diag_list *list)
{
	struct sortable *sorted = xcalloc(list->count, sizeof(*sorted));

	for (size_t i = 0; i < list->count; i++)
		sorted[i] = (struct sortable){ list->item[i], i };
	qsort(sorted, list->count, sizeof(*sorted), compare);
	for (size_t i = 0; i < list->count; i++)
		list->item[i] = sorted[i].diag;
	free(sorted);
	forget_slots(list); /* the numbers are others now */
}

void diag_free(struct diag_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->item[i].file);
		free(list->item[i].text);
	}
	free(list->item);
	forget_slots(list);
	*list = (struct diag_list){ 0 };
}

char *diag_format(const struct diag *d)
{
	static const char *const names[] = { [DIAG_ERROR] = "error", [DIAG_WARNING] = "warning" };
	char place[32] = "", *out;

	if (d->line && d->column)
		snprintf(place, sizeof(place), "%d:%d:", d->line, d->column);
	else if (d->line)
		snprintf(place, sizeof(place), "%d:", d->line);
	if (asprintf(&out, "%s:%s %s: %s", d->file, place, names[d->level], d->text) < 0)
		abort();
	return out;
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * Optimal string alignment: insertions, deletions, changes, and two neighbours
 * swapped, each counts one.  Three rows are enough, as a swap looks two back.
 */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned row[3][WORD_MAX + 1];

	for (size_t j = 0; j <= nb; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		const unsigned *above = row[(i - 1) % 3], *above2 = row[(i + 1) % 3];
		unsigned *now = row[i % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			now[j] = above[j - 1] + (fold(a[i - 1]) != fold(b[j - 1]));
			now[j] = least(now[j], least(above[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) && fold(a[i - 2]) == fold(b[j - 1]))
				now[j] = least(now[j], above2[j - 2] + 1);
		}
	}
	return row[na % 3][nb];
}

const char *diag_nearest(const char *word, const char *const *words, size_t n)
{
	size_t length = strlen(word);
	unsigned limit = length < 5 ? 1 : length < 9 ? 2 : (unsigned)length / 3;
	const char *best = NULL;

	if (length == 0 || length > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t other = strlen(words[i]);
		unsigned d;

		if (other > WORD_MAX || other + limit < length || length + limit < other)
			continue;
		d = distance(word, length, words[i], other);
		if (d > limit || d >= other || (best && d == limit))
			continue;
		best = words[i];
		if (d == 0)
			break;
		limit = d;
	}
	return best;
}
