/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See show.h: check, diff and reload, which say what is wrong with a file or what it changes. */
#include <string.h>

#include "ctl/show.h"

/* "FILE:LINE:COLUMN: error: TEXT", as editors know it. */
static void print_diagnostic(const struct screen *screen, const json_t *d)
{
	json_int_t line = json_integer_value(json_object_get(d, "line"));
	json_int_t column = json_integer_value(json_object_get(d, "column"));
	const char *level = json_text(d, "level");

	fputs(json_text(d, "file"), screen->f);
	if (line > 0)
		fprintf(screen->f, ":%" JSON_INTEGER_FORMAT, line);
	if (line > 0 && column > 0)
		fprintf(screen->f, ":%" JSON_INTEGER_FORMAT, column);
	fputs(": ", screen->f);
	screen_print(screen, strcmp(level, "error") == 0 ? STYLE_BAD : STYLE_WARNING, "%s", level);
	fprintf(screen->f, ": %s\n", json_text(d, "text"));
}

/* How many there were.  An older or newer daemon may say them as plain text. */
static size_t print_diagnostics(const struct screen *screen, const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (json_is_string(item))
			fprintf(screen->f, "%s\n", json_string_value(item));
		else
			print_diagnostic(screen, item);
	return json_array_size(list);
}

static size_t count_errors(const json_t *list)
{
	size_t i, n = 0;
	json_t *item;

	json_array_foreach(list, i, item)
		n += strcmp(json_text(item, "level"), "error") == 0;
	return n;
}

void show_check(const struct screen *screen, const json_t *data)
{
	const json_t *list = json_object_get(data, "diagnostics");
	const char *file = json_text(data, "file");
	size_t errors = count_errors(list), shown = print_diagnostics(screen, list);

	if (!json_is_true(json_object_get(data, "ok")))
		screen_print(screen, STYLE_BAD, "%s is not good: %zu error%s", file, errors, errors == 1 ? "" : "s");
	else if (shown > 0)
		screen_print(screen, STYLE_WARNING, "%s can be used, but read the above", file);
	else
		screen_print(screen, STYLE_GOOD, "%s is good", file);
	fputc('\n', screen->f);
}

/* The file was not good, and the daemon says so instead of what was asked. */
static bool refused(const struct screen *screen, const json_t *data, const char *then)
{
	if (!json_object_get(data, "diagnostics"))
		return false;
	show_check(screen, data);
	fprintf(screen->f, "%s\n", then);
	return true;
}

static void print_operations(const struct screen *screen, const json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		fprintf(screen->f, "  %s\n", json_is_string(item) ? json_string_value(item) : "?");
}

void show_diff(const struct screen *screen, const json_t *data)
{
	const json_t *operations = json_object_get(data, "operations");
	size_t n = json_array_size(operations);

	if (refused(screen, data, "It cannot be told what it would change."))
		return;
	print_diagnostics(screen, json_object_get(data, "warnings"));
	if (n > 0)
		fprintf(screen->f, "A reload would make %zu change%s in the kernel:\n", n, n == 1 ? "" : "s");
	else
		fputs("A reload would change nothing in the kernel.\n", screen->f);
	print_operations(screen, operations);
}

void show_reload(const struct screen *screen, const json_t *data)
{
	json_int_t n = json_integer_value(json_object_get(data, "changed"));

	if (refused(screen, data, "Nothing was changed: the configuration from before is still in force."))
		return;
	print_diagnostics(screen, json_object_get(data, "warnings"));
	if (n > 0)
		fprintf(screen->f, "Reloaded, with %" JSON_INTEGER_FORMAT " change%s in the kernel:\n", n,
		        n == 1 ? "" : "s");
	else
		fputs("Reloaded; nothing had to change in the kernel.\n", screen->f);
	print_operations(screen, json_object_get(data, "operations"));
	if (*json_text(data, "text"))
		fprintf(screen->f, "%s\n", json_text(data, "text"));
}
