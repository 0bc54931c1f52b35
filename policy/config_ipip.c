/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [ipip NAME]: a fixed IPv4 address over an IPv4-in-IPv6 tunnel, and how the provider is told where our end is.
 * Called by config_parse.c, before anything that refers to a path.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"
#include "policy/registration.h"

#define INTERVAL_DEFAULT_MS 3600000u
#define INTERVAL_MIN_MS 60000u
#define INTERVAL_MAX_MS 86400000u

static struct ipip_config *of(void *target)
{
	return &((struct path_config *)target)->ipip;
}

/* ---- the tunnel ---- */

static void key_remote(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct in6_addr v6;
	uint32_t v4;

	if (cfg_is_word(item, "auto"))
		return;
	if (ipv4_parse(item->value, &v4))
		cfg_fail_item(p, item, "\"%s\" is IPv4: the tunnel goes over IPv6", item->value);
	else if (ipv6_parse(item->value, &v6) ? !cfg_is_remote_v6(&v6) : !cfg_is_domain(item->value))
		cfg_fail_item(p, item, "\"%s\" is neither a global IPv6 address nor a name", item->value);
	else
		cfg_text(p, item, &of(target)->remote);
}

static void key_local(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct ipip_config *ipip = of(target);
	struct in6_addr addr;

	if (cfg_is_word(item, "auto"))
		return;
	if (!ipv6_parse(item->value, &addr) || !cfg_is_remote_v6(&addr)) {
		cfg_fail_item(p, item, "\"%s\" is neither auto nor a global IPv6 address", item->value);
		return;
	}
	ipip->local_auto = false;
	ipip->local = addr;
}

/* "::feed:1": the low half alone, as providers write it. */
static void key_interface_id(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	static const uint8_t zero[8];
	struct ipip_config *ipip = of(target);
	struct in6_addr addr;

	if (!ipv6_parse(item->value, &addr) || memcmp(addr.s6_addr, zero, 8) != 0 || memcmp(addr.s6_addr + 8, zero, 8) == 0) {
		cfg_fail_item(p, item, "\"%s\" is no interface-id: the low 64 bits that the provider assigned, as in ::feed:1",
		              item->value);
		return;
	}
	ipip->local_auto = false;
	ipip->has_interface_id = true;
	ipip->local = addr;
}

static void key_address(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct cfg_token token;

	cfg_whole(item, &token);
	cfg_machine_address(p, &token, &of(target)->address);
}

/* ---- the registration ---- */

/* Never quoted: a secret may be in it. */
static void key_update_url(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	static const struct registration_values sample = { "u", "p", "2001:db8::1", "192.0.2.1" };
	char text[URL_TEXT_MAX];
	const char *fault;
	struct url url;

	if (registration_shows_secret(item->value)) {
		cfg_fail_item(p, item, "no secrets in this file: write {password} there, and the password alone into the file "
		                       "that password-file names");
		return;
	}
	fault = registration_url(item->value, &sample, text);
	if (!fault && url_parse(text, &url))
		fault = "expected http:// or https://, a server, and what to ask it for, as in "
			"https://update.example.jp/request?username={user}&password={password}";
	if (fault) {
		cfg_fail_item(p, item, "%s", fault);
		return;
	}
	if (!url.https)
		diag_add(p->diags, DIAG_WARNING, p->ini->name, item->line, 0,
		         "update-url: user and password go over the line as they are (http): write https where the provider has it");
	cfg_text(p, item, &of(target)->update_url);
}

static void key_update_user(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_text(p, item, &of(target)->update_user);
}

static void key_password_file(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_file(p, item, "a file that holds the password", &of(target)->password_file);
}

static void key_basic_auth(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_bool(p, item, &of(target)->basic_auth);
}

static void key_update_answer(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_text(p, item, &of(target)->update_answer);
}

static void key_update_interval(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_duration(p, item, INTERVAL_MIN_MS, INTERVAL_MAX_MS, &of(target)->update_interval_ms);
}

static const struct cfg_key ipip_keys[] = {
	{ "interface", cfg_key_interface, cfg_interface_hint },
	{ "remote", key_remote, "the provider's end of the tunnel: an IPv6 address or a name, or auto where it tells by HB46PP" },
	{ "interface-id", key_interface_id, NULL },
	{ "local", key_local, NULL },
	{ "address", key_address, NULL },
	{ "mtu", cfg_key_tunnel_mtu, NULL },
	{ "device", cfg_key_device, NULL },
	{ "update-url", key_update_url, NULL },
	{ "update-user", key_update_user, NULL },
	{ "password-file", key_password_file, NULL },
	{ "basic-auth", key_basic_auth, NULL },
	{ "update-answer", key_update_answer, NULL },
	{ "update-interval", key_update_interval, NULL },
};

