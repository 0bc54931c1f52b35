/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "explain in": what a stranger who calls one of our addresses meets.  Called by daemon/verbs_explain.c. */
#ifndef DUALPATH_DAEMON_VERBS_EXPLAIN_IN_H
#define DUALPATH_DAEMON_VERBS_EXPLAIN_IN_H

#include <jansson.h>

#include "daemon/ctl_server.h"
#include "daemon/verbs.h"

#define EXPLAIN_IN_USAGE "explain in PROTO [ADDRESS:]PORT [FROM], as in: explain in tcp 443"

/* req: with its first word, "in".  An answer that the caller owns. */
json_t *explain_in_verb(const struct verbs_env *env, const struct ctl_request *req);

#endif
