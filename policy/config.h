/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as values: what the owner asked for, checked and complete.
 * Made by config_parse() from an ini_file; never changed afterwards.  The daemon
 * keeps one of these at a time and swaps it whole.
 */
#ifndef DUALPATH_POLICY_CONFIG_H
#define DUALPATH_POLICY_CONFIG_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/addr.h"
#include "policy/diag.h"
#include "policy/ini.h"

#define CONFIG_NAME_MAX 32 /* of a host, rule, forward or path, with its end */
#define PPPOE_MTU_DEFAULT 1454 /* what the NGN's own tunnels leave of a frame */
#define PORT_DNS 53
#define CONFIG_USER_MAX 33 /* of a user of this machine, with its end */
#define CONFIG_PATHS_MAX 6 /* what a mask of four bits can tell apart */
#define DRAIN_DEVICE "dp-drain" /* with a path's slot: a device of ours (struct plan_tunnel); no path may have such a name */

enum path_kind { PATH_DSLITE, PATH_PPPOE, PATH_IPIP };

/* What becomes of a connection that fell back, when a path that is preferred returns.  OTHERWISE: what [router]
 * says; not in a config that was read. */
enum on_return { ON_RETURN_OTHERWISE, ON_RETURN_KEEP, ON_RETURN_DRAIN };

/* Indexes into config.path, in order of preference; "pppoe" alone is count 1. */
struct path_list {
	unsigned count;
	unsigned char path[CONFIG_PATHS_MAX];
	enum on_return on_return;
	bool spill; /* new connections leave out a path whose ports are nearly used up */
	uint32_t drain_s; /* with ON_RETURN_DRAIN: how long it may still run; 0: it is cut at once */
};

/* RFC 6333 section 5.7: the AFTR's end of every softwire. */
#define AFTR_INNER_ADDRESS 0xc0000001u /* 192.0.0.1 */

/* PROBE_AFTR, PROBE_LCP: the path's own other end, which is asked anyway, and decides where no other target is named. */
enum probe_kind { PROBE_ICMP, PROBE_DNS, PROBE_TCP, PROBE_HTTP, PROBE_HTTPS, PROBE_AFTR, PROBE_LCP };

static inline bool probe_is_other_end(enum probe_kind kind)
{
	return kind == PROBE_AFTR || kind == PROBE_LCP;
}

struct probe_target {
	enum probe_kind kind;
	uint32_t addr; /* host order */
	uint16_t port;
	uint16_t status; /* http, https: the only one that counts; 0: any */
	char *text; /* dns: the name to ask; http, https: HOST[:PORT][/PATH], HOST being addr or, https alone,
	            * the name that the certificate is of; else NULL.  Owned */
	char *spec; /* as written, for people.  Owned */
};

struct probe_config {
	struct probe_target *target;
	size_t targets;
	bool own_targets; /* the owner named them (not our defaults) */
	uint32_t interval_ms, timeout_ms;
	unsigned down_after, up_after, quorum;
	unsigned max_loss_percent; /* 0: off */
	uint32_t max_rtt_ms;       /* 0: off */
};

/* Back to an AFTR that stands earlier in aftr =: never, once nobody has a connection, or likewise and after a time at the latest. */
enum aftr_return_mode { AFTR_RETURN_NO, AFTR_RETURN_IDLE, AFTR_RETURN_AFTER };

struct dslite_config {
	bool aftr_auto;
	char **aftr; /* names and addresses, in order of preference.  Owned */
	size_t aftrs;
	bool dns_auto;
	char **dns; /* IPv6 (or IPv4) addresses of servers.  Owned */
	size_t dns_count;
	bool local_auto;
	struct in6_addr local;
	uint32_t address;    /* the B4's inner IPv4, host order */
	bool encap_limit_none;
	unsigned encap_limit; /* where not none */
	enum aftr_return_mode aftr_return;
	uint32_t aftr_return_ms; /* AFTR_RETURN_AFTER alone */
	unsigned ports; /* that the carrier has for each protocol of the home; 0: not told */
};

