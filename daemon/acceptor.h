/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who calls at a listening socket is let in.  Where the process or the machine is out of descriptors or memory, the caller would stay
 * at the door and wake us at once, for ever: then the door is shut for a second, again and again, and that is told once until
 * somebody could be let in.  Used by daemon/ctl_server.c, http_server.c and ppp_sock.c.
 */
#ifndef DUALPATH_DAEMON_ACCEPTOR_H
#define DUALPATH_DAEMON_ACCEPTOR_H

#include <ev.h>
#include <stdbool.h>

/* fd: a connection, not blocking, closed on exec; the callee's to close. */
typedef void acceptor_fn(void *arg, int fd);

struct acceptor {
	struct ev_loop *loop;
	const char *where; /* for people */
	acceptor_fn *fn;
	void *arg;
	ev_io door;
	ev_timer pause;
	bool told;
};

/* fd listens, does not block, and stays the caller's; where is borrowed. */
void acceptor_start(struct acceptor *acceptor, struct ev_loop *loop, int fd, const char *where, acceptor_fn *fn, void *arg);
/* Another socket in its place; the old one is the caller's to close. */
void acceptor_move(struct acceptor *acceptor, int fd);
void acceptor_stop(struct acceptor *acceptor);

#endif
