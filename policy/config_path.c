/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sections that make a path: [dslite], [pppoe], [pppoe NAME]; and what they share with [ipip NAME] (config_ipip.c).
 * Called by config_parse.c, before anything that refers to a path.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"

#define MTU_MIN 1280 /* IPv6's least; nothing on these lines is smaller */
#define TUNNEL_MTU_MAX (65535 - 40)
#define PPPOE_MTU_MAX 1492
#define B4_ADDRESS 0xc0000002u   /* 192.0.0.2, RFC 6333 5.7 */
#define AFTR_RETURN_DEFAULT_MS 86400000u
#define AFTR_RETURN_MIN_MS 2000u
#define AFTR_RETURN_MAX_MS 2592000000u
#define AFTR_ADDRESS 0xc0000001u /* 192.0.0.1, likewise */

void cfg_key_interface(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct cfg_token token;

	cfg_whole(item, &token);
	cfg_interface(p, &token, ((struct path_config *)target)->interface);
}

void cfg_key_device(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct cfg_token token;

	cfg_whole(item, &token);
	cfg_interface(p, &token, ((struct path_config *)target)->device);
}

static void set_mtu(struct cfg_parser *p, const struct ini_item *item, unsigned long max, unsigned *out)
{
	unsigned long value;

	if (cfg_is_word(item, "auto"))
		*out = 0;
	else if (uint_parse(item->value, MTU_MIN, max, &value))
		*out = (unsigned)value;
	else if (max == PPPOE_MTU_MAX && uint_parse(item->value, max + 1, 1500, &value))
		cfg_fail_item(p, item,
		              "%lu does not fit: PPPoE takes 8 bytes of each frame, which leaves %d "
		              "(1454 on NTT's lines); larger frames (RFC 4638) are not supported",
		              value, PPPOE_MTU_MAX);
	else
		cfg_fail_item(p, item, "\"%s\" is neither auto nor a number from %d to %lu", item->value, MTU_MIN, max);
}

/* ---- [dslite] ---- */

void cfg_key_tunnel_mtu(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	set_mtu(p, item, TUNNEL_MTU_MAX, &((struct path_config *)target)->mtu);
}

bool cfg_is_remote_v6(const struct in6_addr *addr)
{
	return !IN6_IS_ADDR_UNSPECIFIED(addr) && !IN6_IS_ADDR_LOOPBACK(addr) && !IN6_IS_ADDR_MULTICAST(addr) &&
	       !IN6_IS_ADDR_LINKLOCAL(addr) && !IN6_IS_ADDR_V4MAPPED(addr);
}

