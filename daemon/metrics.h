/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status as Prometheus text (exposition format 0.0.4).  Called by daemon/verbs.c and metrics_http.c. */
#ifndef DUALPATH_DAEMON_METRICS_H
#define DUALPATH_DAEMON_METRICS_H

#include <jansson.h>

/* status: as status_json() makes it.  Allocated. */
char *metrics_text(const json_t *status);

#endif
