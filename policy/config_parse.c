/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config_parse() of config.h: which section is what, and in which order they are
 * read.  Paths come first, since everything refers to them; then hosts; then what
 * refers to hosts, in file order.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"

struct section_kind {
	const char *word;
	enum { NAME_NONE, NAME_MAY, NAME_MUST } name;
	void (*read)(struct cfg_parser *p, const struct ini_section *section, const char *name);
	int pass;
};

#define RESET_AFTER_DEFAULT_MS 30000

enum { PASS_PATHS, PASS_HOSTS, PASS_RULES, PASSES };

static void read_router(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	(void)name;
	cfg_router(p, section);
}

static void read_dslite(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	(void)name;
	cfg_dslite(p, section);
}

static void read_hooks(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	(void)name;
	cfg_hooks(p, section);
}

static void read_metrics(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	(void)name;
	cfg_metrics(p, section);
}

static void read_web(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	(void)name;
	cfg_web(p, section);
}

/* Read by cfg_probes(), all together. */
static void read_probe(struct cfg_parser *p, const struct ini_section *section, const char *name)
{
	(void)p;
	(void)section;
	(void)name;
}

static const struct section_kind kinds[] = {
	{ "router", NAME_NONE, read_router, PASS_HOSTS },
	{ "dslite", NAME_NONE, read_dslite, PASS_PATHS },
	{ "pppoe", NAME_MAY, cfg_pppoe, PASS_PATHS },
	{ "ipip", NAME_MUST, cfg_ipip, PASS_PATHS },
	{ "host", NAME_MUST, cfg_host, PASS_HOSTS },
	{ "forward", NAME_MUST, cfg_forward, PASS_RULES },
	{ "rule", NAME_MUST, cfg_rule, PASS_RULES },
	{ "probe", NAME_MAY, read_probe, PASS_RULES },
	{ "hooks", NAME_NONE, read_hooks, PASS_RULES },
	{ "metrics", NAME_NONE, read_metrics, PASS_RULES },
	{ "web", NAME_NONE, read_web, PASS_RULES },
};

/* The name after the kind's word, or NULL. */
static const char *name_of(const struct ini_section *section)
{
	const char *blank = strchr(section->name, ' ');

	return blank ? blank + 1 : NULL;
}

static const struct section_kind *kind_of(const char *name)
{
	size_t length = strcspn(name, " ");

	for (size_t i = 0; i < CFG_COUNT(kinds); i++)
		if (strlen(kinds[i].word) == length && memcmp(kinds[i].word, name, length) == 0)
			return &kinds[i];
	return NULL;
}

static void unknown_section(struct cfg_parser *p, const struct ini_section *section)
{
	const char *words[CFG_COUNT(kinds)];
	char word[INI_SECTION_MAX + 1], hint[CFG_HINT_SIZE];
	const char *near;
	size_t length = strcspn(section->name, " ");

	for (size_t i = 0; i < CFG_COUNT(kinds); i++)
		words[i] = kinds[i].word;
	if (length >= sizeof(word))
		length = sizeof(word) - 1;
	memcpy(word, section->name, length);
	word[length] = 0;
	near = diag_nearest(word, words, CFG_COUNT(words));
	if (near)
		cfg_fail_section(p, section, "unknown section [%s]%s", section->name,
		                 cfg_hint(word, words, CFG_COUNT(words), hint, sizeof(hint)));
	else
		cfg_fail_section(p, section, "unknown section [%s]: there are router, dslite, pppoe, ipip, host, forward, rule, "
		                             "probe, hooks, metrics, web", section->name);
	/* What was probably meant is not missing as well; with no guess, it may be any of them. */
	p->kinds_seen |= near ? 1u << (kind_of(near) - kinds) : CFG_ALL_KINDS;
	if (near)
		cfg_doubt(p, near);
	if (name_of(section))
		cfg_doubt(p, name_of(section));
}

/* Has the section the name that its kind needs? */
static bool name_is_good(struct cfg_parser *p, const struct ini_section *section, const struct section_kind *kind)
{
	const char *name = name_of(section);

	if (name && kind->name == NAME_NONE)
		cfg_fail_section(p, section, "[%s]: there is one [%s] alone, without a name", section->name,
		                 kind->word);
	else if (!name && kind->name == NAME_MUST)
		cfg_fail_section(p, section, "[%s] needs a name: [%s NAME]", kind->word, kind->word);
	else if (name && !cfg_is_name(name))
		cfg_fail_section(p, section, "\"%s\" is not a good name: letters, digits, '-', '_' and '.', %d at most",
		                 name, CONFIG_NAME_MAX - 1);
	else
		return true;
	if (name)
		cfg_doubt(p, name);
	return false;
}

