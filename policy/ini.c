/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ini.h offers beside reading. */
#include "policy/ini.h"

#include <stdlib.h>
#include <string.h>

const struct ini_item *ini_find(const struct ini_section *section, const char *key)
{
	for (size_t i = 0; i < section->count; i++)
		if (strcmp(section->item[i].key, key) == 0)
			return &section->item[i];
	return NULL;
}

static void section_free(struct ini_section *section)
{
	for (size_t i = 0; i < section->count; i++) {
		free(section->item[i].key);
		free(section->item[i].value);
	}
	free(section->item);
	free(section->name);
}

void ini_free(struct ini_file *ini)
{
	if (!ini)
		return;
	for (size_t i = 0; i < ini->count; i++)
		section_free(&ini->section[i]);
	free(ini->section);
	free(ini->name);
	free(ini);
}
