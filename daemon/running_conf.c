/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See running_conf.h. */
#include "daemon/running_conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/conf_file.h"
#include "daemon/log.h"
#include "daemon/state_file.h"

#define NAME "running.conf"

void running_conf_write(const char *run_dir, const struct config *config)
{
	char *text = config_print(config);
	int r = state_file_write(run_dir, NAME, text);

	if (r < 0)
		log_warn("cannot write %s/" NAME ": %s", run_dir, strerror(-r));
	free(text);
}

void running_conf_forget(const char *run_dir)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" NAME, run_dir);
	unlink(path);
}

static struct config *parse(const char *file, struct diag_list *diags)
{
	struct ini_file *ini = conf_file_read(file, diags);
	struct config *config = ini ? config_parse(ini, diags) : NULL;

	ini_free(ini);
	diag_sort(diags);
	if (!diags->errors)
		return config;
	config_free(config);
	return NULL;
}

struct config *running_conf_load(const char *run_dir, const char *file, struct diag_list *diags)
{
	struct diag_list unread = { 0 };
	struct config *config;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" NAME, run_dir);
	config = access(path, F_OK) == 0 ? parse(path, &unread) : NULL;
	diag_free(&unread);
	return config ? config : parse(file, diags);
}
