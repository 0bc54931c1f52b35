/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that can only be wrong now are forgotten by the kernel: those of a lost path that have somewhere else to
 * go, those of a path that a reload has taken out, and those that were translated to an address that is no longer a
 * session's.  Used by daemon/router.c and router_reload.c alone.
 */
#ifndef DUALPATH_DAEMON_STRANDED_H
#define DUALPATH_DAEMON_STRANDED_H

#include <ev.h>

#include "policy/compile.h"

struct stranded;

struct stranded *stranded_new(struct ev_loop *loop);
void stranded_free(struct stranded *stranded);

/* The path of this slot is no longer in the config: its connections go with the next look. */
void stranded_leave(struct stranded *stranded, unsigned slot);

/* After the new routing is in place, so that they begin anew there. */
void stranded_look(struct stranded *stranded, const struct config *config, const struct facts *facts);

/* Whoever routes after us shall not meet our marks. */
void stranded_forget_all(const struct config *config);

#endif
