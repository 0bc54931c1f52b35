/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts another program: none of our signals is blocked or ignored there, and it has a group of its own, so
 * that what it starts in turn can be ended with it.  For daemon/pppd_proc.c, hook.c and http.c.
 */
#ifndef DUALPATH_DAEMON_SPAWN_H
#define DUALPATH_DAEMON_SPAWN_H

#include <spawn.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * files: which descriptors it gets; prepared and destroyed by the caller, who closes all others there: not every library's
 * socket closes itself at an exec.  session: a session of its own as well, for
 * what shall outlive us.  0 and *pid, or -errno, also that of exec.
 */
int spawn_program(const char *file, char *const argv[], char *const environment[],
                  const posix_spawn_file_actions_t *files, bool session, pid_t *pid);

#endif
