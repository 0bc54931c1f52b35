/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See value.h.  Called by the config's parser and printer, and by explain. */
#include "policy/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A word's number; word[i] belongs to number[i]. */
static bool find_word(const char *text, const char *const *word, const uint8_t *number, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(text, word[i]) == 0) {
			*out = number[i];
			return true;
		}
	return false;
}

static const char *find_number(uint8_t value, const char *const *word, const uint8_t *number, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (number[i] == value)
			return word[i];
	return NULL;
}

static bool parse_word(const char *text, const char *const *word, const uint8_t *number, size_t n, uint8_t max,
                       uint8_t *out)
{
	unsigned long value;

	if (find_word(text, word, number, n, out))
		return true;
	if (!uint_parse(text, 0, max, &value))
		return false;
	*out = (uint8_t)value;
	return true;
}

static const char *print_word(uint8_t value, const char *const *word, const uint8_t *number, size_t n, char *buf,
                              size_t size)
{
	const char *name = find_number(value, word, number, n);

	if (name)
		snprintf(buf, size, "%s", name);
	else
		snprintf(buf, size, "%u", value);
	return buf;
}

/* ---- IP protocols (IANA) ---- */

static const char *const protocol_word[] = { "icmp", "igmp", "ipip", "tcp",    "udp", "dccp",    "ipv6", "rsvp", "gre",
	                                     "esp",  "ah",   "ospf", "pim",    "vrrp", "l2tp",   "sctp", "udplite" };
static const uint8_t protocol_number[] = { 1, 2, 4, 6, 17, 33, 41, 46, 47, 50, 51, 89, 103, 112, 115, 132, 136 };

bool protocol_parse(const char *text, uint8_t *out)
{
	return parse_word(text, protocol_word, protocol_number, COUNT(protocol_word), 255, out);
}

const char *protocol_print(uint8_t protocol, char *buf)
{
	return print_word(protocol, protocol_word, protocol_number, COUNT(protocol_word), buf, PROTOCOL_STRLEN);
}

const char *const *protocol_words(size_t *count)
{
	*count = COUNT(protocol_word);
	return protocol_word;
}

bool protocol_has_ports(uint8_t protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 || protocol == 136;
}

/* ---- DSCP ---- */

static const char *const dscp_word[] = { "cs0",  "le",   "cs1",  "af11", "af12", "af13", "cs2",  "af21",
	                                 "af22", "af23", "cs3",  "af31", "af32", "af33", "cs4",  "af41",
	                                 "af42", "af43", "cs5",  "va",   "ef",   "cs6",  "cs7" };
static const uint8_t dscp_number[] = { 0,  1,  8,  10, 12, 14, 16, 18, 20, 22, 24, 26,
	                               28, 30, 32, 34, 36, 38, 40, 44, 46, 48, 56 };

_Static_assert(COUNT(protocol_word) == COUNT(protocol_number), "a number for each protocol");
_Static_assert(COUNT(dscp_word) == COUNT(dscp_number), "a number for each code point");

bool dscp_parse(const char *text, uint8_t *out)
{
	return parse_word(text, dscp_word, dscp_number, COUNT(dscp_word), 63, out);
}

const char *dscp_print(uint8_t dscp, char *buf)
{
	return print_word(dscp, dscp_word, dscp_number, COUNT(dscp_word), buf, DSCP_STRLEN);
}

const char *const *dscp_words(size_t *count)
{
	*count = COUNT(dscp_word);
	return dscp_word;
}

/* ---- times of the week ---- */

#define DAY_MINUTES 1440

static const char *const day_word[7] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

/* A day's number at *text, which is moved behind it, or -1. */
static int take_day(const char **text)
{
	for (int i = 0; i < 7; i++)
		if (strncasecmp(*text, day_word[i], 3) == 0) {
			*text += 3;
			return i;
		}
	return -1;
}

