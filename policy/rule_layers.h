/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rules one lookup in a map can decide.  Rules that cannot take the same packet may change
 * places; those of one shape (told by the same fields) that are brought together so become a map, and
 * ten thousand of them cost what ten cost.  Used by policy/compile_rules.c.
 *
 * Property: to try the layers in order, and in a layer its only fitting rule (or, of a layer that
 * is no map, its rules in order), gives what trying all rules in file order gives.
 */
#ifndef DUALPATH_POLICY_RULE_LAYERS_H
#define DUALPATH_POLICY_RULE_LAYERS_H

#include <stddef.h>

#include "policy/compile.h"
#include "policy/config.h"

/* Fields that a rule is told by: bits.  0: also by something that no map is made of. */
enum {
	SHAPE_FROM = 1 << 0, /* IPv4 prefixes */
	SHAPE_MAC = 1 << 1,
	SHAPE_TO = 1 << 2,
	SHAPE_PROTOCOL = 1 << 3,
	SHAPE_PORT = 1 << 4,
	SHAPE_ALL = 1 << 5, /* nothing: it takes every packet */
	SHAPE_RANGES = 1 << 6, /* prefixes or port ranges among the values: no exact match */
};

/* A map has at least so many rules; fewer are as well tried one by one. */
#define LAYER_MAP_MIN 8

struct rule_layer {
	unsigned shape;
	const struct rule_config **rule; /* in file order */
	size_t rules;
};

struct rule_layers {
	struct rule_layer *item;
	size_t count;
};

/* One value of each field of a rule; NULL: the rule has no such field. */
struct rule_values {
	const struct match_from *from;
	const struct prefix4 *to;
	const uint8_t *protocol;
	const struct port_range *port;
};

/* A rule takes what fits one of its combinations of values (shapes other than 0 alone): how many, and number n. */
size_t rule_combinations(const struct rule_config *rule);
struct rule_values rule_combination(const struct rule_config *rule, size_t n);

/* One lookup, or rule by rule? */
bool rule_layer_is_map(const struct rule_layer *layer);
/* Of the rules that are in force now.  Fills a zeroed out; free with rule_layers_free(). */
void rule_layers_of(const struct config *config, const struct facts *facts, struct rule_layers *out);
void rule_layers_free(struct rule_layers *layers);

#endif
