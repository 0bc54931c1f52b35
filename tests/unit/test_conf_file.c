/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon/conf_file and daemon/secret: what is on the disk, and what both readers of a
 * line agree upon.  Works in a folder of its own under TMPDIR.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/conf_file.h"
#include "daemon/secret.h"
#include "tests/unit/unit.h"

static char folder[256], path[300];

static void remove_all(void)
{
	unlink(path);
	rmdir(folder);
}

/* The one file of these tests, with that mode. */
static const char *write_file(const void *bytes, size_t length, mode_t mode)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	if (!*folder) {
		snprintf(folder, sizeof(folder), "%s/test_conf_file.XXXXXX", tmp ? tmp : "/tmp");
		if (!mkdtemp(folder))
			abort();
		snprintf(path, sizeof(path), "%s/file", folder);
		atexit(remove_all);
	}
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length || fchmod(fd, mode) < 0 || close(fd) < 0)
		abort();
	return path;
}

static const char *write_text(const char *text)
{
	return write_file(text, strlen(text), 0600);
}

/* ---- conf_file ---- */

TEST(values_as_iniparser_has_them)
{
	static const struct {
		const char *line, *value;
	} lines[] = { { "k = v", "v" },
		      { "k=v", "v" },
		      { "K\t=\tv w\t", "v w" },
		      { "k = v ; c", "v" },
		      { "k = v # c", "v" },
		      { "k =", "" },
		      { "k = ; c", "" },
		      { "k = \"\"", "" },
		      { "k = '' # c", "" },
		      { "k = \"a ; b\" ; c", "a ; b" },
		      { "k = ' a '", " a " },
		      { "k = a=b=c", "a=b=c" },
		      { "k = =", "=" },
		      { "k = a \"b\" c", "a \"b\" c" },
		      { "k = \"it's\"", "it's" },
		      { "k = DOM\\user", "DOM\\user" },
		      { "k = \xe3\x81\x82", "\xe3\x81\x82" },
		      { "k = [x]", "[x]" },
		      { "k = 100%s%n", "100%s%n" },
		      { "k = v\r", "v" } };
	char text[128];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct diag_list diags = { 0 };
		struct ini_file *ini;

		snprintf(text, sizeof(text), "[ Sec  tion ] ; c\n%s\n", lines[i].line);
		ini = conf_file_read(write_text(text), &diags);
		CHECK_INT(diags.count, 0);
		CHECK(ini && ini->count == 1 && ini->section[0].count == 1);
		if (ini && ini->count == 1 && ini->section[0].count == 1)
			CHECK_STR(ini->section[0].item[0].value, lines[i].value);
		ini_free(ini);
		diag_free(&diags);
	}
}

/* More sections and keys than one part that iniparser gets, and the longest lines that it may get. */
TEST(large_file)
{
	struct diag_list diags = { 0 };
	struct ini_file *ini;
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	for (int i = 0; i < 2000; i++)
		fprintf(f, "[s%d]\nk = %d\nlong = %0900d\n", i, i, i);
	fclose(f);
	ini = conf_file_read(write_text(text), &diags);
	CHECK_INT(diags.count, 0);
	CHECK_INT(ini->count, 2000);
	CHECK_STR(ini->section[1999].item[0].value, "1999");
	CHECK_INT(strlen(ini->section[1999].item[1].value), 900);
	ini_free(ini);
	diag_free(&diags);
	free(text);
}

static void unreadable(const char *file, const char *word)
{
	struct diag_list diags = { 0 };

	CHECK(!conf_file_read(file, &diags));
	CHECK_INT(diags.errors, 1);
	if (diags.count && !strstr(diags.item[0].text, word))
		CHECK_STR(diags.item[0].text, word);
	diag_free(&diags);
}

TEST(files_that_are_none)
{
	char *huge = calloc(1, 17 << 20);

	unreadable("/nonexistent/file", "No such file");
	write_text("");
	unreadable(folder, "folder");
	unlink(path);
	CHECK(mkfifo(path, 0600) == 0);
	unreadable(path, "plain file");
	unreadable("/dev/null", "plain file");
	memset(huge, '\n', 17 << 20);
	write_file(huge, 17 << 20, 0600);
	unreadable(path, "too large");
	free(huge);
	if (geteuid() != 0) { /* root reads all */
		write_file("", 0, 0);
		unreadable(path, "Permission denied");
	}
}

