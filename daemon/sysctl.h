/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The /proc/sys edge.  Names are below it, with '/': "net/ipv4/ip_forward". */
#ifndef DUALPATH_DAEMON_SYSCTL_H
#define DUALPATH_DAEMON_SYSCTL_H

#include <stddef.h>

/* First line into buf, without its end.  0 or -errno. */
int sysctl_read(const char *name, char *buf, size_t size);
int sysctl_write(const char *name, const char *value);
/* As a number; missing where it cannot be read. */
long sysctl_number(const char *name, long missing);

#endif
