/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See running_conf.h. */
#include "daemon/running_conf.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/config_load.h"
#include "daemon/kept_file.h"

#define NAME "running.conf"
/* Behind the text, for us alone: the number that a path has in marks and tables. */
#define SLOT_FORMAT "; slot %u %s\n"
#define SLOT_SCAN   "; slot %u %31s"

static char *print(const struct config *config)
{
	char *settings = config_print(config), *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	fputs(settings, f);
	for (size_t i = 0; i < config->paths; i++)
		fprintf(f, SLOT_FORMAT, config->path[i].slot, config->path[i].name);
	if (fclose(f) != 0)
		abort();
	free(settings);
	return text;
}

void running_conf_write(const char *run_dir, const struct config *config)
{
	char *text = print(config);

	kept_file_write(run_dir, NAME, text);
	free(text);
}

void running_conf_forget(const char *run_dir)
{
	kept_file_remove(run_dir, NAME);
}

/* ---- slots ---- */

static bool slots_are_sound(const struct config *config)
{
	unsigned taken = 0;

	for (size_t i = 0; i < config->paths; i++) {
		unsigned slot = config->path[i].slot;

		if (slot >= CONFIG_PATHS_MAX || taken >> slot & 1)
			return false;
		taken |= 1u << slot;
	}
	return true;
}

static void read_slots(const char *file, struct config *config)
{
	FILE *f = fopen(file, "re");
	char *line = NULL, name[32];
	size_t room = 0;
	unsigned slot;
	int path;

	for (size_t i = 0; i < config->paths; i++)
		config->path[i].slot = CONFIG_PATHS_MAX;
	while (f && getline(&line, &room, f) > 0)
		if (sscanf(line, SLOT_SCAN, &slot, name) == 2 && (path = config_path_index(config, name)) >= 0)
			config->path[path].slot = slot;
	if (!slots_are_sound(config))
		config_assign_slots(config, NULL);
	free(line);
	if (f)
		fclose(f);
}

/* ---- reading ---- */

struct config *running_conf_read(const char *run_dir)
{
	struct diag_list unread = { 0 };
	struct config *config;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" NAME, run_dir);
	config = access(path, F_OK) == 0 ? config_load_text(path, &unread) : NULL;
	if (config)
		read_slots(path, config);
	diag_free(&unread);
	return config;
}

struct config *running_conf_load(const char *run_dir, const char *file, struct diag_list *diags)
{
	struct config *config = running_conf_read(run_dir);

	return config ? config : config_load_text(file, diags);
}
