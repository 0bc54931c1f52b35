/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of rules that have names: IP protocols, DSCP code points, times of the week.
 * Parsers and printers for them; strict, no locale, no allocation, nothing asked of the
 * system's databases, so that a config means the same on every machine.
 */
#ifndef DUALPATH_POLICY_VALUE_H
#define DUALPATH_POLICY_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/config.h"

#define PROTOCOL_STRLEN 16
#define DSCP_STRLEN 8

/* A name of protocol_words(), in any case, or 0..255. */
bool protocol_parse(const char *text, uint8_t *out);
/* The name, or the number where it has none.  Returns buf (PROTOCOL_STRLEN). */
const char *protocol_print(uint8_t protocol, char *buf);
/* Has the packet's header ports in its first four bytes? */
bool protocol_has_ports(uint8_t protocol);
/* All names, for "did you mean". */
const char *const *protocol_words(size_t *count);

/* "ef", "af21", "cs0".."cs7", "va", "le" (RFC 2474, 2597, 3246, 5865, 8622), or 0..63. */
bool dscp_parse(const char *text, uint8_t *out);
const char *dscp_print(uint8_t dscp, char *buf); /* buf: DSCP_STRLEN */
const char *const *dscp_words(size_t *count);

/*
 * "mon-fri 09:00-18:00", "sat", "22:00-06:00" (over midnight, into the day after).
 * Days may wrap ("fri-mon"); 24:00 is good as an end.  On failure *why (a constant) says
 * what was expected.
 */
bool rule_time_parse(const char *text, struct rule_time *out, const char **why);
/* The shortest text that parses back; several, with commas between, where the days have
 * holes.  Returns buf (64 bytes are enough for what parses from one text). */
const char *rule_time_print(struct rule_time time, char *buf, size_t size);

#endif
