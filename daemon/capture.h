/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listens to what comes in on a line, with libpcap (no other file knows it).  So far:
 * PPPoE discovery, for daemon/pppoe_discovery.c: who offers, gives, refuses and ends sessions, which
 * pppd tells late, or not at all.  The filter is in the kernel: what it does not name wakes
 * nobody, and neither does what goes out.
 */
#ifndef DUALPATH_DAEMON_CAPTURE_H
#define DUALPATH_DAEMON_CAPTURE_H

#include <ev.h>

#include "policy/pppoe_disc.h"

struct capture;

struct capture_callbacks {
	/* A frame that came in; borrowed.  May close the capture. */
	void (*pppoe)(void *arg, const struct pppoe_disc *disc);
	/*
	 * The interface vanished, or the capture cannot go on (why: for people, borrowed).
	 * Said once; nothing comes after it.  The capture is still to be closed, which may be
	 * done here; open another one when the interface is back.  An interface that is only
	 * set down, or has no carrier, is not gone.
	 */
	void (*gone)(void *arg, const char *why);
};

/*
 * PPPoE discovery that comes in on an Ethernet interface.  0 and *out; or -errno (-ENODEV: no such
 * interface, -ENETDOWN: it is not set up, -EPFNOSUPPORT: it is not Ethernet, -EPERM: CAP_NET_RAW is missing, -ENOSYS: no libpcap) and
 * *why (allocated; the caller frees it).  callbacks is borrowed.
 */
int capture_pppoe_open(struct ev_loop *loop, const char *interface, const struct capture_callbacks *callbacks,
                       void *arg, struct capture **out, char **why);
void capture_close(struct capture *capture);

#endif
