/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See random.h. */
#include "daemon/random.h"

#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *out, size_t len)
{
	/* It blocks only while the machine has not had any randomness since it booted, and does
	 * not fail after that. */
	if (len > 256 || getrandom(out, len, 0) != (ssize_t)len)
		abort();
}

uint32_t random_number(void)
{
	uint32_t number;

	random_bytes(&number, sizeof(number));
	return number;
}
