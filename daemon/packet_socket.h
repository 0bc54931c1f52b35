/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet socket that shows what a filter lets through, from behind the Ethernet header on.  Called by
 * daemon/icmp_watch.c, inbound_socket.c, mtu_probe.c and probe_lcp.c.
 */
#ifndef DUALPATH_DAEMON_PACKET_SOCKET_H
#define DUALPATH_DAEMON_PACKET_SOCKET_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/*
 * protocol: an ETH_P_* (host order); nothing that goes out is shown.  device: NULL for all.  code: of n steps.  Bound last:
 * nothing comes in that the filter has not seen.  A descriptor (non-blocking, close-on-exec) that the caller closes, or
 * -errno (-ENODEV: there is no such device).
 */
int packet_socket(uint16_t protocol, const char *device, struct sock_filter *code, size_t n);

#endif
