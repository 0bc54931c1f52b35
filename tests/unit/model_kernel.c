/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See model_kernel.h.  What the kernel would refuse ends the test. */
#undef NDEBUG
#include "tests/unit/model_kernel.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

struct plan_tunnel *model_tunnel(struct plan *k, const char *device)
{
	for (unsigned i = 0; i < k->tunnels; i++)
		if (strcmp(k->tunnel[i].device, device) == 0)
			return &k->tunnel[i];
	return NULL;
}

static void model_drop_addresses(struct plan *k, const char *device, uint32_t addr)
{
	for (unsigned i = 0; i < k->addresses;) {
		if (strcmp(k->address[i].device, device) == 0 && (!addr || k->address[i].addr == addr))
			k->address[i] = k->address[--k->addresses];
		else
			i++;
	}
}

static struct plan_route *model_route(struct plan *k, const struct plan_route *r)
{
	for (unsigned i = 0; i < k->routes; i++)
		if (plan_route_same_key(&k->route[i], r))
			return &k->route[i];
	return NULL;
}

static struct plan_sysctl *model_sysctl(struct plan *k, const char *name)
{
	for (unsigned i = 0; i < k->sysctls; i++)
		if (strcmp(k->sysctl[i].name, name) == 0)
			return &k->sysctl[i];
	return NULL;
}

static struct nft_object *model_object(struct plan *k, const char *name)
{
	for (size_t i = 0; i < k->nft.count; i++)
		if (strcmp(k->nft.object[i].name, name) == 0)
			return &k->nft.object[i];
	return NULL;
}

static void model_remove_object(struct plan *k, struct nft_object *o)
{
	free(o->name);
	free(o->spec);
	free(o->body);
	*o = k->nft.object[--k->nft.count];
}

/* The rule's text without the comment that carries the hash, which the model reads instead. */
static void model_add_rule(struct plan *k, const char *name, char *rule)
{
	struct nft_object *o = model_object(k, name);
	char *comment = strstr(rule, " comment \"");
	char *body;

	assert(o != NULL);
	if (comment) {
		unsigned long long hash;

		assert(sscanf(comment, " comment \"dualpath:%llx:", &hash) == 1);
		o->hash = hash;
		*comment = '\0';
	}
	assert(asprintf(&body, "%s%s\n", o->body, rule) > 0);
	free(o->body);
	o->body = body;
}

static void model_add_elements(struct plan *k, const char *name, char *elements)
{
	struct nft_object *map = model_object(k, name);
	char *element, *body;

	while ((element = strsep(&elements, ","))) {
		element += strspn(element, " ");
		if (strchr(element, '}')) /* " }" behind the last */
			strchr(element, '}')[-1] = '\0';
		assert(!strstr(map->body, element));
		assert(asprintf(&body, "%s%s\n", map->body, element) > 0);
		free(map->body);
		map->body = body;
	}
}

static void model_delete_element(struct plan *k, const char *name, const char *key)
{
	char *body = model_object(k, name)->body, *line = strstr(body, key);

	assert(line != NULL);
	if (line)
		memmove(line, strchr(line, '\n') + 1, strlen(strchr(line, '\n')));
}

/* False: it is not about a map. */
static bool model_map_line(struct plan *k, char *line)
{
	char name[32], key[32];
	int at = 0;

	if (sscanf(line, "add map inet dualpath %31s { ", name) == 1)
		nft_table_add(&k->nft, NFT_MAP, name, "type key : verdict;", xstrdup(""));
	else if (sscanf(line, "flush map inet dualpath %31s", name) == 1)
		*model_object(k, name)->body = '\0';
	else if (sscanf(line, "add element inet dualpath %31s { %n", name, &at) == 1 && at)
		model_add_elements(k, name, line + at);
	else if (sscanf(line, "delete element inet dualpath %31s { %31s }", name, key) == 2)
		model_delete_element(k, name, key);
	else if (sscanf(line, "delete map inet dualpath %31s", name) == 1)
		model_remove_object(k, model_object(k, name));
	else
		return false;
	return true;
}

/* False: it is not about a flowtable.  One that goes takes its devices with it. */
static bool model_flowtable_line(struct plan *k, const char *line)
{
	char name[32];

	if (sscanf(line, "add flowtable inet dualpath %31s { hook ingress priority 0; }", name) == 1)
		nft_table_add(&k->nft, NFT_FLOWTABLE, name, PLAN_FLOWTABLE_SPEC, xstrdup(""));
	else if (sscanf(line, "delete flowtable inet dualpath %31s", name) == 1)
		model_remove_object(k, model_object(k, name));
	else
		return false;
	k->offloads = 0;
	return true;
}

/* Where the device is among those of the flowtable, or their number. */
static unsigned model_offload(const struct plan *k, const char *device)
{
	unsigned i = 0;

	while (i < k->offloads && strcmp(k->offload[i], device) != 0)
		i++;
	return i;
}

