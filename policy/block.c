/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See block.h. */
#include "policy/block.h"

#include <stdlib.h>

#include "common/xalloc.h"

int block_path(const struct config *config, uint32_t addr)
{
	for (size_t i = 0; i < config->paths; i++) {
		const struct path_config *path = &config->path[i];

		if (path->kind == PATH_PPPOE && path->pppoe.has_block && prefix4_contains(path->pppoe.block, addr))
			return (int)i;
	}
	return -1;
}

int block_path_of_source(const struct config *config, const struct facts *facts, uint32_t addr)
{
	int path = block_path(config, addr);

	return path >= 0 && compile_path_address(&config->path[path], &facts->path[path]) == addr ? -1 : path;
}

uint32_t host_only_address(const struct host_config *host)
{
	const struct match_from *only = NULL;

	for (size_t i = 0; i < host->whats; i++) {
		if (host->what[i].kind != MATCH_PREFIX)
			continue;
		if (only)
			return 0;
		only = &host->what[i];
	}
	return only && only->prefix.len == 32 ? only->prefix.addr : 0;
}

const struct host_config *block_public_of(const struct config *config, uint32_t private)
{
	for (size_t i = 0; config->publics && i < config->hosts; i++)
		if (config->host[i].public && host_only_address(&config->host[i]) == private)
			return &config->host[i];
	return NULL;
}

const struct host_config *block_host_at(const struct config *config, uint32_t public)
{
	for (size_t i = 0; config->publics && i < config->hosts; i++)
		if (config->host[i].public == public)
			return &config->host[i];
	return NULL;
}

bool forward_is_plain(const struct forward_config *forward)
{
	return forward->at && forward->at == forward->to && !forward->to_port.lo;
}

/* ---- checks ---- */

static void check_overlap(const struct config *c, struct diag_list *diags)
{
	for (size_t i = 0; i < c->paths; i++)
		for (size_t k = 0; k < i; k++) {
			const struct path_config *a = &c->path[k], *b = &c->path[i];

			if (a->kind == PATH_PPPOE && b->kind == PATH_PPPOE && a->pppoe.has_block && b->pppoe.has_block &&
			    (prefix4_covers(a->pppoe.block, b->pppoe.block) || prefix4_covers(b->pppoe.block, a->pppoe.block)))
				diag_add(diags, DIAG_ERROR, c->file, b->line, 0,
				         "the blocks of %s and %s (line %d) overlap: an address is routed over one session alone",
				         b->name, a->name, a->line);
		}
}

static int by_public(const void *left, const void *right)
{
	const struct host_config *a = *(const struct host_config *const *)left;
	const struct host_config *b = *(const struct host_config *const *)right;

	if (a->public != b->public)
		return a->public < b->public ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

static int by_private(const void *left, const void *right)
{
	const struct host_config *a = *(const struct host_config *const *)left;
	const struct host_config *b = *(const struct host_config *const *)right;
	uint32_t x = host_only_address(a), y = host_only_address(b);

	if (x != y)
		return x < y ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* One public address, one private one. */
static void check_publics(const struct config *c, struct diag_list *diags)
{
	const struct host_config **sorted = xcalloc(c->publics, sizeof(struct host_config *));
	size_t n = 0;

	for (size_t i = 0; i < c->hosts; i++)
		if (c->host[i].public)
			sorted[n++] = &c->host[i];
	qsort(sorted, n, sizeof(struct host_config *), by_public);
	for (size_t i = 1; i < n; i++)
		if (sorted[i]->public == sorted[i - 1]->public)
			diag_add(diags, DIAG_ERROR, c->file, sorted[i]->line, 0,
			         "[host %s] has the same public address as [host %s] in line %d", sorted[i]->name,
			         sorted[i - 1]->name, sorted[i - 1]->line);
	qsort(sorted, n, sizeof(struct host_config *), by_private);
	for (size_t i = 1; i < n; i++)
		if (host_only_address(sorted[i]) == host_only_address(sorted[i - 1]))
			diag_add(diags, DIAG_ERROR, c->file, sorted[i]->line, 0,
			         "[host %s] is the same machine as [host %s] in line %d, which has a public address already",
			         sorted[i]->name, sorted[i - 1]->name, sorted[i - 1]->line);
	free(sorted);
}

static bool holds_block_address(const struct config *c, const struct host_config *host, int *path)
{
	uint32_t addr = host_only_address(host);

	*path = addr ? block_path(c, addr) : -1;
	return *path >= 0;
}

/* Its source is the block's: no rule can send it another way. */
static void check_unheard_paths(const struct config *c, struct diag_list *diags)
{
	int path;

	for (size_t i = 0; i < c->hosts; i++) {
		const struct host_config *host = &c->host[i];

		if (host->has_path && holds_block_address(c, host, &path) &&
		    (host->path.count > 1 || host->path.path[0] != path))
			diag_add(diags, DIAG_WARNING, c->file, host->line, 0,
			         "[host %s] has an address of the block of %s, and what it starts goes over that path alone: "
			         "its path = has no effect", host->name, c->path[path].name);
	}
}

void block_check(const struct config *config, struct diag_list *diags)
{
	check_overlap(config, diags);
	if (config->publics)
		check_publics(config, diags);
	check_unheard_paths(config, diags);
}
