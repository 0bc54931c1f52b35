/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See screen.h: tables whose columns are as wide as their widest cell. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "ctl/screen.h"

#define GAP 2         /* blanks between columns */
#define LABEL_WIDTH 7 /* of the notes */

struct cell {
	char *text;
	enum style style;
};

struct row {
	struct cell cell[TABLE_COLUMNS_MAX];
	unsigned filled;
	char *label; /* NULL: a row of cells; else a note, whose text is cell[0] */
};

struct table {
	unsigned columns;
	struct row *row;
	size_t rows;
};

static struct row *add_row(struct table *table)
{
	table->row = xreallocarray(table->row, table->rows + 1, sizeof(*table->row));
	table->row[table->rows] = (struct row){ 0 };
	return &table->row[table->rows++];
}

/* Columns on a terminal, near enough: one a character, whatever its bytes. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* A cell is one line. */
static void flatten(char *text)
{
	for (; *text; text++)
		if (*text == '\n' || *text == '\t')
			*text = ' ';
}

static void fill_cell(struct row *row, enum style style, const char *format, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void fill_cell(struct row *row, enum style style, const char *format, va_list ap)
{
	struct cell *cell = &row->cell[row->filled++];

	if (vasprintf(&cell->text, format, ap) < 0)
		abort();
	flatten(cell->text);
	cell->style = style;
}

struct table *table_new(unsigned columns, const char *const *headings)
{
	struct table *table = xcalloc(1, sizeof(*table));

	table->columns = columns;
	for (unsigned i = 0; i < columns; i++)
		table_cell(table, STYLE_HEADING, "%s", headings[i]);
	return table;
}

void table_cell(struct table *table, enum style style, const char *format, ...)
{
	struct row *row = table->rows ? &table->row[table->rows - 1] : NULL;
	va_list ap;

	if (!row || row->label || row->filled == table->columns)
		row = add_row(table);
	va_start(ap, format);
	fill_cell(row, style, format, ap);
	va_end(ap);
}

void table_note(struct table *table, const char *label, const char *format, ...)
{
	struct row *row = add_row(table);
	va_list ap;

	row->label = xstrdup(label);
	va_start(ap, format);
	fill_cell(row, STYLE_PLAIN, format, ap);
	va_end(ap);
}

/* ---- printing ---- */

static void measure(const struct table *table, int *width)
{
	for (size_t r = 0; r < table->rows; r++)
		for (unsigned c = 0; !table->row[r].label && c < table->row[r].filled; c++)
			if (width_of(table->row[r].cell[c].text) > width[c])
				width[c] = width_of(table->row[r].cell[c].text);
}

static void print_row(const struct row *row, const int *width, const struct screen *screen)
{
	for (unsigned c = 0; c < row->filled; c++) {
		const struct cell *cell = &row->cell[c];

		screen_print(screen, cell->style, "%s", cell->text);
		if (c + 1 < row->filled)
			fprintf(screen->f, "%*s", width[c] - width_of(cell->text) + GAP, "");
	}
	fputc('\n', screen->f);
}

static void free_row(struct row *row)
{
	for (unsigned c = 0; c < row->filled; c++)
		free(row->cell[c].text);
	free(row->label);
}

void table_end(struct table *table, const struct screen *screen)
{
	int width[TABLE_COLUMNS_MAX] = { 0 };

	measure(table, width);
	for (size_t r = 0; r < table->rows; r++) {
		struct row *row = &table->row[r];

		if (row->label)
			fprintf(screen->f, "%*s%-*s  %s\n", width[0] + GAP, "", LABEL_WIDTH, row->label,
			        row->cell[0].text);
		else
			print_row(row, width, screen);
		free_row(row);
	}
	free(table->row);
	free(table);
}
