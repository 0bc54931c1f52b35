/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [host] and [rule]: what a connection is told by, and the paths it may take.
 * Called by config_parse.c: hosts first, as rules and forwards refer to them by name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"
#include "policy/value.h"

#define HOST_ADDRESSES_MAX 32

/* ---- machines: what "from" and a host's "address" are made of ---- */

static bool same_match(const struct match_from *a, const struct match_from *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == MATCH_MAC)
		return memcmp(&a->mac, &b->mac, sizeof(a->mac)) == 0;
	return a->kind == MATCH_ROUTER || (a->prefix.addr == b->prefix.addr && a->prefix.len == b->prefix.len);
}

static void add_match(struct cfg_parser *p, const struct cfg_token *token, const struct match_from *match,
                      struct match_from **list, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (same_match(&(*list)[i], match)) {
			cfg_fail(p, token, "\"%s\" is in the list already%s%s", token->text,
			         *(*list)[i].name ? ", by " : "", (*list)[i].name);
			return;
		}
	*list = xreallocarray(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = *match;
}

/* The group bit stands for many machines; all zeros for none. */
static bool is_machine_mac(const struct mac *mac)
{
	static const struct mac none;

	return !(mac->byte[0] & 1) && memcmp(mac, &none, sizeof(none)) != 0;
}

static bool parse_mac(struct cfg_parser *p, const struct cfg_token *token, struct match_from *out)
{
	struct match_from match = { .kind = MATCH_MAC };

	if (!mac_parse(token->text, &match.mac)) {
		cfg_fail(p, token, "\"%s\" is not a MAC address, as in 02:00:00:00:00:0a", token->text);
		return false;
	}
	if (!is_machine_mac(&match.mac)) {
		cfg_fail(p, token, "\"%s\" cannot be the address of one machine", token->text);
		return false;
	}
	*out = match;
	return true;
}

static bool looks_like_mac(const char *text)
{
	struct in6_addr v6;

	return strchr(text, ':') && !ipv6_parse(text, &v6) && !strpbrk(text, "./");
}

/* ---- [host] ---- */

static void add_machine(struct cfg_parser *p, const struct cfg_token *token, const struct match_from *match,
                        struct host_config *host)
{
	if (host->whats == HOST_ADDRESSES_MAX)
		cfg_fail(p, token, "one address too many: a host can have %d", HOST_ADDRESSES_MAX);
	else
		add_match(p, token, match, &host->what, &host->whats);
}

static void add_address(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct host_config *host = arg;
	struct match_from match = { .kind = MATCH_PREFIX };
	struct mac mac;
	bool good;

	if (mac_parse(token->text, &mac) || looks_like_mac(token->text))
		good = parse_mac(p, token, &match);
	else
		good = cfg_machine_prefix(p, token, &match.prefix);
	if (good)
		add_machine(p, token, &match, host);
}

static void add_mac(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct host_config *host = arg;
	struct match_from match;

	if (parse_mac(p, token, &match))
		add_machine(p, token, &match, host);
}

static void key_address(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_list(p, item, NULL, add_address, target);
}

static void key_mac(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_list(p, item, NULL, add_mac, target);
}

static void key_host_path(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct host_config *host = target;

	host->has_path = true;
	cfg_path_list(p, item, &host->path);
}

static void key_host_on_return(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_on_return(p, item, &((struct host_config *)target)->path);
}

static void key_host_spill(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_spill(p, item, &((struct host_config *)target)->path);
}

static const struct cfg_key host_keys[] = {
	{ "address", key_address, NULL },
	{ "mac", key_mac, NULL },
	{ "path", key_host_path, NULL },
	{ "on-return", key_host_on_return, NULL },
	{ "spill", key_host_spill, NULL },
	{ "public", cfg_public, NULL },
};

/* Words that mean something else where a host's name may stand. */
static bool is_reserved(const char *name)
{
	static const char *const words[] = { "router", "any", "auto", "none", "all" };
	struct mac mac;
	uint32_t addr;

	for (size_t i = 0; i < CFG_COUNT(words); i++)
		if (strcmp(name, words[i]) == 0)
			return true;
	return ipv4_parse(name, &addr) || mac_parse(name, &mac);
}

void cfg_host(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	struct config *config = p->config;
	struct host_config host = { .line = section->line };
	size_t before = p->diags->errors;

	snprintf(host.name, sizeof(host.name), "%s", name);
	if (is_reserved(name))
		cfg_fail_section(p, section, "\"%s\" cannot be the name of a host: it means something else already", name);
	cfg_keys(p, section, host_keys, CFG_COUNT(host_keys), &host);
	if (p->diags->errors == before && !host.whats)
		cfg_fail_section(p, section, "[%s] needs address = its IPv4 address, or mac = its Ethernet address",
		                 section->name);
	if (p->diags->errors == before)
		cfg_settle_spill(p, section, &host.path);
	if (p->diags->errors == before && host.public)
		cfg_host_public(p, section, &host);
	if (p->diags->errors > before) {
		cfg_doubt(p, name);
		free(host.what);
		return;
	}
	for (size_t i = 0; i < host.whats; i++)
		memcpy(host.what[i].name, host.name, sizeof(host.name));
	if ((config->hosts & (config->hosts - 1)) == 0)
		config->host =
		        xreallocarray(config->host, config->hosts ? config->hosts * 2 : 1, sizeof(*config->host));
	config->host[config->hosts++] = host;
	config->publics += host.public != 0;
}

static void add_rule(struct config *config, const struct rule_config *rule)
{
	if ((config->rules & (config->rules - 1)) == 0)
		config->rule =
		        xreallocarray(config->rule, config->rules ? config->rules * 2 : 1, sizeof(*config->rule));
	config->rule[config->rules++] = *rule;
}

void cfg_host_rule(struct cfg_parser *p, const char *name)
{
	const struct host_config *host = cfg_find_host(p, name);
	struct rule_config rule = { .kind = RULE_HOST, .has_path = true };

	if (!host || !host->has_path)
		return;
	rule.line = host->line;
	rule.path = host->path;
	rule.froms = host->whats;
	rule.from = xreallocarray(NULL, host->whats, sizeof(*rule.from));
	memcpy(rule.from, host->what, host->whats * sizeof(*rule.from));
	memcpy(rule.name, host->name, sizeof(rule.name));
	add_rule(p->config, &rule);
}

/* ---- [rule] ---- */

static void add_host(struct cfg_parser *p, const struct cfg_token *token, struct rule_config *rule)
{
	const struct host_config *host = cfg_find_host(p, token->text);
	bool is_named = cfg_is_name(token->text) && token->text[strspn(token->text, "0123456789.-")];

	if (host)
		for (size_t i = 0; i < host->whats; i++)
			add_match(p, token, &host->what[i], &rule->from, &rule->froms);
	else if (is_named || cfg_is_doubtful(p, token->text))
		cfg_unknown_host(p, token, token->text,
		                 "an address, a prefix, a MAC, router, or the NAME of a section [host NAME]");
	else
		cfg_not_ipv4(p, token, "an IPv4 address, a prefix, a MAC, router, or the NAME of a [host]");
}

static void add_from(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct rule_config *rule = arg;
	struct match_from match = { .kind = MATCH_ROUTER };

	if (prefix4_parse(token->text, &match.prefix))
		match.kind = MATCH_PREFIX;
	else if (mac_parse(token->text, &match.mac) || looks_like_mac(token->text)) {
		if (!parse_mac(p, token, &match))
			return;
	} else if (strcasecmp(token->text, "router") != 0) {
		add_host(p, token, rule);
		return;
	}
	add_match(p, token, &match, &rule->from, &rule->froms);
}

static void key_from(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct rule_config *rule = target;

	if (!cfg_is_word(item, "any"))
		cfg_list(p, item, &rule->not_from, add_from, rule);
}

static void key_to(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_destinations(p, item, target);
}

static void add_number(struct cfg_parser *p, const struct cfg_token *token, uint8_t number, uint8_t **list, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if ((*list)[i] == number) {
			cfg_fail(p, token, "\"%s\" is in the list already", token->text);
			return;
		}
	*list = xreallocarray(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = number;
}

static void add_protocol(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct rule_config *rule = arg;
	char hint[CFG_HINT_SIZE];
	const char *const *words;
	uint8_t number;
	size_t n;

	if (protocol_parse(token->text, &number)) {
		add_number(p, token, number, &rule->protocol, &rule->protocols);
		return;
	}
	words = protocol_words(&n);
	cfg_fail(p, token, "\"%s\" is no protocol (tcp, udp, icmp, gre, esp ..., or 0 to 255)%s", token->text,
	         cfg_hint(token->text, words, n, hint, sizeof(hint)));
}

static void key_protocol(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct rule_config *rule = target;

	if (!cfg_is_word(item, "any"))
		cfg_list(p, item, &rule->not_protocol, add_protocol, rule);
}

static void key_port(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct rule_config *rule = target;

	cfg_ports(p, item, &rule->not_port, &rule->port, &rule->ports);
}

static void key_source_port(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct rule_config *rule = target;

	cfg_ports(p, item, &rule->not_source_port, &rule->source_port, &rule->source_ports);
}

static void add_dscp(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct rule_config *rule = arg;
	char hint[CFG_HINT_SIZE];
	const char *const *words;
	uint8_t number;
	size_t n;

	if (dscp_parse(token->text, &number)) {
		add_number(p, token, number, &rule->dscp, &rule->dscps);
		return;
	}
	words = dscp_words(&n);
	cfg_fail(p, token, "\"%s\" is no DSCP (ef, af11 to af43, cs0 to cs7, va, le, or 0 to 63)%s", token->text,
	         cfg_hint(token->text, words, n, hint, sizeof(hint)));
}

static void key_dscp(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct rule_config *rule = target;

	if (!cfg_is_word(item, "any"))
		cfg_list(p, item, &rule->not_dscp, add_dscp, rule);
}

/*
 * "mon, wed 18:00-20:00" reads like two evenings but would be all of Monday: refused.
 */
static void add_time(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct rule_config *rule = arg;
	const struct rule_time *last = rule->times ? &rule->time[rule->times - 1] : NULL;
	struct rule_time time;
	const char *why;

	if (!rule_time_parse(token->text, &time, &why)) {
		cfg_fail(p, token, "\"%s\" is not good: %s", token->text, why);
		return;
	}
	for (size_t i = 0; i < rule->times; i++)
		if (rule->time[i].days == time.days && rule->time[i].from == time.from && rule->time[i].to == time.to) {
			cfg_fail(p, token, "\"%s\" is in the list already", token->text);
			return;
		}
	if (last && last->from == 0 && last->to == 1440 && time.days != WEEK_ALL && (time.from || time.to != 1440)) {
		cfg_fail(p, token,
		         "the days before \"%s\" have no hours of their own, which would be the whole day: "
		         "give each its hours, or put the whole days last",
		         token->text);
		return;
	}
	rule->time = xreallocarray(rule->time, rule->times + 1, sizeof(*rule->time));
	rule->time[rule->times++] = time;
}

static void key_time(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct rule_config *rule = target;

	if (!cfg_is_word(item, "any"))
		cfg_list(p, item, &rule->not_time, add_time, rule);
}

static void key_user(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_users(p, item, target);
}

static void key_interface(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct rule_config *rule = target;

	if (!cfg_is_word(item, "any"))
		cfg_interfaces(p, item, &rule->not_interface, &rule->interface, &rule->interfaces);
}

static void key_path(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct rule_config *rule = target;

	rule->has_path = true;
	cfg_path_list(p, item, &rule->path);
}

static void key_on_return(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_on_return(p, item, &((struct rule_config *)target)->path);
}

static void key_spill(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_spill(p, item, &((struct rule_config *)target)->path);
}

static const struct cfg_key rule_keys[] = {
	{ "from", key_from, NULL },
	{ "to", key_to, NULL },
	{ "protocol", key_protocol, NULL },
	{ "port", key_port, NULL },
	{ "source-port", key_source_port, NULL },
	{ "dscp", key_dscp, NULL },
	{ "time", key_time, NULL },
	{ "interface", key_interface, NULL },
	{ "user", key_user, NULL },
	{ "path", key_path, "the paths that it may take, in order of preference" },
	{ "on-return", key_on_return, NULL },
	{ "spill", key_spill, NULL },
};

/* Ports mean tcp and udp where nothing else is said, and nothing to what has none. */
static void settle_ports(struct cfg_parser *p, const struct ini_section *section, struct rule_config *rule)
{
	static const uint8_t usual[] = { 6, 17 };
	const struct ini_item *item = ini_find(section, rule->ports ? "port" : "source-port");
	char buf[PROTOCOL_STRLEN];

	if (!item || (!rule->ports && !rule->source_ports))
		return;
	if (!rule->protocols) {
		rule->protocol = xmalloc(sizeof(usual));
		memcpy(rule->protocol, usual, sizeof(usual));
		rule->protocols = CFG_COUNT(usual);
	}
	if (rule->not_protocol) {
		cfg_fail_item(p, item, "what \"protocol = !...\" leaves has no ports for the most part: "
		                       "name the protocols that are meant");
		return;
	}
	for (size_t i = 0; i < rule->protocols; i++)
		if (!protocol_has_ports(rule->protocol[i])) {
			cfg_fail_item(p, item, "protocol %s has no ports: make a rule of its own for it",
			              protocol_print(rule->protocol[i], buf));
			return;
		}
}

void cfg_rule(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	struct rule_config rule = { .kind = RULE_RULE, .line = section->line };
	size_t before = p->diags->errors;

	snprintf(rule.name, sizeof(rule.name), "%s", name);
	cfg_keys(p, section, rule_keys, CFG_COUNT(rule_keys), &rule);
	if (p->diags->errors == before)
		settle_ports(p, section, &rule);
	if (p->diags->errors == before)
		cfg_settle_spill(p, section, &rule.path);
	if (p->diags->errors == before)
		cfg_settle_users(p, section, &rule);
	if (p->diags->errors == before)
		add_rule(p->config, &rule);
	else
		cfg_rule_free(&rule);
}
