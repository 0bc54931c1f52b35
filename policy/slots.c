/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config_assign_slots() of config.h: stable numbers for paths. */
#include <string.h>

#include "policy/config.h"
#include "policy/mark.h"

#define NO_SLOT CONFIG_PATHS_MAX

static bool slot_taken(const struct config *config, unsigned slot)
{
	for (size_t i = 0; i < config->paths; i++)
		if (config->path[i].slot == slot)
			return true;
	return false;
}

/* The two that nearly every home has keep one number each, also over a restart with another config. */
static unsigned usual_slot(const char *name)
{
	if (strcmp(name, "dslite") == 0)
		return 0;
	return strcmp(name, "pppoe") == 0 ? 1 : NO_SLOT;
}

/* Three bits hold the numbers of these two, and no third: what is all ones means "unreachable". */
const struct path_config *config_without_slot(const struct config *config)
{
	if (mark_unreachable(config->router.mark_mask) >= mark_of_path(config->router.mark_mask, CONFIG_PATHS_MAX))
		return NULL;
	for (size_t i = 0; i < config->paths; i++)
		if (usual_slot(config->path[i].name) == NO_SLOT)
			return &config->path[i];
	return NULL;
}

static unsigned free_slot(const struct config *config)
{
	unsigned slot = CONFIG_PATHS_MAX;

	/* From above, to leave the usual ones alone while there is room. */
	for (unsigned s = 2; s < CONFIG_PATHS_MAX && slot == CONFIG_PATHS_MAX; s++)
		if (!slot_taken(config, s))
			slot = s;
	for (unsigned s = 0; s < 2 && slot == CONFIG_PATHS_MAX; s++)
		if (!slot_taken(config, s))
			slot = s;
	return slot;
}

void config_assign_slots(struct config *config, const struct config *previous)
{
	for (size_t i = 0; i < config->paths; i++) {
		int old = previous ? config_path_index(previous, config->path[i].name) : -1;

		config->path[i].slot = old >= 0 ? previous->path[old].slot : NO_SLOT;
	}
	for (size_t i = 0; i < config->paths; i++) {
		unsigned usual = usual_slot(config->path[i].name);

		if (config->path[i].slot == NO_SLOT && usual != NO_SLOT && !slot_taken(config, usual))
			config->path[i].slot = usual;
	}
	for (size_t i = 0; i < config->paths; i++)
		if (config->path[i].slot == NO_SLOT)
			config->path[i].slot = free_slot(config);
}
