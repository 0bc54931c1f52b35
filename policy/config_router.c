/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [router], and the small sections that are about the daemon itself: [hooks], [metrics],
 * [web].  Called by config_parse.c, after the paths are known.
 */
#include <stdlib.h>

#include "policy/config_internal.h"

/* The kernel's own are up to 4; these belong to routing daemons (rtnetlink.h, rt_protos). */
static const uint8_t foreign_protocols[] = { 42, 84, 186, 187, 188, 189, 192 };

#define PRIORITY_RANGE 100  /* how many we may need from rule-priority on */
#define PRIORITY_MAIN 32766 /* the kernel's rule for table main */
#define MASK_BITS_MIN 3     /* six paths and "none" */

static void key_lan(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct router_config *router = target;

	cfg_interfaces(p, item, NULL, &router->lan, &router->lans);
}

static void key_default(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct router_config *router = target;

	router->order.count = 0;
	cfg_path_list(p, item, &router->order);
}

static void key_firewall(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_bool(p, item, &((struct router_config *)target)->firewall);
}

static void key_offload(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_bool(p, item, &((struct router_config *)target)->offload);
}

static void key_off_or_duration(struct cfg_parser *p, const struct ini_item *item, uint32_t min, uint32_t max, uint32_t *ms)
{
	if (cfg_is_word(item, "0") || cfg_is_word(item, "off"))
		*ms = 0;
	else
		cfg_duration(p, item, min, max, ms);
}

#define INBOUND_CHECK_MIN_MS 10000
#define INBOUND_CHECK_MAX_MS (7 * 24 * 3600 * 1000u)

static void key_inbound_check(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	key_off_or_duration(p, item, INBOUND_CHECK_MIN_MS, INBOUND_CHECK_MAX_MS,
	                    &((struct router_config *)target)->inbound_check_ms);
}

#define RESET_AFTER_MIN_MS 1000
#define RESET_AFTER_MAX_MS (24 * 3600 * 1000u)

static void key_reset_after(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	key_off_or_duration(p, item, RESET_AFTER_MIN_MS, RESET_AFTER_MAX_MS,
	                    &((struct router_config *)target)->reset_after_ms);
}

static bool mask_parse(const char *text, uint32_t *out)
{
	uint64_t mask = 0;
	unsigned long plain;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X')) {
		if (!uint_parse(text, 1, UINT32_MAX, &plain))
			return false;
		*out = (uint32_t)plain;
		return true;
	}
	text += 2;
	for (const char *c = text; *c; c++) {
		int digit = *c >= '0' && *c <= '9'   ? *c - '0'
		            : *c >= 'a' && *c <= 'f' ? *c - 'a' + 10
		            : *c >= 'A' && *c <= 'F' ? *c - 'A' + 10
		                                     : -1;

		if (digit < 0 || c - text >= 8)
			return false;
		mask = mask << 4 | (unsigned)digit;
	}
	*out = (uint32_t)mask;
	return *text;
}

static void key_mark_mask(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct router_config *router = target;
	uint32_t mask, low;

	if (!mask_parse(item->value, &mask)) {
		cfg_fail_item(p, item, "\"%s\" is not a mask of 32 bits, as in 0x0f000000", item->value);
		return;
	}
	low = mask & -mask;
	if (mask == 0 || ((mask + low) & mask) || mask / low < (1u << MASK_BITS_MIN) - 1)
		cfg_fail_item(p, item, "\"%s\": the bits of the mask must be %d or more, without a hole between them",
		              item->value, MASK_BITS_MIN);
	else
		router->mark_mask = mask;
}

static void key_rule_priority(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	unsigned long value;

	if (cfg_number(p, item, 1, PRIORITY_MAIN - PRIORITY_RANGE, &value))
		((struct router_config *)target)->rule_priority = (uint32_t)value;
}

static void key_table(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	unsigned long value;

	if (!cfg_number(p, item, 1, INT32_MAX - CONFIG_PATHS_MAX, &value))
		return;
	if (value <= 255 && value + CONFIG_PATHS_MAX >= 253)
		cfg_fail_item(p, item, "tables %lu to %lu would take in the kernel's own, 253 to 255", value,
		              value + CONFIG_PATHS_MAX);
	else
		((struct router_config *)target)->table_base = (uint32_t)value;
}

static void key_route_protocol(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	unsigned long value;

	if (!cfg_number(p, item, 20, 255, &value))
		return;
	for (size_t i = 0; i < CFG_COUNT(foreign_protocols); i++)
		if (value == foreign_protocols[i]) {
			cfg_fail_item(p, item, "%lu belongs to another routing daemon: see rt_protos", value);
			return;
		}
	((struct router_config *)target)->route_protocol = (uint8_t)value;
}

static void key_on_return(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_on_return(p, item, &((struct router_config *)target)->order);
}

static const struct cfg_key router_keys[] = {
	{ "lan", key_lan, "the interfaces that face the home, as in br-lan" },
	{ "default", key_default, NULL },
	{ "firewall", key_firewall, NULL },
	{ "offload", key_offload, NULL },
	{ "inbound-check", key_inbound_check, NULL },
	{ "reset-after", key_reset_after, NULL },
	{ "on-return", key_on_return, NULL },
	{ "mark-mask", key_mark_mask, NULL },
	{ "rule-priority", key_rule_priority, NULL },
	{ "table", key_table, NULL },
	{ "route-protocol", key_route_protocol, NULL },
};

void cfg_router(struct cfg_parser *p, const struct ini_section *section)
{
	cfg_keys(p, section, router_keys, CFG_COUNT(router_keys), &p->config->router);
}

/* ---- [hooks], [metrics], [web] ---- */

static void key_on_change(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_file(p, item, "a program", &((struct config *)target)->hook_on_change);
}

static void key_metrics_listen(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_listen(p, item, &((struct config *)target)->metrics_listen);
}

static void key_web_listen(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_listen(p, item, &((struct config *)target)->web_listen);
}

void cfg_hooks(struct cfg_parser *p, const struct ini_section *section)
{
	static const struct cfg_key keys[] = { { "on-change", key_on_change, NULL } };

	cfg_keys(p, section, keys, CFG_COUNT(keys), p->config);
}

void cfg_metrics(struct cfg_parser *p, const struct ini_section *section)
{
	static const struct cfg_key keys[] = { { "listen", key_metrics_listen, NULL } };

	cfg_keys(p, section, keys, CFG_COUNT(keys), p->config);
}

void cfg_web(struct cfg_parser *p, const struct ini_section *section)
{
	static const struct cfg_key keys[] = { { "listen", key_web_listen, NULL } };

	cfg_keys(p, section, keys, CFG_COUNT(keys), p->config);
}
