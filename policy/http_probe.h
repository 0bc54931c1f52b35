/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest of HTTP: a question for a page's head (RFC 9110, section 9.3.2), and whether what comes back begins like an
 * answer, of which a probe reads the status and nothing else.  What comes in is hostile.  Called by daemon/probe_conn.c
 * and probe_https.c, and by policy/config_target.c for what is too long.  Pure.
 */
#ifndef DUALPATH_POLICY_HTTP_PROBE_H
#define DUALPATH_POLICY_HTTP_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_PROBE_STATUS_LEN 12 /* "HTTP/1.1 204": so much of an answer tells its status */
#define HTTP_PROBE_PAGE_MAX 512  /* HOST[:PORT]/PATH */
#define HTTP_PROBE_MAX (HTTP_PROBE_PAGE_MAX + 128)

/* page: "HOST[:PORT]" or "HOST[:PORT]/PATH", at most HTTP_PROBE_PAGE_MAX.  The question into buf (HTTP_PROBE_MAX); its
 * length, 0: page is too long. */
size_t http_probe_question(char *buf, const char *page);
/* The status that an answer begins with, 100 to 599; 0: it is none. */
unsigned http_probe_status(const char answer[HTTP_PROBE_STATUS_LEN]);
/* Is it what was wanted?  wanted 0: any answer but an error of the server's (5xx), as a box on the way gives it, too. */
bool http_probe_is_good(unsigned status, unsigned wanted);

#endif
