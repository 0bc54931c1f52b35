/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a path returns: ends the connections that fell back from it and whose time is over ("on-return = cut" and
 * "drain").  Owned by router.c, which tells it of every state of the paths once the routing fits it.
 */
#ifndef DUALPATH_DAEMON_RETURNS_H
#define DUALPATH_DAEMON_RETURNS_H

#include <ev.h>

#include "daemon/events.h"
#include "policy/compile.h"

struct returns;

struct returns *returns_new(struct ev_loop *loop, struct events *events);
void returns_free(struct returns *returns);

/* config is kept until the next call of either. */
void returns_reconfigure(struct returns *returns, const struct config *config);
void returns_look(struct returns *returns, const struct config *config, const struct facts *facts);

#endif
