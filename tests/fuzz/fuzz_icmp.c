/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any packet at all to icmp_echo_parse_reply() and mtu_packet_answer(); what it takes must be what it says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/icmp_echo.h"
#include "policy/mtu_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct icmp_echo echo;
	uint8_t again[ICMP_ECHO_LEN];
	uint32_t source;
	struct mtu_answer answer;

	if (mtu_packet_answer(data, size, &answer) && (answer.size > size || answer.size < 20 + ICMP_ECHO_LEN))
		abort();
	if (icmp_echo_parse_reply(data, size, &echo, &source))
		return 0;
	/* The request for it differs in type and checksum alone. */
	icmp_echo_build(&echo, again);
	if (memcmp(again + ICMP_ECHO_ID_OFFSET, data + size - (ICMP_ECHO_LEN - ICMP_ECHO_ID_OFFSET),
	           ICMP_ECHO_LEN - ICMP_ECHO_ID_OFFSET) != 0)
		abort();
	return 0;
}
