/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a PPPoE session means for its path: what pppd's reports and its end are to the path, whether the session is there as
 * pppd says, and whether it has the address that was promised.  When pppd is started, ended and dials anew is
 * daemon/pppoe_dial.c's.  Called by daemon/link.c and daemon/status.c; the reports come through daemon/router_ppp.c, which
 * owns the plugins' socket.
 */
#ifndef DUALPATH_DAEMON_PPPOE_H
#define DUALPATH_DAEMON_PPPOE_H

#include <sys/types.h>

#include "common/ppp_proto.h"
#include "daemon/path.h"
#include "policy/pppoe_disc.h"

/* For status.  Unknown: 0 and "". */
struct pppoe_info {
	uint32_t peer; /* host order */
	unsigned session;
	char ac_mac[MAC_STRLEN];
	char ac_name[PPPOE_DISC_NAME_MAX]; /* as it called itself when it was last dialled */
};

struct pppoe *pppoe_new(struct path *path);
/* Leaves pppd running. */
void pppoe_free(struct pppoe *pppoe);
/* Look at the session, or dial where it is time to: updates the path's facts, and raises its events. */
void pppoe_refresh(struct pppoe *pppoe);
/* Take over a running pppd.  True: its session has an address. */
bool pppoe_adopt(struct pppoe *pppoe);
/* The path's config is another one already: what needs a redial for it gets one. */
void pppoe_reconfigure(struct pppoe *pppoe);
/* End the session and dial anew, whatever failed before. */
void pppoe_redial(struct pppoe *pppoe);
/* End pppd for good.  The path's config is not used any more; pppoe_pid() tells when it is gone. */
void pppoe_stop(struct pppoe *pppoe);
/* The run folder was removed: the note of pppd in it. */
void pppoe_note(const struct pppoe *pppoe);
/* 0: no pppd runs. */
pid_t pppoe_pid(const struct pppoe *pppoe);
void pppoe_info(const struct pppoe *pppoe, struct pppoe_info *info);
/* The session as the line knows it; id 0: none, or not yet told. */
void pppoe_session(const struct pppoe *pppoe, struct probe_session *session);

/* From the plugin of the pppd that is ours, also while that is ending. */
void pppoe_report(struct pppoe *pppoe, const struct ppp_report *report);
/* What that asks for.  0, or -errno: it gets none. */
int pppoe_secret(struct pppoe *pppoe, struct ppp_secret *secret);

#endif
