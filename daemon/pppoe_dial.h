/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dialling of a PPPoE path: when pppd is started and ended, and when the next one is: back-off, a dial that comes
 * to nothing, a pppd that hangs, the session that a crash would leave behind.  Owns the pppd (daemon/pppd_proc.c), discovery
 * (daemon/pppoe_discovery.c) and the account (daemon/pppoe_account.c); what pppd's end calls for is policy/ppp_next.c's.  What the
 * session means for the path is daemon/pppoe.c's, which is the only caller and tells whether it stands.
 */
#ifndef DUALPATH_DAEMON_PPPOE_DIAL_H
#define DUALPATH_DAEMON_PPPOE_DIAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/ppp_proto.h"
#include "daemon/path.h"

struct pppoe_dial;

/* pppd has ended, why, and what is done about it: a sentence, borrowed.  Not called after pppoe_dial_stop(). */
typedef void pppoe_ended_fn(void *arg, const char *text);

/* path is borrowed, and its config looked at anew each time. */
struct pppoe_dial *pppoe_dial_new(struct path *path, pppoe_ended_fn *fn, void *arg);
/* Leaves pppd running.  Takes NULL, and looks at no config. */
void pppoe_dial_free(struct pppoe_dial *dial);

/* For while no pppd runs: dial if it is time to and the line is there, and otherwise say what is waited for. */
void pppoe_dial_refresh(struct pppoe_dial *dial);
/* Take over the pppd of an earlier daemon.  False: there is none, or it was dialled with other settings and is being ended. */
bool pppoe_dial_adopt(struct pppoe_dial *dial);
/* The config is another one.  True: pppd runs with other settings, and is being ended.  Else its session goes on; where
 * there is none, what kept us from dialling is perhaps mended, and nothing is waited for any more. */
bool pppoe_dial_reconfigure(struct pppoe_dial *dial);
/* End this session; the next dial follows at once. */
void pppoe_dial_hang_up(struct pppoe_dial *dial);
/* The same, and forget what failed before: with the path's next refresh, where no pppd runs now. */
void pppoe_dial_anew(struct pppoe_dial *dial);
/* End pppd for good.  The path's config is not used any more; pppoe_dial_pid() tells when it is gone. */
void pppoe_dial_stop(struct pppoe_dial *dial);
/* The run folder was emptied: note there which pppd runs, as when it was started. */
void pppoe_dial_note(const struct pppoe_dial *dial);
/* 0: no pppd runs. */
pid_t pppoe_dial_pid(const struct pppoe_dial *dial);

/* What the plugin of our pppd says.  True: it says something of the session; false: only that it lives, or the end is awaited. */
bool pppoe_dial_heard(struct pppoe_dial *dial, const struct ppp_report *report);
/* What the plugin asks for.  0, or -errno: there is none (the path has been told why), -ESRCH: it is ending. */
int pppoe_dial_secret(struct pppoe_dial *dial, struct ppp_secret *secret);
/* The session stands: the dial came to something.  Said with each look at it. */
void pppoe_dial_stands(struct pppoe_dial *dial);
/* As pppoe_discovery_ac_name(). */
const char *pppoe_dial_ac_name(const struct pppoe_dial *dial);

#endif
