/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the provider of a fixed-IP tunnel informed where our end is (update-url of [ipip NAME]): asks from that end, again
 * when it moves, on schedule, and after a failure ever later.  What is asked and what an answer means is
 * policy/registration.c's.  Owns the request, its timer and the watch on the password's file.  Used by daemon/ipip.c.
 *
 * The password is in memory while a request runs, and is never in a log, an event or an answer of ours.
 */
#ifndef DUALPATH_DAEMON_REGISTRATION_H
#define DUALPATH_DAEMON_REGISTRATION_H

#include <netinet/in.h>
#include <stdint.h>

#include "daemon/path.h"
#include "policy/registration.h"

struct registration;

/* WAITING: for our end, for the server's address, or for its first answer. */
enum registration_state { REGISTRATION_WAITING, REGISTRATION_OK, REGISTRATION_IS_REFUSED, REGISTRATION_HAS_FAILED };
/* "waiting", "ok", "refused", "failed". */
const char *registration_state_name(enum registration_state state);

struct registration_info {
	enum registration_state state;
	int64_t at_ms; /* of the last answer or failure, UTC; 0: there was none */
	int64_t good_ago_ms; /* since the server last took it; -1: it never did */
	const char *reason; /* "" where all is well */
};

/* path outlives it, and its config has an update_url. */
struct registration *registration_new(struct path *path);
/* NULL is good. */
void registration_free(struct registration *registration);
/* Our end, as it can be used now; NULL: it cannot.  Another than before, or back: asks at once. */
void registration_end(struct registration *registration, const struct in6_addr *local);
/* The line may have other name servers now. */
void registration_line_changed(struct registration *registration);
/* The tunnel is silent: perhaps the provider has forgotten us.  Not more than once a minute, and not where we were refused. */
void registration_silent(struct registration *registration);
/* The owner wants it: at once. */
void registration_again(struct registration *registration);
void registration_info(const struct registration *registration, struct registration_info *info);

#endif
