/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes that take a socket each, over one path: TCP connects, DNS questions and questions to web servers.  A
 * connection that is accepted or refused is an answer, since something came back from the target;
 * what is accepted is reset at once, and nothing is ever sent on it.  So is whatever a DNS server says to
 * our question.  A web server must say something that is HTTP, and the status that is wanted.  Called by daemon/probe_ask.c and drill.c.
 */
#ifndef DUALPATH_DAEMON_PROBE_CONN_H
#define DUALPATH_DAEMON_PROBE_CONN_H

#include <ev.h>
#include <stdint.h>

#include "daemon/probe_socket.h"

struct probe_conn;

/* device (a copy is made) is looked up anew for each connection.  callbacks is borrowed. */
struct probe_conn *probe_conn_new(struct ev_loop *loop, const char *device, uint32_t mark,
                                  const struct probe_callbacks *callbacks);
void probe_conn_free(struct probe_conn *conn);
/* Connect to target's address (host order) and port, for round.  0 or -errno; the result comes later. */
int probe_conn_tcp(struct probe_conn *conn, uint32_t address, uint16_t port, uint16_t round, unsigned target);
/* Ask the web server there for page (policy/http_probe.h), which shall have this status (0: any). */
int probe_conn_http(struct probe_conn *conn, uint32_t address, uint16_t port, const char *page, unsigned status,
                    uint16_t round, unsigned target);
/* Ask the server there for name. */
int probe_conn_dns(struct probe_conn *conn, uint32_t address, uint16_t port, const char *name, uint16_t round,
                   unsigned target);
/* Give up those of rounds before this one: their results are not waited for any more. */
void probe_conn_give_up(struct probe_conn *conn, uint16_t before);

#endif
