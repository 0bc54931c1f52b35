/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends a PPPoE discovery frame of ours (policy/pppoe_disc.h makes it) on an Ethernet interface.  What
 * comes in is daemon/capture.c's.  Called by daemon/pppoe_discovery.c and daemon/pppoe_left.c.
 */
#ifndef DUALPATH_DAEMON_PPPOE_SEND_H
#define DUALPATH_DAEMON_PPPOE_SEND_H

#include <stddef.h>
#include <stdint.h>

#include "policy/addr.h"

/* payload: what follows the Ethernet header.  to: NULL for everybody.  0 or -errno (-ENODEV, -ENETDOWN, ...). */
int pppoe_send(const char *interface, const struct mac *to, const uint8_t *payload, size_t len);

#endif
