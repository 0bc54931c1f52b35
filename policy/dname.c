/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See dname.h. */
#include "policy/dname.h"

#include <string.h>

#define LABEL_MAX 63
#define TEXT_LEN_MAX 253 /* 255 octets on the wire, less the first length and the root */

/* No locale: isalnum() could let bytes through that are letters somewhere. */
static bool is_label_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_label(const void *bytes, size_t len)
{
	const unsigned char *c = bytes;

	for (size_t i = 0; i < len; i++)
		if (!is_label_char(c[i]))
			return false;
	return len > 0 && len <= LABEL_MAX;
}

const char *dname_from_wire(const uint8_t *wire, size_t len, char *out)
{
	char text[DNAME_TEXT_MAX];
	size_t at = 0, used = 0;

	for (;;) {
		size_t label;

		if (at >= len)
			return "the name has no end";
		label = wire[at++];
		if (label == 0)
			break;
		if (label > LABEL_MAX)
			return "the name is compressed or has a label of unknown kind";
		if (label > len - at)
			return "a label of the name is longer than the option";
		if (!is_label(wire + at, label))
			return "the name has characters that a host's name cannot have";
		if (used + label + 1 > TEXT_LEN_MAX + 1)
			return "the name is longer than 255 octets";
		memcpy(text + used, wire + at, label);
		used += label;
		text[used++] = '.';
		at += label;
	}
	if (used == 0)
		return "the name is empty";
	memcpy(out, text, used - 1);
	out[used - 1] = '\0';
	return NULL;
}

bool dname_is_valid(const char *text)
{
	size_t len = strlen(text);

	if (len > 1 && text[len - 1] == '.')
		len--;
	if (len == 0 || len > TEXT_LEN_MAX)
		return false;
	for (const char *label = text, *end = text + len;; label++) {
		const char *dot = memchr(label, '.', (size_t)(end - label));

		if (!is_label(label, (size_t)((dot ? dot : end) - label)))
			return false;
		if (!dot)
			return true;
		label = dot;
	}
}
