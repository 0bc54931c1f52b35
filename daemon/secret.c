/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See secret.h. */
#include "daemon/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/ppp_proto.h"

__attribute__((format(printf, 3, 4))) static int refuse(char **why, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(why, format, args) < 0)
		abort();
	va_end(args);
	return error;
}

static int check_mode(const char *path, const struct stat *st, char **why)
{
	if (!S_ISREG(st->st_mode))
		return refuse(why, -EINVAL, "%s is not a plain file", path);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return refuse(why, -EPERM, "%s belongs to somebody else: run chown root %s", path, path);
	if (st->st_mode & 077)
		return refuse(why, -EPERM, "%s is open to others (mode %04o): run chmod 600 %s", path,
		              (unsigned)st->st_mode & 07777, path);
	return 0;
}

/* Empty lines behind it, and the mark that Notepad puts before it: no password has either. */
static void cut(char *buf, size_t *n)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t skip = *n >= strlen(mark) && memcmp(buf, mark, strlen(mark)) == 0 ? strlen(mark) : 0;

	while (*n > skip && buf[*n - 1] == '\n') {
		--*n;
		if (*n > skip && buf[*n - 1] == '\r')
			--*n;
	}
	*n -= skip;
	memmove(buf, buf + skip, *n);
	buf[*n] = '\0';
}

/* One byte more than fits tells a file that is too long. */
static int read_all(int fd, const char *path, char *buf, size_t size, char **why)
{
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, buf + used, size - used)) > 0)
		used += (size_t)n;
	if (n < 0)
		return refuse(why, -errno, "cannot read %s: %s", path, strerror(errno));
	if (used == size)
		return refuse(why, -EFBIG, "%s is too long for a password: it holds the password alone, in one line", path);
	cut(buf, &used);
	if (memchr(buf, '\0', used) || memchr(buf, '\n', used))
		return refuse(why, -EINVAL, "%s holds more than one line, or no text", path);
	return used ? 0 : refuse(why, -EINVAL, "%s is empty: put the password there", path);
}

int secret_read(const char *path, char *buf, size_t size, char **why)
{
	/* Not to hang on a FIFO that somebody put there. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r;
	char raw[2 * PPP_SECRET_MAX]; /* with what is cut */
	struct stat st;

	if (fd < 0)
		return refuse(why, -errno, "cannot read %s: %s", path, strerror(errno));
	r = fstat(fd, &st) < 0 ? refuse(why, -errno, "cannot look at %s: %s", path, strerror(errno))
	                       : check_mode(path, &st, why);
	if (r == 0)
		r = read_all(fd, path, raw, sizeof(raw), why);
	close(fd);
	if (r == 0 && strlen(raw) >= size)
		r = refuse(why, -EFBIG, "%s: the password is longer than %zu bytes", path, size - 1);
	if (r == 0)
		memcpy(buf, raw, strlen(raw) + 1);
	else
		explicit_bzero(buf, size);
	explicit_bzero(raw, sizeof(raw));
	return r;
}

bool secret_check(const char *path, char **why)
{
	char buf[PPP_SECRET_MAX];
	bool good = secret_read(path, buf, sizeof(buf), why) == 0;

	explicit_bzero(buf, sizeof(buf));
	return good;
}
