/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config_check() of config.h: what only shows when the whole is looked at.  Called by
 * config_parse() and by whoever changed a config since.  All of it sorts and looks at
 * neighbours: ten thousand rules are checked on each reload.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "policy/block.h"
#include "policy/compile.h"
#include "policy/config.h"
#include "policy/config_shadow.h"

/* ---- forwards ---- */

static bool ports_meet(const struct forward_config *a, const struct forward_config *b, uint16_t *port)
{
	for (size_t i = 0; i < a->ports; i++)
		for (size_t k = 0; k < b->ports; k++) {
			uint16_t lo = a->port[i].lo > b->port[k].lo ? a->port[i].lo : b->port[k].lo;
			uint16_t hi = a->port[i].hi < b->port[k].hi ? a->port[i].hi : b->port[k].hi;

			if (lo <= hi) {
				*port = lo;
				return true;
			}
		}
	return false;
}

/* Is there a sender that both are for? */
static bool senders_meet(const struct forward_config *a, const struct forward_config *b)
{
	if (!a->froms || !b->froms)
		return true;
	for (size_t i = 0; i < a->froms; i++)
		for (size_t k = 0; k < b->froms; k++)
			if (prefix4_covers(a->from[i], b->from[k]) || prefix4_covers(b->from[k], a->from[i]))
				return true;
	return false;
}

static bool is_narrower(struct prefix4 p, const struct forward_config *than)
{
	for (size_t i = 0; i < than->froms; i++)
		if (than->from[i].len < p.len && prefix4_covers(than->from[i], p))
			return true;
	return !than->froms && p.len > 0;
}

/* A narrower "from" before a wider one is a plan, not a mistake: the first that fits wins. */
static bool is_exception(const struct forward_config *first, const struct forward_config *second)
{
	for (size_t i = 0; i < first->froms; i++)
		if (!is_narrower(first->from[i], second))
			return false;
	return first->froms;
}

static void check_pair(const struct config *c, size_t first, size_t second, struct diag_list *diags)
{
	const struct forward_config *a = &c->forward[first < second ? first : second];
	const struct forward_config *b = &c->forward[first < second ? second : first];
	uint16_t port;

	if (a->path != b->path || a->at != b->at || !((a->tcp && b->tcp) || (a->udp && b->udp)) || !senders_meet(a, b) ||
	    is_exception(a, b) || !ports_meet(a, b, &port))
		return;
	diag_add(diags, DIAG_ERROR, c->file, b->line, 0, "[forward %s] takes port %u, which [forward %s] in line %d takes already",
	         b->name, port, a->name, a->line);
}

struct taken {
	struct port_range range;
	size_t forward;
};

static int by_port(const void *left, const void *right)
{
	const struct taken *a = left, *b = right;

	if (a->range.lo != b->range.lo)
		return a->range.lo < b->range.lo ? -1 : 1;
	return a->forward < b->forward ? -1 : a->forward > b->forward;
}

static void check_forwards(const struct config *c, struct diag_list *diags)
{
	struct taken *taken = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->forwards; i++) {
		taken = xreallocarray(taken, n + c->forward[i].ports, sizeof(*taken));
		for (size_t k = 0; k < c->forward[i].ports; k++)
			taken[n++] = (struct taken){ c->forward[i].port[k], i };
	}
	if (n)
		qsort(taken, n, sizeof(*taken), by_port);
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n && taken[k].range.lo <= taken[i].range.hi; k++)
			if (taken[i].forward != taken[k].forward)
				check_pair(c, taken[i].forward, taken[k].forward, diags);
	free(taken);
}

/* ---- names ---- */

static const char *kind_word(const struct rule_config *rule)
{
	return rule->kind == RULE_HOST ? "host" : "rule";
}

static int by_name(const void *left, const void *right)
{
	const struct rule_config *a = *(const struct rule_config *const *)left;
	const struct rule_config *b = *(const struct rule_config *const *)right;
	int order = strcmp(a->name, b->name);

	return order ? order : a->line < b->line ? -1 : a->line > b->line;
}

/* The counters in the kernel are named after the rule: a [host] and a [rule] cannot share one. */
static void check_names(const struct config *c, struct diag_list *diags)
{
	const struct rule_config **sorted = xcalloc(c->rules, sizeof(struct rule_config *));

	for (size_t i = 0; i < c->rules; i++)
		sorted[i] = &c->rule[i];
	qsort(sorted, c->rules, sizeof(struct rule_config *), by_name);
	for (size_t i = 1; i < c->rules; i++)
		if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
			diag_add(diags, DIAG_ERROR, c->file, sorted[i]->line, 0,
			         "\"%s\" is the name of the [%s] in line %d already", sorted[i]->name,
			         kind_word(sorted[i - 1]), sorted[i - 1]->line);
	free(sorted);
}

