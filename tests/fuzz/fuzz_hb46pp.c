/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What name servers and provisioning servers can tell.  The first byte chooses: a TXT record, where a
 * redirect leads, an answer.  What is let through must be what its readers rely on.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/hb46pp_json.h"
#include "policy/addr6.h"
#include "policy/hb46pp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int good)
{
	if (!good)
		abort();
}

/* No byte of a URL can end an argument, a line or a host that curl is told of. */
static void check_server(const struct hb46pp_server *server)
{
	char url[URL_TEXT_MAX + 256];

	require(server->url.https || !server->verify);
	require(server->url.port > 0 && (!*server->url.host || dname_is_valid(server->url.host)));
	hb46pp_question(&server->url, "1.2", "", url);
	for (const char *c = url; *c; c++)
		require(*c > ' ' && *c <= '~');
}

static void try_record(const uint8_t *data, size_t size)
{
	struct hb46pp_server server;

	if (!hb46pp_record_parse((const char *)data, size, &server))
		check_server(&server);
}

static void try_redirect(const uint8_t *data, size_t size)
{
	static const char record[] = "v=v6mig-1 url=https://vne.example.jp/ t=b";
	struct hb46pp_server server;
	char *location = strndup((const char *)data, size);

	require(!hb46pp_record_parse(record, sizeof(record) - 1, &server));
	hb46pp_redirect(&server, location);
	check_server(&server);
	require(server.url.https && server.verify);
	free(location);
}

/* What the kernel is told of, and what is printed into a file of lines and words. */
static void check_tunnels(const struct hb46pp_ways *ways)
{
	require(ways->tunnels <= HB46PP_TUNNELS_MAX);
	for (unsigned i = 0; i < ways->tunnels; i++) {
		const struct hb46pp_tunnel *t = &ways->tunnel[i];

		require(addr6_may_be_remote(&t->remote) && t->length <= 32 && (t->length || !t->address));
		require(IN6_IS_ADDR_UNSPECIFIED(&t->local) || addr6_may_be_remote(&t->local));
	}
}

static void try_answer(const uint8_t *data, size_t size)
{
	struct hb46pp_offer offer;

	if (hb46pp_json_read((const char *)data, size, &offer))
		return;
	require(!*offer.ways.aftr || hb46pp_is_aftr(offer.ways.aftr));
	check_tunnels(&offer.ways);
	require(!*offer.token || hb46pp_is_token(offer.token));
	require(!offer.ttl_s || (offer.ttl_s >= HB46PP_TTL_LEAST_S && offer.ttl_s <= HB46PP_TTL_MOST_S));
	require(strspn(offer.offered, "abcdefghijklmnopqrstuvwxyz0123456789_, ") == strlen(offer.offered));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const try[])(const uint8_t *, size_t) = { try_record, try_redirect, try_answer };

	if (size > 0)
		try[data[0] % 3](data + 1, size - 1);
	return 0;
}
