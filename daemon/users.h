/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The users of this machine, by name.  Used by daemon/config_load.c and verbs_explain.c.
 */
#ifndef DUALPATH_DAEMON_USERS_H
#define DUALPATH_DAEMON_USERS_H

#include <stdbool.h>
#include <stdint.h>

/* A config_user_fn (policy/config.h); arg is not used. */
bool users_find(void *arg, const char *name, uint32_t *uid);

#endif
