/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See screen.h: what the daemon says, as text that a terminal can be given. */
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "ctl/screen.h"

const char *json_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

char *json_list_text(const json_t *list)
{
	char *text = NULL;
	size_t size, i;
	json_t *word;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	json_array_foreach(list, i, word)
		fprintf(f, "%s%s", i ? ", " : "", json_is_string(word) ? json_string_value(word) : "?");
	fclose(f);
	return text;
}

/* Bytes at p of a character that a terminal obeys instead of showing it: C0 and DEL, or C1 in UTF-8. */
static size_t control_length(const unsigned char *p)
{
	if (*p == '\n' || *p == '\t')
		return 0;
	if (*p < 0x20 || *p == 0x7f)
		return 1;
	return p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f ? 2 : 0;
}

static void clean_string(json_t *string)
{
	char *text = xstrdup(json_string_value(string)), *to = text;

	for (const char *from = text; *from;) {
		size_t n = control_length((const unsigned char *)from);

		*to++ = n ? '?' : *from;
		from += n ? n : 1;
	}
	*to = '\0';
	if (strcmp(text, json_string_value(string)) != 0)
		json_string_set(string, text);
	free(text);
}

void json_clean(json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_string(value))
		clean_string(value);
	json_array_foreach(value, i, item)
		json_clean(item);
	json_object_foreach(value, key, item)
		json_clean(item);
}
