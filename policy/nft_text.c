/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nftables side of diff.h: the text of one transaction.
 *
 * Unchanged chains are not touched, and counters and sets live through every change of the
 * chains that use them, with what is in them.  How a chain was last written is kept in the kernel itself,
 * as a comment on its first rule: that is what a new daemon compares with.  A chain that
 * uses maps ends with a hash of what is in them (compile_rules.c), so that equal chains have equal maps.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/diff.h"

unsigned nft_body_rules(const char *body)
{
	unsigned n = 0;

	for (; *body; body++)
		n += *body == '\n';
	return n;
}

/* What is written: for nft, and object by object for people. */
struct transaction {
	FILE *text, *objects;
};

static const char *kind_word(enum nft_kind kind)
{
	static const char *const word[] = { [NFT_COUNTER] = "counter", [NFT_SET] = "set", [NFT_MAP] = "map",
	                                    [NFT_FLOWTABLE] = "flowtable", [NFT_CHAIN] = "chain" };

	return word[kind];
}

static void tell(const struct transaction *t, const char *verb, const char *what, const char *name)
{
	fprintf(t->objects, "nft %s %s%s%s\n", verb, what, *name ? " " : "", name);
}

static void tell_chain(const struct transaction *t, const char *verb, const struct nft_object *chain)
{
	unsigned rules = nft_body_rules(chain->body);

	fprintf(t->objects, "nft %s chain %s (%u rule%s)\n", verb, chain->name, rules, rules == 1 ? "" : "s");
}

static void print_rules(FILE *f, const struct nft_object *chain)
{
	const char *line = chain->body, *end;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		fprintf(f, "add rule inet " PLAN_TABLE " %s %.*s", chain->name, (int)(end - line), line);
		if (line == chain->body)
			fprintf(f, " comment \"" NFT_COMMENT_FORMAT "\"", chain->hash, nft_body_rules(chain->body));
		fputc('\n', f);
	}
}

/* A chain with rules is told of once it has them. */
static void print_declaration(const struct transaction *t, const struct nft_object *o)
{
	if (*o->spec)
		fprintf(t->text, "add %s inet " PLAN_TABLE " %s { %s }\n", kind_word(o->kind), o->name, o->spec);
	else
		fprintf(t->text, "add %s inet " PLAN_TABLE " %s\n", kind_word(o->kind), o->name);
	if (o->kind != NFT_CHAIN && o->kind != NFT_MAP)
		tell(t, "add", kind_word(o->kind), o->name);
	else if (o->kind == NFT_CHAIN && !*o->body)
		tell_chain(t, "add", o);
}

/* A table of which nothing is known is not thereby known to be absent: reading it may have failed, and rules that are added to those
 * that are there would be twice there.  To delete what is not there is an error, so it is added before. */
static void print_new_table(const struct transaction *t)
{
	fputs("add table inet " PLAN_TABLE "\ndelete table inet " PLAN_TABLE "\nadd table inet " PLAN_TABLE "\n", t->text);
}

/*
 * Neither a base chain's hook nor a set's type can be changed in place: the table is made anew, in the same transaction.  A
 * map's name tells its type (compile_rules.c).
 */
bool nft_diff_rebuilds(const struct nft_table *want, const struct nft_table *have)
{
	for (size_t i = 0; i < want->count; i++) {
		const struct nft_object *o = &want->object[i], *h = nft_table_find(have, o->kind, o->name);

		if (h && o->kind == NFT_CHAIN && strcmp(h->spec, o->spec) != 0)
			return true;
	}
	return false;
}

static bool changed(const struct nft_object *o, const struct nft_object *h)
{
	return o->kind == NFT_CHAIN && (h ? h->hash != o->hash : o->hash != 0);
}

/* ---- maps ---- */

/* A line is an element: "KEY : VALUE", of which the key is enough to delete it. */
static void print_element(FILE *f, const char *verb, const struct nft_object *map, const char *line, size_t length)
{
	fprintf(f, "%s element inet " PLAN_TABLE " %s { %.*s }\n", verb, map->name, (int)length, line);
}

static size_t line_length(const char *line)
{
	return strcspn(line, "\n");
}

static int compare_lines(const char *a, const char *b)
{
	size_t la = line_length(a), lb = line_length(b);
	int order = memcmp(a, b, la < lb ? la : lb);

	if (!la || !lb) /* the end comes after all */
		return (la == 0) - (lb == 0);
	return order ? order : (la > lb) - (la < lb);
}

static const char *next_line(const char *line)
{
	return line + line_length(line) + (*line != '\0');
}

/*
 * One walk over both, which are sorted.  deleting: what only have has, else what only want has; an element
 * with another value is both.  Returns how many.
 */
static unsigned print_elements(FILE *f, const struct nft_object *want, const char *have, bool deleting)
{
	const char *w = want->body;
	unsigned n = 0;

	while (*w || *have) {
		int order = compare_lines(w, have);

		if (order < 0 && !deleting)
			print_element(f, "add", want, w, line_length(w));
		else if (order > 0 && deleting)
			print_element(f, "delete", want, have, (size_t)(strstr(have, " : ") - have));
		n += deleting ? order > 0 : order < 0;
		w = order <= 0 ? next_line(w) : w;
		have = order >= 0 ? next_line(have) : have;
	}
	return n;
}

