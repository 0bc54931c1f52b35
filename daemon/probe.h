/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Active probes of one path: asks a round of targets every interval, bound to the
 * path's device whatever the routing says, and reports each round once its outcome
 * stands.  Owns the timer; when to ask is policy/probe_when.c's and whom policy/probe_pace.c's, the targets and their
 * sockets are daemon/probe_ask.c's, the bookkeeping of rounds policy/probe_rounds.c's, and what rounds add up to
 * policy/health.c's.  Called by daemon/path.c.
 *
 * A round asks all of its targets at once, not spread over the interval: it costs one
 * wake-up, the answers can be compared, and the path's fate is known one round
 * trip after the question.  That one dropped burst can take a whole round with it is what
 * down-after is there for.
 *
 * A path that is suspect is asked in a burst: all targets, again and again, until somebody answers or
 * the path has been silent for too long.  A burst that is not answered is a verdict.  Suspect is
 * a path whose round is late by what is usual, and one of which prober_suspect() says so.
 */
#ifndef DUALPATH_DAEMON_PROBE_H
#define DUALPATH_DAEMON_PROBE_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/probe_ask.h"
#include "daemon/probe_credit.h"
#include "policy/config.h"
#include "policy/health.h"
#include "policy/icmp_echo.h"

struct prober;

/*
 * A round's outcome stands (policy/probe_rounds.h says when).  May call prober_start(),
 * _stop() and _quick(), but not prober_free().
 */
typedef void probe_round_fn(void *arg, const struct health_round *round);

/* credit outlives the prober. */
struct prober *prober_new(struct ev_loop *loop, struct probe_credit *credit, probe_round_fn *fn, void *arg);
void prober_free(struct prober *prober);

/*
 * Probe over device (bound by name) with mark as SO_MARK, from now on; the first
 * round from the event loop, at once.  other_end is the fallback of
 * policy/health.h.  quick: rounds every 200 ms (or the interval, if that is shorter) until told
 * otherwise by prober_quick().  config and other_end are copied as needed and may go.  Starting
 * again replaces what ran.
 *
 * 0, or -errno of what keeps it from sending (-ENODEV, -EPERM).  It runs all the same:
 * its rounds fail, and it tries again with each.  The same goes for a device that
 * vanishes later and comes back by the same name.
 */
int prober_start(struct prober *prober, const struct probe_config *config, const char *device, uint32_t mark,
                 const struct probe_other_end *other_end, bool quick);
/* Has the other end ever answered? */
bool prober_other_end_is_known(const struct prober *prober);
/* Was the last question kept from leaving, by a firewall of this machine or a full table of connections? */
bool prober_is_withheld(const struct prober *prober);
/* From quick to the interval or back.  To quick: the next round at once. */
void prober_quick(struct prober *prober, bool quick);
void prober_stop(struct prober *prober);

/* Something says that the path may be lost: nothing has come since since_us (of clock_monotonic_us()).
 * One word costs one burst; where one runs, or the last round was bad anyway, nothing happens. */
void prober_suspect(struct prober *prober, uint64_t since_us);
/* Called before a burst that nobody asked for begins, and before one is told of as bad for want of time: who counts packets says
 * now whether something came (prober_heard(), prober_alive()). */
void prober_set_look(struct prober *prober, void (*look)(void *arg), void *arg);
/* Somebody says that a packet of the home cannot be delivered: the same, and one target is asked first. */
void prober_told(struct prober *prober);
/* What carries the path says so, of all that it carries: the same, and where a question has been refused the path is lost. */
void prober_line_told(struct prober *prober);
/* Something came in over the path by itself: it need not be asked for another interval, unless the config wants
 * loss or latency judged. */
void prober_alive(struct prober *prober);
/* Something came in, though not enough to tell that the path works: it is not silent, and a burst is given the timeout. */
void prober_heard(struct prober *prober);
/* What carries the path says that this echo request of ours cannot be delivered (and was it ours). */
void prober_unreachable(struct prober *prober, const struct icmp_echo *echo);

/* Since the prober was made. */
struct probe_traffic prober_traffic(const struct prober *prober);

#endif
