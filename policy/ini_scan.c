/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a config file to sections and keys with their places; see ini.h.
 * Called by daemon/conf_file.c, by tests and by the fuzzers.
 *
 * The grammar is iniparser's, less what it would misread in silence or read
 * differently from release to release: such a line is an error that says how to write
 * it.  Messages never quote a value, since it may be a secret in the wrong place.
 */
#include "policy/ini.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

struct scan {
	const char *text;
	struct ini_file *ini;
	struct diag_list *diags;
	struct ini_section *section; /* the one that keys go to; NULL: none yet, or a broken one */
	bool skip;                   /* after a broken header: its keys are not wrong too */
	bool early_key;              /* said that a key comes before any section */
	int line;
	size_t start; /* of the line in the text, for columns */
};

__attribute__((format(printf, 3, 4))) static void error_at(struct scan *s, size_t offset, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vadd(s->diags, DIAG_ERROR, s->ini->name, s->line, (int)(offset - s->start) + 1, format, args);
	va_end(args);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_comment(char c)
{
	return c == ';' || c == '#';
}

/* Make text[*start..*end) smaller by the blanks at both ends. */
static void trim(const char *text, size_t *start, size_t *end)
{
	while (*start < *end && is_blank(text[*start]))
		++*start;
	while (*end > *start && is_blank(text[*end - 1]))
		--*end;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* text[start..end) in lower case, each run of blanks one space. */
static char *normalised(const char *text, size_t start, size_t end)
{
	char *out = xmalloc(end - start + 1);
	size_t n = 0;

	for (size_t i = start; i < end; i++)
		if (!is_blank(text[i]))
			out[n++] = lower(text[i]);
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	out[n] = 0;
	return out;
}

/* ---- [section] ---- */

static struct ini_section *add_section(struct scan *s, char *name, size_t offset)
{
	struct ini_file *ini = s->ini;

	if ((ini->count & (ini->count - 1)) == 0) /* at 0, 1, 2, 4 ...: twice the room */
		ini->section = xreallocarray(ini->section, ini->count ? ini->count * 2 : 1, sizeof(*ini->section));
	ini->section[ini->count] =
	        (struct ini_section){ .name = name, .line = s->line, .column = (int)(offset - s->start) + 1 };
	return &ini->section[ini->count++];
}

/* What is behind ']' may be a comment alone. */
static void check_header_tail(struct scan *s, size_t start, size_t end)
{
	trim(s->text, &start, &end);
	if (start < end && !is_comment(s->text[start]))
		error_at(s, start, "text after ']': a comment begins with ';'");
}

static void scan_header(struct scan *s, size_t start, size_t end)
{
	const char *close = memchr(s->text + start, ']', end - start);
	size_t from = start + 1, to = close ? (size_t)(close - s->text) : from;

	s->section = NULL;
	s->skip = true;
	if (close)
		check_header_tail(s, to + 1, end);
	else
		error_at(s, start, "']' is missing at the end of the section's name");
	/* Without ']' the name is still known, so that what refers to it is not wrong too. */
	while (!close && to < end && !is_comment(s->text[to]))
		to++;
	trim(s->text, &from, &to);
	if (from == to)
		error_at(s, start, "a section needs a name, as in [router]");
	else if (to - from > INI_SECTION_MAX)
		error_at(s, from, "the section's name is too long (%d characters at most)", INI_SECTION_MAX);
	else if (memchr(s->text + from, ':', to - from) || memchr(s->text + from, '[', to - from))
		error_at(s, from, "':' and '[' cannot be in a section's name: write [KIND NAME], as in [host nas]");
	else {
		s->section = add_section(s, normalised(s->text, from, to), from);
		s->skip = false;
	}
}

/* ---- key = value ---- */

static bool is_key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.' || c == ' ';
}

static bool check_key(struct scan *s, size_t start, size_t end)
{
	if (start == end) {
		error_at(s, start, "there is no key before '='");
		return false;
	}
	for (size_t i = start; i < end; i++)
		if (!is_key_char(s->text[i])) {
			error_at(s, start, "this is no key: expected KEY = VALUE, [SECTION], or a comment after ';'");
			return false;
		}
	if (end - start <= INI_KEY_MAX)
		return true;
	error_at(s, start, "the key is too long (%d characters at most)", INI_KEY_MAX);
	return false;
}

/*
 * A value in quotes keeps its blanks, ';' and '#'.  A backslash in it means itself to
 * iniparser 4.1 and an escape to 4.2.
 */
static char *scan_quoted(struct scan *s, size_t start, size_t end)
{
	char quote = s->text[start];
	size_t first = start + 1, tail;
	const char *close = memchr(s->text + first, quote, end - first);

	if (!close) {
		error_at(s, start, "the quote %c is not closed on this line", quote);
		return NULL;
	}
	tail = (size_t)(close - s->text) + 1;
	while (tail < end && is_blank(s->text[tail]))
		tail++;
	if (tail < end && !is_comment(s->text[tail])) {
		error_at(s, tail, "text after the closing quote: put the whole value between one pair of quotes");
		return NULL;
	}
	if (memchr(s->text + first, '\\', (size_t)(close - s->text) - first)) {
		error_at(s, start, "a backslash between quotes is read in different ways: leave the quotes away");
		return NULL;
	}
	return xstrndup(s->text + first, (size_t)(close - s->text) - first);
}

static char *scan_plain(struct scan *s, size_t start, size_t end)
{
	size_t stop = start;

	while (stop < end && !is_comment(s->text[stop]))
		stop++;
	if (stop < end && stop > start && !is_blank(s->text[stop - 1])) {
		error_at(s, stop,
		         "'%c' would cut the value short here: put the value in quotes, "
		         "or a blank before '%c' if it begins a comment",
		         s->text[stop], s->text[stop]);
		return NULL;
	}
	trim(s->text, &start, &stop);
	return xstrndup(s->text + start, stop - start);
}

/* No section is that long: said once, and of the rest nothing. */
static void skip_section(struct scan *s, const struct ini_item *item)
{
	diag_add(s->diags, DIAG_ERROR, s->ini->name, item->line, item->key_column,
	         "more than %d keys in [%s], the rest of which is not looked at: is the [section] of these missing above?", INI_KEYS_MAX,
	         s->section->name);
	s->section = NULL;
	s->skip = true;
}

static void append(struct ini_section *section, const struct ini_item *item)
{
	if ((section->count & (section->count - 1)) == 0)
		section->item =
		        xreallocarray(section->item, section->count ? section->count * 2 : 1, sizeof(*section->item));
	section->item[section->count++] = *item;
}

static void add_item(struct scan *s, const struct ini_item *item)
{
	const struct ini_item *old = ini_find(s->section, item->key);

	if (!old && s->section->count < INI_KEYS_MAX) {
		append(s->section, item);
		return;
	}
	if (old)
		diag_add(s->diags, DIAG_ERROR, s->ini->name, item->line, item->key_column,
		         "duplicate key \"%s\": it has a value on line %d already", item->key, old->line);
	else
		skip_section(s, item);
	free(item->key);
	free(item->value);
}

/* Where keys cannot go anywhere, the first says so and the others are silent. */
static bool has_section(struct scan *s, size_t start)
{
	if (!s->section && !s->skip && !s->early_key) {
		error_at(s, start, "a key before any [section]: is a line such as [router] missing above?");
		s->early_key = true;
	}
	return s->section;
}

static void scan_key(struct scan *s, size_t start, size_t end, bool sound)
{
	const char *equals = memchr(s->text + start, '=', end - start);
	size_t key_start = start, key_end = equals ? (size_t)(equals - s->text) : end, value = key_end + 1;
	struct ini_item item = { .line = s->line, .offset = start, .length = end - start };

	if (!equals) {
		if (sound && !s->skip)
			error_at(s, start, "expected KEY = VALUE or [SECTION]");
		return;
	}
	trim(s->text, &key_start, &key_end);
	if (!has_section(s, start) || !check_key(s, key_start, key_end))
		return;
	while (value < end && is_blank(s->text[value]))
		value++;
	item.key = normalised(s->text, key_start, key_end);
	item.key_column = (int)(key_start - s->start) + 1;
	item.column = (int)(value - s->start) + 1;
	if (sound && value < end && (s->text[value] == '"' || s->text[value] == '\'')) {
		item.value = scan_quoted(s, value, end);
		item.column++;
	} else if (sound) {
		item.value = scan_plain(s, value, end);
	}
	if (item.value && strlen(item.value) > INI_VALUE_MAX) {
		error_at(s, value, "the value is too long (%zu characters of %d): make two sections of it, or use prefixes",
		         strlen(item.value), INI_VALUE_MAX);
		free(item.value);
		item.value = NULL;
	}
	add_item(s, &item);
}

/* ---- lines ---- */

/* What no line may have.  A broken line still names its key, which then is not missing. */
static bool check_line(struct scan *s, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (((unsigned char)s->text[i] < 0x20 && s->text[i] != '\t') || s->text[i] == 0x7f) {
			error_at(s, i, "a control character (0x%02x): is this a text file?", (unsigned char)s->text[i]);
			return false;
		}
	if (end - start > INI_LINE_MAX) {
		error_at(s, start, "the line is too long (%zu characters of %d): put the comment above it, or make two sections of it",
		         end - start, INI_LINE_MAX);
		return false;
	}
	if (s->text[end - 1] != '\\')
		return true;
	error_at(s, end - 1, "a backslash at the end would join the next line to this one: write it on one line");
	return false;
}

static void scan_line(struct scan *s, size_t start, size_t end)
{
	s->line++;
	s->start = start;
	trim(s->text, &start, &end);
	if (start == end || is_comment(s->text[start]))
		return;
	bool sound = check_line(s, start, end);

	if (s->text[start] == '[')
		scan_header(s, start, end);
	else
		scan_key(s, start, end, sound);
}

/* ---- sections that come twice: iniparser would merge them ---- */

static int by_name(const void *left, const void *right)
{
	const struct ini_section *a = *(struct ini_section *const *)left, *b = *(struct ini_section *const *)right;
	int order = strcmp(a->name, b->name);

	return order ? order : a->line < b->line ? -1 : a->line > b->line;
}

static void drop_section(struct ini_section *section)
{
	for (size_t i = 0; i < section->count; i++) {
		free(section->item[i].key);
		free(section->item[i].value);
	}
	free(section->item);
	free(section->name);
	section->name = NULL;
}

static void drop_duplicates(struct scan *s)
{
	struct ini_file *ini = s->ini;
	struct ini_section **sorted = xcalloc(ini->count, sizeof(struct ini_section *));
	const struct ini_section *first = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < ini->count; i++)
		sorted[i] = &ini->section[i];
	qsort(sorted, ini->count, sizeof(struct ini_section *), by_name);
	for (size_t i = 0; i < ini->count; i++) {
		if (!first || strcmp(first->name, sorted[i]->name) != 0) {
			first = sorted[i];
			continue;
		}
		diag_add(s->diags, DIAG_ERROR, ini->name, sorted[i]->line, sorted[i]->column,
		         "duplicate section [%s]: it begins on line %d already", first->name, first->line);
		drop_section(sorted[i]);
	}
	free(sorted);
	for (size_t i = 0; i < ini->count; i++)
		if (ini->section[i].name)
			ini->section[kept++] = ini->section[i];
	ini->count = kept;
}

