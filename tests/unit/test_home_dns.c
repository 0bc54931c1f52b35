/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/home_dns: servers that work now, those of the path in use first, and never none where any is known. */
#include "policy/home_dns.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

#define HEAD "# by dualpathd, as the paths are now: for the home's DNS proxy\n"

static struct home_dns_source source(const char *path, bool works, const char *a, const char *b)
{
	struct home_dns_source s = { .path = path, .works = works };

	if (a)
		CHECK(dns_server_parse(a, &s.server[s.servers++]));
	if (b)
		CHECK(dns_server_parse(b, &s.server[s.servers++]));
	return s;
}

static void check_text(const struct home_dns_source *s, size_t n, const char *want)
{
	char *text = home_dns_text(s, n);

	CHECK_STR(text, want);
	free(text);
}

TEST(both_work)
{
	struct home_dns_source s[] = { source("dslite", true, "2404:1a8::1", "fe80::1%wan0"),
		                       source("pppoe", true, "192.0.2.1", "192.0.2.2") };

	check_text(s, 2, HEAD "# dslite\nnameserver 2404:1a8::1\nnameserver fe80::1%wan0\n# pppoe\nnameserver 192.0.2.1\n"
	                      "nameserver 192.0.2.2\n");
}

TEST(what_is_lost_is_not_asked)
{
	struct home_dns_source s[] = { source("dslite", false, "2404:1a8::1", NULL), source("pppoe", true, "192.0.2.1", NULL),
		                       source("second", false, "192.0.2.7", NULL) };

	check_text(s, 3, HEAD "# pppoe\nnameserver 192.0.2.1\n");
	s[0].works = true;
	s[1].works = false;
	check_text(s, 3, HEAD "# dslite\nnameserver 2404:1a8::1\n");
}

/* The session gave none: the line's own may still be reached. */
TEST(rather_somebody_than_nobody)
{
	struct home_dns_source s[] = { source("dslite", false, "2404:1a8::1", NULL), source("pppoe", true, NULL, NULL) };

	check_text(s, 2, HEAD "# dslite\nnameserver 2404:1a8::1\n");
	s[1].works = false;
	check_text(s, 2, HEAD "# dslite\nnameserver 2404:1a8::1\n");
	s[0].servers = 0;
	check_text(s, 2, NULL);
	check_text(s, 0, NULL);
}

TEST(each_once)
{
	struct home_dns_source s[] = { source("a", true, "192.0.2.1", "192.0.2.2"), source("b", true, "192.0.2.2", "192.0.2.1"),
		                       source("c", true, "192.0.2.1", "192.0.2.3") };

	check_text(s, 3, HEAD "# a\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n# c\nnameserver 192.0.2.3\n");
}

TEST(as_many_as_there_is_room_for)
{
	struct home_dns_source s[7];
	char address[32], *text;
	unsigned n = 0;

	for (unsigned i = 0; i < 7; i++) {
		s[i] = source("x", true, NULL, NULL);
		for (unsigned j = 0; j < DNS_SERVERS_MAX; j++) {
			snprintf(address, sizeof(address), "192.0.2.%u", i * DNS_SERVERS_MAX + j);
			CHECK(dns_server_parse(address, &s[i].server[s[i].servers++]));
		}
	}
	text = home_dns_text(s, 7);
	for (const char *at = text; (at = strstr(at, "nameserver")); at++)
		n++;
	CHECK_INT(n, 2 * DNS_SERVERS_MAX);
	free(text);
}
