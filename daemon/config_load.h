/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a config file to a config that can be used: read, parsed, checked, its secrets looked
 * at.  Used by daemon/main.c, router.c, verbs.c and running_conf.c.
 */
#ifndef DUALPATH_DAEMON_CONFIG_LOAD_H
#define DUALPATH_DAEMON_CONFIG_LOAD_H

#include "policy/config.h"
#include "policy/diag.h"

/* NULL: not good, diags says why. */
struct config *config_load(const char *file, struct diag_list *diags);
/* The same of a file that somebody has opened for us; -1: nobody has. */
struct config *config_load_open(int fd, const char *file, struct diag_list *diags);
/* The same for a start: the config before, where the file is one that failed its trial. */
struct config *config_load_for_start(const char *file, const char *state_dir, struct diag_list *diags);
/* By its text alone, whatever this machine has of secrets, networks and users. */
struct config *config_load_text(const char *file, struct diag_list *diags);

#endif
