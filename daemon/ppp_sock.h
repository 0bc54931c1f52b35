/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's end of the plugins' socket (common/ppp_proto.h): listens, checks
 * who is there and what is said, answers each HELLO with the secret.  One socket serves all PPPoE
 * paths; a report says whose it is (path, pid).  Decides nothing.  A plugin that says
 * something strange (one of another version) is not listened to any more; its session goes on.
 *
 * Called by daemon/router.c, which owns it, and router_ppp.c.  Callbacks run from the loop, and must not free the socket.
 */
#ifndef DUALPATH_DAEMON_PPP_SOCK_H
#define DUALPATH_DAEMON_PPP_SOCK_H

#include <ev.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/ppp_proto.h"

#define PPP_SOCK_CLIENTS_MAX 16

struct ppp_sock;

struct ppp_sock_callbacks {
	/* Is pid a pppd that we started or adopted?  (Root it is; that is checked before.) */
	bool (*is_ours)(void *arg, pid_t pid);
	/*
	 * Fill user and password for the session that said hello.  0, or -errno: there is
	 * none, and none is sent (a pppd that starts gives up after 2 s).  secret is wiped afterwards.
	 */
	int (*secret)(void *arg, const struct ppp_report *hello, struct ppp_secret *secret);
	/* Checked: strings end and are printable, numbers are in range, pid is the sender's.  HELLO too. */
	void (*report)(void *arg, const struct ppp_report *report);
};

/*
 * Listen on path (mode 0600; what was there is removed).  callbacks is copied.  0 and
 * *sock, or -errno (-ENAMETOOLONG: 107 bytes is the most).
 */
int ppp_sock_new(struct ev_loop *loop, const char *path, const struct ppp_sock_callbacks *callbacks, void *arg,
                 struct ppp_sock **sock);
/* Where the socket is not at path any more: another one there.  0: it was there; 1: it was not; or -errno. */
int ppp_sock_restore(struct ppp_sock *sock, const char *path);
/* Leaves the file: the plugins look for the next daemon there.  Takes NULL. */
void ppp_sock_free(struct ppp_sock *sock);

/* Pure, for its tests: is this a report that may be believed, from process peer? */
bool ppp_report_is_sound(const void *message, size_t size, pid_t peer);

#endif
