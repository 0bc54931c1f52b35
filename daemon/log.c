/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See log.h. */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static enum log_level highest = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	highest = level;
}

/* Under systemd the journal has its own clock and understands "<N>". */
static void write_prefix(enum log_level level)
{
	static const int syslog_level[] = { 3, 4, 6, 7, 7 };
	struct timespec now;
	struct tm tm;

	if (getenv("JOURNAL_STREAM")) {
		fprintf(stderr, "<%d>", syslog_level[level]);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	fprintf(stderr, "%02d:%02d:%02d.%03ld ", tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000);
}

void log_message(enum log_level level, const char *format, ...)
{
	va_list ap;

	if (level > highest)
		return;
	flockfile(stderr);
	write_prefix(level);
	if (level <= LOG_LEVEL_WARN)
		fputs(level == LOG_LEVEL_ERROR ? "error: " : "warning: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	funlockfile(stderr);
}
