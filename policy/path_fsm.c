/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See path_fsm.h. */
#include "policy/path_fsm.h"

#include <assert.h>

#define DISABLED PATH_DISABLED
#define WAITING  PATH_WAITING
#define PROVING  PATH_PROVING
#define UP       PATH_UP
#define SILENT   PATH_SILENT
#define DOWN     PATH_DOWN

/* Every cell is written out: a pair that should not meet keeps the state. */
static const enum path_state table[PATH_STATES][PATH_EVENTS] = {
	/*              ENABLE    DISABLE   LINK_UP   LINK_LOST GOOD      BAD       ADOPT */
	[DISABLED] = {  WAITING,  DISABLED, DISABLED, DISABLED, DISABLED, DISABLED, DISABLED },
	[WAITING]  = {  WAITING,  DISABLED, PROVING,  DOWN,     WAITING,  WAITING,  UP },
	[PROVING]  = {  PROVING,  DISABLED, PROVING,  DOWN,     UP,       SILENT,   UP },
	[UP]       = {  UP,       DISABLED, UP,       DOWN,     UP,       SILENT,   UP },
	[SILENT]   = {  SILENT,   DISABLED, SILENT,   DOWN,     UP,       SILENT,   SILENT },
	[DOWN]     = {  DOWN,     DISABLED, PROVING,  DOWN,     DOWN,     DOWN,     DOWN },
};

enum path_state path_fsm_next(enum path_state state, enum path_event event)
{
	assert(state < PATH_STATES && event < PATH_EVENTS);
	return table[state][event];
}

enum path_view path_fsm_view(enum path_state state, bool forced, bool flaw)
{
	if (state == PATH_DISABLED)
		return PATH_VIEW_DISABLED;
	if (forced)
		return PATH_VIEW_DOWN;
	switch (state) {
	case PATH_WAITING:
	case PATH_PROVING:
		return PATH_VIEW_STARTING;
	case PATH_UP:
		return flaw ? PATH_VIEW_DEGRADED : PATH_VIEW_UP;
	default:
		return PATH_VIEW_DOWN;
	}
}

bool path_fsm_usable(enum path_state state, bool forced)
{
	return state == PATH_UP && !forced;
}

const char *path_state_name(enum path_state state)
{
	static const char *const name[] = { "disabled", "waiting", "proving", "up", "silent", "down" };

	assert(state < PATH_STATES);
	return name[state];
}

const char *path_event_name(enum path_event event)
{
	static const char *const name[] = { "enable", "disable", "link up", "link lost", "good", "bad", "adopt" };

	assert(event < PATH_EVENTS);
	return name[event];
}

const char *path_view_name(enum path_view view)
{
	static const char *const name[] = { "disabled", "starting", "up", "degraded", "down" };

	return name[view];
}