static bool take_days(const char **text, uint8_t *days)
{
	int first = take_day(text), last = first;

	if (first < 0)
		return false;
	if (**text == '-') {
		++*text;
		last = take_day(text);
		if (last < 0)
			return false;
	}
	*days = 0;
	for (int day = first;; day = (day + 1) % 7) {
		*days |= (uint8_t)(1 << day);
		if (day == last)
			return true;
	}
}

/* Digits at *text, which is moved behind them: from least to two. */
static bool take_digits(const char **text, int least, unsigned *out)
{
	int n = 0;

	for (*out = 0; n < 2 && **text >= '0' && **text <= '9'; n++)
		*out = *out * 10 + (unsigned)(*(*text)++ - '0');
	return n >= least;
}

/* "HH:MM" or "H:MM" at *text: minutes since midnight, 24:00 included. */
static bool take_clock(const char **text, uint16_t *minutes)
{
	unsigned hour, minute;

	if (!take_digits(text, 1, &hour) || *(*text)++ != ':' || !take_digits(text, 2, &minute))
		return false;
	if (hour > 24 || minute > 59 || (hour == 24 && minute))
		return false;
	*minutes = (uint16_t)(hour * 60 + minute);
	return true;
}

static bool take_hours(const char **text, struct rule_time *time, const char **why)
{
	*why = "expected HH:MM-HH:MM, as in 09:00-18:00";
	if (!take_clock(text, &time->from) || *(*text)++ != '-' || !take_clock(text, &time->to))
		return false;
	*why = "24:00 can only be an end: a day begins at 00:00";
	if (time->from == DAY_MINUTES)
		return false;
	*why = "it begins when it ends: leave the hours away for the whole day";
	if (time->from == time->to)
		return false;
	if (time->to == 0) /* 18:00-00:00 ends with its own day */
		time->to = DAY_MINUTES;
	return true;
}

bool rule_time_parse(const char *text, struct rule_time *out, const char **why)
{
	struct rule_time time = { WEEK_ALL, 0, DAY_MINUTES };

	*why = "expected days (mon-fri), hours (09:00-18:00), or both with a blank between";
	if (*text < '0' || *text > '9') {
		if (!take_days(&text, &time.days))
			return false;
		if (*text && *text != ' ' && *text != '\t')
			return false;
		while (*text == ' ' || *text == '\t')
			text++;
	}
	if (*text && !take_hours(&text, &time, why))
		return false;
	*why = "text after the time: expected days (mon-fri) before hours (09:00-18:00)";
	if (*text)
		return false;
	*out = time;
	return true;
}

__attribute__((format(printf, 3, 4))) static void append(char *buf, size_t size, const char *format, ...)
{
	size_t used = strlen(buf);
	va_list args;

	va_start(args, format);
	vsnprintf(buf + used, size - used, format, args);
	va_end(args);
}

static void print_run(struct rule_time time, int first, int length, char *buf, size_t size)
{
	bool all_day = time.from == 0 && time.to == DAY_MINUTES;
	bool all_week = length == 7;

	if (length == 1)
		append(buf, size, "%s", day_word[first]);
	else if (!all_week || all_day)
		append(buf, size, "%s-%s", day_word[first], day_word[(first + length - 1) % 7]);
	if (all_day)
		return;
	append(buf, size, "%s%02d:%02d-%02d:%02d", all_week ? "" : " ", time.from / 60, time.from % 60, time.to / 60,
	       time.to % 60);
}

static bool has_day(uint8_t days, int day)
{
	return days >> ((day + 7) % 7) & 1;
}

const char *rule_time_print(struct rule_time time, char *buf, size_t size)
{
	const char *between = "";

	buf[0] = 0;
	if ((time.days & WEEK_ALL) == WEEK_ALL) {
		print_run(time, 0, 7, buf, size);
		return buf;
	}
	for (int day = 0; day < 7; day++) {
		int length = 1;

		if (!has_day(time.days, day) || has_day(time.days, day - 1))
			continue;
		while (has_day(time.days, day + length))
			length++;
		append(buf, size, "%s", between);
		print_run(time, day, length, buf, size);
		between = ", ";
	}
	return buf;
}
