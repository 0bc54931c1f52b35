/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may stand at the far end of something that crosses the line: an AFTR or a
 * name server.  Asked of every address that comes from outside (DNS, DHCPv6, the state
 * folder) and of those in the config.  Pure.
 */
#ifndef DUALPATH_POLICY_ADDR6_H
#define DUALPATH_POLICY_ADDR6_H

#include <netinet/in.h>
#include <stdbool.h>

/*
 * False for ::, ::1, multicast, link-local, IPv4-mapped and IPv4-compatible addresses.
 * The kernel would take most of these for a tunnel's end.  ULA are let through: a provider may use
 * them inside.
 */
bool addr6_may_be_remote(const struct in6_addr *addr);

#endif
