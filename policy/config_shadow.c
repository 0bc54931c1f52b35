/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See config_shadow.h.  Ten thousand rules are checked on each reload, so a rule is not held
 * against all before it.  It is filed under the values of one of its fields, the one that fewest
 * others share; whatever covers another is found by the first value of one of the other's
 * fields, or by the longer ranges that hold that value: a prefix of 32 lengths, a block of
 * ports of 17 sizes.
 */
#include "policy/config_shadow.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "policy/rule_covers.h"

enum field { FIELD_FROM, FIELD_TO, FIELD_PORT, FIELDS };

#define LEVELS 33 /* of the longest field: lengths of a prefix */

struct entry {
	uint64_t key;
	size_t rule;
	size_t next; /* in its bucket, +1; 0: the last */
};

struct bucket {
	size_t newest; /* entry + 1 */
	size_t filled;
};

struct index {
	struct entry *entry;
	size_t entries, room;
	struct bucket *bucket;
	size_t buckets;      /* a power of two */
	size_t *wide, wides; /* rules that are under no key, in file order */
};

/* ---- keys ---- */

static uint64_t key_of(enum field field, unsigned level, uint64_t value)
{
	return (uint64_t)field << 62 | (uint64_t)level << 52 | value;
}

/* A machine by MAC, or the router, has no ranges: a level of its own. */
static uint64_t machine_key(const struct match_from *from)
{
	uint64_t value = 0;

	for (size_t i = 0; i < sizeof(from->mac.byte) && from->kind == MATCH_MAC; i++)
		value = value << 8 | from->mac.byte[i];
	return key_of(FIELD_FROM, LEVELS + (unsigned)from->kind, value);
}

static uint64_t prefix_key(enum field field, struct prefix4 p, unsigned len)
{
	return key_of(field, len, p.addr & prefix4_mask((uint8_t)len));
}

/* Of the smallest aligned block of 2^level ports that holds both. */
static unsigned block_level(struct port_range port)
{
	unsigned level = 0;

	while (port.lo >> level != port.hi >> level)
		level++;
	return level;
}

static uint64_t port_key(struct port_range port, unsigned level)
{
	return key_of(FIELD_PORT, level, port.lo >> level);
}

static bool from_is_all(const struct rule_config *r)
{
	for (size_t i = 0; i < r->froms; i++)
		if (r->from[i].kind == MATCH_PREFIX && r->from[i].prefix.len == 0)
			return true;
	return false;
}

static bool to_is_all(const struct rule_config *r)
{
	for (size_t i = 0; i < r->tos; i++)
		if (r->to[i].len == 0)
			return true;
	return false;
}

/* How many values a field lists; none where it is negated, or takes everything. */
static size_t values(const struct rule_config *r, enum field field)
{
	switch (field) {
	case FIELD_FROM:
		return r->not_from || from_is_all(r) ? 0 : r->froms;
	case FIELD_TO:
		return r->not_to || r->domains || to_is_all(r) ? 0 : r->tos;
	default:
		return r->not_port ? 0 : r->ports;
	}
}

/* The key that value i of a field is filed under. */
static uint64_t own_key(const struct rule_config *r, enum field field, size_t i)
{
	switch (field) {
	case FIELD_FROM:
		return r->from[i].kind == MATCH_PREFIX ? prefix_key(field, r->from[i].prefix, r->from[i].prefix.len)
		                                       : machine_key(&r->from[i]);
	case FIELD_TO:
		return prefix_key(field, r->to[i], r->to[i].len);
	default:
		return port_key(r->port[i], block_level(r->port[i]));
	}
}

/* The keys that what holds the first value of a field may be filed under; returns how many. */
static unsigned holder_keys(const struct rule_config *r, enum field field, uint64_t key[LEVELS])
{
	unsigned n = 0;

	if (field == FIELD_PORT) {
		for (unsigned level = block_level(r->port[0]); level <= 16; level++)
			key[n++] = port_key(r->port[0], level);
	} else if (field == FIELD_FROM && r->from[0].kind != MATCH_PREFIX) {
		key[n++] = machine_key(&r->from[0]);
	} else {
		struct prefix4 p = field == FIELD_FROM ? r->from[0].prefix : r->to[0];

		for (unsigned len = 1; len <= p.len; len++)
			key[n++] = prefix_key(field, p, len);
	}
	return n;
}

/* ---- the index ---- */

