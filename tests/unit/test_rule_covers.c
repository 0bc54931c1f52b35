/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy/rule_covers and config_check()'s use of it: what one rule is said to take away from
 * another, no packet gets past; and the warnings name the first that does.  The seed is
 * printed; DUALPATH_SEED sets it.
 */
#include <stdlib.h>

#include "policy/rule_covers.h"
#include "tests/unit/random_policy.h"
#include "tests/unit/unit.h"

#define POLICIES 600
#define PACKETS  60

static unsigned covered, never; /* seen */

static bool takes(const struct rule_config *rule, const struct flow *flow, unsigned minute)
{
	return !rule_misses(rule, flow, minute / 1440, minute % 1440);
}

static void try_pair(const struct random_policy *p, const struct rule_config *a, const struct rule_config *b)
{
	if (!rule_covers(a, b))
		return;
	covered++;
	for (unsigned n = 0; n < PACKETS; n++) {
		unsigned minute = (unsigned)rand() % (7 * 1440);
		struct flow flow;

		random_flow(p, &flow, n);
		CHECK(!takes(b, &flow, minute) || takes(a, &flow, minute));
	}
}

static void try_never(const struct random_policy *p, const struct rule_config *rule)
{
	if (!rule_never(&p->config, rule))
		return;
	never++;
	for (unsigned n = 0; n < PACKETS; n++) {
		struct flow flow;

		random_flow(p, &flow, n);
		CHECK(!takes(rule, &flow, (unsigned)rand() % (7 * 1440)));
	}
}

TEST(what_is_covered_is_never_reached)
{
	random_seed();
	for (unsigned i = 0; i < POLICIES; i++) {
		struct random_policy *p = random_policy_new();

		for (size_t b = 0; b < p->config.rules; b++) {
			try_never(p, &p->rule[b]);
			for (size_t a = 0; a < b; a++)
				try_pair(p, &p->rule[a], &p->rule[b]);
		}
		random_policy_free(p);
	}
	printf("# %u covered, %u never\n", covered, never);
	CHECK(covered > POLICIES);
}

/* How many warnings there must be, by looking at all pairs. */
static size_t count_plainly(const struct config *c)
{
	size_t count = 0;

	for (size_t b = 0; b < c->rules; b++) {
		bool dead = rule_never(c, &c->rule[b]);

		for (size_t a = 0; a < b && !dead; a++)
			dead = !rule_never(c, &c->rule[a]) && rule_covers(&c->rule[a], &c->rule[b]);
		count += dead;
	}
	return count;
}

TEST(the_check_finds_what_all_pairs_tell)
{
	static char file[] = "random.conf";

	for (unsigned i = 0; i < POLICIES; i++) {
		struct random_policy *p = random_policy_new();
		struct diag_list diags = { 0 };

		p->config.file = file;
		for (size_t r = 0; r < p->config.rules; r++)
			p->rule[r].line = (int)r + 1;
		config_check(&p->config, &diags);
		CHECK_INT(diags.count, count_plainly(&p->config));
		diag_free(&diags);
		p->config.file = NULL;
		random_policy_free(p);
	}
}
