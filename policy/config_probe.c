/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [probe] and [probe NAME]: how each path is watched.  A path's own section goes over
 * [probe], which goes over the defaults.  Called by config_parse.c once the paths are known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config_internal.h"

static const char *const default_targets[] = { "icmp:1.1.1.1", "icmp:8.8.8.8", "dns:9.9.9.9/example.com",
	                                       "tcp:1.1.1.1:443" };

void cfg_probe_free(struct probe_config *probe)
{
	for (size_t i = 0; i < probe->targets; i++)
		cfg_target_free(&probe->target[i]);
	free(probe->target);
	probe->target = NULL;
	probe->targets = 0;
}

/* ---- keys ---- */

static void key_targets(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct probe_config *probe = target;

	cfg_probe_free(probe);
	probe->own_targets = true;
	cfg_list(p, item, NULL, cfg_target_add, probe);
}

static void key_interval(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_duration(p, item, 10, 3600000, &((struct probe_config *)target)->interval_ms);
}

static void key_timeout(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	cfg_duration(p, item, 10, 60000, &((struct probe_config *)target)->timeout_ms);
}

static void small_number(struct cfg_parser *p, const struct ini_item *item, unsigned long max, unsigned *out)
{
	unsigned long value;

	if (cfg_number(p, item, 1, max, &value))
		*out = (unsigned)value;
}

static void key_down_after(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	small_number(p, item, 1000, &((struct probe_config *)target)->down_after);
}

static void key_up_after(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	small_number(p, item, 1000, &((struct probe_config *)target)->up_after);
}

static void key_quorum(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	small_number(p, item, CFG_TARGETS_MAX, &((struct probe_config *)target)->quorum);
}

static void key_max_loss(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	unsigned long value;

	if (cfg_percent(p, item, &value))
		((struct probe_config *)target)->max_loss_percent = (unsigned)value;
}

static void key_max_rtt(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct probe_config *probe = target;

	if (cfg_is_word(item, "0"))
		probe->max_rtt_ms = 0;
	else
		cfg_duration(p, item, 1, 60000, &probe->max_rtt_ms);
}

static const struct cfg_key probe_keys[] = {
	{ "targets", key_targets, NULL },       { "interval", key_interval, NULL }, { "timeout", key_timeout, NULL },
	{ "down-after", key_down_after, NULL }, { "up-after", key_up_after, NULL }, { "quorum", key_quorum, NULL },
	{ "max-loss", key_max_loss, NULL },     { "max-rtt", key_max_rtt, NULL },
};

/* ---- inheritance ---- */

static void set_defaults(struct probe_config *probe)
{
	*probe = (struct probe_config){ .interval_ms = 1000, .timeout_ms = 1000, .down_after = 3, .up_after = 5, .quorum = 1 };
	for (size_t i = 0; i < CFG_COUNT(default_targets); i++)
		cfg_target_default(probe, default_targets[i]);
}

static const struct ini_section *find_section(const struct cfg_parser *p, const char *kind, const char *name)
{
	char full[CONFIG_NAME_MAX + 16];

	snprintf(full, sizeof(full), "%s%s%s", kind, *name ? " " : "", name);
	for (size_t i = 0; i < p->ini->count; i++)
		if (strcmp(p->ini->section[i].name, full) == 0)
			return &p->ini->section[i];
	return NULL;
}

/* The other end counts where it is alone. */
static size_t countable(const struct probe_config *probe)
{
	size_t others = 0;

	for (size_t i = 0; i < probe->targets; i++)
		others += !probe_is_other_end(probe->target[i].kind);
	return others ? others : probe->targets;
}

static bool suits(enum probe_kind target, enum path_kind path)
{
	return !probe_is_other_end(target) || path == (target == PROBE_AFTR ? PATH_DSLITE : PATH_PPPOE);
}

