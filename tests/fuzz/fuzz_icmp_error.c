/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any message at all to both parsers of policy/icmp_error.h; what they take must be what stands there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/icmp_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct icmp6_error error;
	struct icmp_echo echo;
	uint32_t target;

	if (!icmp6_error_parse(data, size, &error) && memcmp(&error.dst, data + ICMP6_ERROR_DST_OFFSET, sizeof(error.dst)) != 0)
		abort();
	if (icmp_error_parse(data, size, &echo, &target) && size < 28 + 20 + ICMP_ECHO_LEN)
		abort();
	return 0;
}
