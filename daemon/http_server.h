/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A very small HTTP server: one GET or HEAD a connection, answered whole, and closed.  Everything that a client may
 * take is bounded: connections, bytes, time.  Knows nothing of what it serves; daemon/metrics_http.c does.
 */
#ifndef DUALPATH_DAEMON_HTTP_SERVER_H
#define DUALPATH_DAEMON_HTTP_SERVER_H

#include <ev.h>

struct http_server;

/* The page of that path: allocated, and *type (static) is its content type; NULL: there is none. */
typedef char *http_page_fn(void *arg, const char *path, const char **type);

/*
 * Listen on "ADDRESS:PORT" or "[ADDRESS]:PORT" (borrowed), also where the address is not there yet.  0 and *out, or
 * -errno.
 */
int http_server_new(struct ev_loop *loop, const char *listen, http_page_fn *page, void *arg, struct http_server **out);
/* NULL is fine. */
void http_server_free(struct http_server *server);

#endif
