/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [forward NAME]: ports of the static address, opened to a machine of the home.
 * Called by config_parse.c once paths and hosts are known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"

struct draft {
	struct forward_config forward;
	bool has_path;
};

static void add_protocol(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	static const char *const words[] = { "tcp", "udp", "both" };
	struct forward_config *forward = arg;
	bool tcp = strcasecmp(token->text, "tcp") == 0, udp = strcasecmp(token->text, "udp") == 0;
	char hint[CFG_HINT_SIZE];

	if (strcasecmp(token->text, "both") == 0)
		tcp = udp = true;
	if (!tcp && !udp)
		cfg_fail(p, token, "\"%s\" cannot be forwarded: expected tcp, udp, or both%s", token->text,
		         cfg_hint(token->text, words, CFG_COUNT(words), hint, sizeof(hint)));
	else if ((tcp && forward->tcp) || (udp && forward->udp))
		cfg_fail(p, token, "\"%s\" is in the list already", token->text);
	forward->tcp |= tcp;
	forward->udp |= udp;
}

static void key_protocol(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_list(p, item, NULL, add_protocol, &((struct draft *)target)->forward);
}

static void key_port(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct forward_config *forward = &((struct draft *)target)->forward;

	if (cfg_is_word(item, "any"))
		cfg_fail_item(p, item, "name the ports: a forward of all would take the router's own, too");
	else
		cfg_ports(p, item, NULL, &forward->port, &forward->ports);
}

static void key_from(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct forward_config *forward = &((struct draft *)target)->forward;

	cfg_prefixes(p, item, NULL, &forward->from, &forward->froms);
}

/* ---- to ---- */

static const char to_expected[] = "the NAME of a [host], an IPv4 address, or router, with :PORT behind it where the "
				  "port is another there";

/* The one address of a host, to which a packet can be sent. */
static void set_host(struct cfg_parser *p, const struct cfg_token *token, const struct host_config *host,
                     struct forward_config *forward)
{
	const struct match_from *only = NULL;
	size_t addresses = 0;

	for (size_t i = 0; i < host->whats; i++)
		if (host->what[i].kind == MATCH_PREFIX) {
			only = &host->what[i];
			addresses++;
		}
	if (!addresses)
		cfg_fail(p, token, "host \"%s\" (line %d) is known by its MAC alone: add address = to it, as a forward "
		                   "needs one to send to", host->name, host->line);
	else if (addresses > 1 || only->prefix.len < 32)
		cfg_fail(p, token, "host \"%s\" (line %d) is more than one address: name the one that is meant here",
		         host->name, host->line);
	else
		forward->to = only->prefix.addr;
}

static bool looks_like_address(const char *text)
{
	return strspn(text, "0123456789./") == strlen(text) || strchr(text, '/') || strchr(text, ':');
}

/* ":PORT" or ":FIRST-LAST" behind it is taken off.  Two colons are no port but an IPv6 address, which is told of as one. */
static void take_port(struct cfg_parser *p, struct cfg_token *token, struct forward_config *forward)
{
	char *colon = strrchr(token->text, ':');
	struct cfg_token port = { .item = token->item };

	if (!colon || strchr(token->text, ':') != colon)
		return;
	port.at = token->at + (size_t)(colon + 1 - token->text);
	snprintf(port.text, sizeof(port.text), "%s", colon + 1);
	*colon = 0;
	if (!port_range_parse(port.text, &forward->to_port))
		cfg_fail(p, &port, "\"%s\" is not a port: expected 1 to 65535, or a range like 9000-9010", port.text);
}

static void key_to(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct forward_config *forward = &((struct draft *)target)->forward;
	const struct host_config *host;
	struct cfg_token token;

	cfg_whole(item, &token);
	take_port(p, &token, forward);
	host = cfg_find_host(p, token.text);
	if (strcasecmp(token.text, "router") == 0)
		forward->to_router = true;
	else if (host)
		set_host(p, &token, host, forward);
	else if (looks_like_address(token.text))
		cfg_machine_address(p, &token, &forward->to);
	else
		cfg_unknown_host(p, &token, token.text, to_expected);
}

/* ---- path ---- */

