/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See resolvconf.h. */
#include "policy/resolvconf.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool usable4(struct in_addr addr)
{
	return addr.s_addr != htonl(INADDR_ANY) && addr.s_addr != htonl(INADDR_BROADCAST) &&
	       !IN_MULTICAST(ntohl(addr.s_addr));
}

/* Loopback is good: many a resolver listens there. */
static bool usable6(const struct in6_addr *addr, bool has_device)
{
	return !IN6_IS_ADDR_UNSPECIFIED(addr) && !IN6_IS_ADDR_MULTICAST(addr) && !IN6_IS_ADDR_V4MAPPED(addr) &&
	       !!IN6_IS_ADDR_LINKLOCAL(addr) == has_device;
}

bool dns_server_parse(const char *text, struct dns_server *out)
{
	struct dns_server server = { .family = AF_INET6 };
	const char *percent = strchr(text, '%');
	size_t len = percent ? (size_t)(percent - text) : strlen(text);
	char addr[INET6_ADDRSTRLEN];

	if (len >= sizeof(addr) || (percent && (!percent[1] || strlen(percent + 1) >= sizeof(server.device))))
		return false;
	memcpy(addr, text, len);
	addr[len] = '\0';
	if (percent)
		strcpy(server.device, percent + 1);
	if (inet_pton(AF_INET6, addr, &server.v6) == 1) {
		if (!usable6(&server.v6, percent != NULL))
			return false;
	} else {
		server.family = AF_INET;
		if (percent || inet_pton(AF_INET, addr, &server.v4) != 1 || !usable4(server.v4))
			return false;
	}
	*out = server;
	return true;
}

const char *dns_server_print(const struct dns_server *server, char *buf)
{
	char addr[INET6_ADDRSTRLEN];
	bool scoped = server->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&server->v6);

	inet_ntop(server->family, server->family == AF_INET ? (const void *)&server->v4 : &server->v6, addr,
	          sizeof(addr));
	snprintf(buf, DNS_SERVER_STRLEN, "%s%s%s", addr, scoped ? "%" : "", scoped ? server->device : "");
	return buf;
}

bool dns_server_equal(const struct dns_server *a, const struct dns_server *b)
{
	if (a->family != b->family || strcmp(a->device, b->device) != 0)
		return false;
	return a->family == AF_INET ? a->v4.s_addr == b->v4.s_addr : IN6_ARE_ADDR_EQUAL(&a->v6, &b->v6);
}

static bool contains(const struct dns_server *list, size_t count, const struct dns_server *server)
{
	for (size_t i = 0; i < count; i++)
		if (dns_server_equal(&list[i], server))
			return true;
	return false;
}

/* As the C library reads it: the keyword at the line's start, then blanks, then the
 * address up to a blank or a comment. */
static bool server_of_line(const char *line, size_t len, struct dns_server *out)
{
	static const char keyword[] = "nameserver";
	size_t from = sizeof(keyword) - 1, to;
	char text[DNS_SERVER_STRLEN];

	if (len <= from || memcmp(line, keyword, from) != 0 || (line[from] != ' ' && line[from] != '\t'))
		return false;
	while (from < len && (line[from] == ' ' || line[from] == '\t'))
		from++;
	for (to = from; to < len && !strchr(" \t\r#;", line[to]); to++)
		;
	if (to - from >= sizeof(text))
		return false;
	memcpy(text, line + from, to - from);
	text[to - from] = '\0';
	return dns_server_parse(text, out);
}

size_t resolvconf_servers(const char *text, struct dns_server *out, size_t max)
{
	size_t count = 0;

	while (*text && count < max) {
		size_t len = strcspn(text, "\n");

		if (server_of_line(text, len, &out[count]) && !contains(out, count, &out[count]))
			count++;
		text += len + (text[len] == '\n');
	}
	return count;
}
