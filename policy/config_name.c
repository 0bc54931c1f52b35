/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the config calls by name: paths and hosts.  Called by the config_*.c that know
 * what a section means; see config_internal.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"

bool cfg_is_name(const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length >= CONFIG_NAME_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9') ||
		      (text[i] && strchr("-_.", text[i]))))
			return false;
	return true;
}

/* ---- paths ---- */

int config_path_index(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->paths; i++)
		if (strcasecmp(config->path[i].name, name) == 0)
			return (int)i;
	return -1;
}

int cfg_path(struct cfg_parser *p, const struct cfg_token *token)
{
	const struct config *config = p->config;
	int index = config_path_index(config, token->text);
	const char *words[CONFIG_PATHS_MAX];
	char hint[CFG_HINT_SIZE];

	if (index >= 0 || cfg_is_doubtful(p, token->text))
		return index;
	for (size_t i = 0; i < config->paths; i++)
		words[i] = config->path[i].name;
	cfg_hint(token->text, words, config->paths, hint, sizeof(hint));
	if (!*hint && strcasecmp(token->text, "dslite") == 0)
		snprintf(hint, sizeof(hint), ": there is no section [dslite]");
	else if (!*hint && strcasecmp(token->text, "pppoe") == 0)
		snprintf(hint, sizeof(hint), ": there is no section [pppoe]");
	else if (!*hint)
		snprintf(hint, sizeof(hint), ": a path is dslite, pppoe, or the NAME of a section [pppoe NAME] or [ipip NAME]");
	cfg_fail(p, token, "unknown path \"%s\"%s", token->text, hint);
	return -1;
}

static void add_path(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct path_list *list = arg;
	int index = cfg_path(p, token);

	if (index < 0)
		return;
	for (unsigned i = 0; i < list->count; i++)
		if (list->path[i] == index) {
			cfg_fail(p, token, "path \"%s\" is in the list already", token->text);
			return;
		}
	/* As each comes once, there is room for all. */
	list->path[list->count++] = (unsigned char)index;
}

void cfg_path_list(struct cfg_parser *p, const struct ini_item *item, struct path_list *out)
{
	cfg_list(p, item, NULL, add_path, out);
}

/* ---- hosts ---- */

static int by_name(const void *left, const void *right)
{
	const struct host_config *a = *(const struct host_config *const *)left;
	const struct host_config *b = *(const struct host_config *const *)right;

	return strcmp(a->name, b->name);
}

void cfg_index_hosts(struct cfg_parser *p)
{
	const struct config *config = p->config;

	p->by_name = xcalloc(config->hosts, sizeof(struct host_config *));
	for (size_t i = 0; i < config->hosts; i++)
		p->by_name[i] = &config->host[i];
	qsort(p->by_name, config->hosts, sizeof(struct host_config *), by_name);
}

const struct host_config *cfg_find_host(const struct cfg_parser *p, const char *name)
{
	size_t low = 0, high = p->config->hosts;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcasecmp(name, p->by_name[middle]->name);

		if (order == 0)
			return p->by_name[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void cfg_unknown_host(struct cfg_parser *p, const struct cfg_token *token, const char *name, const char *expected)
{
	size_t hosts = p->config->hosts;
	const char **words;
	char hint[CFG_HINT_SIZE];

	if (cfg_is_doubtful(p, name))
		return;
	words = xcalloc(hosts + 1, sizeof(*words));
	for (size_t i = 0; i < hosts; i++)
		words[i] = p->config->host[i].name;
	words[hosts] = "router";
	cfg_hint(name, words, hosts + 1, hint, sizeof(hint));
	free(words);
	if (*hint)
		cfg_fail(p, token, "unknown host \"%s\"%s", name, hint);
	else
		cfg_fail(p, token, "\"%s\" is not good: expected %s", name, expected);
}
