/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See screen.h: colour and units.  Tables are in table.c, the daemon's JSON in json_text.c. */
#include "ctl/screen.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool screen_wants_colour(FILE *f)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(f)) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

void screen_print(const struct screen *screen, enum style style, const char *format, ...)
{
	static const char *const code[STYLES] = {
		[STYLE_GOOD] = "\033[32m",
		[STYLE_WARNING] = "\033[33m",
		[STYLE_BAD] = "\033[1;31m",
		[STYLE_HEADING] = "\033[1m",
	};
	bool coloured = screen->colour && code[style];
	va_list ap;

	if (coloured)
		fputs(code[style], screen->f);
	va_start(ap, format);
	vfprintf(screen->f, format, ap);
	va_end(ap);
	if (coloured)
		fputs("\033[m", screen->f);
}

/* ---- units ---- */

const char *unit_duration(int64_t s, char *buf)
{
	if (s < 0) /* a clock that was set back */
		s = 0;
	if (s < 60)
		snprintf(buf, UNIT_SIZE, "%" PRId64 " s", s);
	else if (s < 3600)
		snprintf(buf, UNIT_SIZE, "%" PRId64 " min", s / 60);
	else if (s < 86400)
		snprintf(buf, UNIT_SIZE, "%" PRId64 " h %" PRId64 " min", s / 3600, s / 60 % 60);
	else
		snprintf(buf, UNIT_SIZE, "%" PRId64 " day%s %" PRId64 " h", s / 86400, s < 2 * 86400 ? "" : "s",
		         s / 3600 % 24);
	return buf;
}

const char *unit_bytes(int64_t bytes, char *buf)
{
	static const char *const unit[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)(bytes < 0 ? 0 : bytes);
	unsigned u = 0;

	/* 999.5 would be printed as 1000. */
	for (; value >= 999.5; u++)
		value /= 1000;
	snprintf(buf, UNIT_SIZE, u && value < 9.95 ? "%.1f %s" : "%.0f %s", value, unit[u]);
	return buf;
}

/* *rest: what follows the seconds. */
static bool parse_time(const char *text, time_t *out, const char **rest)
{
	struct tm tm = { 0 };

	*rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!*rest)
		return false;
	*out = timegm(&tm);
	return true;
}

time_t unit_time(const char *text)
{
	const char *rest;
	time_t t;

	return parse_time(text, &t, &rest) ? t : -1;
}

const char *unit_local_time(const char *text, char *buf)
{
	const char *rest;
	struct tm tm;
	time_t t;
	size_t n;

	if (!parse_time(text, &t, &rest) || !localtime_r(&t, &tm))
		return text;
	n = strftime(buf, UNIT_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(buf + n, UNIT_SIZE - n, "%.*s", (int)strcspn(rest, "Z"), rest);
	return buf;
}
