/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See show.h: what happened and why, a line each, the newest last. */
#include <string.h>

#include "ctl/show.h"

static enum style style_of(const char *state)
{
	if (strcmp(state, "up") == 0)
		return STYLE_GOOD;
	return strcmp(state, "down") == 0 ? STYLE_BAD : STYLE_PLAIN;
}

/* A cause of several lines is told in one. */
static void print_cause(FILE *f, const char *cause)
{
	for (; *cause; cause++)
		fputc(*cause == '\n' || *cause == '\t' ? ' ' : *cause, f);
	fputc('\n', f);
}

void show_events(const struct screen *screen, const json_t *data)
{
	const json_t *events = json_object_get(data, "events");
	char buf[UNIT_SIZE];
	json_t *event;
	size_t i;

	json_array_foreach(events, i, event) {
		const char *to = json_text(event, "to");

		fprintf(screen->f, "%s  %s: ", unit_local_time(json_text(event, "time"), buf),
		        json_text(event, "path"));
		if (*to) {
			fprintf(screen->f, "%s -> ", json_text(event, "from"));
			screen_print(screen, style_of(to), "%s", to);
			fputs(": ", screen->f);
		}
		print_cause(screen->f, json_text(event, "cause"));
	}
}
