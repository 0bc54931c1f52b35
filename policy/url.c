/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See url.h. */
#include "policy/url.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "policy/addr6.h"

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || strchr("\"<>\\^`{|}#", *text))
			return false;
	return true;
}

/* ":443", or nothing, up to end. */
static bool parse_port(const char *text, const char *end, uint16_t *port)
{
	unsigned value = 0;

	if (text == end)
		return true;
	if (*text++ != ':' || text == end || end - text > 5)
		return false;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned)(*text - '0');
	}
	*port = (uint16_t)value;
	return value > 0 && value <= UINT16_MAX;
}

/* "[2001:db8::1]" or "vne.example.jp"; what comes behind it.  NULL: neither. */
static const char *parse_host(const char *text, const char *end, struct url *url)
{
	bool bracket = text < end && *text == '[';
	const char *stop = memchr(text, bracket ? ']' : ':', (size_t)(end - text));
	char host[DNAME_TEXT_MAX];
	size_t len;

	if (!stop && bracket)
		return NULL;
	if (!stop)
		stop = end;
	text += bracket;
	len = (size_t)(stop - text);
	if (len >= sizeof(host))
		return NULL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (bracket)
		return inet_pton(AF_INET6, host, &url->address) == 1 && addr6_may_be_remote(&url->address) ? stop + 1 : NULL;
	strcpy(url->host, host);
	return dname_is_valid(host) ? stop : NULL;
}

const char *url_parse(const char *text, struct url *out)
{
	struct url url = { .port = 80 };
	const char *host = text + strlen("http://"), *end, *port;

	if (strlen(text) >= sizeof(url.text) || !is_printable(text))
		return "its URL is too long, or has characters that a URL cannot have";
	if (strncasecmp(text, "https://", strlen("https://")) == 0) {
		url.https = true;
		url.port = 443;
		host++;
	} else if (strncasecmp(text, "http://", strlen("http://")) != 0) {
		return "its URL is not http:// or https://";
	}
	end = host + strcspn(host, "/?");
	port = parse_host(host, end, &url);
	if (!port || !parse_port(port, end, &url.port))
		return "its URL names no server that could be asked";
	strcpy(url.text, text);
	*out = url;
	return NULL;
}
