/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is below a path, whatever its kind: a tunnel to an AFTR (dslite.c), a session (pppoe.c), a fixed-IP tunnel (ipip.c).
 * The one place that tells the kinds apart for daemon/path.c and path_judge.c, which alone call this; a new kind begins here.
 */
#ifndef DUALPATH_DAEMON_LINK_H
#define DUALPATH_DAEMON_LINK_H

#include "daemon/path.h"

void link_make(struct path *path);
void link_free(struct path *path);

/*
 * See path_refresh(), path_adopt(), path_reconnect(), path_reconfigure(), path_stop() and path_has_ended().  link_adopt: is there
 * one, whole?
 */
void link_refresh(struct path *path, const struct plan *have);
bool link_adopt(struct path *path, const struct plan *have);
void link_rebuild(struct path *path);
void link_reconfigure(struct path *path, const struct path_config *old);
void link_stop(struct path *path);
bool link_has_ended(const struct path *path);
/* The run folder was removed: what stands in it of the link. */
void link_note(const struct path *path);

/* Something came back through it. */
void link_worked(struct path *path);
/* The same of each round. */
void link_answered(struct path *path);
/* No round is answered; news: until now they were, and its own other end is silent as well. */
void link_silent(struct path *path, bool news);
/* An answer came after a loss.  True: it is not yet good enough, who carried before is asked first. */
bool link_reconsiders(struct path *path);

/* Whom a probe asks that is for the path's own other end. */
void link_other_end(const struct path *path, struct probe_other_end *end);
/* That it stands is as good as an answer of its other end, which not everybody gives. */
bool link_stands_for_answer(const struct path *path);
/* For a reason: does its other end speak?  It continues a sentence. */
const char *link_word_of_end(const struct path *path, bool answers);
/* For a reason: why the path is up where no target but that end has answered; asked: it was, and did. */
const char *link_up_by_end(const struct path *path, bool asked);
/* Of the carrier's NAT, which a machine of this line may use; 0: not limited, or not told. */
unsigned link_ports(const struct path *path);

#endif
