/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See clock.h. */
#include "daemon/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_utc_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_boot_ms(void)
{
	return read_us(CLOCK_BOOTTIME) / 1000;
}

const char *clock_boot_id(char *buf)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f || fscanf(f, "%36s", buf) != 1)
		strcpy(buf, "unknown");
	if (f)
		fclose(f);
	return buf;
}

int64_t clock_utc_of_boot_ms(int64_t boot_ms)
{
	return clock_utc_ms() - (clock_boot_ms() - boot_ms);
}

uint64_t clock_monotonic_us(void)
{
	return (uint64_t)read_us(CLOCK_MONOTONIC);
}

uint64_t clock_monotonic_ms(void)
{
	return clock_monotonic_us() / 1000;
}

/* localtime_r() alone would go on with the zone that it read first. */
void clock_local(int64_t at, unsigned *weekday, unsigned *minute)
{
	time_t t = (time_t)at;
	struct tm tm;

	tzset();
	localtime_r(&t, &tm);
	*weekday = (unsigned)(tm.tm_wday + 6) % 7;
	*minute = (unsigned)(tm.tm_hour * 60 + tm.tm_min);
}

const char *clock_print_utc(int64_t ms, bool with_ms, char *buf)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	gmtime_r(&t, &tm);
	n = strftime(buf, CLOCK_STRLEN, "%Y-%m-%dT%H:%M:%S", &tm);
	if (with_ms)
		snprintf(buf + n, CLOCK_STRLEN - n, ".%03dZ", (int)(ms % 1000));
	else
		snprintf(buf + n, CLOCK_STRLEN - n, "Z");
	return buf;
}
