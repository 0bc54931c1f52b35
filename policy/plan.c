/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See plan.h. */
#include "policy/plan.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fnv.h"
#include "common/xalloc.h"

void plan_free(struct plan *plan)
{
	nft_table_free(&plan->nft);
	memset(plan, 0, sizeof(*plan));
}

void plan_add_route(struct plan *plan, const struct plan_route *route)
{
	assert(plan->routes < PLAN_ROUTES_MAX);
	plan->route[plan->routes++] = *route;
}

void plan_add_rule(struct plan *plan, const struct plan_rule *rule)
{
	assert(plan->rules < PLAN_RULES_MAX);
	plan->rule[plan->rules++] = *rule;
}

void plan_add_sysctl(struct plan *plan, const char *value, const char *format, ...)
{
	struct plan_sysctl *s;
	va_list ap;

	assert(plan->sysctls < PLAN_SYSCTLS_MAX);
	s = &plan->sysctl[plan->sysctls++];
	snprintf(s->value, sizeof(s->value), "%s", value);
	va_start(ap, format);
	vsnprintf(s->name, sizeof(s->name), format, ap);
	va_end(ap);
}

/* The kernel tells IPv4 routes apart by table, prefix, TOS (ours: 0) and metric. */
bool plan_route_same_key(const struct plan_route *a, const struct plan_route *b)
{
	return a->table == b->table && a->metric == b->metric && a->dst.addr == b->dst.addr &&
	       a->dst.len == b->dst.len;
}

bool plan_route_equal(const struct plan_route *a, const struct plan_route *b)
{
	return plan_route_same_key(a, b) && strcmp(a->device, b->device) == 0 && a->blackhole == b->blackhole &&
	       a->source == b->source;
}

bool plan_rule_equal(const struct plan_rule *a, const struct plan_rule *b)
{
	return a->priority == b->priority && a->action == b->action && a->table == b->table && a->mark == b->mark &&
	       a->mask == b->mask && a->from.addr == b->from.addr && a->from.len == b->from.len && a->own == b->own;
}

bool plan_tunnel_equal(const struct plan_tunnel *a, const struct plan_tunnel *b)
{
	return memcmp(&a->local, &b->local, sizeof(a->local)) == 0 &&
	       memcmp(&a->remote, &b->remote, sizeof(a->remote)) == 0 && a->mtu == b->mtu &&
	       a->encap_limit == b->encap_limit && a->up == b->up && a->tagged == b->tagged && strcmp(a->line, b->line) == 0;
}

static uint64_t object_hash(const struct nft_object *o)
{
	return o->body && *o->body ? fnv_add(fnv_add(FNV_START, o->spec), o->body) : 0;
}

/* ---- the elements of a map ---- */

static int by_text(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* So that two bodies can be compared element by element in one walk. */
static char *sort_lines(char *body)
{
	size_t count = 0, length = strlen(body), room = 0;
	char **line = NULL, *at = body, *sorted = xmalloc(length + 1), *to = sorted;

	for (char *end; (end = strchr(at, '\n')); at = end + 1) {
		*end = '\0';
		if (count == room) {
			room = room ? room * 2 : 64;
			line = xreallocarray(line, room, sizeof(*line));
		}
		line[count++] = at;
	}
	if (count)
		qsort(line, count, sizeof(*line), by_text);
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(line[i]);

		memcpy(to, line[i], n);
		to[n] = '\n';
		to += n + 1;
	}
	*to = '\0';
	free(line);
	free(body);
	return sorted;
}

/* ---- finding an object among ten thousand ---- */

/* Where the object is, or the empty slot where it would be. */
static size_t *slot_of(const struct nft_table *table, enum nft_kind kind, const char *name)
{
	size_t at = fnv_add(FNV_START + kind, name) & (table->slots - 1);

	while (table->slot[at]) {
		const struct nft_object *o = &table->object[table->slot[at] - 1];

		if (o->kind == kind && strcmp(o->name, name) == 0)
			break;
		at = (at + 1) & (table->slots - 1);
	}
	return &table->slot[at];
}

/* Twice as many slots as objects, or more. */
static void make_slots(struct nft_table *table)
{
	free(table->slot);
	table->slots = table->cap * 2;
	table->slot = xcalloc(table->slots, sizeof(*table->slot));
	for (size_t i = table->count; i-- > 0;)
		*slot_of(table, table->object[i].kind, table->object[i].name) = i + 1;
}

static void make_room(struct nft_table *table)
{
	if (table->count < table->cap)
		return;
	table->cap = table->cap ? table->cap * 2 : 32;
	table->object = xreallocarray(table->object, table->cap, sizeof(*table->object));
	make_slots(table);
}

struct nft_object *nft_table_add(struct nft_table *table, enum nft_kind kind, const char *name, const char *spec,
                                 char *body)
{
	struct nft_object *o;

	if (kind == NFT_MAP && body)
		body = sort_lines(body);
	make_room(table);
	o = &table->object[table->count];
	*o = (struct nft_object){ .kind = kind, .name = xstrdup(name), .spec = xstrdup(spec), .body = body };
	o->hash = object_hash(o);
	*slot_of(table, kind, name) = ++table->count;
	return o;
}

const struct nft_object *nft_table_find(const struct nft_table *table, enum nft_kind kind, const char *name)
{
	size_t found = table->slots ? *slot_of(table, kind, name) : 0;

	return found ? &table->object[found - 1] : NULL;
}

void nft_table_free(struct nft_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		free(table->object[i].name);
		free(table->object[i].spec);
		free(table->object[i].body);
	}
	free(table->object);
	free(table->slot);
	memset(table, 0, sizeof(*table));
}
