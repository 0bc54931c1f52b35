/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "on-return = keep | cut | drain TIME" of [router], [host] and [rule], and "spill" of the latter two.  Called by the files that read these
 * sections, and by config_parse.c once all of them are read.
 */
#include <string.h>
#include <strings.h>

#include "policy/config_internal.h"
#include "policy/fallback.h"
#include "policy/value.h"

#define DRAIN "drain"

/* The time after the word, or NULL. */
static const char *drain_time(const char *text)
{
	size_t word = sizeof(DRAIN) - 1;

	if (strncasecmp(text, DRAIN, word) != 0 || !strchr(" \t", text[word]))
		return NULL;
	return text + word + strspn(text + word, " \t");
}

void cfg_on_return(struct cfg_parser *p, const struct ini_item *item, struct path_list *out)
{
	struct cfg_token token;
	const char *time;
	uint32_t ms = 0;

	cfg_whole(item, &token);
	time = drain_time(token.text);
	if (strcasecmp(token.text, "keep") == 0)
		out->on_return = ON_RETURN_KEEP;
	else if (strcasecmp(token.text, "cut") == 0 ||
	         (time && duration_parse(time, &ms) && ms >= 1000 && ms <= FALLBACK_DRAIN_MAX_S * 1000))
		out->on_return = ON_RETURN_DRAIN;
	else
		cfg_fail(p, &token, "\"%s\" is neither keep, cut, nor drain with a time from 1s to a day, as in drain 10m",
		         token.text);
	out->drain_s = ms / 1000;
}

/* ---- spill ---- */

void cfg_spill(struct cfg_parser *p, const struct ini_item *item, struct path_list *out)
{
	cfg_bool(p, item, &out->spill);
}

static bool is_counted(const struct config *config, const struct path_list *order)
{
	for (unsigned i = 0; i + 1 < order->count; i++)
		if (config->path[order->path[i]].kind == PATH_DSLITE && config->path[order->path[i]].dslite.ports)
			return true;
	return false;
}

void cfg_settle_spill(struct cfg_parser *p, const struct ini_section *section, const struct path_list *order)
{
	const struct ini_item *item = ini_find(section, "spill");

	if (item && order->spill && !is_counted(p->config, order))
		cfg_fail_item(p, item, "nothing to spill: it needs ports = of [dslite], and in path = another path behind dslite");
}

/* ---- what all have in common ---- */

/* One path is never fallen back from: whatever is said, it means keep. */
static void settle(struct config *config, struct path_list *order)
{
	if (order->on_return == ON_RETURN_OTHERWISE) {
		order->on_return = config->router.order.on_return;
		order->drain_s = config->router.order.drain_s;
	}
	if (order->count < 2)
		order->drain_s = 0;
	if (order->count < 2)
		order->on_return = ON_RETURN_KEEP;
	config->drains |= order->on_return == ON_RETURN_DRAIN;
}

void cfg_settle_returns(struct config *config)
{
	struct path_list *order = &config->router.order;

	if (order->on_return == ON_RETURN_OTHERWISE)
		order->on_return = ON_RETURN_KEEP;
	for (size_t i = 0; i < config->hosts; i++)
		settle(config, &config->host[i].path);
	for (size_t i = 0; i < config->rules; i++)
		settle(config, &config->rule[i].path);
	settle(config, order);
}
