/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which connections remember that they fell back, and when they are over. */
#include <string.h>

#include "policy/fallback.h"
#include "tests/unit/unit.h"

/* Three paths, whose slots are not their indexes. */
static struct path_config path[3];
static struct config config = { .path = path, .paths = 3 };

static struct facts usable(bool a, bool b, bool c)
{
	struct facts f = { 0 };

	path[0].slot = 4;
	path[1].slot = 0;
	path[2].slot = 2;
	f.path[0].usable = a;
	f.path[1].usable = b;
	f.path[2].usable = c;
	return f;
}

static struct fallback_works works(int64_t slot0, int64_t slot2, int64_t slot4)
{
	return (struct fallback_works){ { slot0, -1, slot2, -1, slot4, -1 } };
}

TEST(only_what_fell_back_remembers)
{
	struct path_list order = { .count = 3, .path = { 0, 1, 2 }, .on_return = ON_RETURN_DRAIN, .drain_s = 60 };
	struct facts all = usable(true, true, true), second = usable(false, true, true), third = usable(false, false, true),
		     none = usable(false, false, false);
	struct fallback f;

	CHECK(!fallback_of(&config, &all, &order, &f));
	CHECK(!fallback_of(&config, &none, &order, &f));
	CHECK(fallback_of(&config, &second, &order, &f) && f.slots == 1u << 4 && f.drain_s == 60);
	CHECK(fallback_of(&config, &third, &order, &f) && f.slots == (1u << 4 | 1u << 0));
	order.spill = all.path[0].full = true; /* what spilled did not fall back */
	CHECK(path_list_active(&order, &all) == 1 && !fallback_of(&config, &all, &order, &f));
	order.on_return = ON_RETURN_KEEP;
	CHECK(!fallback_of(&config, &second, &order, &f));
}

TEST(what_is_packed_comes_out_again)
{
	struct fallback most = { (1u << CONFIG_PATHS_MAX) - 1, FALLBACK_DRAIN_MAX_S }, cut = { 1u << 3, 0 };
	struct fallback f = fallback_unpack(fallback_pack(&most));

	CHECK(f.slots == most.slots && f.drain_s == most.drain_s);
	CHECK(fallback_pack(&most) >> FALLBACK_LABEL_BITS == 0);
	f = fallback_unpack(fallback_pack(&cut));
	CHECK(f.slots == cut.slots && f.drain_s == 0);
	/* Of a connection without a label. */
	f = fallback_unpack(0);
	CHECK(f.slots == 0);
}

TEST(over_when_one_that_it_prefers_has_worked_for_so_long)
{
	struct fallback drain = { 1u << 4 | 1u << 0, 60 }, cut = { 1u << 4, 0 }, nothing = { 0, 0 };
	struct fallback_works now = works(-1, 999, 10);

	CHECK(fallback_left(&drain, &now) == 50);
	CHECK(fallback_left(&cut, &now) == 0);
	CHECK(fallback_left(&nothing, &now) == -1);
	now = works(20, -1, 10);
	CHECK(fallback_left(&drain, &now) == 40);
	now = works(-1, 999, -1);
	CHECK(fallback_left(&drain, &now) == -1);
	CHECK(fallback_left(&cut, &now) == -1);
	now = works(-1, -1, 61);
	CHECK(fallback_left(&drain, &now) == 0);
}

TEST(how_long_each_has_worked)
{
	struct facts one = usable(true, false, false), two = usable(true, true, false), none = usable(false, false, false);
	struct config fewer = { .path = path + 1, .paths = 2 };
	struct fallback_since since = { { 0 } };

	CHECK(fallback_note(&since, &config, &one, 100));
	CHECK(!fallback_note(&since, &config, &one, 200));
	CHECK(fallback_note(&since, &config, &two, 300));
	CHECK(since.ms[4] == 100 && since.ms[0] == 300 && since.ms[2] == 0);
	CHECK(!fallback_note(&since, &config, &none, 400));
	CHECK(since.ms[4] == 0 && since.ms[0] == 0);
	/* The first goes out of the configuration while it works: nothing returns to it any more. */
	fallback_note(&since, &config, &two, 500);
	CHECK(!fallback_note(&since, &fewer, &one, 600));
	CHECK(since.ms[4] == 0 && since.ms[0] == 500);
}
