/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses of a routed block (block = of [pppoe]): held by machines of the home themselves, or
 * given to one by one-to-one NAT (public = of [host]).  Whose is which; used by the config's
 * parser, compile*.c and explain.c.
 */
#ifndef DUALPATH_POLICY_BLOCK_H
#define DUALPATH_POLICY_BLOCK_H

#include "policy/compile.h"
#include "policy/config.h"
#include "policy/diag.h"

/* The path whose block holds the address, or -1. */
int block_path(const struct config *config, uint32_t addr);
/* The same for the source of a packet: the session's own address is none of its block's machines. */
int block_path_of_source(const struct config *config, const struct facts *facts, uint32_t addr);

/* The one IPv4 address of a host; 0: it has none, or more than one. */
uint32_t host_only_address(const struct host_config *host);
/* The host with this private address that has a public one as well, or NULL. */
const struct host_config *block_public_of(const struct config *config, uint32_t private);
/* The host that has this public address, or NULL. */
const struct host_config *block_host_at(const struct config *config, uint32_t public);

/* A forward to a machine at the very address and ports where it is opened: nothing is translated. */
bool forward_is_plain(const struct forward_config *forward);

/* Part of config_check(): blocks and public addresses that clash. */
void block_check(const struct config *config, struct diag_list *diags);

#endif
