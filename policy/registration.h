/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling the provider of a fixed-IP tunnel where our end is: one GET from that end, with user and password.  Here:
 * what is asked, what an answer means, and when to ask again.  Called by daemon/registration.c, which asks, and by
 * config_ipip.c.  Pure.
 */
#ifndef DUALPATH_POLICY_REGISTRATION_H
#define DUALPATH_POLICY_REGISTRATION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/backoff.h"
#include "policy/url.h"

/* What {user}, {password}, {local} and {address} of a template stand for, in this order. */
struct registration_values {
	const char *user, *password, *local, *address;
};

/*
 * The template with its placeholders replaced, percent-encoded (RFC 3986 section 2.1: all but unreserved), into buf.
 * NULL, or what is wrong (static text, without a word of the template); buf is then wiped.
 */
const char *registration_url(const char *template, const struct registration_values *values, char buf[URL_TEXT_MAX]);

/* Does the template name a placeholder, as "password"? */
bool registration_names(const char *template, const char *placeholder);
/* Is there a secret in it as such: user and password before the host, or a parameter that is called like one with
 * a value that is no placeholder? */
bool registration_shows_secret(const char *template);

enum registration_verdict {
	REGISTRATION_GOOD,
	REGISTRATION_REFUSED, /* the server answered, and does not take us: user, password, or address */
	REGISTRATION_FAILED,  /* nobody answered, or a server that has its own trouble */
};

#define REGISTRATION_REASON_MAX 160

/*
 * expected: what the body begins with where it is good, letters of either case; NULL: any.  reason: for people, "" where it is
 * good; a word of the body is in it only where secret is not in the body.
 */
enum registration_verdict registration_judge(unsigned code, const char *body, size_t len, const char *expected,
                                             const char *secret, char reason[REGISTRATION_REASON_MAX]);

/*
 * Milliseconds until the next: after a good one interval_ms less up to a tenth, so that homes do not ask in step;
 * otherwise by backoff, never later than that.  random: any number, spread evenly over its range.
 */
uint32_t registration_wait_ms(struct backoff *backoff, enum registration_verdict verdict, uint32_t interval_ms,
                              uint32_t random);

#endif
