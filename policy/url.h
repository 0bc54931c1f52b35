/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The URLs of servers that are asked over IPv6: http or https, a name or an address in brackets, nothing of a user.
 * Called by policy/hb46pp.c and policy/registration.c.  Pure.
 */
#ifndef DUALPATH_POLICY_URL_H
#define DUALPATH_POLICY_URL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/dname.h"

#define URL_TEXT_MAX 1024

struct url {
	char text[URL_TEXT_MAX];   /* printable ASCII without blanks */
	char host[DNAME_TEXT_MAX]; /* a name; empty: address */
	struct in6_addr address;
	uint16_t port;
	bool https;
};

/* NULL, or what is wrong with it (static text); *out is written only if nothing is. */
const char *url_parse(const char *text, struct url *out);

#endif
