/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See home.h. */
#include "policy/home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "policy/block.h"

void home_free(struct home *home)
{
	free(home->link);
	free(home->network);
	free(home->mac);
	memset(home, 0, sizeof(*home));
}

void home_add_link(struct home *home, const char *name)
{
	home->link = xreallocarray(home->link, home->links + 1, sizeof(*home->link));
	snprintf(home->link[home->links++], IFNAMSIZ, "%s", name);
}

void home_add_network(struct home *home, const char *device, struct prefix4 net)
{
	struct home_network *n;

	home->network = xreallocarray(home->network, home->networks + 1, sizeof(*home->network));
	n = &home->network[home->networks++];
	snprintf(n->device, sizeof(n->device), "%s", device);
	n->net = (struct prefix4){ net.addr & prefix4_mask(net.len), net.len };
}

static int by_bytes(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct mac));
}

void home_sort(struct home *home)
{
	if (home->macs)
		qsort(home->mac, home->macs, sizeof(*home->mac), by_bytes);
}

bool home_has_link(const struct home *home, const char *name)
{
	for (size_t i = 0; i < home->links; i++)
		if (strcmp(home->link[i], name) == 0)
			return true;
	return false;
}

bool home_knows_mac(const struct home *home, const struct mac *mac)
{
	return home->macs && bsearch(mac, home->mac, home->macs, sizeof(*home->mac), by_bytes);
}

static bool faces_home(const struct config *config, const char *device)
{
	for (size_t i = 0; i < config->router.lans; i++)
		if (strcmp(config->router.lan[i], device) == 0)
			return true;
	return false;
}

bool home_has_network(const struct home *home, const struct config *config)
{
	for (size_t i = 0; i < home->networks; i++)
		if (faces_home(config, home->network[i].device))
			return true;
	return false;
}

static bool holds_block(const struct config *config, struct prefix4 p)
{
	int path = block_path(config, p.addr);

	return path >= 0 && prefix4_covers(config->path[path].pppoe.block, p);
}

bool home_contains(const struct home *home, const struct config *config, struct prefix4 p)
{
	for (size_t i = 0; i < home->networks; i++)
		if (faces_home(config, home->network[i].device) && prefix4_covers(home->network[i].net, p))
			return true;
	return holds_block(config, p);
}

/* ---- what does not fit the config ---- */

static void check_forward(const struct config *config, const struct home *home, const struct forward_config *w,
                          struct diag_list *diags)
{
	char addr[INET_ADDRSTRLEN];

	if (!w->to_router && !home_contains(home, config, (struct prefix4){ w->to, 32 }))
		diag_add(diags, DIAG_WARNING, config->file, w->line, 0,
		         "[forward %s] sends to %s, which is in no network of the home: nobody answers there, unless "
		         "another router of the home leads to it", w->name, ipv4_print(w->to, addr));
}

static void check_rule(const struct config *config, const struct home *home, const struct rule_config *r,
                       struct diag_list *diags)
{
	if (!r->tos || r->domains || r->not_to)
		return;
	for (size_t i = 0; i < r->tos; i++)
		if (!home_contains(home, config, r->to[i]))
			return;
	diag_add(diags, DIAG_WARNING, config->file, r->line, 0,
	         "[rule %s] moves nothing: its \"to\" is the home's own network, which is reached without any path", r->name);
}

void config_check_home(const struct config *config, const struct home *home, struct diag_list *diags)
{
	if (!home_has_network(home, config))
		return;
	for (size_t i = 0; i < config->forwards; i++)
		check_forward(config, home, &config->forward[i], diags);
	for (size_t i = 0; i < config->rules; i++)
		check_rule(config, home, &config->rule[i], diags);
	diag_sort(diags);
}
