/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the ports of the carrier's NAT are nearly used up. */
#include "policy/budget.h"
#include "tests/unit/unit.h"

TEST(the_protocol_that_uses_the_most_counts)
{
	struct budget_use use = { .tcp = 10, .udp = 900, .icmp = 3, .rest = 5000 };

	CHECK(budget_most(&use) == 900);
	CHECK(budget_is_tight(&use, 1024, false));
	CHECK(!budget_is_tight(&use, 2048, false));
}

TEST(it_warns_at_the_limit_and_clears_below_it)
{
	struct budget_use use = { .tcp = 80 };

	CHECK(budget_is_tight(&use, 100, false));
	use.tcp = 79;
	CHECK(!budget_is_tight(&use, 100, false));
	CHECK(budget_is_tight(&use, 100, true));
	use.tcp = 69;
	CHECK(!budget_is_tight(&use, 100, true));
}

TEST(no_budget_is_never_tight)
{
	struct budget_use use = { .tcp = 4000000000u };

	CHECK(!budget_is_tight(&use, 0, false));
	CHECK(budget_is_tight(&use, 65535, false));
}
