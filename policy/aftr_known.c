/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See aftr_known.h. */
#include "policy/aftr_known.h"

#include <stddef.h>
#include <stdint.h>

static const struct {
	uint32_t prefix; /* the first 32 bits */
	unsigned bits;   /* at most 32 */
	const char *name;
} known[] = {
	{ 0x24048e00, 32, "gw.transix.jp" }, /* Internet Multifeed, east */
	{ 0x24048e01, 32, "gw.transix.jp" }, /* and west */
	{ 0x20010f60, 28, "dgw.xpass.jp" },  /* ARTERIA */
	{ 0x20010f70, 29, "dgw.xpass.jp" },
	{ 0x24056580, 29, "dslite.v6connect.net" }, /* Asahi Net */
	{ 0x20010c28, 32, "dslite.v6connect.net" },
};

const char *aftr_known(const struct in6_addr *local)
{
	const uint8_t *a = local->s6_addr;
	uint32_t head = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((head ^ known[i].prefix) >> (32 - known[i].bits) == 0)
			return known[i].name;
	return NULL;
}
