/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dualpathctl can ask for: a table of verbs for daemon/ctl_server.c. */
#ifndef DUALPATH_DAEMON_VERBS_H
#define DUALPATH_DAEMON_VERBS_H

#include "daemon/ctl_server.h"
#include "daemon/drill.h"
#include "daemon/router.h"

/* The arg of the handlers. */
struct verbs_env {
	struct ev_loop *loop;
	struct router *router;
	struct drill *drill;
};

const struct ctl_verb *verbs_table(void);

#endif