struct pppoe_config {
	char *user;
	char *password_file;
	bool has_address;
	uint32_t address; /* promised static address, host order */
	char *service_name, *access_concentrator; /* NULL: any.  Owned */
	bool has_block;
	struct prefix4 block;
};

/* A fixed IPv4 address over an IPv4-in-IPv6 tunnel (transix, Xpass, OCX: "static IP"). */
struct ipip_config {
	char *remote; /* the provider's end: an address, or a name to be asked of the line's servers; NULL: auto.  Owned */
	bool local_auto;          /* our end: a stable address of the line, as DS-Lite's */
	bool has_interface_id;    /* ... or these low 64 bits in the line's prefix, which are then ours to set */
	bool local_told;          /* ... or what the provider tells, likewise; where it tells none: a stable address */
	struct in6_addr local;    /* ... or this; with has_interface_id: those bits alone, ::feed:1 */
	uint32_t address;         /* the fixed one, host order; 0, with remote = auto alone: what the provider tells */
	char *update_url, *update_user, *password_file, *update_answer; /* NULL: none.  Owned */
	bool basic_auth;
	uint32_t update_interval_ms;
};

struct path_config {
	char name[CONFIG_NAME_MAX]; /* "dslite", "pppoe", or the section's NAME */
	enum path_kind kind;
	int line;
	unsigned slot; /* number in marks, tables and priorities; see config_assign_slots() */
	char interface[IFNAMSIZ]; /* where it runs on: wan0 */
	char device[IFNAMSIZ];    /* what it makes: dslite0, pppoe0 */
	unsigned mtu;             /* 0: auto */
	struct probe_config probe;
	union {
		struct dslite_config dslite;
		struct pppoe_config pppoe;
		struct ipip_config ipip;
	};
};

/* One thing a packet may come from: exactly one of the kinds. */
enum match_kind { MATCH_PREFIX, MATCH_MAC, MATCH_ROUTER };
struct match_from {
	enum match_kind kind;
	struct prefix4 prefix;
	struct mac mac;
	char name[CONFIG_NAME_MAX]; /* of the [host] that it came by, or ""; means nothing to a match */
};

/* A machine of the home that has a name.  One with a path is a rule, too. */
struct host_config {
	char name[CONFIG_NAME_MAX];
	int line;
	struct match_from *what; /* addresses and MACs: any of them is this machine */
	size_t whats;
	bool has_path;
	struct path_list path;
	uint32_t public;      /* one-to-one NAT to this address of a block, host order; 0: none */
	unsigned public_path; /* whose block that is */
};

/* A user of the router, whose processes a rule is for. */
struct match_user {
	char name[CONFIG_USER_MAX]; /* as written: a name or a number */
	uint32_t uid;
	bool known; /* .uid is: a number was written, or config_resolve_users() found it */
	int line;
};

#define WEEK_ALL 0x7f /* bit 0 is Monday */
struct rule_time {
	uint8_t days;       /* of the day on which it begins */
	uint16_t from, to;  /* minutes since midnight, router's local time; to <= from: over midnight; never equal */
};

enum rule_kind { RULE_HOST, RULE_RULE };

/*
 * An empty list matches everything.  not_X: the list is what must not match.  A rule
 * with ports has protocols, all of them with ports (tcp and udp where the owner named
 * none), and not_protocol is false.  One with users is from the router alone.
 */
