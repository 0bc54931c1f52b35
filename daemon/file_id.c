/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See file_id.h. */
#include "daemon/file_id.h"

#include <sys/stat.h>

struct file_id file_id_at(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? (struct file_id){ st.st_dev, st.st_ino } : (struct file_id){ 0 };
}

struct file_id file_id_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (struct file_id){ st.st_dev, st.st_ino } : (struct file_id){ 0 };
}

bool file_id_same(struct file_id a, struct file_id b)
{
	return a.ino && a.dev == b.dev && a.ino == b.ino;
}
