/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule_covers.h.  A rule is a box: it takes what fits each of its fields. */
#include "policy/rule_covers.h"

#include <string.h>

#include "policy/compile.h"

#define WEEK_DAYS   7
#define DAY_MINUTES 1440

/* ---- single values ---- */

/* covers: all of b is in a.  meets: a packet may be in both; where in doubt, true. */
struct kind {
	size_t size;
	bool (*covers)(const void *a, const void *b);
	bool (*meets)(const void *a, const void *b);
};

static bool prefix_covers(const void *a, const void *b)
{
	return prefix4_covers(*(const struct prefix4 *)a, *(const struct prefix4 *)b);
}

static bool prefix_meets(const void *a, const void *b)
{
	return prefix_covers(a, b) || prefix_covers(b, a);
}

static bool same_mac(const struct match_from *a, const struct match_from *b)
{
	return memcmp(&a->mac, &b->mac, sizeof(a->mac)) == 0;
}

static bool from_covers(const void *left, const void *right)
{
	const struct match_from *a = left, *b = right;

	if (a->kind == MATCH_PREFIX && a->prefix.len == 0)
		return true;
	if (a->kind != b->kind)
		return false;
	if (a->kind == MATCH_PREFIX)
		return prefix4_covers(a->prefix, b->prefix);
	return a->kind == MATCH_ROUTER || same_mac(a, b);
}

/* Of two ways to tell machines apart, any two may mean one machine. */
static bool from_meets(const void *left, const void *right)
{
	const struct match_from *a = left, *b = right;

	if (a->kind != b->kind || a->kind == MATCH_ROUTER)
		return true;
	return a->kind == MATCH_PREFIX ? prefix_meets(&a->prefix, &b->prefix) : same_mac(a, b);
}

static bool port_covers(const void *left, const void *right)
{
	const struct port_range *a = left, *b = right;

	return a->lo <= b->lo && b->hi <= a->hi;
}

static bool port_meets(const void *left, const void *right)
{
	const struct port_range *a = left, *b = right;

	return a->lo <= b->hi && b->lo <= a->hi;
}

static bool same_byte(const void *a, const void *b)
{
	return *(const uint8_t *)a == *(const uint8_t *)b;
}

static bool same_name(const void *a, const void *b)
{
	return strncmp(a, b, IFNAMSIZ) == 0;
}

static bool same_number(const void *a, const void *b)
{
	return *(const unsigned *)a == *(const unsigned *)b;
}

static bool same_user(const void *left, const void *right)
{
	const struct match_user *a = left, *b = right;

	return strcmp(a->name, b->name) == 0;
}

/* Two names, or a name and a number, may be one user. */
static bool user_meets(const void *left, const void *right)
{
	const struct match_user *a = left, *b = right;

	return !a->known || !b->known || a->uid == b->uid;
}

static const struct kind domain_kind = { sizeof(unsigned), same_number, same_number };
static const struct kind user_kind = { sizeof(struct match_user), same_user, user_meets };
static const struct kind from_kind = { sizeof(struct match_from), from_covers, from_meets };
static const struct kind prefix_kind = { sizeof(struct prefix4), prefix_covers, prefix_meets };
static const struct kind port_kind = { sizeof(struct port_range), port_covers, port_meets };
static const struct kind byte_kind = { 1, same_byte, same_byte };
static const struct kind name_kind = { IFNAMSIZ, same_name, same_name };

/* ---- lists ---- */

struct list {
	const void *item;
	size_t n; /* 0: everything */
	bool not;
};

static const void *item_at(const struct list *l, const struct kind *kind, size_t i)
{
	return (const char *)l->item + i * kind->size;
}

/* Is each of inner inside one of outer? */
static bool all_inside(const struct kind *kind, const struct list *outer, const struct list *inner)
{
	for (size_t i = 0; i < inner->n; i++) {
		bool inside = false;

		for (size_t k = 0; k < outer->n && !inside; k++)
			inside = kind->covers(item_at(outer, kind, k), item_at(inner, kind, i));
		if (!inside)
			return false;
	}
	return true;
}

