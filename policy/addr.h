/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that stand in rules: IPv4 prefixes, port ranges, Ethernet addresses.
 * Parsers and printers for them; strict, no locale, no allocation.
 * Addresses are kept in host byte order so that they compare and mask plainly.
 */
#ifndef DUALPATH_POLICY_ADDR_H
#define DUALPATH_POLICY_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prefix4 {
	uint32_t addr; /* host order; bits beyond len are zero */
	uint8_t len;   /* 0..32 */
};

struct port_range {
	uint16_t lo, hi; /* inclusive, lo <= hi */
};

struct mac {
	uint8_t byte[6];
};

#define PREFIX4_STRLEN 19  /* "255.255.255.255/32" and its end */
#define PORT_RANGE_STRLEN 12
#define MAC_STRLEN 18

/* "192.0.2.1", "192.0.2.0/24".  Host bits that are set are an error: they are
 * nearly always a slip.  Writes *out only on success. */
bool prefix4_parse(const char *text, struct prefix4 *out);
bool prefix4_contains(struct prefix4 p, uint32_t addr);
bool prefix4_covers(struct prefix4 outer, struct prefix4 inner);
uint32_t prefix4_mask(uint8_t len);
/* Print into buf (PREFIX4_STRLEN); a /32 prints as a plain address.  Returns buf. */
const char *prefix4_print(struct prefix4 p, char *buf);

/* Dotted quad only ("10.1" and "010.0.0.1" are refused); result in host order. */
bool ipv4_parse(const char *text, uint32_t *out);
const char *ipv4_print(uint32_t addr, char *buf); /* buf: INET_ADDRSTRLEN */
bool ipv6_parse(const char *text, struct in6_addr *out);

/* "80" or "8000-8010"; 1..65535. */
bool port_range_parse(const char *text, struct port_range *out);
const char *port_range_print(struct port_range r, char *buf);

/* "02:00:00:00:00:0a", also with '-' between. */
bool mac_parse(const char *text, struct mac *out);
const char *mac_print(struct mac m, char *buf);

/* Decimal digits alone, no zero in front ("010" is 8 to some, 10 to others), within [min, max]. */
bool uint_parse(const char *text, unsigned long min, unsigned long max, unsigned long *out);

/* "250ms", "1s", "5m", "2h", up to 49 days; a bare number is refused.  Result in milliseconds.
 * Printed in the largest unit that loses nothing. */
bool duration_parse(const char *text, uint32_t *ms);
const char *duration_print(uint32_t ms, char *buf, size_t size);

#endif
