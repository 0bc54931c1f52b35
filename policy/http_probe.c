/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See http_probe.h. */
#include "policy/http_probe.h"

#include <stdio.h>
#include <string.h>

#define SERVER_ERROR 500

size_t http_probe_question(char *buf, const char *page)
{
	size_t host = strcspn(page, "/"), len = strlen(page);

	if (len > HTTP_PROBE_PAGE_MAX)
		return 0;
	return (size_t)snprintf(buf, HTTP_PROBE_MAX,
	                        "HEAD %s HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: dualpath\r\nConnection: close\r\n\r\n",
	                        page[host] ? page + host : "/", (int)host, page);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

unsigned http_probe_status(const char answer[HTTP_PROBE_STATUS_LEN])
{
	const char *digit = answer + 9;

	if (memcmp(answer, "HTTP/1.", 7) != 0 || !is_digit(answer[7]) || answer[8] != ' ')
		return 0;
	if (digit[0] < '1' || digit[0] > '5' || !is_digit(digit[1]) || !is_digit(digit[2]))
		return 0;
	return (unsigned)((digit[0] - '0') * 100 + (digit[1] - '0') * 10 + (digit[2] - '0'));
}

bool http_probe_is_good(unsigned status, unsigned wanted)
{
	return wanted ? status == wanted : status && status < SERVER_ERROR;
}
