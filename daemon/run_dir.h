/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run folder: makes it, holds the lock in it (one daemon each), and brings it back when somebody has removed it or what is in it,
 * since nobody could reach the daemon then, and pppd not its secret.  Makes the state folder as well.  Called by main.c.
 */
#ifndef DUALPATH_DAEMON_RUN_DIR_H
#define DUALPATH_DAEMON_RUN_DIR_H

#include <ev.h>
#include <stdbool.h>
#include <sys/types.h>

struct run_dir;

struct run_dir_callbacks {
	/* Make anew what is not there; folder_too: all of it is not.  0 or -errno: again in a while. */
	int (*restore)(void *arg, bool folder_too);
	/* Another daemon has the lock now. */
	void (*taken)(void *arg);
};

/* Programs of the home's names and users who may ask us come in; what the state folder remembers of providers is nobody's business. */
#define RUN_DIR_MODE   0755
#define STATE_DIR_MODE 0700

/* A folder, with this mode where it is not there yet, and those above it.  0 or -errno. */
int run_dir_make(const char *path, mode_t mode);
/* The folder, which is there, and its lock.  NULL: told why. */
struct run_dir *run_dir_lock(const char *path);
/* socket: one more file to look after, wherever it is; state_dir: a folder to be made anew, empty as it is then.  All are borrowed. */
void run_dir_watch(struct run_dir *dir, struct ev_loop *loop, const char *socket, const char *state_dir,
                   const struct run_dir_callbacks *callbacks, void *arg);
void run_dir_unwatch(struct run_dir *dir);
/* The lock goes; files stay.  NULL is fine. */
void run_dir_free(struct run_dir *dir);

#endif
