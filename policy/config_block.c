/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the config speaks of a routed block: public = of [host], and forwards to a machine that
 * has an address of one.  Called by config_rule.c and config_forward.c.
 */
#include "policy/block.h"
#include "policy/config_internal.h"

void cfg_public(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct host_config *host = target;
	struct cfg_token token;

	cfg_whole(item, &token);
	cfg_machine_address(p, &token, &host->public);
}

static bool is_session_address(const struct path_config *path, uint32_t addr)
{
	return path->pppoe.has_address && path->pppoe.address == addr;
}

void cfg_host_public(struct cfg_parser *p, const struct ini_section *section, struct host_config *host)
{
	const struct ini_item *item = ini_find(section, "public");
	int path = block_path(p->config, host->public);
	uint32_t own = host_only_address(host);

	if (!own)
		cfg_fail_item(p, item, "needs exactly one address = beside it, that of the machine at home: it is "
		                       "translated to and from that one");
	else if (block_path(p->config, own) >= 0)
		cfg_fail_item(p, item, "has no use here: address = is one of the block already, and the machine's own");
	else if (path < 0 && !p->paths_doubtful)
		cfg_fail_item(p, item, "\"%s\" is in no block that is routed to you: write block = PREFIX into the "
		                       "[pppoe] that it comes in by, or take an address of a block", item->value);
	else if (path >= 0 && is_session_address(&p->config->path[path], host->public))
		cfg_fail_item(p, item, "\"%s\" is the address of the session itself: open ports of it by [forward]",
		              item->value);
	else if (path >= 0)
		host->public_path = (unsigned)path;
}

/* Opened at an address of the block; false: at the static address of a path, as usual. */
bool cfg_forward_block(struct cfg_parser *p, const struct ini_section *section, bool has_path,
                       struct forward_config *forward)
{
	const struct host_config *host = forward->to ? block_public_of(p->config, forward->to) : NULL;
	int path = forward->to ? block_path(p->config, forward->to) : -1;

	if (path >= 0 && has_path && forward->path != (unsigned)path)
		cfg_fail_item(p, ini_find(section, "path"), "the machine's address is one of the block of \"%s\": its ports "
		                                            "can be opened on that path alone", p->config->path[path].name);
	if (path < 0 && (!host || (has_path && forward->path != host->public_path)))
		return false;
	forward->path = path >= 0 ? (unsigned)path : host->public_path;
	forward->at = path >= 0 ? forward->to : host->public;
	return true;
}