/* ---- the whole ---- */

static int line_of(const char *text, const char *place)
{
	int line = 1;

	while (text < place)
		line += *text++ == '\n';
	return line;
}

/* Bytes to leave away at the front, or -1 where this is no text. */
static int check_encoding(const char *name, const char *text, size_t length, struct diag_list *diags)
{
	const char *nul = length ? memchr(text, 0, length) : NULL;

	if (nul) {
		diag_add(diags, DIAG_ERROR, name, line_of(text, nul), 0,
		         "a NUL byte: this is no text file (or it is UTF-16: save it as UTF-8)");
		return -1;
	}
	if (length < 3 || memcmp(text, "\xef\xbb\xbf", 3) != 0)
		return 0;
	diag_add(diags, DIAG_ERROR, name, 1, 1, "a byte-order mark before the text: save the file as UTF-8 without BOM");
	return 3;
}

struct ini_file *ini_scan(const char *name, const char *text, size_t length, struct diag_list *diags)
{
	int mark = check_encoding(name, text, length, diags);
	struct scan s = { .text = text, .diags = diags };

	if (mark < 0)
		return NULL;
	s.ini = xcalloc(1, sizeof(*s.ini));
	s.ini->name = xstrdup(name);
	for (size_t start = (size_t)mark; start < length;) {
		const char *newline = memchr(text + start, '\n', length - start);
		size_t end = newline ? (size_t)(newline - text) : length;

		scan_line(&s, start, end);
		start = end + 1;
	}
	drop_duplicates(&s);
	return s.ini;
}