static void key_path(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct draft *draft = target;
	struct cfg_token token;
	int path;

	draft->has_path = true;
	cfg_whole(item, &token);
	if (strchr(token.text, ',')) {
		cfg_fail_item(p, item, "a forward is bound to one path");
		return;
	}
	path = cfg_path(p, &token);
	if (path < 0)
		return;
	if (p->config->path[path].kind == PATH_DSLITE)
		cfg_fail_item(p, item, "no port can be opened on \"%s\": the carrier's NAT is in front of it", token.text);
	else
		draft->forward.path = (unsigned)path;
}

/* The first path that can take inbound. */
static void choose_path(struct cfg_parser *p, const struct ini_section *section, struct forward_config *forward)
{
	const struct config *config = p->config;

	for (size_t i = 0; i < config->paths; i++)
		if (config->path[i].kind != PATH_DSLITE) {
			forward->path = (unsigned)i;
			return;
		}
	if (!cfg_is_doubtful(p, "pppoe") && p->kinds_seen != CFG_ALL_KINDS)
		cfg_fail_section(p, section, "[%s] needs a section [pppoe] or [ipip NAME]: no port can be opened behind DS-Lite",
		                 section->name);
}

static const struct cfg_key forward_keys[] = {
	{ "protocol", key_protocol, NULL }, /* tcp where it is left away */
	{ "port", key_port, "the ports that are opened, as in 80, 443" },
	{ "to", key_to, "a [host], an address, or router" },
	{ "from", key_from, NULL },
	{ "path", key_path, NULL },
};

static unsigned width(struct port_range range)
{
	return (unsigned)range.hi - range.lo;
}

/* Would :PORT move each of a range by as much, or all to one?  Nobody should have to know. */
static void check_one_port(struct cfg_parser *p, const struct ini_item *to, const struct forward_config *forward)
{
	char buf[PORT_RANGE_STRLEN];
	unsigned port = forward->to_port.lo;

	for (size_t i = 0; i < forward->ports; i++)
		if (width(forward->port[i])) {
			cfg_fail_item(p, to, "all of %s cannot go to port %u: say :%u-%u to move each by as much, or leave :%u away",
			              port_range_print(forward->port[i], buf), port, port, port + width(forward->port[i]), port);
			return;
		}
}

/* Each port of a range that is moved is an element of a map in the kernel. */
#define MOVED_MAX 1024

static void check_moved(struct cfg_parser *p, const struct ini_section *section, const struct forward_config *forward)
{
	const struct ini_item *to = ini_find(section, "to");
	char buf[PORT_RANGE_STRLEN];

	if (!width(forward->to_port)) {
		if (forward->to_port.lo)
			check_one_port(p, to, forward);
	} else if (forward->ports != 1 || width(forward->port[0]) != width(forward->to_port)) {
		cfg_fail_item(p, to, "port must be one range of as many ports as %s", port_range_print(forward->to_port, buf));
	} else if (width(forward->to_port) >= MOVED_MAX) {
		cfg_fail_item(p, to, "at most %d ports can be moved at once: leave :%s away, or make several of it", MOVED_MAX,
		              port_range_print(forward->to_port, buf));
	}
}

void cfg_forward(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	struct config *config = p->config;
	struct draft draft = { .forward.line = section->line };
	size_t before = p->diags->errors, doubts = config->paths;

	snprintf(draft.forward.name, sizeof(draft.forward.name), "%s", name);
	cfg_keys(p, section, forward_keys, CFG_COUNT(forward_keys), &draft);
	if (!ini_find(section, "protocol"))
		draft.forward.tcp = true;
	if (!cfg_forward_block(p, section, draft.has_path, &draft.forward) && !draft.has_path)
		choose_path(p, section, &draft.forward);
	if (p->diags->errors == before)
		check_moved(p, section, &draft.forward);
	if (p->diags->errors > before || !doubts) {
		cfg_forward_free(&draft.forward);
		return;
	}
	if ((config->forwards & (config->forwards - 1)) == 0)
		config->forward = xreallocarray(config->forward, config->forwards ? config->forwards * 2 : 1,
		                                sizeof(*config->forward));
	config->forward[config->forwards++] = draft.forward;
}
