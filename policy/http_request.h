/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client of a small HTTP server wants: the head of its request (RFC 9112), as far as somebody who only has a
 * few pages to show needs to know it.  What comes in is hostile.  Called by daemon/http_server.c.  Pure.
 */
#ifndef DUALPATH_POLICY_HTTP_REQUEST_H
#define DUALPATH_POLICY_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEAD_MAX 4096 /* of the request line and all fields; Prometheus and browsers stay far below */
#define HTTP_PATH_MAX 64

enum http_progress {
	HTTP_MORE,  /* the head is not whole */
	HTTP_WHOLE, /* *request is written */
	HTTP_BAD,   /* no request, or none that is understood */
};

struct http_request {
	bool get, head; /* the method; neither: another one */
	char path[HTTP_PATH_MAX]; /* from '/' on, without a query; "" where it is longer than any page's */
};

enum http_progress http_request_read(const char *text, size_t len, struct http_request *request);

#endif
