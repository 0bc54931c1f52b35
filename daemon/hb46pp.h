/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks the line's provider which AFTR or which fixed-IP tunnel is ours (HB46PP): the line's name servers for a TXT record,
 * the server that this names by HTTP(S), and all of it again when the specification says.  What is said is policy/hb46pp.c's and
 * daemon/hb46pp_json.c's to read.  Owns its questions, its timer, and the file "hb46pp-INTERFACE" in the state folder:
 * the answer, for when the server is out of reach, and the token by which the server knows us.  Used by daemon/provider.c.
 */
#ifndef DUALPATH_DAEMON_HB46PP_H
#define DUALPATH_DAEMON_HB46PP_H

#include <ev.h>

#include "policy/hb46pp.h"
#include "policy/resolvconf.h"

struct hb46pp_callbacks {
	/* Which name servers does the line have now?  At most DNS_SERVERS_MAX; returns how many. */
	size_t (*servers)(void *arg, struct dns_server *out);
	/* A round of questions has come to its end; from the loop. */
	void (*changed)(void *arg);
};

struct hb46pp;

/* interface and state_dir are copied.  It does nothing until it is started. */
struct hb46pp *hb46pp_new(struct ev_loop *loop, const char *interface, const char *state_dir,
                          const struct hb46pp_callbacks *callbacks, void *arg);
/* NULL is good. */
void hb46pp_free(struct hb46pp *hb);

/*
 * Ask, as this address of ours (:: where none is known).  Nothing happens while it is being asked, or where it was lately,
 * for the same prefix: the line has more reasons to begin anew than a provider's server wants to hear of.
 */
void hb46pp_start(struct hb46pp *hb, const struct in6_addr *local);
/* Ask no more.  The answer stays. */
void hb46pp_stop(struct hb46pp *hb);

/* Use what was told before for this prefix, until an answer comes. */
void hb46pp_recall(struct hb46pp *hb);
bool hb46pp_is_asking(const struct hb46pp *hb);
/* What the provider offers, of what we can use; empty: nothing, or nothing yet. */
const struct hb46pp_ways *hb46pp_ways(const struct hb46pp *hb);
/* For people, into buf: why the last round has no AFTR, or no tunnel where that is asked for; or "". */
void hb46pp_trouble(const struct hb46pp *hb, bool tunnel, char *buf, size_t size);

#endif
