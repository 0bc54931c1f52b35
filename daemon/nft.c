/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See nft.h. */
#include "daemon/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <inttypes.h>
#include <jansson.h>
#include <malloc.h>
#include <nftables/libnftables.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "policy/diff.h"
#include "policy/domain.h"

/* Changes come one after the other, and status is asked again and again. */
#define REST_S 3.0

struct nft {
	struct nft_ctx *ctx;
	struct ev_loop *loop;
	ev_timer rest;
};

static struct nft_ctx *new_context(void)
{
	struct nft_ctx *ctx = nft_ctx_new(NFT_CTX_DEFAULT);

	if (!ctx)
		abort();
	nft_ctx_buffer_output(ctx);
	nft_ctx_buffer_error(ctx);
	return ctx;
}

void nft_shrink(struct nft *nft)
{
	nft_ctx_free(nft->ctx);
	nft->ctx = new_context();
	malloc_trim(0); /* it was freed in small pieces, which the allocator would keep */
}

static void on_rest(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)revents;
	ev_timer_stop(loop, w);
	nft_shrink(w->data);
}

struct nft *nft_new(struct ev_loop *loop)
{
	struct nft *nft = xcalloc(1, sizeof(*nft));

	nft->ctx = new_context();
	nft->loop = loop;
	ev_timer_init(&nft->rest, on_rest, REST_S, 0);
	nft->rest.data = nft;
	return nft;
}

void nft_free(struct nft *nft)
{
	if (!nft)
		return;
	if (ev_is_active(&nft->rest))
		ev_timer_stop(nft->loop, &nft->rest);
	nft_ctx_free(nft->ctx);
	free(nft);
}

/* Every command goes this way. */
static int run(struct nft *nft, const char *command)
{
	if (nft->loop && !ev_is_active(&nft->rest)) {
		ev_timer_set(&nft->rest, REST_S, 0);
		ev_timer_start(nft->loop, &nft->rest);
	}
	return nft_run_cmd_from_buffer(nft->ctx, command);
}

int nft_try(struct nft *nft, const char **why)
{
	int r = run(nft, "list tables");

	nft_ctx_get_output_buffer(nft->ctx); /* taken out, or it would stand before the next list */
	if (r == 0)
		return 0;
	*why = nft_ctx_get_error_buffer(nft->ctx);
	return -ENOTSUP;
}

int nft_apply(struct nft *nft, const char *text, const char **why)
{
	int r = run(nft, text);

	if (r == 0)
		return 0;
	*why = nft_ctx_get_error_buffer(nft->ctx);
	return -EINVAL;
}

int nft_check(struct nft *nft, const char *text, const char **why)
{
	int r;

	nft_ctx_set_dry_run(nft->ctx, true);
	r = nft_apply(nft, text, why);
	nft_ctx_set_dry_run(nft->ctx, false);
	return r;
}

/* Run a command that lists (what is in named sets left out), and parse its JSON.  NULL: it failed (the table is absent). */
static json_t *list(struct nft *nft, const char *command)
{
	unsigned flags = nft_ctx_output_get_flags(nft->ctx);
	json_t *root = NULL;

	/* Input would be taken for JSON as well while the flag is set. */
	nft_ctx_output_set_flags(nft->ctx, flags | NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_NUMERIC_PRIO | NFT_CTX_OUTPUT_TERSE);
	if (run(nft, command) == 0)
		root = json_loads(nft_ctx_get_output_buffer(nft->ctx), 0, NULL);
	else
		nft_ctx_get_error_buffer(nft->ctx); /* taken out, or it would stand before the next error */
	nft_ctx_output_set_flags(nft->ctx, flags);
	return root;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

static void read_chain(const json_t *chain, struct nft_table *table)
{
	char spec[128] = "";

	if (json_object_get(chain, "hook"))
		snprintf(spec, sizeof(spec), "type %s hook %s priority %d; policy %s;", string_of(chain, "type"),
		         string_of(chain, "hook"), (int)json_integer_value(json_object_get(chain, "prio")),
		         string_of(chain, "policy"));
	nft_table_add(table, NFT_CHAIN, string_of(chain, "name"), spec, xstrdup(""));
}

/* JSON does not tell "dynamic"; a set that is another one in what it tells is made anew. */
static void read_set(const json_t *set, struct nft_table *table)
{
	bool ours = strcmp(string_of(set, "type"), "ipv4_addr") == 0 &&
	            json_integer_value(json_object_get(set, "timeout")) == DOMAIN_SET_TIMEOUT_S;

	nft_table_add(table, NFT_SET, string_of(set, "name"), ours ? DOMAIN_SET_SPEC : "other", xstrdup(""));
}

/* Where the last expression goes: enough to know which path a class chain leads to. */
static const char *goto_target(const json_t *rule)
{
	const json_t *expr = json_object_get(rule, "expr");
	const json_t *last = json_array_get(expr, json_array_size(expr) - 1);

	return string_of(json_object_get(last, "goto"), "target");
}

struct chain_reading {
	unsigned rules;    /* seen in the kernel */
	unsigned expected; /* by the comment on the first */
	uint64_t hash;
};

static void read_rule(const json_t *rule, struct nft_table *table, struct chain_reading *reading)
{
	const struct nft_object *found = nft_table_find(table, NFT_CHAIN, string_of(rule, "chain"));
	struct nft_object *chain;
	struct chain_reading *r;

	if (!found)
		return;
	chain = &table->object[found - table->object];
	r = &reading[found - table->object];
	if (r->rules++ == 0 &&
	    sscanf(string_of(rule, "comment"), "dualpath:%16" SCNx64 ":%u", &r->hash, &r->expected) != 2)
		r->expected = 0;
	if (strncmp(chain->name, "class_", 6) == 0) {
		free(chain->body);
		chain->body = xstrdup(goto_target(rule));
	}
}

/* A chain whose rules are not as many as we wrote was changed by somebody: no hash fits it. */
static void finish_chains(struct nft_table *table, const struct chain_reading *reading)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->object[i].kind == NFT_CHAIN && reading[i].rules)
			table->object[i].hash = reading[i].rules == reading[i].expected ? reading[i].hash : 1;
}

