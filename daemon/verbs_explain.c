/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See verbs_explain.h. */
#include "daemon/verbs_explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "daemon/verbs_answer.h"
#include "daemon/conntrack.h"
#include "daemon/users.h"
#include "daemon/verbs.h"
#include "daemon/verbs_explain_in.h"
#include "policy/block.h"
#include "policy/domain.h"
#include "policy/explain.h"
#include "policy/mark.h"
#include "policy/value.h"

#define USAGE_OUT "explain PROTO SRC[:PORT] DST[:PORT], as in: explain tcp 192.168.1.10 1.1.1.1:443"

/* ---- the owner's words ---- */

/* The one address of a [host], or 0. */
static uint32_t host_address(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->hosts; i++)
		for (size_t k = 0; strcasecmp(config->host[i].name, name) == 0 && k < config->host[i].whats; k++)
			if (config->host[i].what[k].kind == MATCH_PREFIX)
				return config->host[i].what[k].prefix.addr;
	return 0;
}

/* ADDRESS[:PORT], NAME[:PORT] of a [host], or "router". */
static bool parse_end(const struct config *config, const char *text, uint32_t *addr, uint16_t *port, bool *router)
{
	char name[CONFIG_NAME_MAX + 24];
	unsigned long number = 0;
	char *colon;

	if (snprintf(name, sizeof(name), "%s", text) >= (int)sizeof(name))
		return false;
	colon = strchr(name, ':');
	if (colon && !uint_parse(colon + 1, 1, UINT16_MAX, &number))
		return false;
	if (colon)
		*colon = '\0';
	*port = (uint16_t)number;
	*addr = 0;
	if (strcasecmp(name, "router") == 0) {
		*router = true;
		return true;
	}
	if (!ipv4_parse(name, addr))
		*addr = host_address(config, name);
	return *addr != 0; /* 0.0.0.0 is nobody */
}

/* "router@USER[:PORT]", the user by name or number, to "router[:PORT]" and the user.  False: no such user. */
static bool cut_user(char *text, struct flow *flow)
{
	char user[CONFIG_USER_MAX], *at = strchr(text, '@');
	unsigned long number;
	size_t length;

	if (!at || strncmp(text, "router@", 7) != 0)
		return true;
	length = strcspn(at + 1, ":");
	if (length >= sizeof(user))
		return false;
	snprintf(user, sizeof(user), "%.*s", (int)length, at + 1);
	memmove(at, at + 1 + length, strlen(at + 1 + length) + 1);
	flow->has_uid = true;
	if (!uint_parse(user, 0, UINT32_MAX - 1, &number))
		return users_find(NULL, user, &flow->uid);
	flow->uid = (uint32_t)number;
	return true;
}

/* NULL: good; else the error. */
static json_t *parse_source(const struct config *config, const char *text, struct flow *flow)
{
	char *source = xstrdup(text);
	json_t *error = NULL;

	if (!cut_user(source, flow))
		error = ctl_error(2, "explain: '%s' names no user of this machine", text);
	else if (!parse_end(config, source, &flow->src, &flow->sport, &flow->from_router))
		error = ctl_error(2, "explain: '%s' is no source: an IPv4 address, the name of a [host] with an address, "
		                  "router, or router@USER, with :PORT behind it where it matters", text);
	free(source);
	return error;
}

/* NULL: good; else the error. */
static json_t *parse_flow(const struct config *config, const struct ctl_request *req, struct flow *flow)
{
	bool to_router = false;
	json_t *error;

	if (json_array_size(req->args) != 3)
		return ctl_error(2, "usage: " USAGE_OUT ", or " EXPLAIN_IN_USAGE);
	if (!protocol_parse(ctl_word(req, 0), &flow->protocol))
		return ctl_error(2, "explain: '%s' is no protocol: tcp, udp, icmp ..., or a number", ctl_word(req, 0));
	error = parse_source(config, ctl_word(req, 1), flow);
	if (error)
		return error;
	if (!parse_end(config, ctl_word(req, 2), &flow->dst, &flow->dport, &to_router))
		return ctl_error(2, "explain: '%s' is no destination: an IPv4 address, the name of a [host] with an address, or "
		                 "router, with :PORT behind it where it matters", ctl_word(req, 2));
	if (to_router)
		flow->dst = INADDR_LOOPBACK; /* it has others besides, which all lead to it */
	if ((flow->sport || flow->dport) && !protocol_has_ports(flow->protocol))
		return ctl_error(2, "explain: %s has no ports", ctl_word(req, 0));
	return NULL;
}

/* ---- what the kernel knows of it ---- */

