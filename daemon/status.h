/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer to "status" (SPEC: status --json), built from the router.  Called by daemon/verbs.c and metrics_http.c. */
#ifndef DUALPATH_DAEMON_STATUS_H
#define DUALPATH_DAEMON_STATUS_H

#include <jansson.h>

#include "daemon/router.h"

/* A new reference.  *bad: a path is down. */
json_t *status_json(const struct router *router, bool *bad);

#endif
