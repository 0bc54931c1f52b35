/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes of web servers over TLS, over one path.  The connection is opened here, bound to the path; once it is there, a program
 * without privileges gets it for TLS and the question (daemon/http.c), so that no TLS is in this process.  What counts
 * is a certificate of the server's name, or its address, that this machine believes, and the status that is wanted: a
 * portal or another box on the way is no answer.
 *
 * That program costs some seventy milliseconds of a slow processor.  So one target has one at a time at most: whoever asks meanwhile
 * gets what the first one gets.  It is ended, and its answer is none, at the timeout.  Called by daemon/probe_ask.c.
 */
#ifndef DUALPATH_DAEMON_PROBE_HTTPS_H
#define DUALPATH_DAEMON_PROBE_HTTPS_H

#include <ev.h>
#include <stdint.h>

#include "daemon/probe_socket.h"

struct probe_https;

/* device (a copy is made) is looked up anew for each connection.  callbacks is borrowed. */
struct probe_https *probe_https_new(struct ev_loop *loop, const char *device, uint32_t mark, uint32_t timeout_ms,
                                    const struct probe_callbacks *callbacks);
/* What is under way is ended, without a result.  NULL is good. */
void probe_https_free(struct probe_https *https);
/* Ask the server at address (host order) and port for page ("HOST[:PORT][/PATH]", HOST being what the certificate is of), which shall
 * have this status (0: any but an error of the server's).  0 or -errno; the result comes later, or never. */
int probe_https_ask(struct probe_https *https, uint32_t address, uint16_t port, const char *page, unsigned status,
                    uint16_t round, unsigned target);
/* Give up those of rounds before this one: their results are not waited for any more. */
void probe_https_give_up(struct probe_https *https, uint16_t before);

#endif
