/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is particular to a DS-Lite path: which address of the line is our end, which
 * AFTR the other (daemon/aftr.c finds it), and whether the tunnel stands.  The tunnel
 * itself is made by the plan.  Called by daemon/link.c, and by daemon/status.c for what is shown.
 */
#ifndef DUALPATH_DAEMON_DSLITE_H
#define DUALPATH_DAEMON_DSLITE_H

#include "daemon/path.h"

struct dslite *dslite_new(struct path *path);
void dslite_free(struct dslite *dslite);
void dslite_refresh(struct dslite *dslite, const struct plan *have);
/* Take over the ends of the tunnel that stands.  False where there is none. */
bool dslite_adopt(struct dslite *dslite, const struct plan *have);
void dslite_reconfigure(struct dslite *dslite, const struct path_config *old);
void dslite_rebuild(struct dslite *dslite);
/* Something came back through the tunnel. */
void dslite_worked(struct dslite *dslite);
/* Nothing comes back any more: looks for another AFTR that carries, where there are several. */
void dslite_silent(struct dslite *dslite);
/* The tunnel's other end is silent within it: pings its own address, and puts what comes of it into the events. */
void dslite_ask_aftr(struct dslite *dslite);
/* An answer came after a loss.  True: not yet good enough, the AFTR from before is asked first. */
bool dslite_reconsiders(struct dslite *dslite);
/* For status: the AFTR's name, or "" where only an address is known. */
const char *dslite_aftr_name(const struct dslite *dslite);
/* Who told it: aftr_source_name(), or "" while nobody has. */
const char *dslite_aftr_source(const struct dslite *dslite);

#endif
