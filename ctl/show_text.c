/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See show.h: doctor, and all that the daemon has put into words itself. */
#include <string.h>

#include "ctl/show.h"

static enum style style_of(const char *state)
{
	if (strcmp(state, "good") == 0)
		return STYLE_GOOD;
	if (strcmp(state, "bad") == 0)
		return STYLE_BAD;
	return strcmp(state, "warning") == 0 ? STYLE_WARNING : STYLE_PLAIN;
}

void show_doctor(const struct screen *screen, const json_t *data)
{
	const json_t *checks = json_object_get(data, "checks");
	json_t *check;
	size_t i;

	json_array_foreach(checks, i, check) {
		const char *state = json_text(check, "state"), *advice = json_text(check, "advice");

		screen_print(screen, style_of(state), "%-7s", state);
		fprintf(screen->f, "  %s: %s\n", json_text(check, "name"), json_text(check, "text"));
		if (*advice)
			fprintf(screen->f, "         %s\n", advice);
	}
}

static void print_text(FILE *f, const char *text)
{
	size_t n = strlen(text);

	fputs(text, f);
	if (n == 0 || text[n - 1] != '\n')
		fputc('\n', f);
}

void show_text(const struct screen *screen, const json_t *data)
{
	const json_t *text = json_object_get(data, "text");
	json_t *line;
	size_t i;

	if (json_is_string(text))
		print_text(screen->f, json_string_value(text));
	json_array_foreach(text, i, line)
		print_text(screen->f, json_is_string(line) ? json_string_value(line) : "?");
}
