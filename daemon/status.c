/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See status.h. */
#include "daemon/status.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/dslite.h"
#include "daemon/home.h"
#include "daemon/ipip.h"
#include "daemon/offload.h"
#include "daemon/pppoe.h"
#include "daemon/status_inbound.h"
#include "daemon/verbs_answer.h"
#include "policy/domain.h"
#include "policy/rule_state.h"

static uint64_t started_us;

__attribute__((constructor)) static void note_start(void)
{
	started_us = clock_monotonic_us();
}

static json_t *ipv4_json(uint32_t addr)
{
	char buf[INET_ADDRSTRLEN];

	return addr ? json_string(ipv4_print(addr, buf)) : json_null();
}

static json_t *order_json(const struct config *config, const struct path_list *order)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < order->count; i++)
		json_array_append_new(list, json_string(config->path[order->path[i]].name));
	return list;
}

static json_t *active_json(const struct config *config, const struct path_list *order, const struct facts *facts)
{
	int active = path_list_active(order, facts);

	return active < 0 ? json_null() : json_string(config->path[active].name);
}

/* ---- paths ---- */

static json_t *probe_json(const struct path *path)
{
	double rtt = health_rtt_ms(&path->health);

	return json_pack("{s:I, s:I, s:f, s:o}", "sent", (json_int_t)path->health.sent, "lost",
	                 (json_int_t)path->health.lost, "loss_percent", health_loss_percent(&path->health), "rtt_ms",
	                 rtt < 0 ? json_null() : json_real(rtt));
}

/* Where nobody gave a number nothing is counted. */
static void add_budget(json_t *object, const struct budget *budget)
{
	const struct budget_use *use = &budget->use;

	json_object_set_new(object, "ports", budget->ports ? json_integer(budget->ports) : json_null());
	json_object_set_new(object, "connections", !budget->ports ? json_null()
	                    : json_pack("{s:i, s:i, s:i}", "tcp", (int)use->tcp, "udp", (int)use->udp, "icmp", (int)use->icmp));
}

static void add_tunnel(json_t *object, const struct path *path)
{
	char buf[INET6_ADDRSTRLEN];
	bool has = path->facts.has_ends;
	unsigned measured = mtu_watch_measured(path->mtu);

	json_object_set_new(object, "local",
	                    has ? json_string(inet_ntop(AF_INET6, &path->facts.local, buf, sizeof(buf))) : json_null());
	json_object_set_new(object, "remote",
	                    has ? json_string(inet_ntop(AF_INET6, &path->facts.remote, buf, sizeof(buf))) : json_null());
	json_object_set_new(object, "line_mtu", path->facts.line_mtu ? json_integer(path->facts.line_mtu) : json_null());
	json_object_set_new(object, "line_carries", measured ? json_integer(measured) : json_null());
}

static void add_dslite(json_t *object, const struct path *path)
{
	add_tunnel(object, path);
	json_object_set_new(object, "aftr", json_string(dslite_aftr_name(path->dslite)));
	json_object_set_new(object, "aftr_source", json_string(dslite_aftr_source(path->dslite)));
	add_budget(object, &path->budget);
}

/* null: the provider need not be told of our end. */
static json_t *registration_json(const struct path *path)
{
	struct registration_info info;
	char at[CLOCK_STRLEN];

	if (!ipip_registration(path->ipip, &info))
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:s}", "state", registration_state_name(info.state), "at",
	                 info.at_ms ? json_string(clock_print_utc(info.at_ms, false, at)) : json_null(), "good_ago_s",
	                 info.good_ago_ms < 0 ? json_null() : json_integer(info.good_ago_ms / 1000), "reason", info.reason);
}

static void add_ipip(json_t *object, const struct path *path)
{
	const char *remote = path->config->ipip.remote;
	struct ipip_sources sources;
	struct in6_addr v6;

	ipip_sources(path->ipip, &sources);
	add_tunnel(object, path);
	json_object_set_new(object, "aftr", json_string(!remote || ipv6_parse(remote, &v6) ? "" : remote));
	json_object_set_new(object, "aftr_source", json_string(sources.remote));
	json_object_set_new(object, "local_source", json_string(sources.local));
	json_object_set_new(object, "address_source", json_string(sources.address));
	json_object_set_new(object, "registration", registration_json(path));
}

