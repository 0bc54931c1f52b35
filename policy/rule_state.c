/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule_state.h. */
#include "policy/rule_state.h"

#include <stdio.h>

#define NOT_IN_KERNEL "the kernel does not have it: see 'dualpathctl doctor'"

const char *rule_state_name(enum rule_state state)
{
	static const char *const name[] = { "installed", "waiting", "unreachable", "missing" };

	return name[state];
}

/* ---- can anything fit it? ---- */

/* With "!" it takes what comes from everywhere else, and there is always an elsewhere. */
static bool interface_absent(const struct rule_config *rule, const struct home *home)
{
	for (size_t i = 0; i < rule->interfaces; i++)
		if (home_has_link(home, rule->interface[i]))
			return false;
	return rule->interfaces && !rule->not_interface;
}

/* Only of a MAC can one know that nobody has it: an address may be anybody's, and answers when it is asked. */
static const struct match_from *unknown_machine(const struct rule_config *rule, const struct home *home)
{
	for (size_t i = 0; i < rule->froms; i++)
		if (rule->from[i].kind != MATCH_MAC || home_knows_mac(home, &rule->from[i].mac))
			return NULL;
	return rule->froms && !rule->not_from ? &rule->from[0] : NULL;
}

static bool is_waiting(const struct rule_config *rule, const struct facts *facts, const struct home *home, char *reason)
{
	const struct match_from *unknown = unknown_machine(rule, home);
	char buf[MAC_STRLEN];

	if (!rule_in_time(rule, facts->weekday, facts->minute))
		snprintf(reason, RULE_REASON_SIZE, "this is not its time");
	else if (interface_absent(rule, home))
		snprintf(reason, RULE_REASON_SIZE, "there is no interface %s%s now", rule->interface[0],
		         rule->interfaces > 1 ? " nor another of its list" : "");
	else if (unknown)
		snprintf(reason, RULE_REASON_SIZE, "no machine of the home is known by %s%s now", mac_print(unknown->mac, buf),
		         rule->froms > 1 ? " nor another of its list" : "");
	else
		return false;
	return true;
}

/* ---- rules ---- */

enum rule_state rule_state_of(const struct config *config, const struct rule_config *rule, const struct facts *facts,
                              const struct home *home, bool in_kernel, char *reason)
{
	int active = path_list_active(&rule->path, facts);
	const char *first = config->path[rule->path.path[0]].name;

	reason[0] = '\0';
	if (!in_kernel) {
		snprintf(reason, RULE_REASON_SIZE, NOT_IN_KERNEL);
		return RULE_MISSING;
	}
	if (is_waiting(rule, facts, home, reason))
		return RULE_WAITING;
	if (active < 0 && rule->path.count == 1)
		snprintf(reason, RULE_REASON_SIZE, "%s is not up, and it takes no other path: what it takes is refused", first);
	else if (active < 0)
		snprintf(reason, RULE_REASON_SIZE, "none of its paths is up: what it takes is refused");
	else if (active != rule->path.path[0])
		snprintf(reason, RULE_REASON_SIZE, facts->path[rule->path.path[0]].usable ? "%s has few ports left" : "%s is not up",
		         first);
	return active < 0 ? RULE_UNREACHABLE : RULE_INSTALLED;
}

/* ---- forwards ---- */

static bool no_lan(const struct config *config, const struct home *home)
{
	for (size_t i = 0; i < config->router.lans; i++)
		if (home_has_link(home, config->router.lan[i]))
			return false;
	return true;
}

bool forward_state_of(const struct config *config, const struct forward_config *forward, const struct home *home,
                      bool in_kernel, char *reason)
{
	char addr[INET_ADDRSTRLEN];

	reason[0] = '\0';
	if (!in_kernel) {
		snprintf(reason, RULE_REASON_SIZE, NOT_IN_KERNEL);
		return false;
	}
	if (forward->to_router)
		return true;
	if (no_lan(config, home)) {
		snprintf(reason, RULE_REASON_SIZE, "there is no interface %s now", config->router.lan[0]);
		return false;
	}
	if (home_has_network(home, config) && !home_contains(home, config, (struct prefix4){ forward->to, 32 }))
		snprintf(reason, RULE_REASON_SIZE, "%s is in no network of the home", ipv4_print(forward->to, addr));
	return true;
}
