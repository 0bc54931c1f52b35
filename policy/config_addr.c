/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, prefixes and ports of the config, with the words for what is wrong.
 * Called by the config_*.c that know what a section means; see config_internal.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"

/* ---- IPv4 ---- */

/* ADDRESS/LEN, both good, with bits set behind LEN: the prefix that was meant. */
static bool has_host_bits(const char *text, struct prefix4 *meant)
{
	const char *slash = strchr(text, '/');
	char addr[INET_ADDRSTRLEN];
	unsigned long len;
	uint32_t value;

	if (!slash || (size_t)(slash - text) >= sizeof(addr) || !uint_parse(slash + 1, 0, 32, &len))
		return false;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = 0;
	if (!ipv4_parse(addr, &value))
		return false;
	*meant = (struct prefix4){ value & prefix4_mask((uint8_t)len), (uint8_t)len };
	return true;
}

static bool is_ipv6_prefix(const char *text)
{
	char addr[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "/");
	struct in6_addr v6;

	if (length >= sizeof(addr))
		return false;
	memcpy(addr, text, length);
	addr[length] = 0;
	return ipv6_parse(addr, &v6);
}

void cfg_not_ipv4(struct cfg_parser *p, const struct cfg_token *token, const char *expected)
{
	char buf[PREFIX4_STRLEN], one[INET_ADDRSTRLEN];
	struct prefix4 meant;

	if (has_host_bits(token->text, &meant)) {
		unsigned long host_len = strcspn(token->text, "/");

		snprintf(one, sizeof(one), "%.*s", (int)host_len, token->text);
		cfg_fail(p, token, "\"%s\" has bits set behind its length: write %s for the network, or %s for the one machine",
		         token->text, prefix4_print(meant, buf), one);
	} else if (is_ipv6_prefix(token->text)) {
		cfg_fail(p, token, "\"%s\" is IPv6: expected %s", token->text, expected);
	} else {
		cfg_fail(p, token, "\"%s\" is not good: expected %s", token->text, expected);
	}
}

#define PREFIX_EXPECTED "an IPv4 address or a prefix, as in 192.168.1.0/24"

bool cfg_prefix(struct cfg_parser *p, const struct cfg_token *token, struct prefix4 *out)
{
	if (prefix4_parse(token->text, out))
		return true;
	cfg_not_ipv4(p, token, PREFIX_EXPECTED);
	return false;
}

struct prefix_list {
	struct prefix4 **list;
	size_t *n;
};

void cfg_add_prefix(struct cfg_parser *p, const struct cfg_token *token, const char *expected, struct prefix4 **list,
                    size_t *n)
{
	struct prefix4 prefix;

	if (!prefix4_parse(token->text, &prefix)) {
		cfg_not_ipv4(p, token, expected);
		return;
	}
	for (size_t i = 0; i < *n; i++)
		if ((*list)[i].addr == prefix.addr && (*list)[i].len == prefix.len) {
			cfg_fail(p, token, "\"%s\" is in the list already", token->text);
			return;
		}
	*list = xreallocarray(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = prefix;
}

static void add_prefix(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct prefix_list *l = arg;

	cfg_add_prefix(p, token, PREFIX_EXPECTED, l->list, l->n);
}

void cfg_prefixes(struct cfg_parser *p, const struct ini_item *item, bool *negated, struct prefix4 **list, size_t *n)
{
	struct prefix_list l = { list, n };

	if (!cfg_is_word(item, "any"))
		cfg_list(p, item, negated, add_prefix, &l);
}

/* What no machine has: RFC 1122 3.2.1.3 and RFC 1112. */
static const char *cannot_be(struct prefix4 prefix)
{
	if (prefix.len == 0 || prefix.addr >> 24 == 0)
		return "0.0.0.0/8 is no machine's address";
	if (prefix.addr >> 24 == 127)
		return "a loopback address means each machine itself";
	if (prefix.addr >> 28 == 14)
		return "a multicast address is no machine's";
	if (prefix.addr >> 28 == 15)
		return "addresses from 240.0.0.0 on are no machine's";
	return NULL;
}

bool cfg_machine_prefix(struct cfg_parser *p, const struct cfg_token *token, struct prefix4 *out)
{
	struct prefix4 prefix;
	const char *why;

	if (!cfg_prefix(p, token, &prefix))
		return false;
	why = cannot_be(prefix);
	if (why) {
		cfg_fail(p, token, "\"%s\" cannot be: %s", token->text, why);
		return false;
	}
	*out = prefix;
	return true;
}

bool cfg_machine_address(struct cfg_parser *p, const struct cfg_token *token, uint32_t *out)
{
	struct prefix4 prefix;
	uint32_t addr;

	if (!ipv4_parse(token->text, &addr)) {
		if (is_ipv6_prefix(token->text))
			cfg_fail(p, token, "\"%s\" is IPv6: expected an IPv4 address", token->text);
		else
			cfg_fail(p, token, "\"%s\" is not an IPv4 address, as in 203.0.113.10", token->text);
		return false;
	}
	if (!cfg_machine_prefix(p, token, &prefix))
		return false;
	*out = prefix.addr;
	return true;
}

/* ---- ports ---- */

bool cfg_port_range(struct cfg_parser *p, const struct cfg_token *token, struct port_range *out)
{
	const char *dash = strchr(token->text, '-');
	unsigned long lo = 0, hi = 0;
	char first[8];

	if (port_range_parse(token->text, out))
		return true;
	snprintf(first, sizeof(first), "%.*s", dash ? (int)(dash - token->text) : 0, token->text);
	if (dash && uint_parse(first, 1, UINT16_MAX, &lo) && uint_parse(dash + 1, 1, UINT16_MAX, &hi))
		cfg_fail(p, token, "\"%s\" is reversed: write %lu-%lu", token->text, hi, lo);
	else
		cfg_fail(p, token, "\"%s\" is not a port: expected 1 to 65535, or a range such as 8000-8010",
		         token->text);
	return false;
}

struct port_list {
	struct port_range **list;
	size_t *n;
};

static void add_port(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct port_list *l = arg;
	char buf[PORT_RANGE_STRLEN];
	struct port_range range;

	if (!cfg_port_range(p, token, &range))
		return;
	for (size_t i = 0; i < *l->n; i++)
		if (range.lo <= (*l->list)[i].hi && (*l->list)[i].lo <= range.hi) {
			cfg_fail(p, token, "\"%s\" is in the list already, by %s", token->text,
			         port_range_print((*l->list)[i], buf));
			return;
		}
	*l->list = xreallocarray(*l->list, *l->n + 1, sizeof(**l->list));
	(*l->list)[(*l->n)++] = range;
}

void cfg_ports(struct cfg_parser *p, const struct ini_item *item, bool *negated, struct port_range **list, size_t *n)
{
	struct port_list l = { list, n };

	if (!cfg_is_word(item, "any"))
		cfg_list(p, item, negated, add_port, &l);
}
