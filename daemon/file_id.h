/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which file it is that stands at a path: a socket or a lock of ours may have been removed, and another's have its name.
 * Called by daemon/ctl_socket.c, daemon/ppp_sock.c and daemon/run_dir.c.
 */
#ifndef DUALPATH_DAEMON_FILE_ID_H
#define DUALPATH_DAEMON_FILE_ID_H

#include <stdbool.h>
#include <sys/types.h>

/* Zeros: of no file. */
struct file_id {
	dev_t dev;
	ino_t ino;
};

/* A symbolic link is itself. */
struct file_id file_id_at(const char *path);
struct file_id file_id_of(int fd);
/* Of no file: never. */
bool file_id_same(struct file_id a, struct file_id b);

#endif
