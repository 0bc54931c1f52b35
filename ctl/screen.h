/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the printers (ctl/show.h) write, and what they share: colour, units, and
 * tables that are as wide as they need to be.  Colour never says what words do not.
 */
#ifndef DUALPATH_CTL_SCREEN_H
#define DUALPATH_CTL_SCREEN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum style { STYLE_PLAIN, STYLE_GOOD, STYLE_WARNING, STYLE_BAD, STYLE_HEADING, STYLES };

struct screen {
	FILE *f;
	bool colour;
	time_t now; /* what "for 3 h" is counted to */
};

/* Is f a terminal that wants colour (NO_COLOR, TERM)? */
bool screen_wants_colour(FILE *f);

/* Text in a style; the caller ends the line. */
void screen_print(const struct screen *screen, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define UNIT_SIZE 40 /* of the buffers below, which are returned */

/* "12 s", "5 min", "3 h 12 min", "2 days 4 h" */
const char *unit_duration(int64_t seconds, char *buf);
/* "0 B", "34 kB", "1.2 GB" */
const char *unit_bytes(int64_t bytes, char *buf);
/* Seconds since 1970 of "2026-01-01T00:00:00Z", with or without a fraction; -1: it is not that. */
time_t unit_time(const char *text);
/* The same as the owner's clock shows it: "2026-01-01 09:00:00.123"; text itself where it is not a time. */
const char *unit_local_time(const char *text, char *buf);

/* ---- tables ---- */

#define TABLE_COLUMNS_MAX 10

struct table;

/* headings: columns of them. */
struct table *table_new(unsigned columns, const char *const *headings);
/* Prints it, and frees it. */
void table_end(struct table *table, const struct screen *screen);
/* The next cell; after the last column comes the next row. */
void table_cell(struct table *table, enum style style, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A line of its own below the row, indented to the second column: "why      it says so". */
void table_note(struct table *table, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- what the daemon says ---- */

/* A member as text, "" where it is missing, null or no string. */
const char *json_text(const json_t *object, const char *key);
/* The strings of a list: "a, b"; caller frees. */
char *json_list_text(const json_t *list);
/*
 * Take control characters out of every string in value: names and messages in it came from
 * the internet (AFTR, concentrator), and a terminal obeys some of them.
 */
void json_clean(json_t *value);

#endif
