/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clocks of the daemon, and how a time is written.  Used all over daemon/; policy/ is given its times.
 */
#ifndef DUALPATH_DAEMON_CLOCK_H
#define DUALPATH_DAEMON_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Since 1970, UTC: for people, and for what outlives a reboot.  It can be set, back as well. */
int64_t clock_utc_ms(void);
/* Since boot, sleep included: for what outlives the daemon, though not the machine's run. */
int64_t clock_boot_ms(void);
/* Which run of the machine that is.  buf: CLOCK_BOOT_ID; returns it. */
#define CLOCK_BOOT_ID 37
const char *clock_boot_id(char *buf);
/* UTC of a moment of that clock, as it is by now: it may have been set since. */
int64_t clock_utc_of_boot_ms(int64_t boot_ms);
/* Never set, never back: for everything that lasts. */
uint64_t clock_monotonic_us(void);
uint64_t clock_monotonic_ms(void);

/* Day of the week (0 is Monday) and minute of the day at a time (seconds since 1970), by the zone of the machine as it
 * is now. */
void clock_local(int64_t at, unsigned *weekday, unsigned *minute);

/* "2026-01-01T00:00:00Z", or with ".000" before the Z.  Returns buf (CLOCK_STRLEN). */
#define CLOCK_STRLEN 32
const char *clock_print_utc(int64_t ms, bool with_ms, char *buf);

#endif
