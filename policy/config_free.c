/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config_free() of config.h. */
#include <stdlib.h>
#include <string.h>

#include "policy/config_internal.h"

static void free_strings(char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

static void free_path(struct path_config *path)
{
	cfg_probe_free(&path->probe);
	if (path->kind == PATH_DSLITE) {
		free_strings(path->dslite.aftr, path->dslite.aftrs);
		free_strings(path->dslite.dns, path->dslite.dns_count);
		return;
	}
	if (path->kind == PATH_IPIP) {
		free(path->ipip.remote);
		free(path->ipip.update_url);
		free(path->ipip.update_user);
		free(path->ipip.password_file);
		free(path->ipip.update_answer);
		return;
	}
	free(path->pppoe.user);
	free(path->pppoe.password_file);
	free(path->pppoe.service_name);
	free(path->pppoe.access_concentrator);
}

void cfg_rule_free(struct rule_config *r)
{
	free(r->from);
	free(r->to);
	free(r->domain);
	free(r->user);
	free(r->protocol);
	free(r->port);
	free(r->source_port);
	free(r->dscp);
	free(r->time);
	free(r->interface);
	memset(r, 0, sizeof(*r));
}

void cfg_forward_free(struct forward_config *w)
{
	free(w->port);
	free(w->from);
	memset(w, 0, sizeof(*w));
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->paths; i++)
		free_path(&c->path[i]);
	for (size_t i = 0; i < c->hosts; i++)
		free(c->host[i].what);
	for (size_t i = 0; i < c->rules; i++)
		cfg_rule_free(&c->rule[i]);
	for (size_t i = 0; i < c->forwards; i++)
		cfg_forward_free(&c->forward[i]);
	free_strings(c->domain, c->domains);
	free(c->path);
	free(c->host);
	free(c->rule);
	free(c->forward);
	free(c->router.lan);
	free(c->hook_on_change);
	free(c->metrics_listen);
	free(c->web_listen);
	free(c->file);
	free(c);
}
