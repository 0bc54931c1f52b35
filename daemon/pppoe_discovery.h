/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The discovery stage of a PPPoE path (RFC 2516 section 5), as far as it is ours: listens to who offers and who refuses a
 * session, of which pppd tells late or not by name, and asks by itself while nobody answers.  Owns the capture and
 * the questions' timer.  When to listen and to ask is daemon/pppoe_dial.c's, its only caller.
 */
#ifndef DUALPATH_DAEMON_PPPOE_DISCOVERY_H
#define DUALPATH_DAEMON_PPPOE_DISCOVERY_H

#include <stdbool.h>

#include "daemon/path.h"

struct pppoe_discovery;

/* From the loop: whom we asked for offers a session (the one that the config names, or anybody); no more is asked. */
typedef void pppoe_found_fn(void *arg);

/* path is borrowed, and its config looked at anew each time. */
struct pppoe_discovery *pppoe_discovery_new(struct path *path, pppoe_found_fn *fn, void *arg);
/* Neither listens nor asks any more.  Takes NULL, and looks at no config. */
void pppoe_discovery_free(struct pppoe_discovery *discovery);

/* Listen, from the beginning: nobody has offered anything.  Where that cannot be (no libpcap, no interface), only the words are
 * poorer: a refusal is not told by the concentrator's name. */
void pppoe_discovery_listen(struct pppoe_discovery *discovery);
/* No more; who offered a session last is remembered. */
void pppoe_discovery_deafen(struct pppoe_discovery *discovery);

/* Ask who is there (PADI) now, and at the pace of BACKOFF_PADI until found or told to stop.  Listens, too. */
void pppoe_discovery_ask(struct pppoe_discovery *discovery);
/* Goes on listening. */
void pppoe_discovery_ask_no_more(struct pppoe_discovery *discovery);
bool pppoe_discovery_asks(struct pppoe_discovery *discovery);

/* What the concentrator that offered a session last calls itself; "": none has since we last began to listen.  Borrowed. */
const char *pppoe_discovery_ac_name(const struct pppoe_discovery *discovery);

#endif
