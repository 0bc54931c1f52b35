/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The config file, read once: its places by policy/ini_scan.c, its values by
 * iniparser, from the same bytes.  The only file that knows iniparser.
 */
#ifndef DUALPATH_DAEMON_CONF_FILE_H
#define DUALPATH_DAEMON_CONF_FILE_H

#include "policy/diag.h"
#include "policy/ini.h"

/* Everything wrong goes to diags.  The caller frees the result with ini_free(); NULL: unreadable. */
struct ini_file *conf_file_read(const char *path, struct diag_list *diags);
/* The same of a file that is open, at any place in it, and called path; -1: it could not be opened, as errno says. */
struct ini_file *conf_file_read_open(int fd, const char *path, struct diag_list *diags);

#endif