static void read_objects(const json_t *items, struct nft_table *table)
{
	struct chain_reading *reading;
	const json_t *item, *o;
	size_t i;

	json_array_foreach(items, i, item) {
		if ((o = json_object_get(item, "chain")))
			read_chain(o, table);
		else if ((o = json_object_get(item, "map")))
			nft_table_add(table, NFT_MAP, string_of(o, "name"), "", NULL);
		else if ((o = json_object_get(item, "counter")))
			nft_table_add(table, NFT_COUNTER, string_of(o, "name"), "", xstrdup(""));
		else if ((o = json_object_get(item, "set")))
			read_set(o, table);
		else if ((o = json_object_get(item, "flowtable")))
			nft_table_add(table, NFT_FLOWTABLE, string_of(o, "name"), PLAN_FLOWTABLE_SPEC, xstrdup(""));
	}
	reading = xcalloc(table->count, sizeof(*reading));
	json_array_foreach(items, i, item)
		if ((o = json_object_get(item, "rule")))
			read_rule(o, table, reading);
	finish_chains(table, reading);
	free(reading);
}

int nft_read(struct nft *nft, struct nft_table *table)
{
	json_t *root = list(nft, "list table inet " PLAN_TABLE);

	read_objects(json_object_get(root, "nftables"), table);
	json_decref(root);
	return 0;
}

static void add_offload_device(struct plan *have, const json_t *name)
{
	if (json_is_string(name) && have->offloads < PLAN_OFFLOADS_MAX)
		snprintf(have->offload[have->offloads++], IFNAMSIZ, "%s", json_string_value(name));
}

/* One device is told as a word, several as a list of words. */
static void read_flowtable(const json_t *flowtable, struct plan *have)
{
	const json_t *devices = json_object_get(flowtable, "dev"), *device;
	size_t i;

	add_offload_device(have, devices);
	json_array_foreach(devices, i, device)
		add_offload_device(have, device);
}

void nft_offload_devices(struct nft *nft, struct plan *have)
{
	json_t *root = list(nft, "list flowtable inet " PLAN_TABLE " " PLAN_FLOWTABLE);
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(root, "nftables"), i, item)
		read_flowtable(json_object_get(item, "flowtable"), have);
	json_decref(root);
}

int nft_counters(struct nft *nft, nft_counter_fn *fn, void *arg)
{
	json_t *root = list(nft, "list counters table inet " PLAN_TABLE);
	const json_t *items = json_object_get(root, "nftables"), *item, *o;
	size_t i;

	if (!root)
		return -EIO;
	json_array_foreach(items, i, item)
		if ((o = json_object_get(item, "counter")))
			fn(arg, string_of(o, "name"), (uint64_t)json_integer_value(json_object_get(o, "packets")),
			   (uint64_t)json_integer_value(json_object_get(o, "bytes")));
	json_decref(root);
	return 0;
}

bool nft_set_has(struct nft *nft, const char *set, uint32_t addr)
{
	char command[64 + DOMAIN_SET_STRLEN], text[INET_ADDRSTRLEN];
	bool has;

	snprintf(command, sizeof(command), "get element inet " PLAN_TABLE " %s { %s }", set, ipv4_print(addr, text));
	has = run(nft, command) == 0;
	nft_ctx_get_output_buffer(nft->ctx); /* both taken out, or they would stand before the next */
	nft_ctx_get_error_buffer(nft->ctx);
	return has;
}

static bool drops_forwarded(const json_t *chain)
{
	const char *family = string_of(chain, "family");

	return strcmp(string_of(chain, "hook"), "forward") == 0 && strcmp(string_of(chain, "policy"), "drop") == 0 &&
	       (strcmp(family, "ip") == 0 || strcmp(family, "inet") == 0) &&
	       strcmp(string_of(chain, "table"), PLAN_TABLE) != 0;
}

int nft_foreign_drops(struct nft *nft, nft_chain_fn *fn, void *arg)
{
	json_t *root = list(nft, "list chains");
	const json_t *items = json_object_get(root, "nftables"), *item, *chain;
	size_t i;

	if (!root)
		return -EIO;
	json_array_foreach(items, i, item) {
		chain = json_object_get(item, "chain");
		if (chain && drops_forwarded(chain))
			fn(arg, string_of(chain, "table"), string_of(chain, "name"));
	}
	json_decref(root);
	return 0;
}
