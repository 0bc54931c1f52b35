/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket as a file: who may connect to it, and that it is ours and nobody else's that is there, listened on, or taken
 * away.  Knows nothing of what is said over it.  Called by daemon/ctl_server.c and daemon/main.c.
 */
#ifndef DUALPATH_DAEMON_CTL_SOCKET_H
#define DUALPATH_DAEMON_CTL_SOCKET_H

#include "daemon/file_id.h"

struct ctl_socket {
	int fd; /* listens */
	char *path; /* owned */
	struct file_id id; /* of the socket that we made at path */
};

/*
 * Listen on path (mode 0660, group "dualpath" where it exists), and take the place of one that nobody listens on.  0 and *sock, or
 * -errno; -EADDRINUSE: somebody listens there, or it is no socket, -ENAMETOOLONG: 107 bytes is the most.
 */
int ctl_socket_open(struct ctl_socket *sock, const char *path);
/* Where it is not at its path any more: another one, 1 and sock->fd is another.  0: it is still there; or -errno as above. */
int ctl_socket_restore(struct ctl_socket *sock);
/* Closes it, and removes the file if it is still the one that we made. */
void ctl_socket_close(struct ctl_socket *sock);
/* Take away the socket that a killed daemon has left at path.  0, also where there is none, or -errno as above. */
int ctl_socket_remove(const char *path);

#endif
