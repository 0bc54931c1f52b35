/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status as one HTML page, for daemon/metrics_http.c: no script, nothing from elsewhere. */
#ifndef DUALPATH_DAEMON_STATUS_PAGE_H
#define DUALPATH_DAEMON_STATUS_PAGE_H

#include <jansson.h>

/* status: as status_json() makes it.  Allocated. */
char *status_page(const json_t *status);

#endif