/* One file may still be opened, and a second for iniparser; the third is one too many. */
TEST(no_file_can_be_opened_any_more)
{
	struct rlimit all, few;
	struct diag_list diags = { 0 };
	int next = dup(0);

	CHECK_INT(getrlimit(RLIMIT_NOFILE, &all), 0);
	CHECK(next >= 0 && close(next) == 0);
	few = all;
	few.rlim_cur = (rlim_t)next + 2;
	write_text("[s]\nk = v\n");
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	ini_free(conf_file_read(path, &diags));
	CHECK(setrlimit(RLIMIT_NOFILE, &all) == 0);
	CHECK_INT(diags.errors, 1);
	CHECK(diags.count == 1 && strstr(diags.item[0].text, "Too many open files"));
	diag_free(&diags);
}

/* ---- secret ---- */

static void secret_is(const void *bytes, size_t length, const char *want)
{
	char buf[256], *why = NULL;

	CHECK_INT(secret_read(write_file(bytes, length, 0600), buf, sizeof(buf), &why), 0);
	CHECK_STR(buf, want);
	CHECK(!why);
	CHECK(secret_check(path, &why) && !why);
}

static void secret_fails(const void *bytes, size_t length, int error, const char *word)
{
	char buf[256], *why = NULL;

	memset(buf, 'x', sizeof(buf));
	CHECK_INT(secret_read(write_file(bytes, length, 0600), buf, sizeof(buf), &why), error);
	CHECK(why && strstr(why, word));
	for (size_t i = 0; i < sizeof(buf); i++)
		if (buf[i]) {
			CHECK(!"wiped");
			break;
		}
	free(why);
	why = NULL;
	CHECK(!secret_check(path, &why) && why);
	free(why);
}

TEST(passwords_are_taken_as_they_are)
{
	char longest[258];

	secret_is("plain", 5, "plain");
	secret_is("plain\n", 6, "plain");
	secret_is("plain\r\n", 7, "plain");
	secret_is("\r", 1, "\r");
	secret_is("plain\n\n", 7, "plain");
	secret_is("plain\r\n\r\n\n", 10, "plain");
	secret_is("\xef\xbb\xbfplain\r\n", 10, "plain"); /* as Notepad writes it */
	secret_is(" a \"b' #;%s\\ \xe3\x81\x82\t \n", 18, " a \"b' #;%s\\ \xe3\x81\x82\t ");
	memset(longest, 'p', 255);
	memcpy(longest + 255, "\r\n", 3);
	write_file(longest, 257, 0600);
	longest[255] = 0;
	secret_is(longest, 255, longest);
}

TEST(passwords_that_cannot_be)
{
	char too_long[600];

	secret_fails("", 0, -EINVAL, "empty");
	secret_fails("\n", 1, -EINVAL, "empty");
	secret_fails("a\0b", 3, -EINVAL, "more than one line, or no text");
	secret_fails("a\nb\n", 4, -EINVAL, "more than one line");
	secret_fails("a\n \n", 4, -EINVAL, "more than one line");
	secret_fails("\n\r\n", 3, -EINVAL, "empty");
	secret_fails("\xef\xbb\xbf\n", 4, -EINVAL, "empty");
	memset(too_long, 'p', sizeof(too_long));
	secret_fails(too_long, 256, -EFBIG, "255");
	secret_fails(too_long, sizeof(too_long), -EFBIG, "too long");
}

TEST(password_files_that_others_read)
{
	static const mode_t modes[] = { 0644, 0640, 0620, 0604, 0610, 0777 };
	char buf[256], *why = NULL;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		CHECK_INT(secret_read(write_file("p", 1, modes[i]), buf, sizeof(buf), &why), -EPERM);
		CHECK(why && strstr(why, "chmod 600"));
		free(why);
		why = NULL;
	}
	CHECK_INT(secret_read(write_file("p", 1, 0400), buf, sizeof(buf), &why), 0);
	if (geteuid() == 0 && chown(path, 12345, 0) == 0) {
		CHECK_INT(secret_read(path, buf, sizeof(buf), &why), -EPERM);
		CHECK(why && strstr(why, "chown root"));
		free(why);
	}
}

TEST(password_files_that_are_none)
{
	char buf[256], *why = NULL;

	CHECK_INT(secret_read("/nonexistent", buf, sizeof(buf), &why), -ENOENT);
	CHECK(why && strstr(why, "/nonexistent"));
	free(why);
	why = NULL;
	write_text("");
	CHECK_INT(secret_read(folder, buf, sizeof(buf), &why), -EINVAL);
	free(why);
	why = NULL;
	unlink(path);
	CHECK(mkfifo(path, 0600) == 0);
	CHECK_INT(secret_read(path, buf, sizeof(buf), &why), -EINVAL); /* and does not hang */
	free(why);
}
