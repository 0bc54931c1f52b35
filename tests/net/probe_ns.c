/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_ns.h. */
#include "tests/net/probe_ns.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SKIPPED 77

void ns_enter(void)
{
	if (unshare(CLONE_NEWNET) == 0)
		return;
	printf("skipped: no network namespace of its own: %s\n", strerror(errno));
	printf("0 passed, 0 failed, 1 skipped\n");
	exit(SKIPPED);
}

pid_t ns_spawn(void (*run)(void))
{
	int ready[2];
	char byte;
	pid_t pid;

	fflush(stdout);
	if (pipe(ready) < 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ns_enter();
		if (write(ready[1], "", 1) == 1)
			run();
		_exit(1);
	}
	if (read(ready[0], &byte, 1) != 1)
		abort();
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void run_shell(const char *command)
{
	if (system(command) == 0)
		return;
	printf("FAIL command: %s\n", command);
	exit(1);
}

void ns_sh(const char *format, ...)
{
	char command[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	run_shell(command);
}

void ns_sh_in(pid_t pid, const char *format, ...)
{
	char command[1024];
	va_list ap;
	int n = snprintf(command, sizeof(command), "nsenter -t %d -n ", (int)pid);

	va_start(ap, format);
	vsnprintf(command + n, sizeof(command) - (size_t)n, format, ap);
	va_end(ap);
	run_shell(command);
}
