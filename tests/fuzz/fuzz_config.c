/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a config file: nothing crashes, each diagnostic has its place in the file,
 * and what is accepted prints to a text that is accepted and prints the same again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int so, const char *what, const char *text)
{
	if (so)
		return;
	fprintf(stderr, "not so: %s\n%s\n", what, text ? text : "");
	abort();
}

static void check_diags(const struct diag_list *diags, int lines)
{
	size_t errors = 0;

	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *d = &diags->item[i];

		require(d->line >= 0 && d->line <= lines && d->column >= 0, "a place in the file", d->text);
		require(*d->text && !strchr(d->text, '\n'), "one line of text", d->text);
		errors += d->level == DIAG_ERROR;
	}
	require(errors == diags->errors, "errors are counted", NULL);
}

/* The normalised text, or NULL where it is no good config. */
static char *normalise(const char *text, size_t size)
{
	struct diag_list diags = { 0 };
	struct ini_file *ini = ini_scan("fuzz", text, size, &diags);
	struct config *config = ini ? config_parse(ini, &diags) : NULL;
	char *printed = config ? config_print(config) : NULL;
	int lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	check_diags(&diags, lines);
	require(!config == (diags.errors > 0), "no config means an error, and the other way", NULL);
	config_free(config);
	ini_free(ini);
	diag_free(&diags);
	return printed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *first = normalise((const char *)data, size), *second;

	if (!first)
		return 0;
	second = normalise(first, strlen(first));
	require(second != NULL, "the normalised text is accepted", first);
	require(strcmp(first, second) == 0, "it prints the same again", first);
	free(first);
	free(second);
	return 0;
}
