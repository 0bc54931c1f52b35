/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that goes to people by JSON, which takes nothing but UTF-8: a configuration in another code, a name of the file system, and
 * whatever was cut in the middle of a character.  Called by policy/diag.c and by whoever makes a sentence in the daemon.
 */
#ifndef DUALPATH_POLICY_UTF8_H
#define DUALPATH_POLICY_UTF8_H

#include <stdarg.h>
#include <stddef.h>

/* '?' in place of each byte that is no part of a character (RFC 3629). */
void utf8_mend(char *text);
/* As vsnprintf(), and mended: a text of a fixed size may be cut. */
void utf8_vprint(char *text, size_t size, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

#endif