/* Each takes a chain, and there is room for so many. */
static void check_classes(const struct config *c, struct diag_list *diags)
{
	struct classes classes;

	classes_of(c, &classes);
	for (size_t i = 0; i < c->rules; i++)
		if (classes_find(&classes, &c->rule[i].path) == classes.count) {
			diag_add(diags, DIAG_ERROR, c->file, c->rule[i].line, 0,
			         "there are more than %d different ways in which rules choose their path (path, on-return and spill "
			         "together): make some of them alike", CLASSES_MAX);
			return;
		}
}

static void check_mask(const struct config *c, struct diag_list *diags)
{
	const struct path_config *path = config_without_slot(c);

	if (path)
		diag_add(diags, DIAG_ERROR, c->file, path->line, 0,
		         "mark-mask 0x%08x has room for the paths dslite and pppoe alone: [%s] needs one of four bits",
		         c->router.mark_mask, path->name);
}

/* ---- tunnels ---- */

static bool ends_equal(const char *a, const char *b)
{
	struct in6_addr x, y;

	if (ipv6_parse(a, &x) && ipv6_parse(b, &y))
		return IN6_ARE_ADDR_EQUAL(&x, &y);
	return strcasecmp(a, b) == 0;
}

/* Does the path's tunnel go to this other end, an address or a name as it is written? */
static bool goes_to(const struct path_config *path, const char *end)
{
	const struct dslite_config *d = &path->dslite;

	if (path->kind == PATH_IPIP)
		return path->ipip.remote && ends_equal(path->ipip.remote, end);
	for (size_t i = 0; path->kind == PATH_DSLITE && !d->aftr_auto && i < d->aftrs; i++)
		if (ends_equal(d->aftr[i], end))
			return true;
	return false;
}

/* On one line.  What the provider tells is not known here. */
static bool begin_alike(const struct path_config *a, const struct path_config *b)
{
	bool b_auto = b->kind == PATH_DSLITE ? b->dslite.local_auto : b->ipip.local_auto;
	bool b_id = b->kind == PATH_IPIP && b->ipip.has_interface_id;
	const struct in6_addr *b_local = b->kind == PATH_DSLITE ? &b->dslite.local : &b->ipip.local;

	if (a->ipip.local_told || (b->kind == PATH_IPIP && b->ipip.local_told))
		return false;
	if (a->ipip.local_auto || b_auto)
		return a->ipip.local_auto && b_auto;
	return a->ipip.has_interface_id == b_id && IN6_ARE_ADDR_EQUAL(&a->ipip.local, b_local);
}

static void check_ends(const struct config *c, const struct path_config *a, const struct path_config *b, struct diag_list *diags)
{
	const struct path_config *first = a->line < b->line ? a : b, *second = first == a ? b : a;
	const char *end = a->ipip.remote;

	if (!end || b->kind == PATH_PPPOE || strcmp(a->interface, b->interface) != 0 || !goes_to(b, end) || !begin_alike(a, b))
		return;
	diag_add(diags, DIAG_ERROR, c->file, second->line, 0,
	         "[%s%s] has the same two ends as [%s%s] in line %d: both go to %s from one address of %s, and the kernel has one tunnel "
	         "between two ends. Give [ipip %s] the interface-id that the provider assigned, or another local",
	         second->kind == PATH_IPIP ? "ipip " : "", second->name, first->kind == PATH_IPIP ? "ipip " : "", first->name,
	         first->line, end, a->interface, second->kind == PATH_IPIP ? second->name : first->name);
}

/* A fixed-IP tunnel and each path before it; and DS-Lite, wherever that stands. */
static void check_tunnels(const struct config *c, struct diag_list *diags)
{
	for (size_t i = 0; i < c->paths; i++)
		for (size_t k = 0; c->path[i].kind == PATH_IPIP && k < c->paths; k++)
			if (k < i || (k > i && c->path[k].kind == PATH_DSLITE))
				check_ends(c, &c->path[i], &c->path[k], diags);
}

void config_check(const struct config *config, struct diag_list *diags)
{
	check_mask(config, diags);
	check_tunnels(config, diags);
	check_classes(config, diags);
	check_forwards(config, diags);
	check_names(config, diags);
	block_check(config, diags);
	config_check_shadows(config, diags);
	diag_sort(diags);
}