static struct bucket *bucket_of(const struct index *x, uint64_t key)
{
	return &x->bucket[(key * 0x9e3779b97f4a7c15u >> 32) & (x->buckets - 1)];
}

/* How many others are found where the rule would be filed under this field; SIZE_MAX: it cannot be. */
static size_t crowd(const struct index *x, const struct rule_config *r, enum field field)
{
	size_t n = values(r, field), most = n ? 0 : SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		size_t filled = bucket_of(x, own_key(r, field, i))->filled;

		most = filled > most ? filled : most;
	}
	return most;
}

static void add_entry(struct index *x, uint64_t key, size_t number)
{
	struct bucket *bucket = bucket_of(x, key);

	if (x->entries == x->room) {
		x->room = x->room ? x->room * 2 : 64;
		x->entry = xreallocarray(x->entry, x->room, sizeof(*x->entry));
	}
	x->entry[x->entries++] = (struct entry){ key, number, bucket->newest };
	bucket->newest = x->entries;
	bucket->filled++;
}

static void file_rule(struct index *x, const struct rule_config *r, size_t number)
{
	enum field best = FIELD_FROM;

	for (enum field field = FIELD_TO; field < FIELDS; field++)
		if (crowd(x, r, field) < crowd(x, r, best))
			best = field;
	if (!values(r, best))
		x->wide[x->wides++] = number;
	for (size_t i = 0; i < values(r, best); i++)
		add_entry(x, own_key(r, best, i), number);
}

/* The earliest under a key that covers it, where that is before `first`. */
static size_t covering_by_key(const struct index *x, const struct config *c, const struct rule_config *r, uint64_t key,
                              size_t first)
{
	for (size_t i = bucket_of(x, key)->newest; i; i = x->entry[i - 1].next) {
		const struct entry *e = &x->entry[i - 1];

		if (e->key == key && e->rule < first && rule_covers(&c->rule[e->rule], r))
			first = e->rule;
	}
	return first;
}

/* Number of the first rule, of those that are filed, that takes all of it; SIZE_MAX: none. */
static size_t first_covering(const struct index *x, const struct config *c, const struct rule_config *r)
{
	size_t first = SIZE_MAX;

	for (enum field field = FIELD_FROM; field < FIELDS; field++) {
		uint64_t key[LEVELS];
		unsigned n = values(r, field) ? holder_keys(r, field, key) : 0;

		/* What covers all of its values covers the first of them. */
		for (unsigned i = 0; i < n; i++)
			first = covering_by_key(x, c, r, key[i], first);
	}
	for (size_t i = 0; i < x->wides && x->wide[i] < first; i++)
		if (rule_covers(&c->rule[x->wide[i]], r))
			first = x->wide[i];
	return first;
}

/* ---- telling ---- */

static const char *kind_word(const struct rule_config *rule)
{
	return rule->kind == RULE_HOST ? "host" : "rule";
}

static void tell_covered(const struct config *c, const struct rule_config *by, const struct rule_config *r,
                         struct diag_list *diags)
{
	const char *how = "takes all that it would";

	if (rule_covers(r, by))
		how = "matches the same";
	else if (rule_takes_all(by))
		how = "takes everything";
	diag_add(diags, DIAG_WARNING, c->file, r->line, 0, "[%s %s] never matches: [%s %s] in line %d %s", kind_word(r),
	         r->name, kind_word(by), by->name, by->line, how);
}

static void check_rule(struct index *x, const struct config *c, size_t number, struct diag_list *diags)
{
	const struct rule_config *r = &c->rule[number];
	const char *never = rule_never(c, r);
	size_t by = never ? SIZE_MAX : first_covering(x, c, r);

	if (never)
		diag_add(diags, DIAG_WARNING, c->file, r->line, 0, "[%s %s] never matches: %s", kind_word(r), r->name, never);
	else if (by != SIZE_MAX)
		tell_covered(c, &c->rule[by], r, diags);
	else
		file_rule(x, r, number); /* what is covered covers nothing that its cover does not */
}

void config_check_shadows(const struct config *config, struct diag_list *diags)
{
	struct index x = { .buckets = 64 };

	while (x.buckets < config->rules)
		x.buckets *= 2;
	x.bucket = xcalloc(x.buckets, sizeof(*x.bucket));
	x.wide = xcalloc(config->rules, sizeof(*x.wide));
	for (size_t i = 0; i < config->rules; i++)
		check_rule(&x, config, i, diags);
	free(x.entry);
	free(x.bucket);
	free(x.wide);
}
