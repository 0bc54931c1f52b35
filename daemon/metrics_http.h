/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [metrics] listen and [web] listen: the status over HTTP, for Prometheus and for a browser.  Read-only.
 * Owned by daemon/router.c, which tells of another config.
 */
#ifndef DUALPATH_DAEMON_METRICS_HTTP_H
#define DUALPATH_DAEMON_METRICS_HTTP_H

#include <ev.h>

#include "daemon/router.h"

struct metrics_http;

/* router is borrowed, and has its config. */
struct metrics_http *metrics_http_new(struct ev_loop *loop, struct router *router);
/* NULL is fine. */
void metrics_http_free(struct metrics_http *http);
/* The router has another config: listen where that says. */
void metrics_http_reconfigure(struct metrics_http *http);

#endif
