/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [probe] and [probe NAME]: how each path is watched.  A path's own section goes over
 * [probe], which goes over the defaults.  Called by config_parse.c once the paths are known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "policy/config_internal.h"
#include "policy/dname.h"
#include "policy/http_probe.h"

#define PORT_HTTP 80
#define PORT_HTTPS 443
#define TARGETS_MAX 31 /* PROBE_TARGETS_MAX of policy/probe_rounds.h */
#define TARGET_FORMS "icmp:ADDRESS, dns:ADDRESS/NAME, tcp:ADDRESS:PORT, http://ADDRESS/PATH, https://ADDRESS/PATH, aftr, or lcp"

static const char *const default_targets[] = { "icmp:1.1.1.1", "icmp:8.8.8.8", "dns:9.9.9.9/example.com",
	                                       "tcp:1.1.1.1:443" };

/* ---- targets ---- */

/* The part of text before the character at end, as an address. */
static bool address_before(const char *text, const char *end, uint32_t *addr)
{
	char buf[INET_ADDRSTRLEN];

	if ((size_t)(end - text) >= sizeof(buf))
		return false;
	memcpy(buf, text, (size_t)(end - text));
	buf[end - text] = 0;
	return ipv4_parse(buf, addr);
}

static const char *parse_icmp(const char *text, struct probe_target *t)
{
	return ipv4_parse(text, &t->addr) ? NULL : "icmp:ADDRESS, as in icmp:1.1.1.1";
}

static const char *parse_dns(const char *text, struct probe_target *t)
{
	const char *slash = strchr(text, '/');

	if (!slash || !address_before(text, slash, &t->addr) || !cfg_is_domain(slash + 1))
		return "dns:ADDRESS/NAME, as in dns:9.9.9.9/example.com";
	t->port = PORT_DNS;
	t->text = xstrdup(slash + 1);
	return NULL;
}

static const char *parse_tcp(const char *text, struct probe_target *t)
{
	const char *colon = strchr(text, ':');
	unsigned long port;

	if (!colon || !address_before(text, colon, &t->addr) || !uint_parse(colon + 1, 1, UINT16_MAX, &port))
		return "tcp:ADDRESS:PORT, as in tcp:1.1.1.1:443";
	t->port = (uint16_t)port;
	return NULL;
}

/* ADDRESS[:PORT] before the slash or the end; without a port it stays as it is. */
static bool parse_host(const char *text, size_t length, struct probe_target *t)
{
	const char *end = text + length, *colon = memchr(text, ':', length);
	char digits[8];
	unsigned long port;

	if (!colon)
		return address_before(text, end, &t->addr);
	length = (size_t)(end - colon - 1);
	if (length >= sizeof(digits))
		return false;
	memcpy(digits, colon + 1, length);
	digits[length] = 0;
	if (!uint_parse(digits, 1, UINT16_MAX, &port))
		return false;
	t->port = (uint16_t)port;
	return address_before(text, colon, &t->addr);
}

/* What may stand in a request's first line. */
static bool is_page(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f || strchr("\"'\\#", text[i]))
			return false;
	return length <= HTTP_PROBE_PAGE_MAX;
}

/* What stands behind a page: a status, and with TLS the name that the certificate shall be of.  Each once. */
static bool parse_words(const char *text, bool tls, struct probe_target *t, char name[DNAME_TEXT_MAX])
{
	*name = 0;
	for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
		size_t length = strcspn(text, " \t");
		char word[DNAME_TEXT_MAX];
		unsigned long number;

		if (length >= sizeof(word))
			return false;
		memcpy(word, text, length);
		word[length] = 0;
		text += length;
		if (!t->status && uint_parse(word, 100, 599, &number))
			t->status = (uint16_t)number;
		else if (tls && !*name && cfg_is_domain(word) && word[strspn(word, "0123456789.")])
			memcpy(name, word, length + 1);
		else
			return false;
	}
	return true;
}

/*
 * Where to go is always an address: a path's fate shall not hang on who answers for a name, and a name needs a way to be asked for.
 * The name of a certificate takes its place in what is asked.
 */
static bool parse_web(const char *text, bool tls, struct probe_target *t)
{
	size_t length = strcspn(text, " \t"), host;
	char name[DNAME_TEXT_MAX], page[DNAME_TEXT_MAX + HTTP_PROBE_PAGE_MAX];

	t->port = tls ? PORT_HTTPS : PORT_HTTP;
	if (strncmp(text, "//", 2) != 0 || !is_page(text + 2, length - 2) ||
	    !parse_host(text + 2, strcspn(text + 2, "/ \t"), t) || !parse_words(text + length, tls, t, name))
		return false;
	host = strcspn(text + 2, ":/ \t");
	if (*name)
		snprintf(page, sizeof(page), "%s%.*s", name, (int)(length - 2 - host), text + 2 + host);
	else
		snprintf(page, sizeof(page), "%.*s", (int)(length - 2), text + 2);
	if (strlen(page) > HTTP_PROBE_PAGE_MAX)
		return false;
	t->text = xstrdup(page);
	return true;
}

static const char *parse_http(const char *text, struct probe_target *t)
{
	return parse_web(text, false, t) ? NULL
	                                 : "http://ADDRESS[:PORT][/PATH] [STATUS], as in http://192.0.2.1/generate_204 204";
}

static const char *parse_https(const char *text, struct probe_target *t)
{
	return parse_web(text, true, t) ? NULL
	                                : "https://ADDRESS[:PORT][/PATH] [STATUS] [NAME], where NAME is whose certificate it has, "
	                                  "as in https://192.0.2.1/generate_204 204 www.example.com";
}

