/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See forced_store.h. */
#include "daemon/forced_store.h"

#include <stdio.h>

#include "daemon/clock.h"
#include "daemon/kept_file.h"
#include "policy/config.h"

#define FILE_NAME_MAX (CONFIG_NAME_MAX + 8)

/* buf: FILE_NAME_MAX; returns it. */
static const char *file_name(const char *path, char *buf)
{
	snprintf(buf, FILE_NAME_MAX, "%s.forced", path);
	return buf;
}

void forced_store_write(const char *run_dir, const char *path, uint32_t for_ms)
{
	char name[FILE_NAME_MAX], text[32];

	snprintf(text, sizeof(text), "%lld\n", for_ms ? (long long)(clock_boot_ms() + for_ms) : 0LL);
	kept_file_write(run_dir, file_name(path, name), text);
}

void forced_store_clear(const char *run_dir, const char *path)
{
	char name[FILE_NAME_MAX];

	kept_file_remove(run_dir, file_name(path, name));
}

bool forced_store_read(const char *run_dir, const char *path, int64_t *left_ms)
{
	char name[FILE_NAME_MAX], text[32];
	int64_t now = clock_boot_ms();
	long long until;

	if (kept_file_read(run_dir, file_name(path, name), text, sizeof(text)) < 0 || sscanf(text, "%lld", &until) != 1)
		return false;
	if (until && until <= now)
		return false;
	*left_ms = until ? until - now : 0;
	return true;
}