static void add_session(json_t *object, const struct path *path)
{
	struct pppoe_info info;
	char buf[PREFIX4_STRLEN];

	pppoe_info(path->pppoe, &info);
	json_object_set_new(object, "local", ipv4_json(path->facts.address));
	json_object_set_new(object, "remote", ipv4_json(info.peer));
	json_object_set_new(object, "aftr", json_null()); /* each path has it, whatever its kind */
	json_object_set_new(object, "session", json_integer(info.session));
	json_object_set_new(object, "access_concentrator", json_string(info.ac_mac));
	json_object_set_new(object, "access_concentrator_name", json_string(info.ac_name));
	json_object_set_new(object, "promised",
	                    ipv4_json(path->config->pppoe.has_address ? path->config->pppoe.address : 0));
	json_object_set_new(object, "block",
	                    path->config->pppoe.has_block ? json_string(prefix4_print(path->config->pppoe.block, buf))
	                                                  : json_null());
}

static json_t *path_json(const struct router *router, const struct path *path)
{
	static const char *const kind[] = { "dslite", "pppoe", "ipip" };
	struct link_info link = { 0 };
	char since[CLOCK_STRLEN];
	json_t *o;

	rtnl_link(router_rtnl(router), path->config->device, &link);
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:o, s:i, s:o, s:I, s:I, s:i}", "name", path->config->name,
	              "kind", kind[path->config->kind], "state", path_view_name(path_view(path)), "reason",
	              path_reason(path), "since", clock_print_utc(clock_utc_of_boot_ms(path->since_ms), false, since), "forced",
	              path->forced, "interface", path->config->device, "address",
	              ipv4_json(path->pppoe ? path->facts.address : compile_path_address(path->config, &path->facts)),
	              "mtu", (int)link.mtu, "probe", probe_json(path), "rx_bytes", (json_int_t)link.rx_bytes,
	              "tx_bytes", (json_int_t)link.tx_bytes, "transitions", (int)path->transitions);
	if (path->dslite)
		add_dslite(o, path);
	else if (path->ipip)
		add_ipip(o, path);
	else
		add_session(o, path);
	json_object_set_new(o, "line", json_string(path->config->interface));
	return o;
}

/* ---- forwards and rules ---- */

static void take_counter(void *arg, const char *name, uint64_t packets, uint64_t bytes)
{
	json_object_set_new(arg, name, json_pack("{s:I, s:I}", "packets", (json_int_t)packets, "bytes",
	                                         (json_int_t)bytes));
}

/* False: the kernel has none of that name. */
static bool add_counter(json_t *object, const json_t *counters, const char *prefix, const char *name)
{
	char full[64];
	const json_t *c;

	snprintf(full, sizeof(full), "%s_%s", prefix, name);
	c = json_object_get(counters, full);
	json_object_set_new(object, "packets", json_integer(json_integer_value(json_object_get(c, "packets"))));
	json_object_set_new(object, "bytes", json_integer(json_integer_value(json_object_get(c, "bytes"))));
	return c;
}

static json_t *target_json(const struct forward_config *w)
{
	char addr[INET_ADDRSTRLEN], port[PORT_RANGE_STRLEN];
	const char *to = w->to_router ? "router" : ipv4_print(w->to, addr);

	return w->to_port.lo ? json_sprintf("%s:%s", to, port_range_print(w->to_port, port)) : json_string(to);
}

/* What the answers about forwards and rules are made from. */
struct view {
	const struct router *router;
	const struct config *config;
	struct facts facts;
	struct home home;
	json_t *counters;
};

