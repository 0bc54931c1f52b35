/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See log.h. */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>

static enum log_level highest = LOG_LEVEL_INFO;
static bool background;
static const int syslog_level[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_DEBUG };

void log_set_level(enum log_level level)
{
	highest = level;
}

void log_to_syslog(void)
{
	openlog("dualpathd", LOG_PID, LOG_DAEMON);
	background = true;
}

/* Under systemd the journal has its own clock and understands "<N>". */
static void write_prefix(enum log_level level)
{
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
	if (background) {
		va_start(ap, format);
		vsyslog(syslog_level[level], format, ap);
		va_end(ap);
		return;
	}
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
