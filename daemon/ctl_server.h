/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clients of the control socket: accepts dualpathctl, reads a request a line and writes its answer as one line.  Owns the
 * clients; what a request says and who may ask it is daemon/ctl_request.c's, the socket's file daemon/ctl_socket.c's, and the
 * verbs are in daemon/verbs.c.
 */
#ifndef DUALPATH_DAEMON_CTL_SERVER_H
#define DUALPATH_DAEMON_CTL_SERVER_H

#include <ev.h>

#include "daemon/ctl_request.h"

struct ctl_server;

/*
 * Listen on path (mode 0660, group "dualpath" where it exists).  verbs ends with a
 * NULL name and, like arg, must outlive the server.  0 and *out, or -errno.
 */
int ctl_server_new(struct ev_loop *loop, const char *path, const struct ctl_verb *verbs, void *arg,
                   struct ctl_server **out);
/* Where the socket is not at its path any more: another one there.  0 or -errno. */
int ctl_server_restore(struct ctl_server *server);
/* Closes the clients and removes the socket.  NULL is fine. */
void ctl_server_free(struct ctl_server *server);

/*
 * For a handler whose answer takes longer than a turn of the loop: the client is kept waiting until
 * ctl_later_answer() is called, which must happen once, and within the client's patience; also where it, or the
 * server, is gone meanwhile.  Nothing else of req lives on.
 */
struct ctl_later;
struct ctl_later *ctl_later(const struct ctl_request *req);
/* Takes both. */
void ctl_later_answer(struct ctl_later *later, json_t *answer);

#endif
