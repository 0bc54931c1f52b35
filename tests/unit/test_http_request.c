/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/http_request: requests however they are cut, and what is none. */
#include "policy/http_request.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

static struct http_request request;

/* In memory of its exact size, so that a sanitizer sees a byte too far. */
static enum http_progress take(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	enum http_progress progress;

	memcpy(copy, text, len);
	progress = http_request_read(copy, len, &request);
	free(copy);
	return progress;
}

static enum http_progress take_text(const char *text)
{
	return take(text, strlen(text));
}

TEST(a_request_of_prometheus)
{
	static const char text[] = "GET /metrics?x=1 HTTP/1.1\r\nHost: 192.168.1.1:9478\r\nAccept: text/plain\r\n\r\n";

	for (size_t len = 0; len < sizeof(text) - 1; len++)
		CHECK_INT(take(text, len), HTTP_MORE);
	CHECK_INT(take_text(text), HTTP_WHOLE);
	CHECK(request.get && !request.head);
	CHECK_STR(request.path, "/metrics");
}

TEST(other_good_ones)
{
	CHECK_INT(take_text("HEAD / HTTP/1.0\n\n"), HTTP_WHOLE);
	CHECK(request.head && !request.get);
	CHECK_STR(request.path, "/");
	CHECK_INT(take_text("POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"), HTTP_WHOLE);
	CHECK(!request.head && !request.get);
}

TEST(no_requests)
{
	static const char *const bad[] = {
		"\r\n\r\n", "\n\n", "GET\r\n\r\n", "GET \r\n\r\n", "GET /\r\n\r\n", "GET / \r\n\r\n", " / HTTP/1.1\r\n\r\n",
		"GET metrics HTTP/1.1\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.10\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
		"GET /\x01 HTTP/1.1\r\n\r\n", "GET /\xff HTTP/1.1\r\n\r\n", "G\tT / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1 \r\n\r\n",
		"\x16\x03\x01\n\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_INT(take_text(bad[i]), HTTP_BAD);
	CHECK_INT(take("GET /\0 HTTP/1.1\r\n\r\n", 19), HTTP_BAD);
}

TEST(lengths_at_the_edge)
{
	char text[HTTP_HEAD_MAX];

	memset(text, 'x', sizeof(text));
	CHECK_INT(take(text, sizeof(text) - 1), HTTP_MORE);
	CHECK_INT(take(text, sizeof(text)), HTTP_BAD);
	memcpy(text, "GET /", 5);
	memcpy(text + 4 + HTTP_PATH_MAX - 1, " HTTP/1.1\n\n", 11);
	CHECK_INT(take(text, 4 + HTTP_PATH_MAX - 1 + 11), HTTP_WHOLE);
	CHECK_INT(strlen(request.path), HTTP_PATH_MAX - 1);
	memset(text + 5, 'x', sizeof(text) - 5);
	memcpy(text + 4 + HTTP_PATH_MAX, " HTTP/1.1\n\n", 11);
	CHECK_INT(take(text, 4 + HTTP_PATH_MAX + 11), HTTP_WHOLE);
	CHECK_STR(request.path, "");
}
