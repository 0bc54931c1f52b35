/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See budget.h. */
#include "policy/budget.h"

#include <stdint.h>

unsigned budget_most(const struct budget_use *use)
{
	unsigned most = use->tcp > use->udp ? use->tcp : use->udp;

	return use->icmp > most ? use->icmp : most;
}

bool budget_is_tight(const struct budget_use *use, unsigned ports, bool already)
{
	uint64_t percent = already ? BUDGET_CLEAR_PERCENT : BUDGET_WARN_PERCENT;

	return ports && (uint64_t)budget_most(use) * 100 >= ports * percent;
}
