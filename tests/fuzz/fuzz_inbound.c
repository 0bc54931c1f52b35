/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any packet at all to inbound_packet_arrival() and inbound_packet_answer(); what they take must hold the call's tag. */
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>

#include "policy/inbound_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP };

	for (int i = 0; i < 2; i++) {
		struct inbound_call call = { protocols[i], 0xc0000002, 0xcb00710a, 0x9c40, 80, 0x01020304 };

		if ((inbound_packet_arrival(&call, data, size) || inbound_packet_answer(&call, data, size)) && size < 28)
			abort();
	}
	return 0;
}