static void model_nft_line(struct plan *k, char *line)
{
	char name[32], rest[128] = "";

	if (model_map_line(k, line) || model_flowtable_line(k, line))
		return;
	if (sscanf(line, "add counter inet dualpath %31s", name) == 1) {
		nft_table_add(&k->nft, NFT_COUNTER, name, "", xstrdup(""));
	} else if (sscanf(line, "add chain inet dualpath %31s { %127[^}]", name, rest) >= 1) {
		rest[strcspn(rest, ";") + (*rest != 0)] = '\0';
		nft_table_add(&k->nft, NFT_CHAIN, name, rest, xstrdup(""));
	} else if (sscanf(line, "flush chain inet dualpath %31s", name) == 1) {
		free(model_object(k, name)->body);
		model_object(k, name)->body = xstrdup("");
		model_object(k, name)->hash = 0;
	} else if (sscanf(line, "delete chain inet dualpath %31s", name) == 1) {
		assert(*model_object(k, name)->body == '\0'); /* the kernel refuses a chain in use */
		model_remove_object(k, model_object(k, name));
	} else if (sscanf(line, "delete counter inet dualpath %31s", name) == 1) {
		model_remove_object(k, model_object(k, name));
	} else if (strcmp(line, "delete table inet dualpath") == 0) {
		nft_table_free(&k->nft);
		k->offloads = 0;
	} else if (strncmp(line, "add rule inet dualpath ", 23) == 0) {
		assert(sscanf(line, "add rule inet dualpath %31s", name) == 1);
		model_add_rule(k, name, line + 23 + strlen(name) + 1);
	} else {
		assert(strcmp(line, "add table inet dualpath") == 0);
	}
}

/* A table with the same objects, whose index fits; a chain keeps the hash that its comment tells. */
void model_copy_table(struct nft_table *to, const struct nft_table *from)
{
	memset(to, 0, sizeof(*to));
	for (size_t i = 0; i < from->count; i++) {
		const struct nft_object *o = &from->object[i];
		struct nft_object *n = nft_table_add(to, o->kind, o->name, o->spec, xstrdup(o->body));

		n->hash = o->kind == NFT_CHAIN ? o->hash : n->hash;
	}
}

static void model_nft(struct plan *k, const char *text)
{
	char *copy = xstrdup(text), *line, *next = copy;
	struct nft_table settled;

	while ((line = strsep(&next, "\n")) && next)
		model_nft_line(k, line);
	free(copy);
	model_copy_table(&settled, &k->nft);
	nft_table_free(&k->nft);
	k->nft = settled;
}

/* The kernel has one tunnel between two ends, and one more on each line. */
static bool model_has_room_between(const struct plan *k, const struct plan_tunnel *t)
{
	for (unsigned i = 0; i < k->tunnels; i++) {
		const struct plan_tunnel *other = &k->tunnel[i];

		if (strcmp(other->device, t->device) != 0 && strcmp(other->line, t->line) == 0 &&
		    memcmp(&other->local, &t->local, sizeof(t->local)) == 0 &&
		    memcmp(&other->remote, &t->remote, sizeof(t->remote)) == 0)
			return false;
	}
	return true;
}

/* Those are the names of tunnels here. */
static bool model_lacks_tunnel(struct plan *k, const char *device)
{
	return strncmp(device, "tun", 3) == 0 && !model_tunnel(k, device);
}

bool model_refuses(struct plan *k, const struct op *op)
{
	switch (op->kind) {
	case OP_TUNNEL_ADD:
		return model_tunnel(k, op->tunnel.device) || !model_has_room_between(k, &op->tunnel);
	case OP_TUNNEL_CHANGE:
		return !model_tunnel(k, op->tunnel.device) || !model_has_room_between(k, &op->tunnel);
	case OP_ADDRESS_ADD:
		for (unsigned i = 0; i < k->addresses; i++)
			if (strcmp(k->address[i].device, op->address.device) == 0 && k->address[i].addr == op->address.addr)
				return true;
		return !model_tunnel(k, op->address.device);
	case OP_ROUTE_ADD:
		return model_route(k, &op->route) || model_lacks_tunnel(k, op->route.device); /* NLM_F_EXCL */
	case OP_ROUTE_REPLACE:
		return !model_route(k, &op->route) || model_lacks_tunnel(k, op->route.device);
	default:
		return false;
	}
}

/* With its device. */
static void model_drop_routes(struct plan *k, const char *device)
{
	for (unsigned i = 0; i < k->routes;) {
		if (strcmp(k->route[i].device, device) == 0)
			k->route[i] = k->route[--k->routes];
		else
			i++;
	}
}

