/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client of the control socket sends: bytes, and now and then an open file with them.  Used by daemon/ctl_server.c
 * alone.
 */
#ifndef DUALPATH_DAEMON_CTL_RECEIVE_H
#define DUALPATH_DAEMON_CTL_RECEIVE_H

#include <stddef.h>
#include <sys/types.h>

/* As recv() without waiting.  A file that comes along takes the place of *file (-1: none), which is closed. */
ssize_t ctl_receive(int fd, char *buf, size_t size, int *file);

#endif
