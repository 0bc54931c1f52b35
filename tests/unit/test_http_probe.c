/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked of a web server, and what counts as its answer. */
#include <string.h>

#include "policy/http_probe.h"
#include "tests/unit/unit.h"

static const char *question(const char *page)
{
	static char buf[HTTP_PROBE_MAX + 1];
	size_t n = http_probe_question(buf, page);

	CHECK(n < HTTP_PROBE_MAX && n == strlen(buf));
	return buf;
}

TEST(the_question)
{
	CHECK_STR(question("192.0.2.1"), "HEAD / HTTP/1.1\r\nHost: 192.0.2.1\r\nUser-Agent: dualpath\r\nConnection: close\r\n\r\n");
	CHECK_STR(question("192.0.2.1:8080/a/b?c"),
	          "HEAD /a/b?c HTTP/1.1\r\nHost: 192.0.2.1:8080\r\nUser-Agent: dualpath\r\nConnection: close\r\n\r\n");
}

TEST(the_longest_question)
{
	char page[HTTP_PROBE_PAGE_MAX + 2];

	memset(page, 'a', sizeof(page));
	page[HTTP_PROBE_PAGE_MAX] = 0;
	page[9] = '/';
	CHECK(strlen(question(page)) > HTTP_PROBE_PAGE_MAX);
	page[9] = 'a'; /* all of it is the host */
	CHECK(strlen(question(page)) > HTTP_PROBE_PAGE_MAX);
	page[HTTP_PROBE_PAGE_MAX] = 'a';
	page[HTTP_PROBE_PAGE_MAX + 1] = 0;
	CHECK_INT(http_probe_question(page, page), 0);
}

TEST(the_status)
{
	CHECK_INT(http_probe_status("HTTP/1.1 204 No Content"), 204);
	CHECK_INT(http_probe_status("HTTP/1.0 599"), 599);
	CHECK_INT(http_probe_status("HTTP/1.1 100"), 100);
	CHECK_INT(http_probe_status("HTTP/2.0 200"), 0);
	CHECK_INT(http_probe_status("HTTP/1.x 200"), 0);
	CHECK_INT(http_probe_status("HTTP/1.1  20"), 0);
	CHECK_INT(http_probe_status("HTTP/1.1 2 4"), 0);
	CHECK_INT(http_probe_status("HTTP/1.1 20x"), 0);
	CHECK_INT(http_probe_status("HTTP/1.1 600"), 0);
	CHECK_INT(http_probe_status("HTTP/1.1 099"), 0);
	CHECK_INT(http_probe_status("SSH-2.0-Open"), 0);
}

TEST(what_is_good)
{
	CHECK(http_probe_is_good(204, 204) && http_probe_is_good(503, 503));
	CHECK(!http_probe_is_good(302, 204)); /* a portal that wants a login */
	CHECK(http_probe_is_good(301, 0) && http_probe_is_good(404, 0));
	CHECK(!http_probe_is_good(502, 0) && !http_probe_is_good(0, 0));
}
