/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does the line below a tunnel carry what its interface and its router say (RFC 2473 section 6.7)?  Owns when that is
 * measured and what follows from it: the fact .carries of the path, its flaw where the owner asked for more, an event.
 * Measured when the path has come up, its ends or the line's MTU are others, somebody says that a packet was too big,
 * and now and then.  Owned by daemon/path.c; the measuring is daemon/mtu_probe.c's.
 */
#ifndef DUALPATH_DAEMON_MTU_WATCH_H
#define DUALPATH_DAEMON_MTU_WATCH_H

#include <stdbool.h>

struct path;
struct mtu_watch;

struct mtu_watch *mtu_watch_new(struct path *path);
void mtu_watch_free(struct mtu_watch *watch);
/* The path, or what is known of it, may be another: measure, or no longer. */
void mtu_watch_look(struct mtu_watch *watch);
/* A tunnel of this MTU was there before us: nothing larger is tried on the home before it is measured. */
void mtu_watch_adopt(struct mtu_watch *watch, unsigned tunnel_mtu);
/* Somebody on the line says that no more than so many bytes pass. */
void mtu_watch_too_big(struct mtu_watch *watch, unsigned bytes);
/* What the line was measured to carry, bytes; 0: not known, the line's own word is taken. */
unsigned mtu_watch_measured(const struct mtu_watch *watch);

#endif
