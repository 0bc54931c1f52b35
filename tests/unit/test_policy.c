/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random policies: what the layers of maps decide, and what explain says, is what the
 * plainest reading of the file gives.  The seed is printed; DUALPATH_SEED sets it.
 */
#include "policy/rule_layers.h"
#include "tests/unit/random_policy.h"
#include "tests/unit/unit.h"

#define POLICIES 2000
#define PACKETS  50

static unsigned maps; /* seen */

/* *ambiguous: a map had two answers. */
static const struct rule_config *by_layers(const struct rule_layers *layers, const struct random_policy *p,
                                           const struct flow *flow, bool *ambiguous)
{
	for (size_t i = 0; i < layers->count; i++) {
		const struct rule_config *found = NULL;

		for (size_t k = 0; k < layers->item[i].rules; k++) {
			const struct rule_config *rule = layers->item[i].rule[k];

			if (rule_misses(rule, flow, p->facts.weekday, p->facts.minute))
				continue;
			*ambiguous |= found && rule_layer_is_map(&layers->item[i]);
			found = found ? found : rule;
		}
		if (found)
			return found;
	}
	return NULL;
}

static void try_one(const struct random_policy *p)
{
	struct rule_layers layers = { 0 };
	bool ambiguous = false;

	rule_layers_of(&p->config, &p->facts, &layers);
	for (size_t i = 0; i < layers.count; i++)
		maps += rule_layer_is_map(&layers.item[i]);
	for (unsigned n = 0; n < PACKETS; n++) {
		struct explanation e;
		struct flow flow;
		const struct rule_config *rule;

		random_flow(p, &flow, n);
		rule = plain_reading(p, &flow);
		explain_out(&p->config, &p->facts, &flow, &e);
		CHECK(e.rule == rule && e.path == path_list_active(order_by_reading(p, &flow), &p->facts));
		if (e.why != EXPLAIN_BLOCK)
			CHECK(by_layers(&layers, p, &flow, &ambiguous) == rule);
	}
	CHECK(!ambiguous);
	rule_layers_free(&layers);
}

TEST(layers_and_explain_read_as_the_file_does)
{
	random_seed();
	for (unsigned i = 0; i < POLICIES; i++) {
		struct random_policy *p = random_policy_new();

		try_one(p);
		random_policy_free(p);
	}
	printf("# %u policies of %u packets, %u maps\n", POLICIES, PACKETS, maps);
	CHECK(maps > POLICIES / 20); /* some 240 of 2000, more or less: the seed is another each time */
}
