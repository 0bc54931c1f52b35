/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See verbs_explain_in.h. */
#include "daemon/verbs_explain_in.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "daemon/verbs_answer.h"
#include "policy/block.h"
#include "policy/explain.h"
#include "policy/value.h"

static void tell_in_taken(const struct answer *a, const struct verbs_env *env, const struct forward_config *w,
                          uint16_t port)
{
	const struct config *config = router_config(env->router);
	const struct path *path = router_path(env->router, w->path);
	bool up = path_facts(path).usable;
	char addr[INET_ADDRSTRLEN] = "its address", prefix[PREFIX4_STRLEN];
	uint32_t own = w->at ? w->at : compile_path_address(path->config, &path->facts);

	if (own)
		ipv4_print(own, addr);
	answer_set(a, "path", json_string(path->config->name));
	answer_set(a, "state", json_string(up ? "up" : "down"));
	answer_set(a, "source", own ? json_string(addr) : json_null());
	answer_forward(a, config, w, port);
	answer_line(a, "path", "in and back by %s (%s: %s), from %s", path->config->name, path_view_name(path_view(path)),
	            path_reason(path), addr);
	for (size_t i = 0; i < w->froms; i++)
		answer_line(a, i ? "" : "from", "%s%s", i ? "or " : "only ", prefix4_print(w->from[i], prefix));
	answer_line(a, "if lost", "down until %s is back: the carrier's NAT lets nobody in", path->config->name);
}

/* What a stranger sends: to, 0: any address of ours; from, 0: anybody. */
struct inbound {
	uint8_t protocol;
	uint32_t to, from;
	uint16_t port;
};

/* The next address that is opened in a block, from *next on; 0: no more. */
static uint32_t next_at(const struct config *config, size_t *next)
{
	while (*next < config->forwards) {
		const struct forward_config *w = &config->forward[(*next)++];

		if (w->at)
			return w->at;
	}
	return 0;
}

/* At the address that was asked for, else at each that is ours, the paths' own first. */
static const struct forward_config *find_inbound(const struct verbs_env *env, const struct inbound *in)
{
	const struct config *config = router_config(env->router);
	const struct forward_config *w = NULL;
	size_t next = 0;
	uint32_t at;

	for (unsigned i = 0; i < config->paths && !w; i++)
		if (config->path[i].kind != PATH_DSLITE &&
		    (!in->to || in->to == compile_path_address(&config->path[i], &router_path(env->router, i)->facts)))
			w = explain_in(config, i, 0, in->protocol, in->port, in->from);
	while (!w && (at = next_at(config, &next)) != 0)
		if (!in->to || in->to == at)
			w = explain_in(config, (unsigned)block_path(config, at), at, in->protocol, in->port, in->from);
	return w;
}

static void tell_in_closed(const struct answer *a, const struct config *config, const struct inbound *in)
{
	bool is_block = in->to && block_path(config, in->to) >= 0;

	answer_set(a, "state", json_string("closed"));
	answer_line(a, "forward", "none takes this port%s%s", in->to ? " of that address" : "", in->from ? " from there" : "");
	if (config->router.firewall)
		answer_line(a, "then", "the firewall drops it");
	else if (is_block)
		answer_line(a, "then", "it reaches the machine that has the address, if there is one, as firewall = no");
	else
		answer_line(a, "then", "it reaches this router itself, as firewall = no");
}

static json_t *explain_inbound(const struct verbs_env *env, const struct inbound *in)
{
	const struct forward_config *w = find_inbound(env, in);
	struct answer a = answer_new();

	answer_set(&a, "forward", json_null());
	answer_set(&a, "path", json_null());
	if (w)
		tell_in_taken(&a, env, w, in->port);
	else
		tell_in_closed(&a, router_config(env->router), in);
	return answer_of(&a);
}

/* [ADDRESS:]PORT */
static bool parse_door(const char *text, struct inbound *in)
{
	const char *colon = strchr(text, ':');
	char addr[INET_ADDRSTRLEN];
	unsigned long port;

	if (colon && snprintf(addr, sizeof(addr), "%.*s", (int)(colon - text), text) >= (int)sizeof(addr))
		return false;
	if ((colon && !ipv4_parse(addr, &in->to)) || !uint_parse(colon ? colon + 1 : text, 1, UINT16_MAX, &port))
		return false;
	in->port = (uint16_t)port;
	return true;
}

json_t *explain_in_verb(const struct verbs_env *env, const struct ctl_request *req)
{
	size_t n = json_array_size(req->args);
	struct inbound in = { 0 };

	if (n < 3 || n > 4)
		return ctl_error(2, "usage: " EXPLAIN_IN_USAGE);
	if (!protocol_parse(ctl_word(req, 1), &in.protocol) || (in.protocol != IPPROTO_TCP && in.protocol != IPPROTO_UDP))
		return ctl_error(2, "explain in: '%s' cannot be forwarded: tcp or udp", ctl_word(req, 1));
	if (!parse_door(ctl_word(req, 2), &in))
		return ctl_error(2, "explain in: '%s' is no port: 1 to 65535, with ADDRESS: before it where it matters",
		                 ctl_word(req, 2));
	if (n == 4 && !ipv4_parse(ctl_word(req, 3), &in.from))
		return ctl_error(2, "explain in: '%s' is no IPv4 address of a caller", ctl_word(req, 3));
	return explain_inbound(env, &in);
}
