/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domain names as they stand in DHCPv6 options (RFC 8415 section 10: RFC 1035 wire
 * form, never compressed) and as text.  A name that comes out of here is safe to log, to ask a
 * server for and to write to a file: letters, digits, hyphen and underscore in labels alone.
 * Called wherever a name comes from outside: policy/dhcp6.c, hb46pp.c and url.c, daemon/aftr_names.c, aftr_store.c and
 * resolver.c.  Pure.
 */
#ifndef DUALPATH_POLICY_DNAME_H
#define DUALPATH_POLICY_DNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNAME_TEXT_MAX 256 /* the longest name (253 characters) with its end, and some */

/*
 * The name at the start of wire, as text without the last dot, into out (DNAME_TEXT_MAX).
 * NULL, or what is wrong with it (static text); out is written only if nothing is.
 * Bytes after the name's root label are not looked at.
 */
const char *dname_from_wire(const uint8_t *wire, size_t len, char *out);

/* Is text a name that dname_from_wire() could have made?  One dot at the end is allowed. */
bool dname_is_valid(const char *text);

#endif
