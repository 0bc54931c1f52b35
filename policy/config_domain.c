/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "to = " of a [rule]: prefixes and names.  Called by config_rule.c.
 */
#include <stdio.h>
#include <string.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"
#include "policy/domain.h"

/* Small letters, without the "*." before it and the dot behind it: by this a name is known. */
static bool plain_name(const char *text, char name[DOMAIN_MAX + 1])
{
	size_t length;

	if (strncmp(text, "*.", 2) == 0)
		text += 2;
	length = strlen(text);
	if (length && text[length - 1] == '.')
		length--;
	if (!length || length > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		name[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
	name[length] = 0;
	return cfg_is_domain(name);
}

/* The last part of a name has a letter (RFC 3696 section 2): 192.168.1 is half an address. */
static bool is_numeric(const char *name)
{
	const char *last = strrchr(name, '.');

	last = last ? last + 1 : name;
	return !last[strspn(last, "0123456789")];
}

/* One word alone was more likely meant to be a [host], or "any"; *.WORD says that it is not. */
static bool is_destination_name(const char *text, char name[DOMAIN_MAX + 1])
{
	return plain_name(text, name) && !is_numeric(name) && (strchr(name, '.') || *text == '*');
}

static unsigned domain_index(struct config *config, const char *name)
{
	for (size_t i = 0; i < config->domains; i++)
		if (strcmp(config->domain[i], name) == 0)
			return (unsigned)i;
	config->domain = xreallocarray(config->domain, config->domains + 1, sizeof(*config->domain));
	config->domain[config->domains] = xstrdup(name);
	return (unsigned)config->domains++;
}

static void add_domain(struct cfg_parser *p, const struct cfg_token *token, const char *name, struct rule_config *rule)
{
	unsigned index = domain_index(p->config, name);

	for (size_t i = 0; i < rule->domains; i++)
		if (rule->domain[i] == index) {
			cfg_fail(p, token, "\"%s\" is in the list already (%s and *.%s are the same)", token->text, name, name);
			return;
		}
	rule->domain = xreallocarray(rule->domain, rule->domains + 1, sizeof(*rule->domain));
	rule->domain[rule->domains++] = index;
}

static void add_to(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct rule_config *rule = arg;
	char name[DOMAIN_MAX + 1];

	if (is_destination_name(token->text, name))
		add_domain(p, token, name, rule);
	else if (strchr(token->text, '*'))
		cfg_fail(p, token, "\"%s\" is not good: a '*' can only be the whole first part of a name, as in *.example.com",
		         token->text);
	else
		cfg_add_prefix(p, token, "an IPv4 address, a prefix as in 192.0.2.0/24, or a name as in *.example.com", &rule->to,
		               &rule->tos);
}

void cfg_destinations(struct cfg_parser *p, const struct ini_item *item, struct rule_config *rule)
{
	if (!cfg_is_word(item, "any"))
		cfg_list(p, item, &rule->not_to, add_to, rule);
}
