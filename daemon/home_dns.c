/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See home_dns.h. */
#include "daemon/home_dns.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/kept_file.h"
#include "policy/home_dns.h"

#define NAME "resolv.conf"

static void add_session_servers(const struct path_facts *facts, struct home_dns_source *source)
{
	for (unsigned i = 0; i < FACTS_DNS_MAX; i++)
		if (facts->dns[i])
			source->server[source->servers++] =
				(struct dns_server){ .family = AF_INET, .v4.s_addr = htonl(facts->dns[i]) };
}

static void fill(const struct path *path, struct home_dns_source *source)
{
	*source = (struct home_dns_source){ .path = path->config->name, .works = path_facts(path).usable,
		                            .servers = path->line_dns_count };
	memcpy(source->server, path->line_dns, sizeof(source->server));
	add_session_servers(&path->facts, source);
}

/* In the order of the default, then whatever else there is. */
static size_t gather(const struct config *config, struct path *const *path, struct home_dns_source *source)
{
	const struct path_list *order = &config->router.order;
	bool taken[CONFIG_PATHS_MAX] = { false };
	size_t n = 0;

	for (unsigned i = 0; i < order->count; i++) {
		fill(path[order->path[i]], &source[n++]);
		taken[order->path[i]] = true;
	}
	for (size_t i = 0; i < config->paths; i++)
		if (!taken[i])
			fill(path[i], &source[n++]);
	return n;
}

void home_dns_update(struct home_dns *dns, const char *run_dir, const struct config *config, struct path *const *path)
{
	struct home_dns_source source[CONFIG_PATHS_MAX];
	char *text = home_dns_text(source, gather(config, path, source));

	if (!text || (dns->written && strcmp(text, dns->written) == 0)) {
		free(text);
		return;
	}
	kept_file_publish(run_dir, NAME, text);
	free(dns->written);
	dns->written = text;
}

void home_dns_free(struct home_dns *dns)
{
	free(dns->written);
	dns->written = NULL;
}