static bool any_meet(const struct kind *kind, const struct list *a, const struct list *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (kind->meets(item_at(a, kind, i), item_at(b, kind, k)))
				return true;
	return false;
}

static bool list_covers(const struct kind *kind, struct list a, struct list b)
{
	if (!a.n)
		return true;
	if (!a.not)
		return b.n && !b.not && all_inside(kind, &a, &b);
	if (b.not)
		return b.n && all_inside(kind, &b, &a);
	return b.n && !any_meet(kind, &a, &b);
}

/* "0.0.0.0/0" in a list is everything. */
static struct list list_of_to(const struct rule_config *r)
{
	for (size_t i = 0; i < r->tos && !r->not_to; i++)
		if (r->to[i].len == 0)
			return (struct list){ 0 };
	return (struct list){ r->to, r->tos, r->not_to };
}

static struct list list_of_from(const struct rule_config *r)
{
	for (size_t i = 0; i < r->froms && !r->not_from; i++)
		if (r->from[i].kind == MATCH_PREFIX && r->from[i].prefix.len == 0)
			return (struct list){ 0 };
	return (struct list){ r->from, r->froms, r->not_from };
}

#define LIST(r, items, field) ((struct list){ (r)->field, (r)->items, (r)->not_##field })

static bool takes_any_to(const struct rule_config *r)
{
	return !list_of_to(r).n && (r->tos || !r->domains);
}

/* What a name stands for is not known here: it covers itself, and may meet anything. */
static bool to_covers(const struct rule_config *a, const struct rule_config *b)
{
	const struct rule_config *outer = a->not_to ? b : a, *inner = a->not_to ? a : b;
	struct list outer_to = { outer->to, outer->tos, false }, inner_to = { inner->to, inner->tos, false };
	struct list outer_names = { outer->domain, outer->domains, false }, inner_names = { inner->domain, inner->domains, false };

	if (!a->domains && !b->domains)
		return list_covers(&prefix_kind, list_of_to(a), list_of_to(b));
	if (takes_any_to(a))
		return true;
	return !takes_any_to(b) && a->not_to == b->not_to && all_inside(&prefix_kind, &outer_to, &inner_to) &&
	       all_inside(&domain_kind, &outer_names, &inner_names);
}

/* ---- times ---- */

static bool same_times(const struct rule_config *a, const struct rule_config *b)
{
	if (a->times != b->times || a->not_time != b->not_time)
		return false;
	for (size_t i = 0; i < a->times; i++)
		if (a->time[i].days != b->time[i].days || a->time[i].from != b->time[i].from || a->time[i].to != b->time[i].to)
			return false;
	return true;
}

static bool times_cover(const struct rule_config *a, const struct rule_config *b)
{
	if (!a->times || same_times(a, b))
		return true;
	for (unsigned minute = 0; minute < WEEK_DAYS * DAY_MINUTES; minute++)
		if (rule_in_time(b, minute / DAY_MINUTES, minute % DAY_MINUTES) &&
		    !rule_in_time(a, minute / DAY_MINUTES, minute % DAY_MINUTES))
			return false;
	return true;
}

static bool never_in_time(const struct rule_config *r)
{
	for (unsigned minute = 0; r->times && minute < WEEK_DAYS * DAY_MINUTES; minute++)
		if (rule_in_time(r, minute / DAY_MINUTES, minute % DAY_MINUTES))
			return false;
	return r->times;
}

/* ---- rules ---- */

