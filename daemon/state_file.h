/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small text files in the state folder and in the run folder, replaced whole: after a power cut there is the old one or the new
 * one.  Used by daemon/kept_file.c, by which most are written, and daemon/confirm.c (a configuration on trial).
 * Only root writes there, but what is read is checked by its reader all the same.
 */
#ifndef DUALPATH_DAEMON_STATE_FILE_H
#define DUALPATH_DAEMON_STATE_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* The text of dir/name into buf with an end.  0; -EFBIG where it is not shorter than size; -EINVAL where
 * it has a NUL in it; -errno. */
int state_file_read(const char *dir, const char *name, char *buf, size_t size);
/* Private but for what another program reads that is not root: among the rest is a provider's secret. */
#define STATE_FILE_PRIVATE 0600
#define STATE_FILE_PUBLIC  0644
/* 0 or -errno; then the old file is as it was. */
int state_file_write(const char *dir, const char *name, const char *text, mode_t mode);

#endif