/* A forward lives and dies with its path: it never moves to one that cannot take inbound. */
static json_t *forward_json(const struct view *view, const struct forward_config *w)
{
	const struct path *path = router_path(view->router, w->path);
	json_t *o = json_pack("{s:s, s:s, s:o}", "name", w->name, "path", path->config->name, "to", target_json(w));
	bool in_kernel = add_counter(o, view->counters, "fwd", w->name), up = path_facts(path).usable;
	char reason[RULE_REASON_SIZE];

	if (up) {
		up = forward_state_of(view->config, w, &view->home, in_kernel, reason);
		json_object_set_new(o, "reason", json_string(reason));
	} else {
		json_object_set_new(o, "reason", json_sprintf("%s is %s: %s", path->config->name,
		                                              path_view_name(path_view(path)), path_reason(path)));
	}
	json_object_set_new(o, "state", json_string(up ? "up" : "down"));
	json_object_set_new(o, "address", ipv4_json(w->at ? w->at : compile_path_address(path->config, &path->facts)));
	json_object_set_new(o, "inbound", status_inbound_json(view->router, w->name));
	return o;
}

/* Where dnsmasq is to put what it answers for the names of a rule. */
static json_t *sets_json(const struct config *config, const struct rule_config *r)
{
	json_t *list = json_array();
	char set[DOMAIN_SET_STRLEN];

	for (size_t i = 0; i < r->domains; i++) {
		const char *domain = config->domain[r->domain[i]];

		json_array_append_new(list, json_pack("{s:o, s:s}", "domain", json_sprintf("*.%s", domain), "set",
		                                      domain_set_name(domain, set)));
	}
	return list;
}

static json_t *rule_json(const struct view *view, const struct rule_config *r)
{
	json_t *o = json_pack("{s:s, s:s, s:i, s:o, s:o, s:b}", "name", r->name, "kind",
	                      r->kind == RULE_HOST ? "host" : "rule", "line", r->line, "order",
	                      order_json(view->config, &r->path), "active", active_json(view->config, &r->path, &view->facts),
	                      "in_time", rule_in_time(r, view->facts.weekday, view->facts.minute));
	bool in_kernel = add_counter(o, view->counters, "rule", r->name);
	char reason[RULE_REASON_SIZE];
	enum rule_state state = rule_state_of(view->config, r, &view->facts, &view->home, in_kernel, reason);

	json_object_set_new(o, "state", json_string(rule_state_name(state)));
	json_object_set_new(o, "reason", json_string(reason));
	if (r->domains)
		json_object_set_new(o, "sets", sets_json(view->config, r));
	return o;
}

/* Nothing where it is not asked for. */
static json_t *offload_json(const struct router *router)
{
	const char *why_not = offload_why_not(router_offload(router));

	if (!router_config(router)->router.offload)
		return NULL;
	return json_pack("{s:b, s:s}", "active", !why_not, "reason", why_not ? why_not : "");
}

json_t *status_json(const struct router *router, bool *bad)
{
	int64_t trial_left = router_trial_left_ms(router);
	const struct config *config = router_config(router);
	json_t *paths = json_array(), *forwards = json_array(), *rules = json_array();
	struct view view = { .router = router, .config = config, .counters = json_object() };

	*bad = false;
	router_facts(router, &view.facts);
	home_read(router_rtnl(router), &view.home);
	nft_counters(router_nft(router), take_counter, view.counters);
	for (size_t i = 0; i < router_paths(router); i++) {
		json_array_append_new(paths, path_json(router, router_path(router, i)));
		*bad |= path_view(router_path(router, i)) == PATH_VIEW_DOWN;
	}
	for (size_t i = 0; i < config->forwards; i++)
		json_array_append_new(forwards, forward_json(&view, &config->forward[i]));
	for (size_t i = 0; i < config->rules; i++)
		json_array_append_new(rules, rule_json(&view, &config->rule[i]));
	json_decref(view.counters);
	home_free(&view.home);
	return json_pack("{s:s, s:I, s:o, s:o*, s:{s:o, s:o}, s:o*, s:o*, s:o, s:o, s:o}", "version", PACKAGE_VERSION, "uptime_s",
	                 (json_int_t)((clock_monotonic_us() - started_us) / 1000000), "config", answer_text(config->file), "trouble",
	                 router_trouble(router) ? json_string(router_trouble(router)) : NULL, "default", "order",
	                 order_json(config, &config->router.order), "active",
	                 active_json(config, &config->router.order, &view.facts), "confirm_in_s",
	                 trial_left ? json_integer(trial_left / 1000 + 1) : NULL, "offload", offload_json(router),
	                 "paths", paths, "forwards", forwards, "rules", rules);
}
