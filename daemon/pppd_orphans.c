/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pppd_orphans.h.  RUN_DIR/NAME.pppd is pppd_proc.c's note of the pppd of path NAME. */
#include "daemon/pppd_orphans.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/pppd_proc.h"
#include "daemon/pppoe_left.h"

#define NOTE_END ".pppd"

struct orphan {
	char name[CONFIG_NAME_MAX];
	const char *state_dir;
	struct pppd_proc *proc;
};

struct pppd_orphans {
	struct orphan orphan[2 * CONFIG_PATHS_MAX];
	size_t count;
};

/* The concentrator hears of the end from us where pppd could not say it: killed, or silent. */
static void on_exited(void *arg, int status, bool asked, const char *line)
{
	struct orphan *orphan = arg;
	struct pppoe_left left;

	(void)status;
	(void)asked;
	(void)line;
	pppoe_left_end(orphan->state_dir, orphan->name, &left);
	log_info("%s: the session of an earlier configuration has ended", orphan->name);
}

static void on_log_line(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

static bool is_wanted(const struct config *config, const char *name)
{
	int path = config_path_index(config, name);

	return path >= 0 && config->path[path].kind == PATH_PPPOE;
}

/* False: it is no note's name.  name: CONFIG_NAME_MAX. */
static bool name_of_note(const char *file, char *name)
{
	size_t length = strlen(file), end = strlen(NOTE_END);

	if (length <= end || strcmp(file + length - end, NOTE_END) != 0 || length - end >= CONFIG_NAME_MAX)
		return false;
	memcpy(name, file, length - end);
	name[length - end] = '\0';
	return true;
}

static void end_one(struct pppd_orphans *orphans, struct ev_loop *loop, const struct router_options *options, const char *name)
{
	static const struct pppd_callbacks callbacks = { on_exited, on_log_line };
	const struct pppd_options pppd = { .path_name = name, .run_dir = options->run_dir, .pppd_file = options->pppd_file };
	struct orphan *orphan = &orphans->orphan[orphans->count];

	orphan->proc = pppd_proc_new(loop, &callbacks, orphan);
	if (!orphan->proc)
		abort();
	if (pppd_proc_adopt(orphan->proc, &pppd) < 0) {
		pppd_proc_free(orphan->proc);
		return;
	}
	snprintf(orphan->name, sizeof(orphan->name), "%s", name);
	orphan->state_dir = options->state_dir;
	orphans->count++;
	log_info("%s: the configuration has no such session any more: ending it", name);
	pppd_proc_stop(orphan->proc);
}

struct pppd_orphans *pppd_orphans_new(struct ev_loop *loop, const struct router_options *options, const struct config *config)
{
	struct pppd_orphans *orphans = xcalloc(1, sizeof(*orphans));
	DIR *dir = opendir(options->run_dir);
	const struct dirent *entry;
	char name[CONFIG_NAME_MAX];

	while (dir && orphans->count < 2 * CONFIG_PATHS_MAX && (entry = readdir(dir)))
		if (name_of_note(entry->d_name, name) && !is_wanted(config, name))
			end_one(orphans, loop, options, name);
	if (dir)
		closedir(dir);
	return orphans;
}

bool pppd_orphans_ended(const struct pppd_orphans *orphans)
{
	for (size_t i = 0; i < orphans->count; i++)
		if (pppd_proc_pid(orphans->orphan[i].proc))
			return false;
	return true;
}

void pppd_orphans_free(struct pppd_orphans *orphans)
{
	if (!orphans)
		return;
	for (size_t i = 0; i < orphans->count; i++)
		pppd_proc_free(orphans->orphan[i].proc);
	free(orphans);
}
