/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet sockets on a path's device, below its routes and rules: what goes out through one goes straight into the
 * device, and what comes in is seen before anything of the kernel has judged it.  For daemon/inbound_run.c alone.
 */
#ifndef DUALPATH_DAEMON_INBOUND_SOCKET_H
#define DUALPATH_DAEMON_INBOUND_SOCKET_H

#include <stdint.h>

/* Each: a descriptor that the caller closes, non-blocking, whole IPv4 packets; or -errno. */

/* A tunnel: send() goes out; comes in: what is for the address (host order). */
int inbound_socket_tunnel(const char *device, uint32_t address);
/* A session; comes in: new TCP calls, and datagrams that begin as ours do. */
int inbound_socket_session(const char *device);

#endif
