/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See dns_probe.h. */
#include "policy/dns_probe.h"

#include <ctype.h>
#include <string.h>

#include "policy/wire.h"

#define HEADER 12
#define LABEL_MAX 63
#define NAME_MAX_BYTES 255
#define FLAG_RESPONSE 0x80 /* of byte 2 */

/* The name in wire form; its length, 0: it is none. */
static size_t put_name(uint8_t *at, const char *name)
{
	size_t n = 0;

	while (*name) {
		size_t label = strcspn(name, ".");

		if (!label || label > LABEL_MAX || n + label + 2 > NAME_MAX_BYTES)
			return 0;
		at[n++] = (uint8_t)label;
		memcpy(at + n, name, label);
		n += label;
		name += label;
		name += *name == '.';
	}
	at[n++] = 0;
	return n > 1 ? n : 0;
}

size_t dns_probe_question(uint8_t *buf, const char *name, uint16_t id)
{
	static const uint8_t a_in[] = { 0, 1, 0, 1 };
	size_t n;

	memset(buf, 0, HEADER);
	wire_put16(buf, id);
	buf[2] = 1; /* recursion desired */
	buf[5] = 1; /* one question */
	n = put_name(buf + HEADER, name);
	if (!n)
		return 0;
	memcpy(buf + HEADER + n, a_in, sizeof(a_in));
	return HEADER + n + sizeof(a_in);
}

/* Servers may answer in other letters than they were asked in. */
static bool same_letters(const uint8_t *a, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tolower(a[i]) != tolower(b[i]))
			return false;
	return true;
}

bool dns_probe_answers(const uint8_t *question, size_t question_len, const uint8_t *answer, size_t answer_len)
{
	if (answer_len < HEADER || memcmp(question, answer, 2) != 0 || !(answer[2] & FLAG_RESPONSE))
		return false;
	/* One that could not read us, or does not want to, may leave the question out. */
	if (answer[4] == 0 && answer[5] == 0)
		return (answer[3] & 0x0f) != 0;
	return answer_len >= question_len && same_letters(question + HEADER, answer + HEADER, question_len - HEADER);
}
