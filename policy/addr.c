/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See addr.h.  Called by the config's parser and printer, and by all that shows an address. */
#include "policy/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * A decimal number at *text, which is moved behind it.  A zero in front is refused:
 * half of the world's tools read it as octal.
 */
static bool take_number(const char **text, unsigned long max, unsigned long *out)
{
	const char *p = *text;
	unsigned long value = 0;

	if (!is_digit(*p) || (p[0] == '0' && is_digit(p[1])))
		return false;
	for (; is_digit(*p); p++) {
		unsigned long digit = (unsigned long)(*p - '0');

		if (digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*text = p;
	*out = value;
	return true;
}

bool uint_parse(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
	unsigned long value;

	if (!take_number(&text, max, &value) || *text || value < min)
		return false;
	*out = value;
	return true;
}

static bool take_ipv4(const char **text, uint32_t *out)
{
	const char *p = *text;
	uint32_t addr = 0;

	for (int i = 0; i < 4; i++) {
		unsigned long byte;

		if ((i && *p++ != '.') || !take_number(&p, 255, &byte))
			return false;
		addr = addr << 8 | (uint32_t)byte;
	}
	*text = p;
	*out = addr;
	return true;
}

bool ipv4_parse(const char *text, uint32_t *out)
{
	uint32_t addr;

	if (!take_ipv4(&text, &addr) || *text)
		return false;
	*out = addr;
	return true;
}

const char *ipv4_print(uint32_t addr, char *buf)
{
	snprintf(buf, INET_ADDRSTRLEN, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255, addr & 255);
	return buf;
}

bool ipv6_parse(const char *text, struct in6_addr *out)
{
	struct in6_addr addr;

	if (inet_pton(AF_INET6, text, &addr) != 1)
		return false;
	*out = addr;
	return true;
}

uint32_t prefix4_mask(uint8_t len)
{
	return len ? UINT32_MAX << (32 - len) : 0;
}

bool prefix4_parse(const char *text, struct prefix4 *out)
{
	unsigned long len = 32;
	uint32_t addr;

	if (!take_ipv4(&text, &addr))
		return false;
	if (*text == '/') {
		text++;
		if (!take_number(&text, 32, &len))
			return false;
	}
	if (*text || addr & ~prefix4_mask((uint8_t)len))
		return false;
	*out = (struct prefix4){ addr, (uint8_t)len };
	return true;
}

bool prefix4_contains(struct prefix4 p, uint32_t addr)
{
	return ((p.addr ^ addr) & prefix4_mask(p.len)) == 0;
}

bool prefix4_covers(struct prefix4 outer, struct prefix4 inner)
{
	return outer.len <= inner.len && prefix4_contains(outer, inner.addr);
}

const char *prefix4_print(struct prefix4 p, char *buf)
{
	ipv4_print(p.addr, buf);
	if (p.len < 32)
		snprintf(buf + strlen(buf), PREFIX4_STRLEN - strlen(buf), "/%u", p.len);
	return buf;
}

bool port_range_parse(const char *text, struct port_range *out)
{
	unsigned long lo, hi;

	if (!take_number(&text, UINT16_MAX, &lo))
		return false;
	hi = lo;
	if (*text == '-') {
		text++;
		if (!take_number(&text, UINT16_MAX, &hi))
			return false;
	}
	if (*text || lo == 0 || lo > hi)
		return false;
	*out = (struct port_range){ (uint16_t)lo, (uint16_t)hi };
	return true;
}

const char *port_range_print(struct port_range r, char *buf)
{
	if (r.lo == r.hi)
		snprintf(buf, PORT_RANGE_STRLEN, "%u", r.lo);
	else
		snprintf(buf, PORT_RANGE_STRLEN, "%u-%u", r.lo, r.hi);
	return buf;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool mac_parse(const char *text, struct mac *out)
{
	struct mac mac;
	char between = 0;

	for (int i = 0; i < 6; i++) {
		int high, low;

		if (i == 1)
			between = *text;
		if (i && ((between != ':' && between != '-') || *text++ != between))
			return false;
		high = hex_digit(text[0]);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return false;
		mac.byte[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (*text)
		return false;
	*out = mac;
	return true;
}

const char *mac_print(struct mac m, char *buf)
{
	snprintf(buf, MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", m.byte[0], m.byte[1], m.byte[2], m.byte[3],
	         m.byte[4], m.byte[5]);
	return buf;
}

static const struct {
	const char *name;
	uint32_t ms;
} units[] = { { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } };
#define UNITS (sizeof(units) / sizeof(units[0]))

bool duration_parse(const char *text, uint32_t *ms)
{
	unsigned long number;

	if (!take_number(&text, UINT32_MAX, &number))
		return false;
	for (size_t i = 0; i < UNITS; i++) {
		if (strcmp(text, units[i].name) != 0)
			continue;
		if (number > UINT32_MAX / units[i].ms)
			return false;
		*ms = (uint32_t)number * units[i].ms;
		return true;
	}
	return false;
}

const char *duration_print(uint32_t ms, char *buf, size_t size)
{
	size_t i = ms ? 0 : 2; /* nothing is "0s" */

	while (ms % units[i].ms)
		i++;
	snprintf(buf, size, "%u%s", ms / units[i].ms, units[i].name);
	return buf;
}
