/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as a single value: what a parser accepts prints to a text that means the same,
 * and is within its bounds.  Every parser sees every text.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/addr.h"
#include "policy/diag.h"
#include "policy/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool so, const char *what, const char *text)
{
	if (so)
		return;
	fprintf(stderr, "not so: %s: \"%s\"\n", what, text);
	abort();
}

static void addresses(const char *text)
{
	struct prefix4 p, again;
	uint32_t addr, same;
	struct mac mac, mac2;
	struct in6_addr v6;
	char buf[64];

	if (ipv4_parse(text, &addr))
		require(ipv4_parse(ipv4_print(addr, buf), &same) && same == addr && strcmp(buf, text) == 0, "ipv4", text);
	if (prefix4_parse(text, &p)) {
		require(p.len <= 32 && !(p.addr & ~prefix4_mask(p.len)), "prefix in bounds", text);
		require(prefix4_parse(prefix4_print(p, buf), &again) && again.addr == p.addr && again.len == p.len, "prefix",
		        text);
		require(strlen(buf) < PREFIX4_STRLEN && prefix4_covers(p, again), "prefix fits", text);
	}
	if (mac_parse(text, &mac))
		require(mac_parse(mac_print(mac, buf), &mac2) && memcmp(&mac, &mac2, sizeof(mac)) == 0, "mac", text);
	ipv6_parse(text, &v6);
}

static void numbers(const char *text)
{
	struct port_range r, again;
	unsigned long n = 0;
	uint32_t ms, same;
	char buf[64];

	if (port_range_parse(text, &r)) {
		require(r.lo && r.lo <= r.hi, "ports in bounds", text);
		require(port_range_parse(port_range_print(r, buf), &again) && again.lo == r.lo && again.hi == r.hi, "ports",
		        text);
		require(strlen(buf) < PORT_RANGE_STRLEN, "ports fit", text);
	}
	if (uint_parse(text, 3, 300, &n))
		require(n >= 3 && n <= 300, "number in bounds", text);
	if (duration_parse(text, &ms))
		require(duration_parse(duration_print(ms, buf, sizeof(buf)), &same) && same == ms, "duration", text);
}

static void names(const char *text)
{
	static const char *const words[] = { "interface", "user", "password-file", "mtu", "tcp", "" };
	struct rule_time time, again;
	const char *why, *near;
	uint8_t n, same;
	char buf[128];

	if (protocol_parse(text, &n))
		require(protocol_parse(protocol_print(n, buf), &same) && same == n, "protocol", text);
	if (dscp_parse(text, &n))
		require(n < 64 && dscp_parse(dscp_print(n, buf), &same) && same == n, "dscp", text);
	if (rule_time_parse(text, &time, &why)) {
		require(time.days && time.days <= WEEK_ALL && time.from < 1440 && time.to <= 1440, "time in bounds", text);
		rule_time_print(time, buf, sizeof(buf));
		require(rule_time_parse(buf, &again, &why) && again.days == time.days && again.from == time.from &&
		                again.to == time.to,
		        "time", text);
	}
	near = diag_nearest(text, words, 6);
	require(!near || *near, "a near word is a word", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* In memory of its very size, so that a step over its end is seen. */
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = 0;
	addresses(text);
	numbers(text);
	names(text);
	free(text);
	return 0;
}
