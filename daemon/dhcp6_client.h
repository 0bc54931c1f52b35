/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stateless DHCPv6 on one interface (RFC 8415 section 18.2.6): asks for the AFTR's name and the line's name
 * servers, repeats until there is an answer, and asks again when the answer is old.  What the messages
 * say is policy/dhcp6.c's.  Owns its sockets, its timers, and the file "duid" in the state folder.  Used by
 * daemon/aftr.c.
 *
 * Another DHCPv6 client may live on the same interface (one that gets prefixes, for instance): neither takes an
 * answer from the other (daemon/dhcp6_socket.h).  A Reply that is cut into fragments is not seen.
 */
#ifndef DUALPATH_DAEMON_DHCP6_CLIENT_H
#define DUALPATH_DAEMON_DHCP6_CLIENT_H

#include <ev.h>

#include "policy/dhcp6.h"

struct dhcp6_client;

struct dhcp6_callbacks {
	/* An answer, the first or a later one.  Until the call returns. */
	void (*reply)(void *arg, const struct dhcp6_reply *reply);
	/* No answer yet, and why; for people.  From within dhcp6_client_start() never. */
	void (*trouble)(void *arg, const char *text);
};

/* interface and state_dir are copied.  It does nothing until it is started. */
struct dhcp6_client *dhcp6_client_new(struct ev_loop *loop, const char *interface, const char *state_dir,
                                      const struct dhcp6_callbacks *callbacks, void *arg);
/* NULL is good. */
void dhcp6_client_free(struct dhcp6_client *client);

/*
 * Begin an exchange, instead of the one that may be under way.  The first message leaves after a random part
 * of max_delay_ms, DHCP6_INF_MAX_DELAY_MS at most: section 18.2.6 wants that delay, so that a street
 * whose power comes back does not ask in one moment.
 */
void dhcp6_client_start(struct dhcp6_client *client, unsigned max_delay_ms);

#endif
