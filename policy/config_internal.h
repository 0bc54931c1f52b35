/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the config's parser (config_*.c) share: the running parse, entries
 * of lists, tables of keys, and the parsers of single values.  Nobody else includes it.
 *
 * All of them report what is wrong to the parse's diags, at its line and column, and
 * write their result only when nothing is.
 */
#ifndef DUALPATH_POLICY_CONFIG_INTERNAL_H
#define DUALPATH_POLICY_CONFIG_INTERNAL_H

#include "policy/config.h"

#define CFG_COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct cfg_parser {
	const struct ini_file *ini;
	struct diag_list *diags;
	struct config *config;
	const struct ini_section **path_section; /* of config->path[i] */
	const struct host_config **by_name;      /* config->host, sorted; once hosts are read */
	char **doubtful; /* names whose section is wrong and reported: what refers to them is not wrong too */
	size_t doubtfuls;
	bool paths_doubtful; /* something was wrong before or in a section of a path */
	unsigned kinds_seen; /* bits of the section kinds, those guessed from a misspelling included */
#define CFG_ALL_KINDS (~0u) /* after a section that may have been meant to be any of them */
};

/* A value, or one entry of a list: its text and where in the item's value it begins. */
struct cfg_token {
	const struct ini_item *item;
	size_t at;
	char text[INI_LINE_MAX + 1];
};

/* ---- errors ---- */