bool rule_covers(const struct rule_config *a, const struct rule_config *b)
{
	return list_covers(&from_kind, list_of_from(a), list_of_from(b)) &&
	       to_covers(a, b) && list_covers(&user_kind, LIST(a, users, user), LIST(b, users, user)) &&
	       list_covers(&port_kind, LIST(a, ports, port), LIST(b, ports, port)) &&
	       list_covers(&port_kind, LIST(a, source_ports, source_port), LIST(b, source_ports, source_port)) &&
	       list_covers(&byte_kind, LIST(a, protocols, protocol), LIST(b, protocols, protocol)) &&
	       list_covers(&byte_kind, LIST(a, dscps, dscp), LIST(b, dscps, dscp)) &&
	       list_covers(&name_kind, LIST(a, interfaces, interface), LIST(b, interfaces, interface)) && times_cover(a, b);
}

bool rule_takes_all(const struct rule_config *r)
{
	return !list_of_from(r).n && takes_any_to(r) && !r->users && !r->protocols && !r->ports && !r->source_ports && !r->dscps &&
	       !r->times && !r->interfaces;
}

/* ---- what no packet fits ---- */

/* "!" and the whole: nothing is left. */
static bool excludes_all(const struct kind *kind, struct list list, const void *whole)
{
	struct list all = { whole, 1, false };

	return list.not && all_inside(kind, &list, &all);
}

static bool all_router(const struct rule_config *r)
{
	for (size_t i = 0; i < r->froms; i++)
		if (r->from[i].kind != MATCH_ROUTER)
			return false;
	return r->froms && !r->not_from;
}

/* What comes in on a path goes back there, whatever the rules say. */
static bool all_paths(const struct config *config, const struct rule_config *r)
{
	for (size_t i = 0; i < r->interfaces; i++) {
		bool path = false;

		for (size_t p = 0; p < config->paths; p++)
			path |= strcmp(config->path[p].device, r->interface[i]) == 0;
		if (!path)
			return false;
	}
	return r->interfaces && !r->not_interface;
}

/* This machine itself, or everybody at once: no rule is asked about those. */
static bool is_no_destination(const struct config *config, struct prefix4 p)
{
	static const struct prefix4 loopback = { 0x7f000000, 8 }, multicast = { 0xe0000000, 4 };

	if (prefix4_covers(loopback, p) || prefix4_covers(multicast, p) || (p.len == 32 && p.addr == UINT32_MAX))
		return true;
	for (size_t i = 0; i < config->paths; i++) {
		const struct path_config *path = &config->path[i];

		if (path->kind == PATH_PPPOE && path->pppoe.has_address && p.len == 32 && p.addr == path->pppoe.address)
			return true;
		if (path->kind == PATH_IPIP && p.len == 32 && p.addr == path->ipip.address)
			return true;
	}
	return false;
}

static bool no_destination(const struct config *config, const struct rule_config *r)
{
	for (size_t i = 0; i < r->tos; i++)
		if (!is_no_destination(config, r->to[i]))
			return false;
	return r->tos && !r->domains && !r->not_to;
}

const char *rule_never(const struct config *config, const struct rule_config *r)
{
	static const struct prefix4 everywhere;
	static const struct match_from anybody;
	static const struct port_range any_port = { 1, UINT16_MAX };

	if (excludes_all(&from_kind, (struct list){ r->from, r->froms, r->not_from }, &anybody))
		return "its \"from\" leaves nobody";
	if (excludes_all(&prefix_kind, (struct list){ r->to, r->tos, r->not_to }, &everywhere))
		return "its \"to\" leaves no address";
	if (excludes_all(&port_kind, LIST(r, ports, port), &any_port) ||
	    excludes_all(&port_kind, LIST(r, source_ports, source_port), &any_port))
		return "its ports leave none";
	if (never_in_time(r))
		return "its time never comes";
	if (all_router(r) && r->interfaces && !r->not_interface)
		return "what the router itself sends comes in on no interface";
	if (all_paths(config, r))
		return "what comes in on a path goes back there, and is asked no rule (interface = is where the home's packets "
		       "come in)";
	if (no_destination(config, r))
		return "its \"to\" is this router or everybody at once, which no path leads to";
	return NULL;
}
