/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names and addresses that may be the AFTR, and who is asked for them.  An entry is a name or an address of
 * aftr = in its order, or, where that is auto, the one name that somebody on the line told.  Each name is watched
 * with up to two sets of servers:
 *
 *   line    those that the line named, through its interface.  They know best: a provider's servers resolve
 *           the name for its own customers alone.
 *   other   those of dns =, and then no line; else of resolv.conf.  A configured name is asked of them at once,
 *           without waiting for the line's; they rest while the line's answer.
 *
 * Used by daemon/aftr.c, which finds out about the line.
 */
#ifndef DUALPATH_DAEMON_AFTR_NAMES_H
#define DUALPATH_DAEMON_AFTR_NAMES_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/aftr.h"
#include "policy/resolvconf.h"

struct aftr_names;

/* changed: an answer came or did not; from the loop. */
struct aftr_names *aftr_names_new(struct ev_loop *loop, const struct dslite_config *config, const char *interface,
                                  void (*changed)(void *arg), void *arg);
/* NULL is good. */
void aftr_names_free(struct aftr_names *names);

/* aftr = as one line. */
const char *aftr_names_wanted(const struct aftr_names *names);
/* Would the line's servers, or a name that the line tells, be of use? */
bool aftr_names_need_line(const struct aftr_names *names);

/* The line changed: forget its servers, ask for the configured names anew.  Answers stay until there are others. */
void aftr_names_restart(struct aftr_names *names);
/* The line named these servers (at most DNS_SERVERS_MAX count).  True: they are others than before. */
bool aftr_names_line(struct aftr_names *names, const struct in6_addr *servers, unsigned count);
/* Where aftr = is auto: this is it, a name or an address that is known to be sound. */
void aftr_names_told(struct aftr_names *names, const char *aftr);
/* Whom the line's own questions go to: its servers, or those of dns =, never resolv.conf.  Up to DNS_SERVERS_MAX. */
size_t aftr_names_servers(const struct aftr_names *names, struct dns_server *out);

/*
 * What the answers come to: name and addresses into *out, which keeps its source.  False while nothing
 * is known, or while an entry that goes before what is known has not had its chance.
 */
bool aftr_names_answer(const struct aftr_names *names, struct aftr_result *out);
/* What is being asked, or why there is no answer, of the first entry without one.  False where nobody has told
 * the name yet. */
bool aftr_names_describe(const struct aftr_names *names, char *buf, size_t size);

#endif
