/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See http_request.h. */
#include "policy/http_request.h"

#include <string.h>

/* The empty line that ends a head; a client may leave the CRs out (RFC 9112, section 2.2). */
static bool is_whole(const char *text, size_t len)
{
	return memmem(text, len, "\r\n\r\n", 4) || memmem(text, len, "\n\n", 2);
}

/* The next word of the line, which ends at end, and the one blank behind it.  Its length; 0: there is none. */
static size_t word(const char **at, const char *end)
{
	const char *begin = *at;
	const char *blank = memchr(begin, ' ', (size_t)(end - begin));
	size_t len = (size_t)((blank ? blank : end) - begin);

	*at = begin + len + (blank ? 1 : 0);
	return len;
}

static bool is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return false;
	return true;
}

static void take_path(const char *target, size_t len, struct http_request *request)
{
	const char *query = memchr(target, '?', len);
	size_t n = query ? (size_t)(query - target) : len;

	if (n >= sizeof(request->path))
		n = 0;
	memcpy(request->path, target, n);
	request->path[n] = '\0';
}

static bool read_line(const char *line, const char *end, struct http_request *request)
{
	const char *at = line, *target;
	size_t method = word(&at, end), len;

	target = at;
	len = word(&at, end);
	if (!method || !len || *target != '/' || !is_printable(line, method) || !is_printable(target, len))
		return false;
	if (end - at != 8 || memcmp(at, "HTTP/1.", 7) != 0)
		return false;
	request->get = method == 3 && memcmp(line, "GET", 3) == 0;
	request->head = method == 4 && memcmp(line, "HEAD", 4) == 0;
	take_path(target, len, request);
	return true;
}

enum http_progress http_request_read(const char *text, size_t len, struct http_request *request)
{
	const char *end = memchr(text, '\n', len);

	if (!end || !is_whole(text, len))
		return len >= HTTP_HEAD_MAX ? HTTP_BAD : HTTP_MORE;
	if (end > text && end[-1] == '\r')
		end--;
	return read_line(text, end, request) ? HTTP_WHOLE : HTTP_BAD;
}