/* All at once, which nft reads faster than one by one. */
static unsigned fill_map(FILE *f, const struct nft_object *map)
{
	unsigned n = 0;

	if (!*map->body)
		return 0;
	fprintf(f, "add element inet " PLAN_TABLE " %s { ", map->name);
	for (const char *line = map->body; *line; line = next_line(line), n++)
		fprintf(f, "%s%.*s", n ? ", " : "", (int)line_length(line), line);
	fputs(" }\n", f);
	return n;
}

static void tell_elements(const struct transaction *t, const char *verb, const struct nft_object *map, unsigned added,
                          unsigned deleted)
{
	fprintf(t->objects, "nft %s map %s (", verb, map->name);
	if (added || !deleted)
		fprintf(t->objects, "%u added", added);
	if (deleted)
		fprintf(t->objects, "%s%u deleted", added ? ", " : "", deleted);
	fputs(")\n", t->objects);
}

/* unsure: what was read does not tell the elements, and some chain says that they are others. */
static unsigned change_map(const struct transaction *t, const struct nft_object *o, const struct nft_object *h,
                           bool unsure)
{
	unsigned deleted = 0, added;

	if (h && (h->body ? h->hash == o->hash : !unsure))
		return 0;
	if (h && h->body) {
		deleted = print_elements(t->text, o, h->body, true);
		added = print_elements(t->text, o, h->body, false);
	} else {
		if (h)
			fprintf(t->text, "flush map inet " PLAN_TABLE " %s\n", o->name);
		added = fill_map(t->text, o);
	}
	tell_elements(t, h ? "change" : "add", o, added, deleted);
	return 1;
}

static unsigned print_maps(const struct transaction *t, const struct nft_table *want, const struct nft_table *have)
{
	bool unsure = false;
	unsigned n = 0;

	for (size_t i = 0; i < want->count; i++)
		unsure |= changed(&want->object[i], nft_table_find(have, want->object[i].kind, want->object[i].name));
	for (size_t i = 0; i < want->count; i++)
		if (want->object[i].kind == NFT_MAP)
			n += change_map(t, &want->object[i], nft_table_find(have, NFT_MAP, want->object[i].name), unsure);
	return n;
}

/* References first: all that changes or goes is emptied before anything is deleted. */
static unsigned empty_stale(const struct transaction *t, const struct nft_table *want, const struct nft_table *have)
{
	unsigned n = 0;

	for (size_t i = 0; i < have->count; i++) {
		const struct nft_object *h = &have->object[i];

		if (nft_table_find(want, h->kind, h->name))
			continue;
		n++;
		if (h->kind != NFT_COUNTER && h->kind != NFT_FLOWTABLE)
			fprintf(t->text, "flush %s inet " PLAN_TABLE " %s\n", kind_word(h->kind), h->name);
	}
	return n;
}

static void delete_stale(const struct transaction *t, const struct nft_table *want, const struct nft_table *have)
{
	for (size_t i = 0; i < have->count; i++) {
		const struct nft_object *h = &have->object[i];
		const char *kind = kind_word(h->kind);

		if (nft_table_find(want, h->kind, h->name))
			continue;
		fprintf(t->text, "delete %s inet " PLAN_TABLE " %s\n", kind, h->name);
		tell(t, "delete", kind, h->name);
	}
}

static unsigned print_new(const struct transaction *t, const struct nft_table *want, const struct nft_table *have)
{
	unsigned n = 0;

	for (size_t i = 0; i < want->count; i++)
		if (!nft_table_find(have, want->object[i].kind, want->object[i].name)) {
			print_declaration(t, &want->object[i]);
			n++;
		}
	return n;
}

static unsigned print_changed(const struct transaction *t, const struct nft_table *want, const struct nft_table *have)
{
	unsigned n = 0;

	for (size_t i = 0; i < want->count; i++) {
		const struct nft_object *o = &want->object[i], *h = nft_table_find(have, o->kind, o->name);

		if (!changed(o, h))
			continue;
		if (h)
			fprintf(t->text, "flush chain inet " PLAN_TABLE " %s\n", o->name);
		print_rules(t->text, o);
		tell_chain(t, h ? "change" : "add", o);
		n++;
	}
	return n;
}

static unsigned print_changes(const struct transaction *t, const struct nft_table *want, const struct nft_table *have)
{
	unsigned n = print_new(t, want, have);

	n += empty_stale(t, want, have);
	n += print_maps(t, want, have);
	n += print_changed(t, want, have);
	delete_stale(t, want, have);
	return n;
}

static FILE *open_text(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		abort();
	return f;
}

char *nft_diff_text(const struct nft_table *want, const struct nft_table *have, char **objects)
{
	static const struct nft_table nothing;
	bool rebuild = nft_diff_rebuilds(want, have);
	char *text = NULL, *told = NULL;
	size_t size = 0, told_size = 0;
	struct transaction t = { open_text(&text, &size), open_text(&told, &told_size) };
	unsigned changes;

	if (rebuild || have->count == 0)
		print_new_table(&t);
	if (rebuild)
		tell(&t, "delete", "table", "");
	if (rebuild || have->count == 0)
		tell(&t, "add", "table", "");
	changes = print_changes(&t, want, rebuild ? &nothing : have);
	if (fclose(t.text) != 0 || fclose(t.objects) != 0)
		abort();
	if (!changes) {
		free(text);
		free(told);
		text = told = NULL;
	}
	*objects = told;
	return text;
}
