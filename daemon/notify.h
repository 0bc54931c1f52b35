/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the service manager how we are (sd_notify(3)'s protocol, one datagram). */
#ifndef DUALPATH_DAEMON_NOTIFY_H
#define DUALPATH_DAEMON_NOTIFY_H

/* state: "READY=1", "STOPPING=1".  Does nothing where nobody listens. */
void notify_state(const char *state);

#endif
