/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any frame at all to lcp_echo_parse_reply(); what it takes must be what it says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/lcp_echo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[LCP_ECHO_LEN];
	struct lcp_echo echo;

	if (lcp_echo_parse_reply(data, size, &echo))
		return 0;
	/* The request for it differs in code and magic number alone. */
	lcp_echo_build(&echo, again);
	again[LCP_ECHO_CODE_OFFSET] = LCP_ECHO_REPLY;
	memcpy(again + 12, data + 12, 4);
	if (memcmp(again, data, sizeof(again)) != 0)
		abort();
	return 0;
}
