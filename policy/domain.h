/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Destinations by name: the nftables set that stands for a name, and the lines by which dnsmasq
 * fills it from what it answers.  Used by compile_rules.c and by the daemon, which writes the lines to a file.
 *
 * A name means itself and all that is below it: dnsmasq knows no other way.
 */
#ifndef DUALPATH_POLICY_DOMAIN_H
#define DUALPATH_POLICY_DOMAIN_H

#include <stdbool.h>

#include "policy/config.h"

#define DOMAIN_MAX        200 /* of a name, bytes: a line of dnsmasq's holds a few of them */
#define DOMAIN_SET_PREFIX "dom_"
#define DOMAIN_SET_STRLEN (sizeof(DOMAIN_SET_PREFIX) + DOMAIN_MAX)
/* Each use of an address in a rule makes it last a day more; without, what a name once meant would stay for ever. */
#define DOMAIN_SET_TIMEOUT_S 86400
#define DOMAIN_SET_SPEC   "type ipv4_addr; flags dynamic,timeout; timeout 1d; size 65536;"

/* "dom_example.com".  Returns buf (DOMAIN_SET_STRLEN). */
const char *domain_set_name(const char *domain, char *buf);
/* Is name the domain, or below it? */
bool domain_covers(const char *domain, const char *name);
/* dnsmasq's configuration, comments included.  Allocated; the caller frees it. */
char *domain_dnsmasq_conf(const struct config *config);

#endif
