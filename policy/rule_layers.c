/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See rule_layers.h.  A rule is a set of boxes, one for each combination of its values; boxes
 * that overlap keep their order.  A rule joins the first layer of its shape behind all that
 * it overlaps.  Boxes of one machine are found by its address, the others are walked.
 */
#include "policy/rule_layers.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define BOXES_PER_RULE_MAX 64
/* Below this there is nothing to gain, and the file's own order is easier to read in the kernel. */
#define RULES_WORTH_LAYERS (2 * LAYER_MAP_MIN)

struct range {
	uint32_t lo, hi;
};

struct box {
	struct range from, to, protocol, port;
	const struct mac *mac; /* NULL: any */
	size_t layer;
	size_t next; /* in its bucket, +1; 0: the last */
};

struct builder {
	struct rule_layers *layers;
	struct box *box;
	size_t boxes, box_room;
	size_t *bucket, buckets; /* of single addresses: index + 1 of the newest box; a power of two */
	size_t *wide, wides, wide_room;
	size_t floor; /* layers before this one are closed */
};

/* ---- shapes and boxes ---- */

static bool all_from_are(const struct rule_config *r, enum match_kind kind)
{
	for (size_t i = 0; i < r->froms; i++)
		if (r->from[i].kind != kind)
			return false;
	return true;
}

static bool has_ranges(const struct rule_config *r)
{
	bool ranges = false;

	for (size_t i = 0; i < r->froms; i++)
		ranges |= r->from[i].kind == MATCH_PREFIX && r->from[i].prefix.len < 32;
	for (size_t i = 0; i < r->tos; i++)
		ranges |= r->to[i].len < 32;
	for (size_t i = 0; i < r->ports; i++)
		ranges |= r->port[i].lo != r->port[i].hi;
	return ranges;
}

/* What a name stands for is known to the kernel alone: it may meet anything. */
static unsigned shape_of(const struct rule_config *r)
{
	unsigned shape = 0;

	if (r->not_from || r->not_to || r->not_protocol || r->not_port || r->source_ports || r->dscps || r->interfaces ||
	    r->domains || r->users)
		return 0;
	if (r->froms && all_from_are(r, MATCH_PREFIX))
		shape |= SHAPE_FROM;
	else if (r->froms && all_from_are(r, MATCH_MAC))
		shape |= SHAPE_MAC;
	else if (r->froms)
		return 0;
	shape |= (r->tos ? SHAPE_TO : 0) | (r->protocols ? SHAPE_PROTOCOL : 0) | (r->ports ? SHAPE_PORT : 0);
	return shape ? shape | (has_ranges(r) ? SHAPE_RANGES : 0) : SHAPE_ALL;
}

static size_t at_least_one(size_t n)
{
	return n ? n : 1;
}

size_t rule_combinations(const struct rule_config *rule)
{
	return at_least_one(rule->froms) * at_least_one(rule->tos) * at_least_one(rule->protocols) *
	       at_least_one(rule->ports);
}

struct rule_values rule_combination(const struct rule_config *rule, size_t n)
{
	struct rule_values v = { 0 };

	if (rule->froms)
		v.from = &rule->from[n % rule->froms];
	n /= at_least_one(rule->froms);
	if (rule->tos)
		v.to = &rule->to[n % rule->tos];
	n /= at_least_one(rule->tos);
	if (rule->protocols)
		v.protocol = &rule->protocol[n % rule->protocols];
	n /= at_least_one(rule->protocols);
	if (rule->ports)
		v.port = &rule->port[n % rule->ports];
	return v;
}

static const struct range everything = { 0, UINT32_MAX };

static struct range range_of_prefix(const struct prefix4 *p)
{
	return p ? (struct range){ p->addr, p->addr | ~prefix4_mask(p->len) } : everything;
}

static struct box box_of(const struct rule_config *r, size_t n)
{
	struct rule_values v = rule_combination(r, n);
	bool by_mac = v.from && v.from->kind == MATCH_MAC;

	return (struct box){ .from = range_of_prefix(v.from && !by_mac ? &v.from->prefix : NULL),
	                     .mac = by_mac ? &v.from->mac : NULL,
	                     .to = range_of_prefix(v.to),
	                     .protocol = v.protocol ? (struct range){ *v.protocol, *v.protocol } : everything,
	                     .port = v.port ? (struct range){ v.port->lo, v.port->hi } : everything };
}

static bool ranges_meet(struct range a, struct range b)
{
	return a.lo <= b.hi && b.lo <= a.hi;
}

static bool boxes_meet(const struct box *a, const struct box *b)
{
	return ranges_meet(a->from, b->from) && ranges_meet(a->port, b->port) && ranges_meet(a->protocol, b->protocol) &&
	       ranges_meet(a->to, b->to) && (!a->mac || !b->mac || memcmp(a->mac, b->mac, sizeof(*a->mac)) == 0);
}

/* ---- finding what a box meets ---- */

static bool is_single(const struct box *b)
{
	return b->from.lo == b->from.hi;
}

