/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daemon/status_page: what the page says of a status, and that nothing from the line gets into it as HTML. */
#include "daemon/status_page.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

static char *page_of(const char *paths)
{
	json_t *status = json_object();
	char *page;

	json_object_set_new(status, "paths", json_loads(paths, 0, NULL));
	page = status_page(status);
	json_decref(status);
	return page;
}

TEST(ports_where_the_owner_said_how_many)
{
	char *page = page_of("[{\"name\":\"dslite\",\"state\":\"up\",\"ports\":1024,\"connections\":{\"tcp\":3,\"udp\":12,\"icmp\":0}},"
	                     "{\"name\":\"pppoe\",\"state\":\"up\",\"ports\":null,\"connections\":null}]");

	CHECK(strstr(page, "<th>Ports</th>") != NULL);
	CHECK(strstr(page, "<td>tcp 3, udp 12, icmp 0 of 1024</td>") != NULL);
	CHECK(strstr(page, "null") == NULL);
	free(page);
}

TEST(no_such_column_elsewhere)
{
	char *page = page_of("[{\"name\":\"dslite\",\"state\":\"up\",\"ports\":null},{\"name\":\"pppoe\"}]");

	CHECK(strstr(page, "<th>Path</th>") && strstr(page, "<td>pppoe</td>"));
	CHECK(strstr(page, "Ports") == NULL);
	free(page);
}

TEST(what_came_from_the_line_is_text)
{
	char *page = page_of("[{\"name\":\"dslite\",\"state\":\"up\\\"><b\",\"reason\":\"<script>&\"}]");

	CHECK(strstr(page, "<script>") == NULL && strstr(page, "\"><b") == NULL);
	CHECK(strstr(page, "&lt;script&gt;&amp;") != NULL);
	free(page);
}