struct rule_config {
	enum rule_kind kind;
	char name[CONFIG_NAME_MAX];
	int line;
	struct match_from *from;
	size_t froms;
	bool not_from;
	struct prefix4 *to;
	size_t tos;
	unsigned *domain; /* destinations by name, besides those of .to: indexes into config.domain */
	size_t domains;
	bool not_to; /* neither of .to nor of .domain */
	struct match_user *user;
	size_t users;
	bool not_user;
	uint8_t *protocol; /* IP protocol numbers */
	size_t protocols;
	bool not_protocol;
	struct port_range *port, *source_port;
	size_t ports, source_ports;
	bool not_port, not_source_port;
	uint8_t *dscp;
	size_t dscps;
	bool not_dscp;
	struct rule_time *time;
	size_t times;
	bool not_time;
	char (*interface)[IFNAMSIZ];
	size_t interfaces;
	bool not_interface;
	bool has_path; /* always: a [host] without one is in config.host alone */
	struct path_list path;
};

struct forward_config {
	char name[CONFIG_NAME_MAX];
	int line;
	bool tcp, udp;
	struct port_range *port;
	size_t ports;
	bool to_router;
	uint32_t to;      /* host order, unless to_router */
	struct port_range to_port; /* 0: the port it came to; more than one: "port" is one range, moved as a whole */
	struct prefix4 *from;
	size_t froms; /* 0: any */
	unsigned path; /* index of the path that takes inbound */
	uint32_t at;   /* the address of the path's block that it is opened at, host order; 0: the path's own */
};

struct router_config {
	char (*lan)[IFNAMSIZ];
	size_t lans;
	struct path_list order; /* default = */
	bool firewall, offload;
	uint32_t inbound_check_ms; /* between calls to the forwards from outside; 0: none */
	uint32_t reset_after_ms; /* of a loss, until TCP that is bound to the path is reset; 0: never, nor is any other */
	uint32_t mark_mask;      /* contiguous, 3 bits or more */
	uint32_t rule_priority;  /* first of the range of 100 that is ours */
	uint32_t table_base;     /* routing tables: base is the default's, base+1+i path i's */
	uint8_t route_protocol;
};

struct config {
	char *file;
	struct router_config router;
	bool drains; /* something is on_return = drain or cut */
	struct path_config *path;
	size_t paths;
	struct host_config *host; /* all [host], in file order */
	size_t hosts, publics; /* publics: how many of them have a public address */
	struct rule_config *rule; /* [host] with a path and [rule], in file order */
	size_t rules;
	char **domain; /* all that rules name, each once; small letters, no dot behind.  Owned */
	size_t domains;
	struct forward_config *forward;
	size_t forwards;
	char *hook_on_change;  /* NULL: none */
	char *metrics_listen, *web_listen; /* NULL: none */
};

/*
 * Interpret and check, config_check() included.  Every mistake goes to diags (all of them,
 * not the first), sorted; returns a config that the caller frees, or NULL if diags has any
 * error, also one from before the call: what the reader of the file found counts.
 */
struct config *config_parse(const struct ini_file *ini, struct diag_list *diags);
/* Cross-checks that need the whole: equal rules, forwards on one port ...; warnings and errors.
 * To call it again adds nothing to diags. */
void config_check(const struct config *config, struct diag_list *diags);
/* The user id of a name of this machine.  False: there is none. */
typedef bool config_user_fn(void *arg, const char *name, uint32_t *uid);
/* Find the numbers of all users that are named; those that are not found go to diags. */
void config_resolve_users(struct config *config, config_user_fn *lookup, void *arg, struct diag_list *diags);
void config_free(struct config *config);
/* The normalised text: every key with its value, in a fixed order; parses back to the
 * same config.  Secrets are in files and do not appear.  Allocated; caller frees. */
char *config_print(const struct config *config);
/*
 * Give each path its slot.  A path that previous (may be NULL) knows keeps the one it has there, so
 * that a reload that adds a path does not move the connections of another.
 */
void config_assign_slots(struct config *config, const struct config *previous);
/* A path whose number the mark-mask has no room for; NULL: there is none. */
const struct path_config *config_without_slot(const struct config *config);
/* Index of a path by name, or -1. */
int config_path_index(const struct config *config, const char *name);

#endif
