/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a path, as one table.  path_fsm_next() is the only thing that
 * decides a path's state; daemon/path.c owns the value and acts on the change.
 *
 *            enable          link up           good
 *  DISABLED ────────► WAITING ──────► PROVING ──────► UP ◄─────┐
 *                        │              │ │           │ │       │ good
 *               link lost│     link lost│ │bad    bad │ │       │
 *                        ▼              │ └────► SILENT ◄───────┤
 *                      DOWN ◄───────────┴── link lost ──────────┘
 *                        └─ link up ─► PROVING
 *
 * "Link" is what carries the path (the tunnel with both ends known; the PPPoE
 * session with its address).  A link alone is not a path: it counts as up when
 * something came back through it.  disable leads to DISABLED from everywhere.
 *
 * forced (the owner said failover) and flaw (works, but not as asked) are not
 * states: they overlay the state in path_view().
 */
#ifndef DUALPATH_POLICY_PATH_FSM_H
#define DUALPATH_POLICY_PATH_FSM_H

#include <stdbool.h>

enum path_state {
	PATH_DISABLED, /* not in the config */
	PATH_WAITING,  /* no link yet, and none was lost */
	PATH_PROVING,  /* the link is there, nothing came back yet */
	PATH_UP,
	PATH_SILENT, /* the link is there, but nothing comes back any more */
	PATH_DOWN,   /* the link was lost, or could not be made */
	PATH_STATES
};

enum path_event {
	PATH_EV_ENABLE,
	PATH_EV_DISABLE,
	PATH_EV_LINK_UP,
	PATH_EV_LINK_LOST,
	PATH_EV_GOOD,  /* the probes add up to: works */
	PATH_EV_BAD,   /* the probes add up to: lost */
	PATH_EV_ADOPT, /* found working at start: it carried traffic before we came */
	PATH_EVENTS
};

/* What people and scripts see (SPEC: States of a path). */
enum path_view { PATH_VIEW_DISABLED, PATH_VIEW_STARTING, PATH_VIEW_UP, PATH_VIEW_DEGRADED, PATH_VIEW_DOWN };

enum path_state path_fsm_next(enum path_state state, enum path_event event);
enum path_view path_fsm_view(enum path_state state, bool forced, bool flaw);
/* May new connections use it? */
bool path_fsm_usable(enum path_state state, bool forced);

const char *path_state_name(enum path_state state);
const char *path_event_name(enum path_event event);
const char *path_view_name(enum path_view view);

#endif