/* ---- what belongs together ---- */

static void check_without_url(struct cfg_parser *p, const struct ini_section *section)
{
	static const char *const keys[] = { "update-user", "password-file", "basic-auth", "update-answer", "update-interval" };

	for (size_t i = 0; i < CFG_COUNT(keys); i++) {
		const struct ini_item *item = ini_find(section, keys[i]);

		if (item)
			cfg_fail_item(p, item, "has no use without update-url");
	}
}

static void check_used(struct cfg_parser *p, const struct ini_section *section, const struct ipip_config *ipip,
                       const char *key, const char *placeholder, const char *value)
{
	bool named = ipip->basic_auth || registration_names(ipip->update_url, placeholder);
	const struct ini_item *item = ini_find(section, key);

	if (named && !value)
		cfg_fail_section(p, section, "[%s] needs %s: %s", section->name, key,
		                 ipip->basic_auth ? "basic-auth sends it" : "update-url names it");
	else if (!named && item)
		cfg_fail_item(p, item, "is sent nowhere: write {%s} into update-url, or basic-auth = yes", placeholder);
}

static void check_registration(struct cfg_parser *p, const struct ini_section *section, const struct ipip_config *ipip)
{
	const struct ini_item *user = ini_find(section, "update-user");

	if (!ipip->update_url) {
		check_without_url(p, section);
		return;
	}
	check_used(p, section, ipip, "update-user", "user", ipip->update_user);
	check_used(p, section, ipip, "password-file", "password", ipip->password_file);
	if (ipip->basic_auth && user && strchr(user->value, ':'))
		cfg_fail_item(p, user, "with basic-auth there can be no ':' in it (RFC 7617)");
}

/* With remote = auto the provider tells what is not written. */
static void check_auto(struct cfg_parser *p, const struct ini_section *section, struct ipip_config *ipip)
{
	const struct ini_item *remote = ini_find(section, "remote");
	bool is_auto = remote && remote->value && cfg_is_word(remote, "auto");

	if (!is_auto && !ini_find(section, "address"))
		cfg_fail_section(p, section, "[%s] needs address = the fixed IPv4 address that the provider gave you", section->name);
	ipip->local_told = is_auto && !ini_find(section, "interface-id") && !ini_find(section, "local");
	ipip->local_auto &= !ipip->local_told;
}

/* An address is at one place; and of several tunnels that a provider tells of, it alone says which is whose. */
static void check_others(struct cfg_parser *p, const struct ini_section *section, const struct path_config *path)
{
	const struct ipip_config *a = &path->ipip;

	for (const struct path_config *other = p->config->path; other < path; other++) {
		const struct ipip_config *b = &other->ipip;

		if (other->kind != PATH_IPIP)
			continue;
		if (a->address && a->address == b->address)
			cfg_fail_item(p, ini_find(section, "address"), "is that of [ipip %s] already", other->name);
		if (!a->remote && !b->remote && strcmp(path->interface, other->interface) == 0 && (!a->address || !b->address))
			cfg_fail_section(p, section,
			                 "[%s] and [ipip %s] in line %d both have remote = auto on %s: each needs its address =, "
			                 "by which the provider's tunnels are told apart",
			                 section->name, other->name, other->line, path->interface);
	}
}

void cfg_ipip(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	struct path_config *path = cfg_add_path(p, section, name, PATH_IPIP);
	size_t before = p->diags->errors;

	if (!path)
		return;
	path->ipip = (struct ipip_config){ .local_auto = true, .update_interval_ms = INTERVAL_DEFAULT_MS };
	cfg_keys(p, section, ipip_keys, CFG_COUNT(ipip_keys), path);
	check_auto(p, section, &path->ipip);
	if (ini_find(section, "interface-id") && ini_find(section, "local"))
		cfg_fail_item(p, ini_find(section, "local"), "stands beside interface-id: one of them says what our end is");
	if (p->diags->errors > before)
		return;
	check_registration(p, section, &path->ipip);
	check_others(p, section, path);
}
