/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets as from a machine at home: frames sent on the other end of the LAN's veth pair.  For probe_policy and the
 * bench of rules.  What fails ends the program.
 */
#ifndef DUALPATH_TESTS_NET_FEEDER_H
#define DUALPATH_TESTS_NET_FEEDER_H

#include <linux/if_packet.h>
#include <stddef.h>
#include <stdint.h>

struct feeder {
	int fd; /* the caller closes it */
	struct sockaddr_ll to;
	uint8_t lan_mac[6]; /* of the router's end, where frames go to */
};

void feeder_open(struct feeder *feeder, const char *lan, const char *end);
/* RFC 1071, of an even number of bytes; network order. */
uint16_t ipv4_checksum(const void *data, size_t size);

#endif
