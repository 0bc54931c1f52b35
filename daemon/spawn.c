/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See spawn.h. */
#include "daemon/spawn.h"

#include <signal.h>

static int prepare(posix_spawnattr_t *attributes, bool session)
{
	short group = session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
	sigset_t none, all;
	int error;

	sigemptyset(&none);
	sigfillset(&all);
	error = posix_spawnattr_setsigmask(attributes, &none);
	error = error ? error : posix_spawnattr_setsigdefault(attributes, &all);
	return error ? error
	             : posix_spawnattr_setflags(attributes,
	                                        (short)(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
}

int spawn_program(const char *file, char *const argv[], char *const environment[],
                  const posix_spawn_file_actions_t *files, bool session, pid_t *pid)
{
	posix_spawnattr_t attributes;
	int error;

	posix_spawnattr_init(&attributes);
	error = prepare(&attributes, session);
	error = error ? error : posix_spawn(pid, file, files, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	return -error;
}