static void complete_flow(const struct verbs_env *env, struct flow *flow)
{
	struct rtnl *rtnl = router_rtnl(env->router);
	const struct router_config *r = &router_config(env->router)->router;
	char device[IFNAMSIZ];

	if (!flow->from_router && rtnl_whither(rtnl, flow->src, device) == RTNL_LOCAL)
		flow->from_router = true;
	if (flow->from_router)
		return;
	flow->has_mac = rtnl_neighbour(rtnl, flow->src, &flow->mac, flow->iif);
	if (flow->has_mac)
		return;
	rtnl_whither(rtnl, flow->src, flow->iif);
	if (!*flow->iif && r->lans)
		snprintf(flow->iif, sizeof(flow->iif), "%s", r->lan[0]);
}

/* The path that a live connection of this kind is pinned to, or -1. */
static int pinned_path(const struct config *config, const struct flow *flow)
{
	uint32_t mask = config->router.mark_mask, mark;

	if (!flow->src || conntrack_mark(flow->protocol, flow->src, flow->sport, flow->dst, flow->dport, &mark) < 0)
		return -1;
	for (size_t i = 0; i < config->paths; i++)
		if ((mark & mark_path_mask(mask)) == mark_of_path(mask, config->path[i].slot))
			return (int)i;
	return -1;
}

/* All that is told of a connection, nothing of it yet: whoever reads it finds each member, whatever becomes of the connection. */
static struct answer answer_out(void)
{
	static const char *const members[] = { "rule", "kind", "line", "path", "if_lost", "source", "mtu", "mss", "on_return", "pinned" };
	struct answer a = answer_new();

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		answer_set(&a, members[i], json_null());
	answer_set(&a, "names", json_array());
	answer_set(&a, "near", json_array());
	return a;
}

/* ---- in words ---- */

static const char *list_text(const struct config *config, const struct path_list *order, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < order->count && at < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? ", " : "", config->path[order->path[i]].name);
	return buf;
}

/* Of a connection that no rule is asked about. */
static void tell_fixed(const struct answer *a, const struct config *config, const struct explanation *e,
                       const struct flow *flow)
{
	const char *kind = e->why == EXPLAIN_BOUND ? "bound" : e->why == EXPLAIN_DNS ? "dns" : "block";

	answer_set(a, "rule", json_string(kind));
	answer_set(a, "kind", json_string(kind));
	if (e->why == EXPLAIN_BOUND)
		answer_line(a, "rule", "none: its source is a path's own address, which binds it to that path");
	else if (e->why == EXPLAIN_DNS)
		answer_line(a, "rule", "none: a question to a name server that the provider named goes over its session");
	else
		answer_line(a, "rule", "none: its source is one of the block of %s, and goes over that path alone",
		            config->path[block_path(config, flow->src)].name);
}

static void tell_rule(const struct answer *a, const struct config *config, const struct explanation *e,
                      const struct flow *flow)
{
	char list[CONFIG_PATHS_MAX * (CONFIG_NAME_MAX + 2)];

	if (e->why == EXPLAIN_RULE) {
		const char *kind = e->rule->kind == RULE_HOST ? "host" : "rule";

		answer_set(a, "rule", json_string(e->rule->name));
		answer_set(a, "kind", json_string(kind));
		answer_set(a, "line", json_integer(e->rule->line));
		answer_line(a, "rule", "[%s %s], line %d of %s: path = %s", kind, e->rule->name, e->rule->line, config->file,
		            list_text(config, e->order, list, sizeof(list)));
	} else if (e->why == EXPLAIN_DEFAULT) {
		answer_set(a, "rule", json_string("default"));
		answer_set(a, "kind", json_string("default"));
		answer_line(a, "rule", "none fits: [router] default = %s", list_text(config, e->order, list, sizeof(list)));
	} else {
		tell_fixed(a, config, e, flow);
	}
}

