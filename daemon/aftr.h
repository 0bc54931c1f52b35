/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the AFTR of a DS-Lite path: from the config's names and addresses, or, where it says auto, by the first
 * that knows it of: DHCPv6 option 64 (RFC 6334), the provider's provisioning server (HB46PP), the name that the
 * provider of the line's prefix publishes, the last that worked.  Names are asked of the line's own servers over IPv6.
 * Owns the search and its timers; asks daemon/dhcp6_client.c, daemon/provider.c and daemon/resolver.c; keeps the
 * last that worked in the state folder.  In the same way the provider's end of a fixed-IP tunnel is found: its name
 * is looked up, or, with remote = auto, the provider is asked.
 */
#ifndef DUALPATH_DAEMON_AFTR_H
#define DUALPATH_DAEMON_AFTR_H

#include <ev.h>
#include <netinet/in.h>

#include "policy/config.h"
#include "policy/hb46pp.h"

#define AFTR_ADDRESSES_MAX 8

/* In the order in which they count. */
enum aftr_source { AFTR_CONFIGURED, AFTR_DHCPV6, AFTR_HB46PP, AFTR_KNOWN, AFTR_REMEMBERED };

/* "configured", "dhcpv6", "hb46pp", "known", "remembered". */
const char *aftr_source_name(enum aftr_source source);

struct aftr_result {
	enum aftr_source source;
	const char *note; /* what else whoever told it said: static text, or NULL */
	char name[256]; /* empty where only an address is known */
	struct in6_addr address[AFTR_ADDRESSES_MAX];
	uint8_t rank[AFTR_ADDRESSES_MAX]; /* 0: the owner's first choice; those of one name are of the same */
	unsigned addresses; /* at least 1; in order of preference */
	struct hb46pp_tunnel tunnel; /* what the provider told of it, where a tunnel is wanted; else zero */
};

struct aftr_callbacks {
	/* Found, or changed since (a re-ask at the TTL's end).  Same result: not called again. */
	void (*found)(void *arg, const struct aftr_result *result);
	/* For status: what it is doing or why it fails: "asking DHCPv6 on wan0 for the AFTR",
	 * "no server knows gw.transix.jp (asked 2001:db8::53): ...". */
	void (*progress)(void *arg, const char *text);
	/* The line named these name servers, others than before; at least 1.  May be NULL. */
	void (*servers)(void *arg, const struct in6_addr *servers, unsigned count);
	/* A router advertisement has this MTU; with each of them.  May be NULL. */
	void (*mtu)(void *arg, uint32_t mtu);
};

struct aftr_finder;

/* config and interface are copied.  state_dir: where the last that worked is kept. */
struct aftr_finder *aftr_finder_new(struct ev_loop *loop, const struct dslite_config *config, const char *interface,
                                    const char *state_dir, const struct aftr_callbacks *callbacks, void *arg);
/* For a tunnel of which the provider tells: that with this address (host order), where it has several; 0: any. */
struct aftr_finder *aftr_finder_new_tunnel(struct ev_loop *loop, uint32_t address, const char *interface, const char *state_dir,
                                           const struct aftr_callbacks *callbacks, void *arg);
void aftr_finder_free(struct aftr_finder *finder);
/* Our address on the line, chosen for this far end; before a restart where it is another than before. */
void aftr_finder_address(struct aftr_finder *finder, const struct in6_addr *local);
/* Begin; also to be called when the line changed (interface came, new prefix): asks anew at once. */
void aftr_finder_restart(struct aftr_finder *finder);
/* The tunnel to this result carried something: worth remembering. */
void aftr_finder_worked(struct aftr_finder *finder, const struct in6_addr *address);

#endif