static const char *parse_aftr(const char *text, struct probe_target *t)
{
	(void)t;
	return *text ? "aftr alone: the AFTR in use is meant" : NULL;
}

static const char *parse_lcp(const char *text, struct probe_target *t)
{
	(void)t;
	return *text ? "lcp alone: the access concentrator of the session is meant" : NULL;
}

static const struct target_kind {
	const char *name;
	enum probe_kind kind;
	const char *(*parse)(const char *text, struct probe_target *t); /* NULL, or what was expected */
} target_kinds[] = {
	{ "icmp", PROBE_ICMP, parse_icmp }, { "dns", PROBE_DNS, parse_dns },    { "tcp", PROBE_TCP, parse_tcp },
	{ "http", PROBE_HTTP, parse_http }, { "https", PROBE_HTTPS, parse_https }, { "aftr", PROBE_AFTR, parse_aftr },
	{ "lcp", PROBE_LCP, parse_lcp },
};

/* What the path's own other end is, is not the config's to say. */
static const struct target_kind *find_kind(const char *spec)
{
	size_t length = strcspn(spec, ":");

	for (size_t i = 0; i < CFG_COUNT(target_kinds); i++)
		if (strlen(target_kinds[i].name) == length && strncmp(spec, target_kinds[i].name, length) == 0)
			return spec[length] || probe_is_other_end(target_kinds[i].kind) ? &target_kinds[i] : NULL;
	return NULL;
}

static void target_free(struct probe_target *t)
{
	free(t->text);
	free(t->spec);
}

void cfg_probe_free(struct probe_config *probe)
{
	for (size_t i = 0; i < probe->targets; i++)
		target_free(&probe->target[i]);
	free(probe->target);
	probe->target = NULL;
	probe->targets = 0;
}

/* The word before the colon is none of the kinds. */
static void fail_kind(struct cfg_parser *p, const struct cfg_token *token)
{
	const char *words[CFG_COUNT(target_kinds)];
	char word[16], hint[CFG_HINT_SIZE];

	for (size_t i = 0; i < CFG_COUNT(target_kinds); i++)
		words[i] = target_kinds[i].name;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(token->text, ":"), token->text);
	cfg_fail(p, token, "\"%s\" is no target: expected " TARGET_FORMS "%s", token->text,
	         cfg_hint(word, words, CFG_COUNT(words), hint, sizeof(hint)));
}

/* NULL, or what was expected. */
static const char *parse_target(const char *spec, struct probe_target *t)
{
	const struct target_kind *kind = find_kind(spec);
	const char *expected;

	if (!kind)
		return TARGET_FORMS;
	*t = (struct probe_target){ .kind = kind->kind, .spec = xstrdup(spec) };
	expected = kind->parse(spec + strlen(kind->name) + (strchr(spec, ':') != NULL), t);
	if (!expected && !probe_is_other_end(t->kind) && (t->addr >> 24 == 0 || t->addr >> 24 == 127 || t->addr >> 28 >= 14))
		expected = "an address on the other side of the line";
	if (expected)
		target_free(t);
	return expected;
}

static void append_target(struct probe_config *probe, const struct probe_target *t)
{
	probe->target = xreallocarray(probe->target, probe->targets + 1, sizeof(*probe->target));
	probe->target[probe->targets++] = *t;
}

static void add_target(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct probe_config *probe = arg;
	struct probe_target t;
	const char *expected;

	for (size_t i = 0; i < probe->targets; i++)
		if (strcmp(probe->target[i].spec, token->text) == 0) {
			cfg_fail(p, token, "\"%s\" is in the list already", token->text);
			return;
		}
	if (probe->targets == TARGETS_MAX) {
		cfg_fail(p, token, "too many targets: %d at most", TARGETS_MAX);
		return;
	}
	if (!find_kind(token->text)) {
		fail_kind(p, token);
		return;
	}
	expected = parse_target(token->text, &t);
	if (expected)
		cfg_fail(p, token, "\"%s\" is no target: expected %s", token->text, expected);
	else
		append_target(probe, &t);
}

/* ---- keys ---- */

static void key_targets(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	struct probe_config *probe = target;

	cfg_probe_free(probe);
	probe->own_targets = true;
	cfg_list(p, item, NULL, add_target, probe);
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
	small_number(p, item, TARGETS_MAX, &((struct probe_config *)target)->quorum);
}

static void key_max_loss(struct cfg_parser *p, const struct ini_item *item, void *target)
{
	unsigned long value;

	if (cfg_number(p, item, 0, 100, &value))
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
	for (size_t i = 0; i < CFG_COUNT(default_targets); i++) {
		struct probe_target t;

		if (!parse_target(default_targets[i], &t))
			append_target(probe, &t);
	}
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
		target_free(&probe->target[i]);
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
 * the list of diagnostics takes nothing twice.
 */
static void read_probe(struct cfg_parser *p, const struct path_config *path, struct probe_config *probe)
{
	const struct ini_section *base = find_section(p, "probe", "");
	const struct ini_section *own = path ? find_section(p, "probe", path->name) : NULL;
	size_t before = p->diags->errors;

	set_defaults(probe);
	if (base)
		cfg_keys(p, base, probe_keys, CFG_COUNT(probe_keys), probe);
	if (own)
		cfg_keys(p, own, probe_keys, CFG_COUNT(probe_keys), probe);
	if (p->diags->errors == before && path)
		drop_unsuited(p, probe, own, base, path);
	if (p->diags->errors == before)
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

	check_names(p);
	for (size_t i = 0; i < p->config->paths; i++)
		read_probe(p, &p->config->path[i], &p->config->path[i].probe);
	if (p->config->paths)
		return;
	read_probe(p, NULL, &alone); /* for its errors */
	cfg_probe_free(&alone);
}
