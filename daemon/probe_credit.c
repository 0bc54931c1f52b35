/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See probe_credit.h. */
#include "daemon/probe_credit.h"

#include <stdlib.h>

#include "common/xalloc.h"

struct probe_credit {
	struct probe_credit_entry *entry;
	size_t entries;
};

struct probe_credit *probe_credit_new(void)
{
	return xcalloc(1, sizeof(struct probe_credit));
}

void probe_credit_free(struct probe_credit *credit)
{
	if (!credit)
		return;
	free(credit->entry);
	free(credit);
}

bool probe_credit_has(const struct probe_credit *credit, const struct probe_credit_entry *wanted)
{
	for (size_t i = 0; i < credit->entries; i++) {
		const struct probe_credit_entry *e = &credit->entry[i];

		if (e->kind == wanted->kind && e->addr == wanted->addr && e->port == wanted->port &&
		    e->status == wanted->status && e->text == wanted->text)
			return true;
	}
	return false;
}

void probe_credit_add(struct probe_credit *credit, const struct probe_credit_entry *entry)
{
	if (probe_credit_has(credit, entry))
		return;
	credit->entry = xreallocarray(credit->entry, credit->entries + 1, sizeof(*credit->entry));
	credit->entry[credit->entries++] = *entry;
}
