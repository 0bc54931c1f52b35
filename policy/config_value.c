/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single values of the config: switches, numbers, interfaces, texts, files.
 * Called by the config_*.c that know what a section means; see config_internal.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"

#define TEXT_MAX 255 /* pppd's limit for a name; enough for the others */

bool cfg_bool(struct cfg_parser *p, const struct ini_item *item, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = { { "yes", true }, { "no", false },  { "true", true }, { "false", false },
		      { "on", true },  { "off", false }, { "1", true },    { "0", false } };

	for (size_t i = 0; i < CFG_COUNT(words); i++)
		if (cfg_is_word(item, words[i].word)) {
			*out = words[i].value;
			return true;
		}
	cfg_fail_item(p, item, "\"%s\" is neither yes nor no", item->value);
	return false;
}

bool cfg_number(struct cfg_parser *p, const struct ini_item *item, unsigned long min, unsigned long max,
                unsigned long *out)
{
	if (uint_parse(item->value, min, max, out))
		return true;
	cfg_fail_item(p, item, "\"%s\" is not a number from %lu to %lu", item->value, min, max);
	return false;
}

bool cfg_percent(struct cfg_parser *p, const struct ini_item *item, unsigned long *out)
{
	char number[8];
	size_t length = strcspn(item->value, " \t%"), blanks = strspn(item->value + length, " \t");
	const char *unit = item->value + length + blanks;

	if (length < sizeof(number) && (!*unit || strcmp(unit, "%") == 0)) {
		memcpy(number, item->value, length);
		number[length] = 0;
		if (uint_parse(number, 0, 100, out))
			return true;
	}
	cfg_fail_item(p, item, "\"%s\" is not a percentage from 0 to 100, as in 20%%", item->value);
	return false;
}

bool cfg_duration(struct cfg_parser *p, const struct ini_item *item, uint32_t min, uint32_t max, uint32_t *out)
{
	char low[16], high[16];
	uint32_t ms;

	if (duration_parse(item->value, &ms) && ms >= min && ms <= max) {
		*out = ms;
		return true;
	}
	duration_print(min, low, sizeof(low));
	duration_print(max, high, sizeof(high));
	cfg_fail_item(p, item, "\"%s\" is not a time from %s to %s, written with its unit (ms, s, m, h)", item->value, low,
	              high);
	return false;
}

/* ---- interfaces ---- */

static bool is_interface_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-_.@+~", c));
}

bool cfg_interface(struct cfg_parser *p, const struct cfg_token *token, char out[IFNAMSIZ])
{
	const char *text = token->text;
	size_t length = strlen(text);

	if (length >= IFNAMSIZ) {
		cfg_fail(p, token, "\"%s\" is too long for an interface: %d characters at most", text, IFNAMSIZ - 1);
		return false;
	}
	for (size_t i = 0; i < length; i++)
		if (!is_interface_char(text[i])) {
			cfg_fail(p, token, "\"%s\" is no name of an interface: '%c' cannot be in it", text, text[i]);
			return false;
		}
	if (!length || *text == '-' || strcmp(text, ".") == 0 || strcmp(text, "..") == 0 || strcmp(text, "lo") == 0) {
		cfg_fail(p, token, "\"%s\" cannot be an interface here", text);
		return false;
	}
	memcpy(out, text, length + 1);
	return true;
}

struct interface_list {
	char (**list)[IFNAMSIZ];
	size_t *n;
};

static void add_interface(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct interface_list *l = arg;
	char name[IFNAMSIZ] = "";

	if (!cfg_interface(p, token, name))
		return;
	for (size_t i = 0; i < *l->n; i++)
		if (strcmp((*l->list)[i], name) == 0) {
			cfg_fail(p, token, "\"%s\" is in the list already", name);
			return;
		}
	*l->list = xreallocarray(*l->list, *l->n + 1, sizeof(**l->list));
	memcpy((*l->list)[(*l->n)++], name, sizeof(name));
}

void cfg_interfaces(struct cfg_parser *p, const struct ini_item *item, bool *negated, char (**list)[IFNAMSIZ],
                    size_t *n)
{
	struct interface_list l = { list, n };

	cfg_list(p, item, negated, add_interface, &l);
}

/* ---- texts ---- */

bool cfg_text(struct cfg_parser *p, const struct ini_item *item, char **out)
{
	size_t length = strlen(item->value);

	if (length > TEXT_MAX) {
		cfg_fail_item(p, item, "too long: %zu bytes of %d at most", length, TEXT_MAX);
		return false;
	}
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)item->value[i] < 0x20 || item->value[i] == 0x7f) {
			cfg_fail_item(p, item, "a control character cannot be in it");
			return false;
		}
	*out = xstrdup(item->value);
	return true;
}

bool cfg_file(struct cfg_parser *p, const struct ini_item *item, const char *what, char **out)
{
	if (item->value[0] == '/' && item->value[1])
		return cfg_text(p, item, out);
	cfg_fail_item(p, item, "expected the name of %s from the root on, as in /etc/dualpath/NAME", what);
	return false;
}

static bool is_label(const char *text, size_t length)
{
	if (length == 0 || length > 63 || text[0] == '-' || text[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
		      (text[i] >= '0' && text[i] <= '9') || text[i] == '-' || text[i] == '_'))
			return false;
	return true;
}

bool cfg_is_domain(const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length > 253)
		return false;
	while (*text) {
		size_t label = strcspn(text, ".");

		if (!is_label(text, label))
			return false;
		text += label;
		if (*text == '.') /* one dot at the very end is good */
			text++;
	}
	return true;
}

/* ADDRESS:PORT, with [] around an IPv6 address. */
static bool is_listen(const char *text)
{
	char host[INET6_ADDRSTRLEN];
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	bool brackets = length > 2 && text[0] == '[' && text[length - 1] == ']';
	struct in6_addr v6;
	unsigned long port;
	uint32_t v4;

	if (brackets) {
		text++;
		length -= 2;
	}
	if (!length || length >= sizeof(host) || !uint_parse(colon + 1, 1, UINT16_MAX, &port))
		return false;
	memcpy(host, text, length);
	host[length] = 0;
	return brackets ? ipv6_parse(host, &v6) : ipv4_parse(host, &v4);
}

bool cfg_listen(struct cfg_parser *p, const struct ini_item *item, char **out)
{
	if (cfg_is_word(item, "none"))
		return true;
	if (is_listen(item->value)) {
		free(*out);
		*out = xstrdup(item->value);
		return true;
	}
	cfg_fail_item(p, item, "\"%s\" is not ADDRESS:PORT, as in 127.0.0.1:9478 or [::1]:9478, nor none", item->value);
	return false;
}
