/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See config_load.h. */
#include "daemon/config_load.h"

#include <limits.h>
#include <stdlib.h>

#include "daemon/conf_file.h"
#include "daemon/confirm.h"
#include "daemon/home.h"
#include "daemon/log.h"
#include "daemon/secret.h"
#include "daemon/users.h"

static const char *password_file(const struct path_config *path)
{
	return path->kind == PATH_PPPOE ? path->pppoe.password_file : path->kind == PATH_IPIP ? path->ipip.password_file : NULL;
}

static void check_secrets(const struct config *config, struct diag_list *diags)
{
	for (size_t i = 0; i < config->paths; i++) {
		const char *file = password_file(&config->path[i]);
		char *why = NULL;

		if (file && !secret_check(file, &why))
			diag_add(diags, DIAG_ERROR, config->file, config->path[i].line, 0, "[%s] password-file: %s",
			         config->path[i].name, why);
		free(why);
	}
}

/* The networks of the home as they are on this machine. */
static void check_home(const struct config *config, struct diag_list *diags)
{
	struct home home = { 0 };

	home_read(NULL, &home);
	config_check_home(config, &home, diags);
	home_free(&home);
}

static void check_here(struct config *config, struct diag_list *diags)
{
	check_secrets(config, diags);
	check_home(config, diags);
	config_resolve_users(config, users_find, NULL, diags);
}

static struct config *load(struct ini_file *ini, bool here, struct diag_list *diags)
{
	struct config *config = ini ? config_parse(ini, diags) : NULL;

	if (config && here)
		check_here(config, diags);
	ini_free(ini);
	diag_sort(diags);
	if (!diags->errors)
		return config;
	config_free(config);
	return NULL;
}

struct config *config_load(const char *file, struct diag_list *diags)
{
	return load(conf_file_read(file, diags), true, diags);
}

struct config *config_load_open(int fd, const char *file, struct diag_list *diags)
{
	return fd < 0 ? config_load(file, diags) : load(conf_file_read_open(fd, file, diags), true, diags);
}

struct config *config_load_text(const char *file, struct diag_list *diags)
{
	return load(conf_file_read(file, diags), false, diags);
}

struct config *config_load_for_start(const char *file, const char *state_dir, struct diag_list *diags)
{
	struct config *config = config_load(file, diags), *good;
	struct diag_list unread = { 0 };
	char good_file[PATH_MAX];

	if (!config || !confirm_has_failed(state_dir, config))
		return config;
	good = config_load(confirm_good_file(state_dir, good_file), &unread);
	if (good)
		log_warn("%s failed its trial (reload --confirm) and was not changed since: going on with the one before, %s",
		         file, good_file);
	diag_free(&unread);
	config_free(good ? config : NULL);
	return good ? good : config;
}
