/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any frame at all to pppoe_disc_parse(); what comes out must be fit to be read by people. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/pppoe_disc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_printable(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	if (len == size)
		abort();
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pppoe_disc disc;

	if (pppoe_disc_parse(data, size, &disc))
		return 0;
	must_be_printable(disc.ac_name, sizeof(disc.ac_name));
	must_be_printable(disc.text, sizeof(disc.text));
	if (disc.session && disc.error && disc.code != PPPOE_PADT)
		abort();
	if (!*pppoe_disc_code_name(disc.code) || !pppoe_disc_error_name(disc.error))
		abort();
	return 0;
}
