/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session that a crash would leave behind: written down while it stands (STATE_DIR/pppoe-NAME),
 * forgotten when pppd ended it, and ended with a PADT where pppd could not (it was killed, the
 * machine fell over).  A concentrator that allows one session would refuse
 * the next until its own echoes give up the old one.  Called by daemon/pppoe_dial.c.
 */
#ifndef DUALPATH_DAEMON_PPPOE_LEFT_H
#define DUALPATH_DAEMON_PPPOE_LEFT_H

#include <stdint.h>

#include "policy/addr.h"

/* Whom a session is with. */
struct pppoe_left {
	char interface[16]; /* Ethernet */
	struct mac ac;
	uint16_t session;   /* 0: none */
};

/* path: its name.  0 or -errno. */
int pppoe_left_write(const char *state_dir, const char *path, const struct pppoe_left *left);
/* Nothing is left behind (any more). */
void pppoe_left_forget(const char *state_dir, const char *path);
/*
 * End what an earlier pppd left: 0, and *left says what that was.  -ENOENT: nothing; -errno: it could
 * not be sent (the interface is down, ...), so that it is to be tried again before the next dial.
 */
int pppoe_left_end(const char *state_dir, const char *path, struct pppoe_left *left);

#endif
