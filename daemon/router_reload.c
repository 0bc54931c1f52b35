/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The router's other half: from one configuration to the next, what a reload would change, and a configuration on trial.  Called
 * by verbs.c; see router.h.
 */
#include <limits.h>
#include <string.h>

#include "daemon/config_load.h"
#include "daemon/confirm.h"
#include "daemon/dnsmasq_conf.h"
#include "daemon/inbound.h"
#include "daemon/kernel.h"
#include "daemon/metrics_http.h"
#include "daemon/offload.h"
#include "daemon/returns.h"
#include "daemon/router_internal.h"
#include "daemon/running_conf.h"
#include "daemon/stranded.h"

/* ---- config ---- */

/* NULL: there is none of that name and kind. */
static struct path *take_path(struct router *router, const struct path_config *config)
{
	for (size_t i = 0; i < router->paths; i++) {
		struct path *path = router->path[i];

		if (!path || path->config->kind != config->kind || strcmp(path->config->name, config->name) != 0)
			continue;
		router->path[i] = NULL;
		path_reconfigure(path, config);
		return path;
	}
	return NULL;
}

/* A path that is no longer wanted is freed at once, or when its pppd has ended (free_left): its config goes now. */
static void leave(struct router *router, struct path **place)
{
	struct path *path = *place;

	*place = NULL;
	if (!path)
		return;
	stranded_leave(router->stranded, path->config->slot);
	path_leave(path);
	for (size_t i = 0; i < 2 * CONFIG_PATHS_MAX && !path_has_ended(path); i++)
		if (!router->leaving[i]) {
			router->leaving[i] = path;
			return;
		}
	path_free(path);
}

/* Paths that both configs have live on; the others end or begin. */
static void take_config(struct router *router, struct config *config)
{
	struct config *old = router->config;
	struct path *path[CONFIG_PATHS_MAX];

	config_assign_slots(config, old);
	router->env.mark_mask = config->router.mark_mask;
	router->env.reset_after_ms = config->router.reset_after_ms;
	for (size_t i = 0; i < config->paths; i++)
		path[i] = take_path(router, &config->path[i]);
	for (size_t i = 0; i < router->paths; i++)
		leave(router, &router->path[i]);
	/* After one of the same name and another kind has left: they have the same files. */
	for (size_t i = 0; i < config->paths; i++)
		if (!path[i])
			path[i] = path_new(&router->env, &config->path[i]);
	memcpy(router->path, path, sizeof(path));
	router->paths = config->paths;
	router->config = config;
	inbound_reconfigure(router->inbound, old);
	returns_reconfigure(router->returns, config);
	metrics_http_reconfigure(router->http);
	config_free(old);
	router_set_clock(router);
	dnsmasq_conf_update(router->options.run_dir, config, router->env.events);
	running_conf_write(router->options.run_dir, config);
}

/* What is fixed for a daemon's life: objects made under the old value would be lost sight of. */
static void check_fixed(const struct config *old, const struct config *new, struct diag_list *diags)
{
	const struct router_config *a = &old->router, *b = &new->router;

	if (a->mark_mask != b->mark_mask || a->rule_priority != b->rule_priority || a->table_base != b->table_base ||
	    a->route_protocol != b->route_protocol)
		diag_add(diags, DIAG_ERROR, new->file, 0, 0,
		         "mark-mask, rule-priority, table and route-protocol cannot change in a reload: start dualpathd again "
		         "(what was made under the old values is then taken away)");
}

static struct config *read_for_reload(struct router *router, int fd, const char *file, struct diag_list *diags)
{
	struct config *config = config_load_open(fd, file, diags);

	if (!config)
		return NULL;
	check_fixed(router->config, config, diags);
	if (!diags->errors)
		return config;
	config_free(config);
	return NULL;
}

/* What the kernel would get for config while the paths are as they are now. */
static void plan_difference(struct router *router, struct config *config, struct op_list *ops)
{
	struct plan want = { 0 }, have = { 0 };
	struct facts now, facts;

	router_facts(router, &now);
	facts = now;
	memset(facts.path, 0, sizeof(facts.path));
	config_assign_slots(config, router->config);
	for (size_t i = 0; i < config->paths; i++) {
		int old = config_path_index(router->config, config->path[i].name);

		if (old >= 0)
			facts.path[i] = now.path[old];
	}
	offload_facts(router->offload, config, &facts);
	compile(config, &facts, &want);
	if (rtnl_read(router->env.rtnl, config, &have) == 0)
		kernel_diff(router->kernel, &want, &have, ops);
	plan_free(&want);
	plan_free(&have);
}

bool router_diff(struct router *router, int fd, const char *file, struct diag_list *diags, struct op_list *ops)
{
	struct config *config = read_for_reload(router, fd, file, diags);

	if (!config)
		return false;
	plan_difference(router, config, ops);
	config_free(config);
	return true;
}

/* ---- a config on trial ---- */

void router_trial_failed(void *arg)
{
	struct router *router = arg;
	struct diag_list diags = { 0 };
	char file[PATH_MAX];
	struct config *good = config_load(confirm_good_file(router->options.state_dir, file), &diags);

	if (good) {
		take_config(router, good);
		events_add(router->env.events, "router", "", "", "nobody confirmed the new configuration: back to the one before");
		router_changed(router);
	} else {
		events_add(router->env.events, "router", "", "",
		           "nobody confirmed the new configuration, but the one before can no longer be used: %s",
		           diags.count ? diags.item[0].text : "");
	}
	diag_free(&diags);
}

/* Written down before it is taken: whatever happens then, the way back is known. */
static bool begin_trial(struct router *router, const struct config *config, uint32_t ms, struct diag_list *diags)
{
	int r = confirm_begin(router->confirm, router->config, config, ms);

	if (r < 0)
		diag_add(diags, DIAG_ERROR, config->file, 0, 0, "cannot remember the configuration to go back to in %s: %s",
		         router->options.state_dir, strerror(-r));
	return r == 0;
}

bool router_confirm(struct router *router)
{
	if (!confirm_keep(router->confirm))
		return false;
	events_add(router->env.events, "router", "", "", "the new configuration was confirmed");
	return true;
}

int64_t router_trial_left_ms(const struct router *router)
{
	return confirm_left_ms(router->confirm);
}

/* ---- reload ---- */

static void count(void *arg, const char *text)
{
	(void)text;
	++*(size_t *)arg;
}

/* As "diff" and "reload" tell them: an operation of nftables is about several. */
static size_t objects_of(const struct op_list *ops)
{
	size_t objects = 0;

	for (size_t i = 0; i < ops->count; i++)
		op_objects(&ops->op[i], count, &objects);
	return objects;
}

bool router_reload(struct router *router, uint32_t trial_ms, struct diag_list *diags, struct op_list *ops)
{
	struct config *config;

	if (router->torn_down) {
		diag_add(diags, DIAG_ERROR, router->options.config_file, 0, 0, ROUTER_GOES);
		return false;
	}
	config = read_for_reload(router, -1, router->options.config_file, diags);
	if (!config)
		return false;
	if (trial_ms && !begin_trial(router, config, trial_ms, diags)) {
		config_free(config);
		return false;
	}
	if (!trial_ms)
		confirm_forget(router->confirm);
	offload_try_again(router->offload);
	plan_difference(router, config, ops);
	take_config(router, config);
	events_add(router->env.events, "router", "", "", "config reloaded: %zu change%s in the kernel", objects_of(ops),
	           objects_of(ops) == 1 ? "" : "s");
	router_sync(router);
	return true;
}
