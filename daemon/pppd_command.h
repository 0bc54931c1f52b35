/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line that pppd is started with, and that of a running pppd to compare.
 * Called by daemon/pppd_proc.c alone.
 */
#ifndef DUALPATH_DAEMON_PPPD_COMMAND_H
#define DUALPATH_DAEMON_PPPD_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/pppd_proc.h"

#define PPPD_COMMAND_WORDS 80
#define PPPD_COMMAND_BYTES 4096

struct pppd_command {
	const char *file;
	char *argv[PPPD_COMMAND_WORDS]; /* into text */
	unsigned words;
	char text[PPPD_COMMAND_BYTES]; /* as /proc/PID/cmdline has it: each word and its 0 */
	size_t bytes;
};

/* 0, -EINVAL (something needed is missing), or -E2BIG. */
int pppd_command_make(struct pppd_command *command, const struct pppd_options *options);
/* What process pid was started with; compare its text alone.  -E2BIG: it is none of ours. */
int pppd_command_read(struct pppd_command *command, pid_t pid);
bool pppd_command_equal(const struct pppd_command *a, const struct pppd_command *b);
/* The program's name without its folder: "pppd". */
const char *pppd_command_name(const struct pppd_options *options);

#endif
