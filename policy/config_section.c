/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machinery of the config's parser: errors with their places, tables of keys, lists
 * between commas.  Called by the config_*.c that know what a section means.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"

/* ---- errors ---- */

__attribute__((format(printf, 4, 0))) static void fail_at(struct cfg_parser *p, const struct ini_item *item,
                                                          size_t at, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		abort();
	diag_add(p->diags, DIAG_ERROR, p->ini->name, item->line, item->column + (int)at, "%s: %s", item->key, text);
	free(text);
}

void cfg_fail(struct cfg_parser *p, const struct cfg_token *token, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail_at(p, token->item, token->at, format, args);
	va_end(args);
}

void cfg_fail_item(struct cfg_parser *p, const struct ini_item *item, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail_at(p, item, 0, format, args);
	va_end(args);
}

void cfg_fail_section(struct cfg_parser *p, const struct ini_section *section, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vadd(p->diags, DIAG_ERROR, p->ini->name, section->line, section->column, format, args);
	va_end(args);
}

const char *cfg_hint(const char *word, const char *const *words, size_t n, char *buf, size_t size)
{
	const char *near = diag_nearest(word, words, n);

	buf[0] = 0;
	if (near)
		snprintf(buf, size, ": did you mean \"%s\"?", near);
	return buf;
}

void cfg_doubt(struct cfg_parser *p, const char *name)
{
	p->doubtful = xreallocarray(p->doubtful, p->doubtfuls + 1, sizeof(*p->doubtful));
	p->doubtful[p->doubtfuls++] = xstrdup(name);
}

bool cfg_is_doubtful(const struct cfg_parser *p, const char *name)
{
	for (size_t i = 0; i < p->doubtfuls; i++)
		if (strcasecmp(p->doubtful[i], name) == 0)
			return true;
	return false;
}

/* ---- sections ---- */

static size_t find_key(const struct cfg_key *keys, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(keys[i].name, name) != 0)
		i++;
	return i;
}

/* The index of the key that was probably meant, or n. */
static size_t guess_key(const struct cfg_key *keys, size_t n, const char *name)
{
	const char *words[32] = { NULL };
	const char *near;

	for (size_t i = 0; i < n; i++)
		words[i] = keys[i].name;
	near = diag_nearest(name, words, n);
	return near ? find_key(keys, n, near) : n;
}

static bool is_secret_key(const char *name)
{
	static const char *const parts[] = { "pass", "secret", "pwd", "psk" };

	for (size_t i = 0; i < CFG_COUNT(parts); i++)
		if (strstr(name, parts[i]))
			return true;
	return false;
}

static void list_keys(const struct cfg_key *keys, size_t n, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = 0;
	for (size_t i = 0; i < n && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? ", " : "", keys[i].name);
}

/* Its value is not quoted: whatever it is, it was not meant for us.  Returns the key it stands for, or n. */
static size_t unknown_key(struct cfg_parser *p, const struct ini_section *section, const struct ini_item *item,
                          const struct cfg_key *keys, size_t n)
{
	size_t guess = guess_key(keys, n, item->key), file = find_key(keys, n, "password-file");
	char all[256];

	if (is_secret_key(item->key) && (guess == n || guess == file) && strcmp(item->key, "password_file") != 0) {
		diag_add(p->diags, DIAG_ERROR, p->ini->name, item->line, item->key_column,
		         "no secrets in this file: put the password alone in a file of mode 0600 and name that "
		         "by password-file = FILE");
		return file;
	}
	if (guess < n) {
		diag_add(p->diags, DIAG_ERROR, p->ini->name, item->line, item->key_column,
		         "unknown key \"%s\" in [%s]: did you mean \"%s\"?", item->key, section->name,
		         keys[guess].name);
		return guess;
	}
	list_keys(keys, n, all, sizeof(all));
	diag_add(p->diags, DIAG_ERROR, p->ini->name, item->line, item->key_column,
	         "unknown key \"%s\" in [%s]: it has %s", item->key, section->name, all);
	return n;
}

void cfg_keys(struct cfg_parser *p, const struct ini_section *section, const struct cfg_key *keys, size_t n,
              void *target)
{
	unsigned seen = 0;

	for (size_t i = 0; i < section->count; i++) {
		const struct ini_item *item = &section->item[i];
		size_t key = find_key(keys, n, item->key);

		if (key == n) {
			key = unknown_key(p, section, item, keys, n);
			seen |= key < n ? 1u << key : 0;
			continue;
		}
		seen |= 1u << key;
		if (item->value && !*item->value)
			cfg_fail_item(p, item, "has no value: give it one, or leave the line away");
		else if (item->value)
			keys[key].parse(p, item, target);
	}
	for (size_t key = 0; key < n; key++)
		if (keys[key].missing && !(seen >> key & 1))
			cfg_fail_section(p, section, "[%s] needs %s = %s", section->name, keys[key].name,
			                 keys[key].missing);
}

/* ---- lists ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* value[start..end) less its blanks.  Longer than a line can be: cut, and then no valid value either. */
static void set_token(struct cfg_token *token, const struct ini_item *item, size_t start, size_t end)
{
	const char *value = item->value;

	while (start < end && is_blank(value[start]))
		start++;
	while (end > start && is_blank(value[end - 1]))
		end--;
	if (end - start >= sizeof(token->text))
		end = start + sizeof(token->text) - 1;
	token->item = item;
	token->at = start;
	memcpy(token->text, value + start, end - start);
	token->text[end - start] = 0;
}

void cfg_whole(const struct ini_item *item, struct cfg_token *token)
{
	set_token(token, item, 0, strlen(item->value));
}

bool cfg_is_word(const struct ini_item *item, const char *word)
{
	struct cfg_token token;

	cfg_whole(item, &token);
	return strcasecmp(token.text, word) == 0;
}

static bool check_entry(struct cfg_parser *p, const struct cfg_token *token, bool may_negate)
{
	if (!*token->text)
		cfg_fail(p, token, "an empty entry: something is missing beside a comma or '!'");
	else if (*token->text == '!')
		cfg_fail(p, token, may_negate ? "'!' stands once, before the whole list" : "'!' has no meaning here");
	else if (strcasecmp(token->text, "any") == 0)
		cfg_fail(p, token, "\"any\" stands alone, without '!' or other entries");
	else
		return true;
	return false;
}

void cfg_list(struct cfg_parser *p, const struct ini_item *item, bool *negated, cfg_entry *entry, void *arg)
{
	const char *value = item->value;
	size_t start = strspn(value, " \t"), end;
	struct cfg_token token;

	if (negated && value[start] == '!') {
		*negated = true;
		start++;
	}
	do {
		end = start + strcspn(value + start, ",");
		set_token(&token, item, start, end);
		if (check_entry(p, &token, negated))
			entry(p, &token, arg);
		start = end + 1;
	} while (value[end]);
}