static void add_text(struct cfg_parser *p, const struct cfg_token *token, char ***list, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (strcasecmp((*list)[i], token->text) == 0) {
			cfg_fail(p, token, "\"%s\" is in the list already", token->text);
			return;
		}
	*list = xreallocarray(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = xstrdup(token->text);
}

static void add_aftr(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct dslite_config *dslite = arg;
	struct in6_addr v6;
	uint32_t v4;

	if (ipv4_parse(token->text, &v4))
		cfg_fail(p, token, "\"%s\" is IPv4: an AFTR is reached over IPv6", token->text);
	else if (ipv6_parse(token->text, &v6) && !cfg_is_remote_v6(&v6))
		cfg_fail(p, token, "\"%s\" cannot be an AFTR: expected a global address", token->text);
	else if (strcasecmp(token->text, "auto") == 0)
		cfg_fail(p, token, "\"auto\" stands alone");
	else if (!ipv6_parse(token->text, &v6) && !cfg_is_domain(token->text))
		cfg_fail(p, token, "\"%s\" is neither auto, a name such as gw.transix.jp, nor an IPv6 address",
		         token->text);
	else
		add_text(p, token, &dslite->aftr, &dslite->aftrs);
}

static void key_aftr(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct dslite_config *dslite = &((struct path_config *)target)->dslite;

	dslite->aftr_auto = cfg_is_word(item, "auto");
	if (!dslite->aftr_auto)
		cfg_list(p, item, NULL, add_aftr, dslite);
}

static void add_dns(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct dslite_config *dslite = arg;
	struct in6_addr v6;
	uint32_t v4;

	if (strcasecmp(token->text, "auto") == 0)
		cfg_fail(p, token, "\"auto\" stands alone");
	else if (!ipv6_parse(token->text, &v6) && !ipv4_parse(token->text, &v4))
		cfg_fail(p, token, "\"%s\" is neither auto nor the address of a DNS server", token->text);
	else
		add_text(p, token, &dslite->dns, &dslite->dns_count);
}

static void key_dns(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct dslite_config *dslite = &((struct path_config *)target)->dslite;

	dslite->dns_auto = cfg_is_word(item, "auto");
	if (!dslite->dns_auto)
		cfg_list(p, item, NULL, add_dns, dslite);
}

static void key_local(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct dslite_config *dslite = &((struct path_config *)target)->dslite;
	struct in6_addr addr;

	dslite->local_auto = cfg_is_word(item, "auto");
	if (dslite->local_auto)
		return;
	if (!ipv6_parse(item->value, &addr) || !cfg_is_remote_v6(&addr))
		cfg_fail_item(p, item, "\"%s\" is neither auto nor a global IPv6 address", item->value);
	else
		dslite->local = addr;
}

static void key_b4_address(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct dslite_config *dslite = &((struct path_config *)target)->dslite;
	struct cfg_token token;
	uint32_t addr;

	cfg_whole(item, &token);
	if (!cfg_machine_address(p, &token, &addr))
		return;
	if (addr == AFTR_ADDRESS)
		cfg_fail_item(p, item, "192.0.0.1 is the AFTR's end (RFC 6333): ours is 192.0.0.2");
	else
		dslite->address = addr;
}

static void key_encap_limit(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct dslite_config *dslite = &((struct path_config *)target)->dslite;
	unsigned long value;

	dslite->encap_limit_none = cfg_is_word(item, "none");
	if (dslite->encap_limit_none)
		return;
	if (uint_parse(item->value, 0, 255, &value))
		dslite->encap_limit = (unsigned)value;
	else
		cfg_fail_item(p, item, "\"%s\" is neither none nor a number from 0 to 255", item->value);
}

static void key_aftr_return(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct dslite_config *dslite = &((struct path_config *)target)->dslite;

	dslite->aftr_return_ms = 0;
	if (cfg_is_word(item, "no"))
		dslite->aftr_return = AFTR_RETURN_NO;
	else if (cfg_is_word(item, "idle"))
		dslite->aftr_return = AFTR_RETURN_IDLE;
	else if (duration_parse(item->value, &dslite->aftr_return_ms) && dslite->aftr_return_ms >= AFTR_RETURN_MIN_MS &&
	         dslite->aftr_return_ms <= AFTR_RETURN_MAX_MS)
		dslite->aftr_return = AFTR_RETURN_AFTER;
	else
		cfg_fail_item(p, item, "\"%s\" is neither idle, no, nor a time from 2s to 720h, as in 12h", item->value);
}

static void key_ports(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct dslite_config *dslite = &((struct path_config *)target)->dslite;
	unsigned long value = 0;

	if (cfg_is_word(item, "off") || cfg_number(p, item, 0, 65536, &value))
		dslite->ports = (unsigned)value;
}

const char cfg_interface_hint[] = "the interface that faces the line, as in wan0";

static const struct cfg_key dslite_keys[] = {
	{ "interface", cfg_key_interface, cfg_interface_hint },
	{ "aftr", key_aftr, NULL },
	{ "aftr-return", key_aftr_return, NULL },
	{ "dns", key_dns, NULL },
	{ "local", key_local, NULL },
	{ "address", key_b4_address, NULL },
	{ "mtu", cfg_key_tunnel_mtu, NULL },
	{ "encapsulation-limit", key_encap_limit, NULL },
	{ "ports", key_ports, NULL },
	{ "device", cfg_key_device, NULL },
};

/* ---- [pppoe] ---- */

static void key_user(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_text(p, item, &((struct path_config *)target)->pppoe.user);
}

static void key_password_file(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_file(p, item, "a file that holds the password", &((struct path_config *)target)->pppoe.password_file);
}

static void key_static_address(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct pppoe_config *pppoe = &((struct path_config *)target)->pppoe;
	struct cfg_token token;

	cfg_whole(item, &token);
	pppoe->has_address = cfg_machine_address(p, &token, &pppoe->address);
}

static void key_pppoe_mtu(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	set_mtu(p, item, PPPOE_MTU_MAX, &((struct path_config *)target)->mtu);
}

static void key_service_name(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_text(p, item, &((struct path_config *)target)->pppoe.service_name);
}

static void key_concentrator(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_text(p, item, &((struct path_config *)target)->pppoe.access_concentrator);
}

static void key_block(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct pppoe_config *pppoe = &((struct path_config *)target)->pppoe;
	struct cfg_token token;
	struct prefix4 block;

	cfg_whole(item, &token);
	if (!cfg_machine_prefix(p, &token, &block))
		return;
	if (block.len < 16) {
		cfg_fail_item(p, item, "\"%s\" is too large for a routed block: /16 to /32", item->value);
		return;
	}
	pppoe->block = block;
	pppoe->has_block = true;
}

static const struct cfg_key pppoe_keys[] = {
	{ "interface", cfg_key_interface, cfg_interface_hint },
	{ "user", key_user, "the name that the provider gave you, as in someone@example.jp" },
	{ "password-file", key_password_file, "a file of mode 0600 that holds the password" },
	{ "address", key_static_address, NULL },
	{ "mtu", key_pppoe_mtu, NULL },
	{ "service-name", key_service_name, NULL },
	{ "access-concentrator", key_concentrator, NULL },
	{ "block", key_block, NULL },
	{ "device", cfg_key_device, NULL },
};

/* ---- all ---- */

struct path_config *cfg_add_path(struct cfg_parser *p, const struct ini_section *section, const char *name,
                                 enum path_kind kind)
{
	struct config *config = p->config;
	struct path_config *path;

	if (config->paths == CONFIG_PATHS_MAX) {
		cfg_fail_section(p, section, "[%s] is one path too many: there can be %d", section->name,
		                 CONFIG_PATHS_MAX);
		cfg_doubt(p, name);
		return NULL;
	}
	config->path = xreallocarray(config->path, config->paths + 1, sizeof(*config->path));
	p->path_section = xreallocarray(p->path_section, config->paths + 1, sizeof(struct ini_section *));
	p->path_section[config->paths] = section;
	path = &config->path[config->paths++];
	*path = (struct path_config){ .kind = kind, .line = section->line };
	snprintf(path->name, sizeof(path->name), "%s", name);
	return path;
}

void cfg_dslite(struct cfg_parser *p, const struct ini_section *section)
{
	struct path_config *path = cfg_add_path(p, section, "dslite", PATH_DSLITE);

	if (!path)
		return;
	path->dslite = (struct dslite_config){ .aftr_auto = true,
		                               .dns_auto = true,
		                               .local_auto = true,
		                               .address = B4_ADDRESS,
		                               .encap_limit_none = true,
		                               .aftr_return = AFTR_RETURN_AFTER,
		                               .aftr_return_ms = AFTR_RETURN_DEFAULT_MS };
	cfg_keys(p, section, dslite_keys, CFG_COUNT(dslite_keys), path);
}

void cfg_pppoe(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	struct path_config *path = cfg_add_path(p, section, name ? name : "pppoe", PATH_PPPOE);

	if (path)
		cfg_keys(p, section, pppoe_keys, CFG_COUNT(pppoe_keys), path);
	if (path && !path->mtu)
		path->mtu = PPPOE_MTU_DEFAULT;
}

/* ---- devices ---- */

static bool is_taken(const struct config *config, const char *device)
{
	for (size_t i = 0; i < config->paths; i++)
		if (strcmp(config->path[i].device, device) == 0)
			return true;
	return false;
}

/* "pppoe0", "pppoe1" ...: the first that is free. */
static void name_device(const struct config *config, struct path_config *path)
{
	static const char *const stems[] = { "dslite", "pppoe", "ipip" };
	const char *stem = stems[path->kind];
	char device[IFNAMSIZ];
	unsigned number = 0;

	do
		snprintf(device, sizeof(device), "%s%u", stem, number++ % 1000);
	while (is_taken(config, device));
	memcpy(path->device, device, sizeof(device));
}

static bool is_lan(const struct config *config, const char *interface)
{
	for (size_t i = 0; i < config->router.lans; i++)
		if (strcmp(config->router.lan[i], interface) == 0)
			return true;
	return false;
}

/* At the key where it is written, else at the section. */
static void fail_path(struct cfg_parser *p, size_t path, const char *key, const char *text, const char *what)
{
	const struct ini_item *item = ini_find(p->path_section[path], key);

	if (item)
		cfg_fail_item(p, item, "\"%s\" %s", text, what);
	else
		cfg_fail_section(p, p->path_section[path], "[%s] %s: \"%s\" %s", p->path_section[path]->name, key, text,
		                 what);
}

static void check_device(struct cfg_parser *p, size_t index)
{
	const struct config *config = p->config;
	const char *device = config->path[index].device;

	for (size_t i = 0; i < config->paths; i++) {
		char what[CONFIG_NAME_MAX + 64];

		if (i < index && strcmp(config->path[i].device, device) == 0) {
			snprintf(what, sizeof(what), "is the device of path %s already", config->path[i].name);
			fail_path(p, index, "device", device, what);
		}
		if (strcmp(config->path[i].interface, device) == 0)
			fail_path(p, index, "device", device, "is an interface that faces the line: choose another name");
	}
	if (is_lan(config, device))
		fail_path(p, index, "device", device, "is in lan = of [router]: choose another name");
	if (strncmp(device, DRAIN_DEVICE, strlen(DRAIN_DEVICE)) == 0)
		fail_path(p, index, "device", device, "is a name that dualpath gives to a device of its own: choose another");
}

void cfg_devices(struct cfg_parser *p)
{
	struct config *config = p->config;

	for (size_t i = 0; i < config->paths; i++)
		if (!*config->path[i].device)
			name_device(config, &config->path[i]);
	for (size_t i = 0; i < config->paths; i++) {
		const char *interface = config->path[i].interface;

		check_device(p, i);
		if (is_lan(config, interface))
			fail_path(p, i, "interface", interface,
			          "is in lan = of [router], too: one faces the line, the other the home");
	}
}
