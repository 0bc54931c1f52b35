/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP echo over one path: one raw socket, and a filter in the kernel that lets
 * through only what carries our identifier and the first half of our cookie, so
 * that nobody else's ICMP wakes the daemon.  Called by daemon/probe_ask.c and drill.c.
 */
#ifndef DUALPATH_DAEMON_PROBE_ICMP_H
#define DUALPATH_DAEMON_PROBE_ICMP_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/probe_socket.h"
#include "policy/icmp_echo.h"
#include "policy/probe_rounds.h"

struct probe_icmp;

/* address[i] (host order) is where an answer of target i must come from; PROBE_TARGETS_MAX + 1 of them, borrowed,
 * as is callbacks.  0 and *out, or -errno. */
int probe_icmp_open(struct ev_loop *loop, const char *device, uint32_t mark, const uint32_t *address,
                    const struct probe_callbacks *callbacks, struct probe_icmp **out);
/* Does it hold what only a request of this socket does? */
bool probe_icmp_sent(const struct probe_icmp *icmp, const struct icmp_echo *echo);
void probe_icmp_close(struct probe_icmp *icmp);
/* Ask target, for round.  0 or -errno; -ENODEV: the device is gone, and with it the use of the socket. */
int probe_icmp_send(struct probe_icmp *icmp, uint16_t round, unsigned target);

#endif
