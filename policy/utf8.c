/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See utf8.h. */
#include "policy/utf8.h"

#include <stdbool.h>
#include <stdio.h>

static bool is_between(unsigned char byte, unsigned low, unsigned high)
{
	return byte >= low && byte <= high;
}

/* RFC 3629 section 4: of the second byte the first says more than that it goes on. */
static bool second_fits(const unsigned char *p)
{
	switch (p[0]) {
	case 0xe0: return is_between(p[1], 0xa0, 0xbf);
	case 0xed: return is_between(p[1], 0x80, 0x9f);
	case 0xf0: return is_between(p[1], 0x90, 0xbf);
	case 0xf4: return is_between(p[1], 0x80, 0x8f);
	default: return is_between(p[1], 0x80, 0xbf);
	}
}

/* Bytes of the character at p; 0: it is none.  The end of the text is no byte that goes on. */
static size_t length_at(const unsigned char *p)
{
	size_t length = p[0] < 0x80 ? 1 : is_between(p[0], 0xc2, 0xdf) ? 2 : is_between(p[0], 0xe0, 0xef) ? 3
	                : is_between(p[0], 0xf0, 0xf4) ? 4 : 0;

	if (length < 2)
		return length;
	if (!second_fits(p))
		return 0;
	for (size_t i = 2; i < length; i++)
		if (!is_between(p[i], 0x80, 0xbf))
			return 0;
	return length;
}

void utf8_mend(char *text)
{
	while (*text) {
		size_t length = length_at((const unsigned char *)text);

		if (!length)
			*text = '?';
		text += length ? length : 1;
	}
}

void utf8_vprint(char *text, size_t size, const char *format, va_list args)
{
	vsnprintf(text, size, format, args);
	utf8_mend(text);
}
