/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon writes down for the next one (a session, a failover that was asked for, ...): at once, or as soon as that is
 * possible.  Where a disk is full or read-only the daemon goes on without, says so (in the log once, in doctor while it lasts),
 * and tries again.  Owns what waits for that.  Called by daemon/forced_store.c, pppd_proc.c, pppoe_left.c, running_conf.c and
 * others; one for the whole process, as the log is.
 */
#ifndef DUALPATH_DAEMON_KEPT_FILE_H
#define DUALPATH_DAEMON_KEPT_FILE_H

#include <ev.h>
#include <stddef.h>

/* From now on what could not be written is tried again.  The loop is borrowed. */
void kept_file_begin(struct ev_loop *loop);
/* What still waits is given up. */
void kept_file_end(void);

/* dir/name has this text, or will have, and only root can read it.  0; -errno: not yet, as told. */
int kept_file_write(const char *dir, const char *name, const char *text);
/* The same, and everybody can: for the home's DNS server, which is not root. */
int kept_file_publish(const char *dir, const char *name, const char *text);
/* As state_file_read(); what waits counts as written. */
int kept_file_read(const char *dir, const char *name, char *buf, size_t size);
void kept_file_remove(const char *dir, const char *name);

/* Each that waits, and why. */
void kept_file_waiting(void (*fn)(void *arg, const char *dir, const char *name, const char *why), void *arg);

#endif
