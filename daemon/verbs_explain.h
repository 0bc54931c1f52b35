/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verb "explain": reads the owner's words, gathers what the kernel knows of the
 * connection, and puts policy/explain.c's answer into words and JSON.  Called by
 * daemon/verbs.c alone.
 */
#ifndef DUALPATH_DAEMON_VERBS_EXPLAIN_H
#define DUALPATH_DAEMON_VERBS_EXPLAIN_H

#include "daemon/ctl_server.h"

/* PROTO SRC[:PORT] DST[:PORT], or in PROTO PORT [FROM]. */
json_t *verb_explain(void *env, const struct ctl_request *req);

#endif