/* "aftr" in [probe] is for the tunnels alone, "lcp" for the sessions.  In a section of the path's own it is a mistake. */
static void drop_unsuited(struct cfg_parser *p, struct probe_config *probe, const struct ini_section *own,
                          const struct ini_section *base, const struct path_config *path)
{
	const struct ini_item *item = own ? ini_find(own, "targets") : NULL;
	enum probe_kind dropped = PROBE_ICMP;
	bool mine = item != NULL;
	size_t kept = 0;

	if (!item && base)
		item = ini_find(base, "targets");
	for (size_t i = 0; i < probe->targets; i++) {
		if (suits(probe->target[i].kind, path->kind)) {
			probe->target[kept++] = probe->target[i];
			continue;
		}
		dropped = probe->target[i].kind;
		cfg_target_free(&probe->target[i]);
	}
	if (dropped != PROBE_ICMP && mine)
		cfg_fail_item(p, item, "%s, and %s is none", dropped == PROBE_AFTR ? "aftr is for DS-Lite" : "lcp is for PPPoE",
		              path->name);
	else if (kept == 0 && item)
		cfg_fail_item(p, item, "nothing but %s, which %s has none of; name others, or give it a [probe %s]",
		              dropped == PROBE_AFTR ? "aftr" : "lcp", path->name, path->name);
	probe->targets = kept;
}

static void check_quorum(struct cfg_parser *p, const struct probe_config *probe, const struct ini_section *own,
                         const struct ini_section *base)
{
	const struct ini_section *where[] = { own, base };
	static const char *const keys[] = { "quorum", "targets" };
	size_t targets = countable(probe);

	for (size_t i = 0; i < 4 && probe->quorum > targets; i++) {
		const struct ini_item *item = where[i / 2] ? ini_find(where[i / 2], keys[i % 2]) : NULL;

		if (!item)
			continue;
		cfg_fail_item(p, item, "a quorum of %u cannot be met: there %s %zu", probe->quorum,
		              targets == 1 ? "is" : "are", targets);
		return;
	}
}

/*
 * [probe] is read again for each path.  What is wrong in it is said once all the same, as
 * the list of diagnostics takes nothing twice; nor is what it left (base_is_good) looked at for more.
 */
static void read_probe(struct cfg_parser *p, const struct path_config *path, bool base_is_good, struct probe_config *probe)
{
	const struct ini_section *base = find_section(p, "probe", "");
	const struct ini_section *own = path ? find_section(p, "probe", path->name) : NULL;
	size_t before = p->diags->errors;

	set_defaults(probe);
	if (base)
		cfg_keys(p, base, probe_keys, CFG_COUNT(probe_keys), probe);
	if (own)
		cfg_keys(p, own, probe_keys, CFG_COUNT(probe_keys), probe);
	if (base_is_good && p->diags->errors == before && path)
		drop_unsuited(p, probe, own, base, path);
	if (base_is_good && p->diags->errors == before)
		check_quorum(p, probe, own, base);
}

/* [probe NAME] of a path that there is not: its keys are of no interest then. */
static void check_names(struct cfg_parser *p)
{
	for (size_t i = 0; i < p->ini->count; i++) {
		const struct ini_section *section = &p->ini->section[i];
		const char *words[CONFIG_PATHS_MAX], *name;
		char hint[CFG_HINT_SIZE];

		if (strncmp(section->name, "probe ", 6) != 0)
			continue;
		name = section->name + 6;
		if (config_path_index(p->config, name) >= 0 || cfg_is_doubtful(p, name))
			continue;
		for (size_t j = 0; j < p->config->paths; j++)
			words[j] = p->config->path[j].name;
		cfg_hint(name, words, p->config->paths, hint, sizeof(hint));
		cfg_fail_section(p, section, "unknown path \"%s\"%s", name, hint);
	}
}

void cfg_probes(struct cfg_parser *p)
{
	struct probe_config alone;
	size_t before;
	bool good;

	check_names(p);
	before = p->diags->errors;
	read_probe(p, NULL, p->config->paths == 0, &alone); /* for its errors */
	cfg_probe_free(&alone);
	good = p->diags->errors == before;
	for (size_t i = 0; i < p->config->paths; i++)
		read_probe(p, &p->config->path[i], good, &p->config->path[i].probe);
}
