/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The config file as the edge hands it to the policy: sections and keys with
 * their places, nothing interpreted.
 *
 * ini_scan() reads the text; daemon/conf_file.c has iniparser read the same lines
 * and insists that both saw the same.
 */
#ifndef DUALPATH_POLICY_INI_H
#define DUALPATH_POLICY_INI_H

#include <stddef.h>

#include "policy/diag.h"

/* iniparser's buffer is 1024 bytes; this leaves room for what it puts in. */
#define INI_LINE_MAX 1000
#define INI_VALUE_MAX 900 /* so that any value fits a line of its own, normalised */
#define INI_KEY_MAX 64
#define INI_SECTION_MAX 128
#define INI_KEYS_MAX 200 /* in one section, several times what any can have */

struct ini_item {
	char *key;   /* lower case */
	char *value; /* blanks around it and quotes gone; NULL: written, but broken, and reported */
	int line, column; /* of the value */
	int key_column;
	size_t offset, length; /* where its line is in the text that was scanned, without blanks around it */
};

struct ini_section {
	char *name; /* "host nas": lower case, inner blanks one */
	int line, column; /* of the name */
	struct ini_item *item;
	size_t count;
};

struct ini_file {
	char *name; /* of the file, for diagnostics */
	struct ini_section *section;
	size_t count;
};

/*
 * Read text[0..length), which need not end in NUL.  What is not plain INI (broken lines,
 * keys and sections that come twice, keys before any section, values that a comment
 * would cut short) goes to diags; what could be read all the same is in the result, so
 * that the interpreter can report its own errors beside these.  NULL where the text is
 * no text at all.  name is for diagnostics.
 */
struct ini_file *ini_scan(const char *name, const char *text, size_t length, struct diag_list *diags);
/* The item of that key, or NULL. */
const struct ini_item *ini_find(const struct ini_section *section, const char *key);
void ini_free(struct ini_file *ini);

#endif