/* A path's NAME stands in one list with those that have none: [dslite] and [pppoe]. */
static bool name_is_free(struct cfg_parser *p, const struct ini_section *section, const struct section_kind *kind)
{
	const char *name = name_of(section);

	if (!name || kind->pass != PASS_PATHS)
		return true;
	if (config_path_index(p->config, name) < 0 && strcmp(name, "dslite") != 0 && strcmp(name, "pppoe") != 0)
		return true;
	cfg_fail_section(p, section, "\"%s\" is the name of another path: choose another", name);
	return false;
}

static void read_section(struct cfg_parser *p, const struct ini_section *section, int pass)
{
	const struct section_kind *kind = kind_of(section->name);
	const char *name = name_of(section);

	if (!kind) {
		if (pass == PASS_PATHS)
			unknown_section(p, section);
		return;
	}
	p->kinds_seen |= 1u << (kind - kinds);
	if (pass == PASS_RULES && strcmp(kind->word, "host") == 0 && name && cfg_is_name(name))
		cfg_host_rule(p, name);
	if (kind->pass == pass && name_is_good(p, section, kind) && name_is_free(p, section, kind))
		kind->read(p, section, name);
}

static void read_pass(struct cfg_parser *p, int pass)
{
	for (size_t i = 0; i < p->ini->count; i++)
		read_section(p, &p->ini->section[i], pass);
}

static bool seen(const struct cfg_parser *p, const char *word)
{
	return p->kinds_seen >> (kind_of(word) - kinds) & 1;
}

/* "dslite, pppoe", then the others in file order, as far as they are there. */
static void default_order(struct config *c)
{
	int dslite = config_path_index(c, "dslite"), pppoe = config_path_index(c, "pppoe");
	struct path_list *order = &c->router.order;

	if (order->count)
		return;
	if (dslite >= 0)
		order->path[order->count++] = (unsigned char)dslite;
	if (pppoe >= 0)
		order->path[order->count++] = (unsigned char)pppoe;
	for (int i = 0; i < (int)c->paths; i++)
		if (i != dslite && i != pppoe)
			order->path[order->count++] = (unsigned char)i;
}

static void set_defaults(struct config *c, const char *file)
{
	c->file = xstrdup(file);
	c->router.firewall = true;
	c->router.reset_after_ms = RESET_AFTER_DEFAULT_MS;
	c->router.mark_mask = 0x0f000000;
	c->router.rule_priority = 10000;
	c->router.table_base = 10000;
	c->router.route_protocol = 170;
	c->path = xcalloc(CONFIG_PATHS_MAX, sizeof(*c->path));
}

static void check_whole(struct cfg_parser *p)
{
	if (!seen(p, "router"))
		diag_add(p->diags, DIAG_ERROR, p->ini->name, 0, 0,
		         "there is no [router] section: it names the interfaces of the home, lan = br-lan");
	if (!seen(p, "dslite") && !seen(p, "pppoe") && !seen(p, "ipip"))
		diag_add(p->diags, DIAG_ERROR, p->ini->name, 0, 0,
		         "there is no path to the internet: add [dslite], [pppoe] or [ipip NAME], or several");
}

static void read_all(struct cfg_parser *p)
{
	p->path_section = xcalloc(CONFIG_PATHS_MAX, sizeof(*p->path_section));
	read_pass(p, PASS_PATHS);
	p->paths_doubtful = p->diags->errors > 0;
	read_pass(p, PASS_HOSTS);
	cfg_index_hosts(p);
	read_pass(p, PASS_RULES);
	default_order(p->config);
	cfg_settle_returns(p->config);
	cfg_devices(p);
	cfg_probes(p);
	check_whole(p);
}

static void free_parser(struct cfg_parser *p)
{
	for (size_t i = 0; i < p->doubtfuls; i++)
		free(p->doubtful[i]);
	free(p->doubtful);
	free(p->by_name);
	free(p->path_section);
}

struct config *config_parse(const struct ini_file *ini, struct diag_list *diags)
{
	struct cfg_parser p = { .ini = ini, .diags = diags, .config = xcalloc(1, sizeof(struct config)) };

	set_defaults(p.config, ini->name);
	read_all(&p);
	free_parser(&p);
	/* Also with errors: what was read without one can be checked, and the owner sees all in one go. */
	config_check(p.config, diags);
	diag_sort(diags);
	if (!diags->errors)
		return p.config;
	config_free(p.config);
	return NULL;
}
