/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "user = " of a [rule]: which of the router's own processes it is for.  The parser (config_rule.c) takes the
 * words; config_resolve_users() of config.h, called by whoever can ask the system, makes numbers of the names.
 */
#include <stdio.h>
#include <string.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"

#define UID_LAST (UINT32_MAX - 1) /* the one after it means "none" to the kernel */

/* As useradd's, but for what no config could hold. */
static bool is_user_name(const char *text)
{
	size_t length = strlen(text);

	if (!length || length >= CONFIG_USER_MAX || *text == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
		      (text[i] >= '0' && text[i] <= '9') || strchr("_-.$@+", text[i])))
			return false;
	return true;
}

static void add_user(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct rule_config *rule = arg;
	struct match_user user = { .line = token->item->line };
	unsigned long number;

	if (uint_parse(token->text, 0, UID_LAST, &number)) {
		user.uid = (uint32_t)number;
		user.known = true;
		snprintf(user.name, sizeof(user.name), "%lu", number);
	} else if (is_user_name(token->text) && strspn(token->text, "0123456789") < strlen(token->text)) {
		snprintf(user.name, sizeof(user.name), "%s", token->text);
	} else {
		cfg_fail(p, token, "\"%s\" is no user: expected a name, or a user id from 0 to %u", token->text, UID_LAST);
		return;
	}
	for (size_t i = 0; i < rule->users; i++)
		if (strcmp(rule->user[i].name, user.name) == 0) {
			cfg_fail(p, token, "\"%s\" is in the list already", token->text);
			return;
		}
	rule->user = xreallocarray(rule->user, rule->users + 1, sizeof(*rule->user));
	rule->user[rule->users++] = user;
}

void cfg_users(struct cfg_parser *p, const struct ini_item *item, struct rule_config *rule)
{
	if (!cfg_is_word(item, "any"))
		cfg_list(p, item, &rule->not_user, add_user, rule);
}

/* Only the router's own packets have a user: another "from" would be a rule that never matches. */
void cfg_settle_users(struct cfg_parser *p, const struct ini_section *section, struct rule_config *rule)
{
	const struct ini_item *item = ini_find(section, "user");

	if (!item || !rule->users)
		return;
	if (!rule->froms) {
		rule->from = xcalloc(1, sizeof(*rule->from));
		rule->from[rule->froms++].kind = MATCH_ROUTER;
	}
	if (rule->froms != 1 || rule->from[0].kind != MATCH_ROUTER || rule->not_from)
		cfg_fail_item(p, item, "it never matches: only what runs on the router has a user here: "
		                       "leave \"from\" away, or write from = router");
}

/* ---- names to numbers ---- */

static void resolve(const struct config *c, struct rule_config *rule, size_t at, config_user_fn *lookup, void *arg,
                    struct diag_list *diags)
{
	struct match_user *user = &rule->user[at];

	if (!user->known && !lookup(arg, user->name, &user->uid)) {
		diag_add(diags, DIAG_ERROR, c->file, user->line, 0,
		         "user: there is no user \"%s\" on this machine (a number would be taken as it is)", user->name);
		return;
	}
	user->known = true;
	for (size_t i = 0; i < at; i++)
		if (rule->user[i].known && rule->user[i].uid == user->uid)
			diag_add(diags, DIAG_ERROR, c->file, user->line, 0, "user: \"%s\" and \"%s\" are the same user",
			         rule->user[i].name, user->name);
}

void config_resolve_users(struct config *config, config_user_fn *lookup, void *arg, struct diag_list *diags)
{
	for (size_t i = 0; i < config->rules; i++)
		for (size_t k = 0; k < config->rule[i].users; k++)
			resolve(config, &config->rule[i], k, lookup, arg, diags);
}
