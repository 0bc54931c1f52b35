/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RUN_DIR/running.conf: the configuration by which the kernel's objects were made, normalised.  A teardown without a daemon goes by
 * it, as the owner's file may be another one by then, or gone, or no good; a start learns from it what was called otherwise
 * (former.h).  Used by daemon/router.c and main.c.
 */
#ifndef DUALPATH_DAEMON_RUNNING_CONF_H
#define DUALPATH_DAEMON_RUNNING_CONF_H

#include "policy/config.h"

/* Where it cannot be written, a warning is logged. */
void running_conf_write(const char *run_dir, const struct config *config);
/* After a teardown there is nothing that it would speak of. */
void running_conf_forget(const char *run_dir);

/* That configuration, each path with the slot that it had.  NULL: none is known. */
struct config *running_conf_read(const char *run_dir);

/*
 * What is needed to take everything away: that configuration, or else that of file.  Passwords are not looked at: none is
 * used.  NULL: diags says why file is not good.
 */
struct config *running_conf_load(const char *run_dir, const char *file, struct diag_list *diags);

#endif