static size_t *bucket_of(const struct builder *s, uint32_t addr)
{
	return &s->bucket[(addr * 2654435761u >> 8) & (s->buckets - 1)];
}

/* The first layer behind all that the box meets. */
static size_t first_behind(const struct builder *s, const struct box *box, size_t layer)
{
	if (!is_single(box)) {
		for (size_t i = 0; i < s->boxes; i++)
			if (s->box[i].layer >= layer && boxes_meet(box, &s->box[i]))
				layer = s->box[i].layer + 1;
		return layer;
	}
	for (size_t i = *bucket_of(s, box->from.lo); i; i = s->box[i - 1].next)
		if (s->box[i - 1].layer >= layer && boxes_meet(box, &s->box[i - 1]))
			layer = s->box[i - 1].layer + 1;
	for (size_t i = 0; i < s->wides; i++)
		if (s->box[s->wide[i]].layer >= layer && boxes_meet(box, &s->box[s->wide[i]]))
			layer = s->box[s->wide[i]].layer + 1;
	return layer;
}

static void *grow(void *list, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return list;
	*room = *room ? *room * 2 : 64;
	return xreallocarray(list, *room, size);
}

static void remember(struct builder *s, const struct box *box)
{
	s->box = grow(s->box, s->boxes, &s->box_room, sizeof(*s->box));
	s->box[s->boxes] = *box;
	if (is_single(box)) {
		size_t *bucket = bucket_of(s, box->from.lo);

		s->box[s->boxes].next = *bucket;
		*bucket = s->boxes + 1;
	} else {
		s->wide = grow(s->wide, s->wides, &s->wide_room, sizeof(*s->wide));
		s->wide[s->wides++] = s->boxes;
	}
	s->boxes++;
}

/* ---- layers ---- */

static void add_to_layer(struct rule_layers *layers, size_t at, unsigned shape, const struct rule_config *rule)
{
	struct rule_layer *layer;

	if (at == layers->count) {
		layers->item = xreallocarray(layers->item, layers->count + 1, sizeof(*layers->item));
		layers->item[layers->count++] = (struct rule_layer){ .shape = shape };
	}
	layer = &layers->item[at];
	if ((layer->rules & (layer->rules - 1)) == 0)
		layer->rule = xreallocarray(layer->rule, layer->rules ? layer->rules * 2 : 1, sizeof(const struct rule_config *));
	layer->rule[layer->rules++] = rule;
}

/* What no map is made of is tried by itself, in its place. */
static void add_plain(struct builder *s, const struct rule_config *rule)
{
	size_t count = s->layers->count;
	bool last_is_plain = count && s->layers->item[count - 1].shape == 0;

	add_to_layer(s->layers, last_is_plain ? count - 1 : count, 0, rule);
	s->floor = s->layers->count;
}

/* Do two boxes of the rule itself meet?  A map could not hold both. */
static bool meets_itself(const struct rule_config *rule, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			struct box a = box_of(rule, i), b = box_of(rule, k);

			if (boxes_meet(&a, &b))
				return true;
		}
	return false;
}

static size_t choose_layer(const struct builder *s, const struct rule_config *rule, unsigned shape, size_t n)
{
	size_t layer = s->floor;

	for (size_t i = 0; i < n; i++) {
		struct box box = box_of(rule, i);

		layer = first_behind(s, &box, layer);
	}
	while (layer < s->layers->count && s->layers->item[layer].shape != shape)
		layer++;
	return layer;
}

static void add_rule(struct builder *s, const struct rule_config *rule)
{
	unsigned shape = shape_of(rule);
	size_t n = rule_combinations(rule), layer;

	if (!shape || n > BOXES_PER_RULE_MAX || meets_itself(rule, n)) {
		add_plain(s, rule);
		return;
	}
	layer = choose_layer(s, rule, shape, n);
	add_to_layer(s->layers, layer, shape, rule);
	for (size_t i = 0; i < n; i++) {
		struct box box = box_of(rule, i);

		box.layer = layer;
		remember(s, &box);
	}
}

bool rule_layer_is_map(const struct rule_layer *layer)
{
	return layer->shape && layer->shape != SHAPE_ALL && layer->rules >= LAYER_MAP_MIN;
}

void rule_layers_of(const struct config *config, const struct facts *facts, struct rule_layers *out)
{
	struct builder s = { .layers = out, .buckets = 64 };
	bool worth = config->rules >= RULES_WORTH_LAYERS;

	while (s.buckets < config->rules)
		s.buckets *= 2;
	s.bucket = xcalloc(s.buckets, sizeof(*s.bucket));
	for (size_t i = 0; i < config->rules; i++) {
		const struct rule_config *rule = &config->rule[i];

		if (!rule_in_time(rule, facts->weekday, facts->minute))
			continue;
		if (worth)
			add_rule(&s, rule);
		else
			add_plain(&s, rule);
	}
	free(s.bucket);
	free(s.box);
	free(s.wide);
}

void rule_layers_free(struct rule_layers *layers)
{
	for (size_t i = 0; i < layers->count; i++)
		free(layers->item[i].rule);
	free(layers->item);
	memset(layers, 0, sizeof(*layers));
}
