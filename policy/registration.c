/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See registration.h. */
#include "policy/registration.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "policy/utf8.h"

#define QUOTE_MAX 60 /* of a server's answer, in a reason */

/* ---- what is asked ---- */

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

/* False: no room. */
static bool append(char *buf, size_t *used, const char *value)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (*used + 4 > URL_TEXT_MAX)
			return false;
		if (is_unreserved(*value)) {
			buf[(*used)++] = *value;
		} else {
			buf[(*used)++] = '%';
			buf[(*used)++] = digits[c >> 4];
			buf[(*used)++] = digits[c & 15];
		}
	}
	return true;
}

/* The value of the placeholder that begins at text, and its length with both braces; NULL: none of ours. */
static const char *value_of(const char *text, const struct registration_values *values, size_t *len)
{
	const struct {
		const char *name, *value;
	} all[] = { { "{user}", values->user }, { "{password}", values->password },
		    { "{local}", values->local }, { "{address}", values->address } };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		*len = strlen(all[i].name);
		if (strncmp(text, all[i].name, *len) == 0)
			return all[i].value;
	}
	return NULL;
}

const char *registration_url(const char *template, const struct registration_values *values, char buf[URL_TEXT_MAX])
{
	const char *at = template, *value;
	size_t used = 0, len;
	bool fits = true;

	while (*at && fits) {
		value = *at == '{' ? value_of(at, values, &len) : NULL;
		if (*at == '{' && !value) {
			explicit_bzero(buf, URL_TEXT_MAX);
			return "in braces there can be user, password, local and address alone";
		}
		fits = value ? append(buf, &used, value) : used + 2 <= URL_TEXT_MAX;
		if (fits && !value)
			buf[used++] = *at;
		at += value ? len : 1;
	}
	if (!fits) {
		explicit_bzero(buf, URL_TEXT_MAX);
		return "it is too long";
	}
	buf[used] = '\0';
	return NULL;
}

bool registration_names(const char *template, const char *placeholder)
{
	char text[32];

	snprintf(text, sizeof(text), "{%s}", placeholder);
	return strstr(template, text) != NULL;
}

/* Of the parameter that begins at text. */
static bool is_open_secret(const char *text)
{
	static const char *const names[] = { "p=", "pw=", "pass=", "passwd=", "password=", "pwd=", "secret=", "token=", "key=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);

		if (strncasecmp(text, names[i], len) == 0)
			return text[len] && text[len] != '&' && text[len] != '{';
	}
	return false;
}

bool registration_shows_secret(const char *template)
{
	const char *host = strstr(template, "://"), *query = strchr(template, '?');

	host = host ? host + 3 : template;
	if (memchr(host, '@', strcspn(host, "/?")))
		return true;
	for (; query; query = strchr(query + 1, '&'))
		if (is_open_secret(query + 1))
			return true;
	return false;
}

/* ---- what an answer means ---- */

static bool begins_with(const char *body, size_t len, const char *expected)
{
	size_t wanted = strlen(expected);

	while (len && isspace((unsigned char)*body)) {
		body++;
		len--;
	}
	return len >= wanted && strncasecmp(body, expected, wanted) == 0;
}

static bool has_text(const char *body, size_t len, const char *text)
{
	size_t wanted = strlen(text);

	for (size_t i = 0; wanted && i + wanted <= len; i++)
		if (memcmp(body + i, text, wanted) == 0)
			return true;
	return false;
}

/* The first words of a body, for people.  What the server repeats of the question is not shown, however it wrote that. */
static void quote(const char *body, size_t len, const char *secret, char *buf, size_t size)
{
	const struct registration_values values = { "", secret, "", "" };
	char encoded[URL_TEXT_MAX];
	size_t used = 0;

	if (has_text(body, len, secret) || registration_url("{password}", &values, encoded) || has_text(body, len, encoded))
		len = 0;
	explicit_bzero(encoded, sizeof(encoded));
	while (len && isspace((unsigned char)*body)) {
		body++;
		len--;
	}
	for (; used < len && used + 1 < size && body[used] >= ' ' && body[used] <= '~'; used++)
		buf[used] = body[used];
	buf[used] = '\0';
}

enum registration_verdict registration_judge(unsigned code, const char *body, size_t len, const char *expected,
                                             const char *secret, char reason[REGISTRATION_REASON_MAX])
{
	char words[QUOTE_MAX];

	*reason = '\0';
	quote(body, len, secret, words, sizeof(words));
	if (code == 401 || code == 403) {
		snprintf(reason, REGISTRATION_REASON_MAX, "it refuses user and password (code %u)", code);
		return REGISTRATION_REFUSED;
	}
	if (code < 200 || code > 299) {
		snprintf(reason, REGISTRATION_REASON_MAX, "it answers with code %u%s", code,
		         code / 100 == 3 ? " (it is somewhere else now)" : "");
		return REGISTRATION_FAILED;
	}
	if (!expected || begins_with(body, len, expected))
		return REGISTRATION_GOOD;
	snprintf(reason, REGISTRATION_REASON_MAX, "it does not answer \"%s\"%s%s%s", expected, *words ? ", but \"" : "", words,
	         *words ? "\"" : "");
	utf8_mend(reason); /* what is expected is in the server's own code, and was perhaps cut */
	return REGISTRATION_REFUSED;
}

/* ---- when next ---- */

uint32_t registration_wait_ms(struct backoff *backoff, enum registration_verdict verdict, uint32_t interval_ms,
                              uint32_t random)
{
	uint32_t ms;

	if (verdict == REGISTRATION_GOOD) {
		*backoff = (struct backoff){ 0 };
		return interval_ms - (uint32_t)((uint64_t)(interval_ms / 10) * random / UINT32_MAX);
	}
	ms = backoff_next(backoff, verdict == REGISTRATION_REFUSED ? BACKOFF_ACCOUNT : BACKOFF_SERVER, random);
	return ms < interval_ms ? ms : interval_ms;
}
