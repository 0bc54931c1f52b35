/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See verb.h: the words behind a verb, as the daemon takes them.  People write options before or after PATH, and their
 * values with "=" or without.
 */
#include <ctype.h>
#include <string.h>

#include "common/xalloc.h"
#include "ctl/verb.h"

/* The options that have a value. */
static char valued[][16] = { "-n", "--for", "--confirm" };
#define VALUED (sizeof(valued) / sizeof(valued[0]))

/* The option whose value is in one word with it, as in "--for=10m" and "-n5", and *value; or NULL. */
static char *cut_option(char *word, char **value)
{
	for (size_t i = 0; i < VALUED; i++) {
		char *behind = word + strlen(valued[i]);
		bool is_long = valued[i][1] == '-';

		if (strncmp(word, valued[i], strlen(valued[i])) != 0 || (is_long ? *behind != '=' : !isdigit((unsigned char)*behind)))
			continue;
		*value = behind + is_long;
		return valued[i];
	}
	return NULL;
}

static bool wants_value(const char *word)
{
	for (size_t i = 0; i < VALUED; i++)
		if (strcmp(word, valued[i]) == 0)
			return true;
	return false;
}

/* The option argv[*i] and its value to words; how many.  *i is then at the last that was taken. */
static int take_option(int argc, char **argv, int *i, char **words)
{
	char *value, *option = cut_option(argv[*i], &value);

	words[0] = option ? option : argv[*i];
	if (!option && (!wants_value(argv[*i]) || *i + 1 == argc))
		return 1;
	words[1] = option ? value : argv[++*i];
	return 2;
}

char **words_sort(int *argc, char **argv)
{
	size_t room = 2 * (size_t)*argc + 1;
	char **words = xcalloc(room, sizeof(*words)), **options = xcalloc(room, sizeof(*options));
	bool all_plain = false;
	int plain = 0, n = 0;

	for (int i = 0; i < *argc; i++)
		if (!all_plain && strcmp(argv[i], "--") == 0)
			all_plain = true;
		else if (!all_plain && argv[i][0] == '-')
			n += take_option(*argc, argv, &i, options + n);
		else
			words[plain++] = argv[i];
	memcpy(words + plain, options, (size_t)n * sizeof(*words));
	free(options);
	*argc = plain + n;
	return words;
}