/* At a token of the value; the key is put before the text. */
void cfg_fail(struct cfg_parser *p, const struct cfg_token *token, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void cfg_fail_item(struct cfg_parser *p, const struct ini_item *item, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void cfg_fail_section(struct cfg_parser *p, const struct ini_section *section, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* ": did you mean "x"?" in buf, or "" where nothing is near.  Returns buf. */
const char *cfg_hint(const char *word, const char *const *words, size_t n, char *buf, size_t size);
#define CFG_HINT_SIZE 160

/* Names that are reported already. */
void cfg_doubt(struct cfg_parser *p, const char *name);
bool cfg_is_doubtful(const struct cfg_parser *p, const char *name);

/* ---- sections ---- */

struct cfg_key {
	const char *name;
	void (*parse)(struct cfg_parser *p, const struct ini_item *item, void *target);
	const char *missing; /* what it is, for when it is not there; NULL: it may be left out */
};

/* Read a section by its table of keys into target. */
void cfg_keys(struct cfg_parser *p, const struct ini_section *section, const struct cfg_key *keys, size_t n,
              void *target);

/* ---- lists ---- */

typedef void cfg_entry(struct cfg_parser *p, const struct cfg_token *token, void *arg);
/*
 * Call entry for each part between commas.  A leading '!' makes *negated true; NULL where
 * it has no meaning.
 */
void cfg_list(struct cfg_parser *p, const struct ini_item *item, bool *negated, cfg_entry *entry, void *arg);
/* The value as one token. */
void cfg_whole(const struct ini_item *item, struct cfg_token *token);
/* Is it the one word that stands for "no list"? */
bool cfg_is_word(const struct ini_item *item, const char *word);

/* ---- values (config_value.c) ---- */

bool cfg_bool(struct cfg_parser *p, const struct ini_item *item, bool *out);
bool cfg_number(struct cfg_parser *p, const struct ini_item *item, unsigned long min, unsigned long max,
                unsigned long *out);
/* 0 to 100, with or without its sign. */
bool cfg_percent(struct cfg_parser *p, const struct ini_item *item, unsigned long *out);
bool cfg_duration(struct cfg_parser *p, const struct ini_item *item, uint32_t min, uint32_t max, uint32_t *out);
/* A name as dev_valid_name() of the kernel has it, less what confuses tools. */
bool cfg_interface(struct cfg_parser *p, const struct cfg_token *token, char out[IFNAMSIZ]);
void cfg_interfaces(struct cfg_parser *p, const struct ini_item *item, bool *negated, char (**list)[IFNAMSIZ],
                    size_t *n);
bool cfg_port_range(struct cfg_parser *p, const struct cfg_token *token, struct port_range *out);
/* A list of ports in which none comes twice. */
void cfg_ports(struct cfg_parser *p, const struct ini_item *item, bool *negated, struct port_range **list, size_t *n);
bool cfg_prefix(struct cfg_parser *p, const struct cfg_token *token, struct prefix4 *out);
/* One more for a list in which none comes twice; expected: in words, where it is none. */
void cfg_add_prefix(struct cfg_parser *p, const struct cfg_token *token, const char *expected, struct prefix4 **list,
                    size_t *n);
void cfg_prefixes(struct cfg_parser *p, const struct ini_item *item, bool *negated, struct prefix4 **list, size_t *n);
/* An address or prefix that a machine can have: not multicast, loopback, nor 0.0.0.0/8. */
bool cfg_machine_prefix(struct cfg_parser *p, const struct cfg_token *token, struct prefix4 *out);
bool cfg_machine_address(struct cfg_parser *p, const struct cfg_token *token, uint32_t *out);
/* Says what is wrong with an address that is not IPv4, or is none. */
void cfg_not_ipv4(struct cfg_parser *p, const struct cfg_token *token, const char *expected);
/* Text of 1 to 255 bytes; never quoted in an error.  Owned by the caller. */
bool cfg_text(struct cfg_parser *p, const struct ini_item *item, char **out);
/* The absolute name of a file, likewise never quoted: people put the secret itself there. */
bool cfg_file(struct cfg_parser *p, const struct ini_item *item, const char *what, char **out);
/* ADDRESS:PORT, [IPV6]:PORT, or 'none' (NULL). */
bool cfg_listen(struct cfg_parser *p, const struct ini_item *item, char **out);
/* A DNS name: letters, digits, '-', '_' and dots, 253 bytes at most. */
bool cfg_is_domain(const char *text);

/* ---- names (config_name.c) ---- */

/* Letters, digits, '-', '_' and '.', 31 at most. */
bool cfg_is_name(const char *text);
/* Index of a path, or -1 and an error. */
int cfg_path(struct cfg_parser *p, const struct cfg_token *token);
void cfg_path_list(struct cfg_parser *p, const struct ini_item *item, struct path_list *out);
/* "on-return = " (config_return.c); and, once all is read, what [router] says for all that say nothing. */
void cfg_on_return(struct cfg_parser *p, const struct ini_item *item, struct path_list *out);
void cfg_settle_returns(struct config *config);
/* "spill = ", and whether there is something to spill from and to once its section is read (config_return.c). */
void cfg_spill(struct cfg_parser *p, const struct ini_item *item, struct path_list *out);
void cfg_settle_spill(struct cfg_parser *p, const struct ini_section *section, const struct path_list *order);
void cfg_index_hosts(struct cfg_parser *p);
const struct host_config *cfg_find_host(const struct cfg_parser *p, const char *name);
/* An error about a name that is no host, unless its section is wrong anyway. */
void cfg_unknown_host(struct cfg_parser *p, const struct cfg_token *token, const char *name, const char *expected);

/* ---- sections of one kind, each in its file ---- */

void cfg_router(struct cfg_parser *p, const struct ini_section *section);
void cfg_hooks(struct cfg_parser *p, const struct ini_section *section);
void cfg_metrics(struct cfg_parser *p, const struct ini_section *section);
void cfg_web(struct cfg_parser *p, const struct ini_section *section);
void cfg_dslite(struct cfg_parser *p, const struct ini_section *section);
void cfg_ipip(struct cfg_parser *p, const struct ini_section *section, const char *name);
/* What sections of paths share: NULL and an error where there are too many; keys of any; an MTU of a tunnel over IPv6. */
struct path_config *cfg_add_path(struct cfg_parser *p, const struct ini_section *section, const char *name,
                                 enum path_kind kind);
void cfg_key_interface(struct cfg_parser *p, const struct ini_item *item, void *path);
void cfg_key_device(struct cfg_parser *p, const struct ini_item *item, void *path);
void cfg_key_tunnel_mtu(struct cfg_parser *p, const struct ini_item *item, void *path);
extern const char cfg_interface_hint[];
/* An address that a packet can go to over the line: global or at least unique local. */
bool cfg_is_remote_v6(const struct in6_addr *addr);
/* name NULL: the one that is called "pppoe". */
void cfg_pppoe(struct cfg_parser *p, const struct ini_section *section, const char *name);
/* Once all paths are read: names of devices that nobody gave, and those that clash. */
void cfg_devices(struct cfg_parser *p);
void cfg_host(struct cfg_parser *p, const struct ini_section *section, const char *name);
/* The rule that a host with a path is. */
void cfg_host_rule(struct cfg_parser *p, const char *name);
void cfg_rule(struct cfg_parser *p, const struct ini_section *section, const char *name);
/* public = of a host; and, once its section is read, whether it can be (config_block.c). */
void cfg_public(struct cfg_parser *p, const struct ini_item *item, void *host);
void cfg_host_public(struct cfg_parser *p, const struct ini_section *section, struct host_config *host);
/* Is it a forward to a machine with an address of a block?  Then its path and address are set. */
bool cfg_forward_block(struct cfg_parser *p, const struct ini_section *section, bool has_path,
                       struct forward_config *forward);
/* "to = " of a rule (config_domain.c). */
void cfg_destinations(struct cfg_parser *p, const struct ini_item *item, struct rule_config *rule);
/* "user = " of a rule, and what follows from it for the rest of the section (config_user.c). */
void cfg_users(struct cfg_parser *p, const struct ini_item *item, struct rule_config *rule);
void cfg_settle_users(struct cfg_parser *p, const struct ini_section *section, struct rule_config *rule);
void cfg_forward(struct cfg_parser *p, const struct ini_section *section, const char *name);
/* All of [probe] and [probe NAME], once the paths are known. */
void cfg_probes(struct cfg_parser *p);
void cfg_probe_free(struct probe_config *probe);
#define CFG_TARGETS_MAX 31 /* PROBE_TARGETS_MAX of policy/probe_rounds.h */
/* One of [probe] targets: into the struct probe_config at probe, or an error at token. */
void cfg_target_add(struct cfg_parser *p, const struct cfg_token *token, void *probe);
/* One of our own, known to be good. */
void cfg_target_default(struct probe_config *probe, const char *spec);
/* What it owns. */
void cfg_target_free(struct probe_target *t);

/* Release what a rule, a forward, a host owns, for those that are given up half read. */
void cfg_rule_free(struct rule_config *rule);
void cfg_forward_free(struct forward_config *forward);

#endif
