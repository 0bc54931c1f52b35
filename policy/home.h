/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What there is on this machine and in the home, as the kernel tells: interfaces, their
 * networks, machines by their MAC.  Read by daemon/home.c; looked at by config_check_home() and
 * rule_state.c, which tell the owner what cannot work as it stands.
 */
#ifndef DUALPATH_POLICY_HOME_H
#define DUALPATH_POLICY_HOME_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "policy/addr.h"
#include "policy/config.h"

struct home_network {
	char device[IFNAMSIZ];
	struct prefix4 net;
};

struct home {
	char (*link)[IFNAMSIZ];
	size_t links;
	struct home_network *network;
	size_t networks;
	struct mac *mac; /* sorted by home_sort() */
	size_t macs;
};

void home_free(struct home *home); /* frees what it points to and zeroes it */
void home_add_link(struct home *home, const char *name);
void home_add_network(struct home *home, const char *device, struct prefix4 net);
/* After the last MAC, before the first home_knows_mac(). */
void home_sort(struct home *home);

bool home_has_link(const struct home *home, const char *name);
bool home_knows_mac(const struct home *home, const struct mac *mac);
/* Does an interface that faces the home have a network at all; does one, or a routed block, hold all of p? */
bool home_has_network(const struct home *home, const struct config *config);
bool home_contains(const struct home *home, const struct config *config, struct prefix4 p);

/*
 * Warnings about what only shows on the machine itself: a forward to somebody outside the
 * home's networks, a rule for what is inside them.  Says nothing about a home that is not up.
 */
void config_check_home(const struct config *config, const struct home *home, struct diag_list *diags);

#endif
