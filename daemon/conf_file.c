/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See conf_file.h.  Called by the daemon's start and reload, and by tests.
 *
 * iniparser keeps no lines, takes a duplicate in silence and cuts a value at a comment
 * sign; policy/ini_scan.c knows the places and refuses what would be misread.  Where it
 * has nothing to object to, iniparser reads the same lines and both must agree: a
 * difference is a bug of one of them, and better an error than a guess.
 */
#include "daemon/conf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Debian has it in a folder of its own; upstream's make install does not. */
#if __has_include(<iniparser/iniparser.h>)
#include <iniparser/iniparser.h>
#else
#include <iniparser.h>
#endif

#include "common/xalloc.h"

#define FILE_MAX_BYTES (16 * 1024 * 1024)

/* iniparser looks for each key from the front: a few hundred at a time keep a large file linear. */
#define PART_ITEMS 256

static void fail(struct diag_list *diags, const char *path, const char *what)
{
	diag_add(diags, DIAG_ERROR, path, 0, 0, "%s", what);
}

/* ---- the file ---- */

static char *read_bytes(int fd, size_t *length)
{
	size_t cap = 64 * 1024, used = 0;
	char *text = xmalloc(cap);
	ssize_t n;

	while ((n = pread(fd, text + used, cap - used, (off_t)used)) > 0) {
		used += (size_t)n;
		if (used > FILE_MAX_BYTES)
			break;
		if (used == cap)
			text = xreallocarray(text, cap *= 2, 1);
	}
	if (n != 0) {
		if (n > 0)
			errno = EFBIG;
		free(text);
		return NULL;
	}
	*length = used;
	return text;
}

/* fd: -1 where it could not be opened, and errno tells why. */
static char *read_file(int fd, const char *path, size_t *length, struct diag_list *diags)
{
	char *text = NULL;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		fail(diags, path, S_ISDIR(st.st_mode) ? "is a folder, not a file" : "is not a plain file");
	else if (fd < 0 || !(text = read_bytes(fd, length)))
		diag_add(diags, DIAG_ERROR, path, 0, 0, "cannot read it: %s", strerror(errno));
	return text;
}

/* ---- what iniparser says to it ---- */

/* What it says was said better by the scan; and it quotes lines, which may hold a secret. */
static int say_nothing(const char *format, ...)
{
	(void)format;
	return 0;
}

/*
 * The scan's sections for iniparser, which takes no comment behind a section's name.  The
 * lines with values are the file's own, to the byte.
 */
static char *lines_of(const struct ini_section *section, size_t sections, const char *text, size_t *length)
{
	char *lines = NULL;
	FILE *f = open_memstream(&lines, length);

	if (!f)
		abort();
	for (size_t i = 0; i < sections; i++) {
		fprintf(f, "[%s]\n", section[i].name);
		for (size_t k = 0; k < section[i].count; k++)
			fprintf(f, "%.*s\n", (int)section[i].item[k].length, text + section[i].item[k].offset);
	}
	if (fclose(f) != 0)
		abort();
	return lines;
}

/*
 * iniparser 4.1 wants a file's name: give it the bytes that we have read, not what the
 * file has become since.  NULL: errno tells why, or is 0 where it is the lines.
 */
static dictionary *parse_lines(int fd, const char *lines, size_t length)
{
	dictionary *dict = NULL;
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (ftruncate(fd, 0) == 0 && pwrite(fd, lines, length, 0) == (ssize_t)length) {
		iniparser_set_error_callback(say_nothing);
		errno = 0;
		dict = iniparser_load(name);
		iniparser_set_error_callback(NULL);
	}
	return dict;
}

static bool same_value(const dictionary *dict, const struct ini_section *section, const struct ini_item *item)
{
	char key[INI_SECTION_MAX + INI_KEY_MAX + 2];
	const char *value;

	snprintf(key, sizeof(key), "%s:%s", section->name, item->key);
	value = iniparser_getstring(dict, key, NULL);
	return value && strcmp(value, item->value) == 0;
}

static void compare(const struct ini_file *ini, const struct ini_section *section, const dictionary *dict,
                    struct diag_list *diags)
{
	for (size_t i = 0; i < section->count; i++) {
		const struct ini_item *item = &section->item[i];

		/* No key of ours has a blank in it: the parser will say so. */
		if (!strchr(item->key, ' ') && !same_value(dict, section, item))
			diag_add(diags, DIAG_ERROR, ini->name, item->line, item->column,
			         "%s: cannot be read without doubt: put the value between quotes", item->key);
	}
}

static void compare_part(const struct ini_file *ini, size_t from, size_t to, const char *text, int fd,
                         struct diag_list *diags)
{
	size_t length;
	char *lines = lines_of(ini->section + from, to - from, text, &length);
	dictionary *dict = parse_lines(fd, lines, length);

	if (!dict)
		diag_add(diags, DIAG_ERROR, ini->name, ini->section[from].line, 0, "iniparser cannot read from here on: %s",
		         errno == ENOENT ? "is /proc there?" : errno ? strerror(errno) : "it takes a line otherwise than we do");
	for (size_t i = from; i < to && dict; i++)
		compare(ini, &ini->section[i], dict, diags);
	if (dict)
		iniparser_freedict(dict);
	free(lines);
}

static void compare_with_iniparser(const struct ini_file *ini, const char *text, struct diag_list *diags)
{
	int fd = memfd_create("dualpath.conf", MFD_CLOEXEC);

	if (fd < 0) {
		diag_add(diags, DIAG_ERROR, ini->name, 0, 0, "cannot hand it to iniparser: memfd_create: %s", strerror(errno));
		return;
	}
	for (size_t from = 0, to; from < ini->count; from = to) {
		size_t items = 0;

		for (to = from; to < ini->count && items < PART_ITEMS; to++)
			items += 1 + ini->section[to].count;
		compare_part(ini, from, to, text, fd, diags);
	}
	close(fd);
}

struct ini_file *conf_file_read_open(int fd, const char *path, struct diag_list *diags)
{
	size_t length = 0, errors = diags->errors;
	char *text = read_file(fd, path, &length, diags);
	struct ini_file *ini = text ? ini_scan(path, text, length, diags) : NULL;

	if (ini && diags->errors == errors)
		compare_with_iniparser(ini, text, diags);
	free(text);
	return ini;
}

struct ini_file *conf_file_read(const char *path, struct diag_list *diags)
{
	/* Not to hang on a FIFO, nor to own a terminal. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct ini_file *ini = conf_file_read_open(fd, path, diags);

	if (fd >= 0)
		close(fd);
	return ini;
}
