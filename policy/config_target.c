/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a path is probed by: one target of [probe] targets, from its text.  Called by config_probe.c.
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
#define TARGET_FORMS "icmp:ADDRESS, dns:ADDRESS/NAME, tcp:ADDRESS:PORT, http://ADDRESS/PATH, https://ADDRESS/PATH, aftr, or lcp"

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

void cfg_target_free(struct probe_target *t)
{
	free(t->text);
	free(t->spec);
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
		cfg_target_free(t);
	return expected;
}

static void append_target(struct probe_config *probe, const struct probe_target *t)
{
	probe->target = xreallocarray(probe->target, probe->targets + 1, sizeof(*probe->target));
	probe->target[probe->targets++] = *t;
}

void cfg_target_add(struct cfg_parser *p, const struct cfg_token *token, void *arg)
{
	struct probe_config *probe = arg;
	struct probe_target t;
	const char *expected;

	for (size_t i = 0; i < probe->targets; i++)
		if (strcmp(probe->target[i].spec, token->text) == 0) {
			cfg_fail(p, token, "\"%s\" is in the list already", token->text);
			return;
		}
	if (probe->targets == CFG_TARGETS_MAX) {
		cfg_fail(p, token, "too many targets: %d at most", CFG_TARGETS_MAX);
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

void cfg_target_default(struct probe_config *probe, const char *spec)
{
	struct probe_target t;

	if (!parse_target(spec, &t))
		append_target(probe, &t);
}
