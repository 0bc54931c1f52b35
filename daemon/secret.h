/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that hold a password, and nothing else.  Used by daemon/pppoe_account.c when pppd
 * asks, and by daemon/router.c to check a config.
 */
#ifndef DUALPATH_DAEMON_SECRET_H
#define DUALPATH_DAEMON_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The password in file path, without line ends and a byte-order mark, into buf (size bytes, its end
 * included).  The file must be a regular one of root's or our own that nobody else can read.  0,
 * or -errno and *why (allocated), which says what to do; buf is then wiped.
 */
int secret_read(const char *path, char *buf, size_t size, char **why);
/* Would secret_read() work?  If not, *why (allocated). */
bool secret_check(const char *path, char **why);

#endif
