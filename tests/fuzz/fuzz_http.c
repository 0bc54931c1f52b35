/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes at all to http_request_read(); what it takes must be a path of a known form. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/http_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request request;

	if (http_request_read((const char *)data, size, &request) != HTTP_WHOLE)
		return 0;
	if (strlen(request.path) >= HTTP_PATH_MAX || (*request.path && *request.path != '/') || strchr(request.path, '?') ||
	    (request.get && request.head))
		abort();
	return 0;
}
