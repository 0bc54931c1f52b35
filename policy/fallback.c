/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See fallback.h. */
#include "policy/fallback.h"

bool fallback_of(const struct config *config, const struct facts *facts, const struct path_list *order,
                 struct fallback *out)
{
	int active = path_list_active(order, facts);

	*out = (struct fallback){ .drain_s = order->drain_s };
	if (order->on_return != ON_RETURN_DRAIN || active < 0)
		return false;
	for (unsigned i = 0; order->path[i] != active; i++)
		if (!facts->path[order->path[i]].usable) /* and not what was full */
			out->slots |= 1u << config->path[order->path[i]].slot;
	return out->slots != 0;
}

uint32_t fallback_pack(const struct fallback *fallback)
{
	return fallback->slots | fallback->drain_s << CONFIG_PATHS_MAX;
}

struct fallback fallback_unpack(uint32_t bits)
{
	return (struct fallback){ .slots = bits & ((1u << CONFIG_PATHS_MAX) - 1), .drain_s = bits >> CONFIG_PATHS_MAX };
}

int64_t fallback_left(const struct fallback *fallback, const struct fallback_works *works)
{
	int64_t left = -1;

	for (unsigned slot = 0; slot < CONFIG_PATHS_MAX; slot++) {
		int64_t this = (int64_t)fallback->drain_s - works->s[slot];

		if (!(fallback->slots >> slot & 1) || works->s[slot] < 0)
			continue;
		if (this < 0)
			this = 0;
		if (left < 0 || this < left)
			left = this;
	}
	return left;
}

/* What a path of before had noted in a slot is nobody's word on whoever has it next, nor on nobody. */
bool fallback_note(struct fallback_since *since, const struct config *config, const struct facts *facts, uint64_t now_ms)
{
	struct fallback_since now = { { 0 } };
	bool any = false;

	for (size_t i = 0; i < config->paths; i++) {
		unsigned slot = config->path[i].slot;

		if (!facts->path[i].usable)
			continue;
		any |= !since->ms[slot];
		now.ms[slot] = since->ms[slot] ? since->ms[slot] : now_ms;
	}
	*since = now;
	return any;
}