void model_apply(struct plan *k, const struct op *op)
{
	struct plan_tunnel *t;
	struct plan_route *r;

	assert(!model_refuses(k, op));
	switch (op->kind) {
	case OP_NFT:
		model_nft(k, op->text);
		break;
	case OP_NFT_DELETE:
		nft_table_free(&k->nft);
		k->offloads = 0;
		break;
	case OP_TUNNEL_ADD:
		k->tunnel[k->tunnels++] = op->tunnel;
		break;
	case OP_TUNNEL_CHANGE:
		*model_tunnel(k, op->tunnel.device) = op->tunnel;
		break;
	case OP_TUNNEL_DELETE:
		t = model_tunnel(k, op->tunnel.device);
		model_drop_addresses(k, op->tunnel.device, 0);
		model_drop_routes(k, op->tunnel.device);
		*t = k->tunnel[--k->tunnels];
		break;
	case OP_ADDRESS_ADD:
		k->address[k->addresses++] = op->address;
		break;
	case OP_ADDRESS_DELETE:
		model_drop_addresses(k, op->address.device, op->address.addr);
		break;
	case OP_ADDRESS6_ADD:
		k->address6[k->addresses6++] = op->address6;
		break;
	case OP_ADDRESS6_DELETE:
		for (unsigned i = 0; i < k->addresses6; i++)
			if (IN6_ARE_ADDR_EQUAL(&k->address6[i].addr, &op->address6.addr)) {
				k->address6[i] = k->address6[--k->addresses6];
				break;
			}
		break;
	case OP_SYSCTL:
		if (!model_sysctl(k, op->sysctl.name))
			plan_add_sysctl(k, "", "%s", op->sysctl.name);
		*model_sysctl(k, op->sysctl.name) = op->sysctl;
		break;
	case OP_ROUTE_ADD:
		plan_add_route(k, &op->route);
		break;
	case OP_ROUTE_REPLACE:
		*model_route(k, &op->route) = op->route;
		break;
	case OP_ROUTE_DELETE:
		r = model_route(k, &op->route);
		*r = k->route[--k->routes];
		break;
	case OP_RULE_ADD:
		plan_add_rule(k, &op->rule);
		break;
	case OP_RULE_DELETE:
		for (unsigned i = 0; i < k->rules; i++)
			if (plan_rule_equal(&k->rule[i], &op->rule)) {
				k->rule[i] = k->rule[--k->rules];
				break;
			}
		break;
	case OP_OFFLOAD_ADD:
		assert(model_object(k, PLAN_FLOWTABLE) && model_offload(k, op->device) == k->offloads);
		memcpy(k->offload[k->offloads++], op->device, IFNAMSIZ);
		break;
	case OP_OFFLOAD_DELETE:
		assert(model_offload(k, op->device) < k->offloads);
		memcpy(k->offload[model_offload(k, op->device)], k->offload[k->offloads - 1], IFNAMSIZ);
		k->offloads--;
		break;
	}
}

/* ---- what must hold ---- */

/* Of each route over a device, its guard is there. */
bool model_is_guarded(struct plan *k)
{
	const struct nft_object *guard = model_object(k, "GUARD");

	for (unsigned i = 0; i < k->routes; i++) {
		char name[IFNAMSIZ + 2];

		snprintf(name, sizeof(name), "\"%s\"", k->route[i].device);
		if (*k->route[i].device && (!guard || !strstr(guard->body, name)))
			return false;
	}
	return true;
}

static bool same_objects(const struct nft_table *a, const struct nft_table *b)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct nft_object *o = &a->object[i], *other = NULL;

		for (size_t k = 0; k < b->count; k++)
			if (strcmp(b->object[k].name, o->name) == 0)
				other = &b->object[k];
		if (!other || other->kind != o->kind || strcmp(other->spec, o->spec) != 0 || strcmp(other->body, o->body) != 0)
			return false;
	}
	return a->count == b->count;
}

/* Without diff(): the kernel has what is wanted, and nothing else but settings. */
bool model_is_as_wanted(const struct plan *want, struct plan *k)
{
	bool same = want->tunnels == k->tunnels && want->addresses == k->addresses && want->routes == k->routes &&
	            want->rules == k->rules && want->offloads == k->offloads && same_objects(&want->nft, &k->nft);

	for (unsigned i = 0; i < want->tunnels; i++) {
		const struct plan_tunnel *t = model_tunnel(k, want->tunnel[i].device);

		same = same && t && plan_tunnel_equal(t, &want->tunnel[i]);
	}
	for (unsigned i = 0; i < want->addresses; i++) {
		bool found = false;

		for (unsigned n = 0; n < k->addresses; n++)
			found |= k->address[n].addr == want->address[i].addr &&
			         strcmp(k->address[n].device, want->address[i].device) == 0;
		same = same && found;
	}
	for (unsigned i = 0; i < want->routes; i++) {
		const struct plan_route *r = model_route(k, &want->route[i]);

		same = same && r && plan_route_equal(r, &want->route[i]);
	}
	for (unsigned i = 0; i < want->rules; i++) {
		bool found = false;

		for (unsigned n = 0; n < k->rules; n++)
			found |= plan_rule_equal(&k->rule[n], &want->rule[i]);
		same = same && found;
	}
	for (unsigned i = 0; i < want->offloads; i++)
		same = same && model_offload(k, want->offload[i]) < k->offloads;
	for (unsigned i = 0; i < want->sysctls; i++) {
		const struct plan_sysctl *s = model_sysctl(k, want->sysctl[i].name);

		same = same && s && strcmp(s->value, want->sysctl[i].value) == 0;
	}
	return same;
}