static void tell_path(const struct answer *a, const struct verbs_env *env, const struct explanation *e)
{
	const struct config *config = router_config(env->router);
	char source[INET_ADDRSTRLEN], time[24];
	const struct path *path;

	answer_set(a, "path", answer_path(config, e->path));
	answer_set(a, "if_lost", answer_path(config, e->if_lost));
	if (e->path < 0) {
		answer_line(a, "path", "none is up: the sender is told \"unreachable\"; nothing is sent elsewhere");
		return;
	}
	path = router_path(env->router, (size_t)e->path);
	answer_line(a, "path", "%s, by %s (%s: %s)", path->config->name, path->config->device, path_view_name(path_view(path)),
	            path_reason(path));
	if (e->source)
		answer_set(a, "source", json_string(ipv4_print(e->source, source)));
	answer_set(a, "mtu", json_integer(e->mtu));
	answer_set(a, "mss", json_integer(e->mss));
	if (e->dropped)
		answer_line(a, "source", "not carried: %s takes private addresses of the home alone, anything else is dropped",
		            path->config->name);
	if (e->source)
		answer_line(a, "source", "%s%s", ipv4_print(e->source, source),
		            path->config->kind == PATH_DSLITE ? ", and the carrier's own address behind its NAT" : "");
	answer_line(a, "MTU", "%u, TCP MSS %u", e->mtu, e->mss);
	if (e->if_lost >= 0)
		answer_line(a, "if lost", "%s%s", config->path[e->if_lost].name,
		            config->router.reset_after_ms ? "; running TCP is reset at its next packet" : "");
	else
		answer_line(a, "if lost", "nowhere: unreachable until %s is back%s%s%s", path->config->name,
		            e->order && e->order->count > 1 ? " (the others of its list are down)" : "",
		            config->router.reset_after_ms ? "; running TCP is reset after " : "",
		            config->router.reset_after_ms ? duration_print(config->router.reset_after_ms, time, sizeof(time)) : "");
}

/* What becomes of it when a path that its list prefers returns; nothing to tell where there is no other. */
static void tell_return(const struct answer *a, const struct explanation *e)
{
	char text[32] = "cut", time[24];

	if (!e->order || e->order->count < 2)
		return;
	if (e->order->on_return != ON_RETURN_DRAIN)
		snprintf(text, sizeof(text), "keep");
	else if (e->order->drain_s)
		snprintf(text, sizeof(text), "drain %s", duration_print(e->order->drain_s * 1000, time, sizeof(time)));
	answer_set(a, "on_return", json_string(text));
	if (strcmp(text, "keep") == 0)
		answer_line(a, "returns", "once it fell back it stays there until it ends (on-return = keep)");
	else
		answer_line(a, "returns", "once it fell back it is ended %s%s the path that it prefers is back (on-return = %s)",
		            e->order->drain_s ? time : "as soon as", e->order->drain_s ? " after" : "", text);
}

/* A path that was passed over for its carrier's ports. */
static void tell_spill(const struct answer *a, const struct config *config, const struct facts *facts,
                       const struct explanation *e)
{
	if (!e->order || !e->order->spill)
		return;
	for (unsigned i = 0; i < e->order->count && e->order->path[i] != e->path; i++)
		if (facts->path[e->order->path[i]].usable && facts->path[e->order->path[i]].full)
			answer_line(a, "spill", "%s has few of the carrier's ports left, so that new ones go elsewhere (spill = yes)",
			            config->path[e->order->path[i]].name);
}

static void tell_pinned(const struct answer *a, const struct config *config, const struct flow *flow,
                        const struct explanation *e)
{
	int pinned = pinned_path(config, flow);

	answer_set(a, "pinned", answer_path(config, pinned));
	if (pinned >= 0)
		answer_line(a, "pinned", "a live connection like this is on %s%s", config->path[pinned].name,
		            pinned == e->path ? "" : ", and stays there; the above is for new ones");
}

static void tell_near(const struct answer *a, const struct explanation *e)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < e->nears; i++) {
		json_array_append_new(list, json_pack("{s:s, s:i, s:s}", "rule", e->near[i]->name, "line", e->near[i]->line,
		                                      "misses", miss_name(e->near_miss[i])));
		answer_line(a, "close", "[rule %s], line %d: all but %s fits", e->near[i]->name, e->near[i]->line,
		            miss_name(e->near_miss[i]));
	}
	answer_set(a, "near", list);
}

/* ---- to a machine that no path leads to ---- */

static bool is_lan(const struct router_config *router, const char *device)
{
	for (size_t i = 0; i < router->lans; i++)
		if (strcmp(router->lan[i], device) == 0)
			return true;
	return false;
}

/* On one wire the answer would go past the router: see add_hairpin() of compile_source.c.  From another wire nothing is changed. */
static void tell_hairpin(const struct answer *a, const struct verbs_env *env, const struct flow *flow, uint32_t to)
{
	char device[IFNAMSIZ];
	bool one_wire = !flow->from_router && is_lan(&router_config(env->router)->router, flow->iif) &&
	                rtnl_whither(router_rtnl(env->router), to, device) == RTNL_ROUTED && strcmp(device, flow->iif) == 0;

	answer_line(a, "path", "none: it is turned back at home (hairpin), and the caller appears with its %s",
	            one_wire ? "address outside" : "own address");
}

