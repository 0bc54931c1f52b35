/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See home_dns.h. */
#include "policy/home_dns.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"

#define TOGETHER_MAX (2 * DNS_SERVERS_MAX)

struct list {
	const struct dns_server *server[TOGETHER_MAX];
	const char *path[TOGETHER_MAX];
	unsigned n;
};

static bool has(const struct list *list, const struct dns_server *server)
{
	for (unsigned i = 0; i < list->n; i++)
		if (dns_server_equal(list->server[i], server))
			return true;
	return false;
}

static void add(struct list *list, const struct home_dns_source *source)
{
	for (unsigned i = 0; i < source->servers && list->n < TOGETHER_MAX; i++) {
		if (has(list, &source->server[i]))
			continue;
		list->path[list->n] = source->path;
		list->server[list->n++] = &source->server[i];
	}
}

static void print(FILE *f, const struct list *list)
{
	char buf[DNS_SERVER_STRLEN];

	fprintf(f, "# by dualpathd, as the paths are now: for the home's DNS proxy\n");
	for (unsigned i = 0; i < list->n; i++) {
		if (i == 0 || list->path[i] != list->path[i - 1])
			fprintf(f, "# %s\n", list->path[i]);
		fprintf(f, "nameserver %s\n", dns_server_print(list->server[i], buf));
	}
}

char *home_dns_text(const struct home_dns_source *source, size_t sources)
{
	struct list list = { .n = 0 };
	char *text;
	size_t size;
	FILE *f;

	for (size_t i = 0; i < sources; i++)
		if (source[i].works)
			add(&list, &source[i]);
	for (size_t i = 0; list.n == 0 && i < sources; i++)
		if (!source[i].works)
			add(&list, &source[i]);
	if (list.n == 0)
		return NULL;
	f = open_memstream(&text, &size);
	if (!f)
		abort();
	print(f, &list);
	fclose(f);
	return text;
}
