/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that goes to people by JSON, which takes nothing but UTF-8: a configuration in another code, a name of the file system, and
 * whatever was cut in the middle of a character.  Called by policy/diag.c and by whoever makes a sentence in the daemon.
 */
#ifndef DUALPATH_POLICY_UTF8_H
#define DUALPATH_POLICY_UTF8_H

/* '?' in place of each byte that is no part of a character (RFC 3629). */
void utf8_mend(char *text);

#endif
