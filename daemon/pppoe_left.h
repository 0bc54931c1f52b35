/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session that may be left behind: written down while it stands (STATE_DIR/pppoe-NAME),
 * forgotten when pppd ended it, and ended with a PADT where pppd could not (it was killed, the
 * machine fell over, the line was away).  A concentrator that allows one session would refuse
 * the next until its own echoes give up the old one; one that allows two may send to the old one what is ours.
 * Called by daemon/pppoe_dial.c and daemon/pppd_orphans.c.
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

/* path: its name. */
void pppoe_left_write(const char *state_dir, const char *path, const struct pppoe_left *left);
/* Nothing is left behind (any more). */
void pppoe_left_forget(const char *state_dir, const char *path);
/*
 * Tell the concentrator that what an earlier pppd left is over: 0, and *left says what that was.  -ENOENT: nothing;
 * -errno: it could not be sent (the interface is down, ...).  Nobody confirms a PADT, so it is told again before
 * each dial, until another session is written.
 */
int pppoe_left_tell(const char *state_dir, const char *path, struct pppoe_left *left);
/* The same for the last time: then it is forgotten. */
int pppoe_left_end(const char *state_dir, const char *path, struct pppoe_left *left);

#endif
