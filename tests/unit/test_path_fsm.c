/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every cell of the table of a path's life, against a second telling of it. */
#include "policy/path_fsm.h"
#include "tests/unit/unit.h"

/* Written as sentences, not as a table, so that a slip in one is not a slip in both. */
static enum path_state told(enum path_state s, enum path_event e)
{
	if (e == PATH_EV_DISABLE)
		return PATH_DISABLED;
	if (s == PATH_DISABLED)
		return e == PATH_EV_ENABLE ? PATH_WAITING : PATH_DISABLED;
	if (e == PATH_EV_LINK_LOST)
		return PATH_DOWN;
	if (e == PATH_EV_LINK_UP && (s == PATH_WAITING || s == PATH_DOWN))
		return PATH_PROVING;
	if (e == PATH_EV_GOOD && (s == PATH_PROVING || s == PATH_SILENT))
		return PATH_UP;
	if (e == PATH_EV_BAD && (s == PATH_PROVING || s == PATH_UP))
		return PATH_SILENT;
	if (e == PATH_EV_ADOPT && (s == PATH_WAITING || s == PATH_PROVING))
		return PATH_UP;
	return s;
}

TEST(every_cell)
{
	for (int s = 0; s < PATH_STATES; s++)
		for (int e = 0; e < PATH_EVENTS; e++)
			CHECK(path_fsm_next((enum path_state)s, (enum path_event)e) ==
			      told((enum path_state)s, (enum path_event)e));
}

TEST(only_up_is_usable_and_not_when_forced)
{
	for (int s = 0; s < PATH_STATES; s++) {
		CHECK(path_fsm_usable((enum path_state)s, false) == (s == PATH_UP));
		CHECK(!path_fsm_usable((enum path_state)s, true));
	}
}

TEST(what_people_see)
{
	CHECK(path_fsm_view(PATH_UP, false, false) == PATH_VIEW_UP);
	CHECK(path_fsm_view(PATH_UP, false, true) == PATH_VIEW_DEGRADED);
	CHECK(path_fsm_view(PATH_UP, true, true) == PATH_VIEW_DOWN);
	CHECK(path_fsm_view(PATH_WAITING, false, true) == PATH_VIEW_STARTING);
	CHECK(path_fsm_view(PATH_PROVING, false, false) == PATH_VIEW_STARTING);
	CHECK(path_fsm_view(PATH_SILENT, false, false) == PATH_VIEW_DOWN);
	CHECK(path_fsm_view(PATH_DOWN, false, false) == PATH_VIEW_DOWN);
	CHECK(path_fsm_view(PATH_DISABLED, true, true) == PATH_VIEW_DISABLED);
}

TEST(every_name_is_there)
{
	for (int s = 0; s < PATH_STATES; s++)
		CHECK(path_state_name((enum path_state)s) != NULL);
	for (int e = 0; e < PATH_EVENTS; e++)
		CHECK(path_event_name((enum path_event)e) != NULL);
}
