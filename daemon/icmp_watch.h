/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hears ICMP errors that come in on a path, for the home or for us: somebody behind it says that a network or a machine
 * cannot be reached. A packet socket, with a filter in the kernel that wakes us for nothing else; packets that a flowtable
 * forwards never get to it. Called by daemon/evidence.c. That such an error speaks of the path at all is a guess: see
 * passive_told() in policy/passive.h.
 */
#ifndef DUALPATH_DAEMON_ICMP_WATCH_H
#define DUALPATH_DAEMON_ICMP_WATCH_H

#include <ev.h>
#include <stdint.h>

struct icmp_watch;

/* May close the watch. */
typedef void icmp_watch_fn(void *arg);

/* Several errors in a row are told of once.  0 and *out, or -errno. */
int icmp_watch_open(struct ev_loop *loop, const char *device, icmp_watch_fn *fn, void *arg, struct icmp_watch **out);
/* How many there were since it was opened, also those that nobody was told of. */
uint64_t icmp_watch_count(struct icmp_watch *watch);
void icmp_watch_close(struct icmp_watch *watch);

#endif
