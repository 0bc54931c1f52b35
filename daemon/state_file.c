/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See state_file.h. */
#include "daemon/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int path_of(const char *dir, const char *name, const char *end, char *buf)
{
	int len = snprintf(buf, PATH_MAX, "%s/%s%s", dir, name, end);

	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int read_all(int fd, char *buf, size_t size)
{
	size_t used = 0;

	for (;;) {
		ssize_t got = read(fd, buf + used, size - used);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			break;
		if (got > 0)
			used += (size_t)got;
		if (used == size)
			return -EFBIG;
	}
	buf[used] = '\0';
	return strlen(buf) == used ? 0 : -EINVAL;
}

int state_file_read(const char *dir, const char *name, char *buf, size_t size)
{
	char path[PATH_MAX];
	int fd, r = path_of(dir, name, "", path);

	if (r < 0)
		return r;
	/* Not blocking: somebody may have put a pipe there. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	r = read_all(fd, buf, size);
	close(fd);
	return r;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, text, len);

		if (put < 0 && errno != EINTR)
			return -errno;
		if (put > 0) {
			text += put;
			len -= (size_t)put;
		}
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int state_file_write(const char *dir, const char *name, const char *text, mode_t mode)
{
	char path[PATH_MAX], aside[PATH_MAX];
	int fd, r = path_of(dir, name, "", path);

	if (r == 0)
		r = path_of(dir, name, ".new", aside);
	if (r < 0)
		return r;
	fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return -errno;
	/* It may have been left behind by somebody with another mind, and the umask is anybody's. */
	r = fchmod(fd, mode) < 0 ? -errno : write_all(fd, text, strlen(text));
	close(fd);
	if (r == 0 && rename(aside, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(aside);
	return r;
}