static json_t *explain_static(const struct verbs_env *env, const struct flow *flow, const struct explanation *e)
{
	const struct config *config = router_config(env->router);
	struct answer a = answer_out();
	char to[INET_ADDRSTRLEN];

	if (e->forward) {
		answer_forward(&a, config, e->forward, flow->dport);
		tell_hairpin(&a, env, flow, e->forward->to);
	} else if (e->host) {
		ipv4_print(host_only_address(e->host), to);
		answer_set(&a, "forward", json_null());
		answer_set(&a, "host", json_string(e->host->name));
		answer_set(&a, "to", json_string(to));
		answer_line(&a, "to", "[host %s], line %d of %s, at %s: it is its public address", e->host->name, e->host->line,
		            config->file, to);
		tell_hairpin(&a, env, flow, host_only_address(e->host));
	} else {
		answer_set(&a, "forward", json_null());
		answer_line(&a, "to", "this router: the static address is its own, and no [forward] takes this port");
	}
	return answer_of(&a);
}

static json_t *explain_unheld(const struct config *config, int path)
{
	struct answer a = answer_out();

	answer_set(&a, "rule", json_string("block"));
	answer_line(&a, "path", "none: the address is one of the block of %s, and no machine of the home has it", config->path[path].name);
	return answer_of(&a);
}

static json_t *explain_home(enum rtnl_whither whither, const char *device)
{
	struct answer a = answer_out();

	answer_set(&a, "rule", json_string("home"));
	if (whither == RTNL_LOCAL)
		answer_line(&a, "path", "none: the destination is this router itself");
	else
		answer_line(&a, "path", "none: the machine's own routes lead there, by %s", device);
	return answer_of(&a);
}

/* As in the chain "classify": what is sent to many is not sent on. */
static bool is_for_the_wire(uint32_t addr)
{
	return addr >> 28 == 0xe || addr == UINT32_MAX;
}

static json_t *explain_wire(void)
{
	struct answer a = answer_out();

	answer_set(&a, "rule", json_string("home"));
	answer_line(&a, "path", "none: what is sent to many at once stays on the wire that it is sent on");
	return answer_of(&a);
}

/* Do routes that are not ours lead there?  Then no path is asked. */
static bool is_home(const struct config *config, enum rtnl_whither whither, const char *device)
{
	if (whither == RTNL_NOWHERE)
		return false;
	for (size_t i = 0; i < config->paths; i++)
		if (strcmp(config->path[i].device, device) == 0)
			return false;
	return true;
}

/* Is the destination in the set of each name?  Allocated. */
static bool *ask_sets(const struct verbs_env *env, const struct flow *flow)
{
	const struct config *config = router_config(env->router);
	bool *in = xcalloc(config->domains + 1, sizeof(*in));
	char set[DOMAIN_SET_STRLEN];

	for (size_t i = 0; i < config->domains; i++)
		in[i] = nft_set_has(router_nft(env->router), domain_set_name(config->domain[i], set), flow->dst);
	return in;
}

static void tell_names(const struct answer *a, const struct config *config, const struct flow *flow)
{
	json_t *list = json_array();

	for (size_t i = 0; i < config->domains; i++)
		if (flow->in_domain[i]) {
			json_array_append_new(list, json_sprintf("*.%s", config->domain[i]));
			answer_line(a, "name", "dnsmasq answered this address for *.%s", config->domain[i]);
		}
	answer_set(a, "names", list);
}

static json_t *explain_from(struct verbs_env *env, struct flow *flow)
{
	const struct config *config = router_config(env->router);
	struct answer a;
	struct explanation e;
	struct facts facts;
	char device[IFNAMSIZ];
	enum rtnl_whither whither = rtnl_whither(router_rtnl(env->router), flow->dst, device);

	complete_flow(env, flow);
	router_facts(env->router, &facts);
	explain_out(config, &facts, flow, &e);
	if (e.why == EXPLAIN_STATIC)
		return explain_static(env, flow, &e);
	if (is_for_the_wire(flow->dst))
		return explain_wire();
	if (is_home(config, whither, device))
		return explain_home(whither, device);
	if (block_path(config, flow->dst) >= 0)
		return explain_unheld(config, block_path(config, flow->dst));
	a = answer_out();
	tell_rule(&a, config, &e, flow);
	tell_names(&a, config, flow);
	tell_path(&a, env, &e);
	tell_spill(&a, config, &facts, &e);
	tell_return(&a, &e);
	tell_pinned(&a, config, flow, &e);
	tell_near(&a, &e);
	return answer_of(&a);
}

json_t *verb_explain(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	struct flow flow = { 0 };
	bool *in_domain;
	json_t *answer;

	if (ctl_word(req, 0) && strcmp(ctl_word(req, 0), "in") == 0)
		return explain_in_verb(env, req);
	answer = parse_flow(router_config(env->router), req, &flow);
	if (answer)
		return answer;
	flow.in_domain = in_domain = ask_sets(env, &flow);
	answer = explain_from(env, &flow);
	free(in_domain);
	return answer;
}
