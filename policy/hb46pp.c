/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See hb46pp.h. */
#include "policy/hb46pp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "policy/addr6.h"

#define RECORD_MAX 1024
/* We have no OUI of our own: this is the one that the specification's examples have, private by IEEE's list. */
#define VENDOR "acde48-dualpath"
#define PRODUCT "dualpath"
#define CAPABILITY "dslite,ipip"

/* ---- the record ---- */

/* "key=value" of len at text: its value into buf, once. */
static bool take(const char *text, size_t len, const char *key, char *buf, size_t size)
{
	size_t skip = strlen(key);

	if (len <= skip || strncmp(text, key, skip) != 0 || *buf || len - skip >= size)
		return false;
	memcpy(buf, text + skip, len - skip);
	buf[len - skip] = '\0';
	return true;
}

static const char *check(const char *version, const char *url, const char *type, struct hb46pp_server *out)
{
	struct hb46pp_server server;
	const char *fault;

	if (strcmp(version, "v6mig-1") != 0)
		return "it is not of the kind v6mig-1";
	if (strcmp(type, "a") != 0 && strcmp(type, "b") != 0)
		return "it does not tell whether certificates count (t=a or t=b)";
	fault = url_parse(url, &server.url);
	if (fault)
		return fault;
	server.verify = strcmp(type, "b") == 0;
	if (server.verify && !server.url.https) /* section 3.1: http MUST have t=a */
		return "it wants a certificate verified (t=b), and has none to show (http)";
	*out = server;
	return NULL;
}

const char *hb46pp_record_parse(const char *text, size_t len, struct hb46pp_server *out)
{
	char record[RECORD_MAX], version[16] = "", url[URL_TEXT_MAX] = "", type[4] = "";

	if (len >= sizeof(record) || memchr(text, '\0', len))
		return "it is too long, or not text";
	memcpy(record, text, len);
	record[len] = '\0';
	for (const char *word = record + strspn(record, " "); *word; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");
		bool known = strncmp(word, "v=", 2) == 0 || strncmp(word, "url=", 4) == 0 || strncmp(word, "t=", 2) == 0;

		if (known && !take(word, n, "v=", version, sizeof(version)) && !take(word, n, "url=", url, sizeof(url)) &&
		    !take(word, n, "t=", type, sizeof(type)))
			return "it has a part that is empty, too long or there twice";
		word += n;
	}
	return check(version, url, type, out);
}

const char *hb46pp_redirect(struct hb46pp_server *server, const char *location)
{
	struct url next;
	const char *fault = url_parse(location, &next);

	if (fault)
		return fault;
	if (server->url.https && !next.https)
		return "it leads from https to http";
	server->url = next;
	return NULL;
}

/* ---- the question ---- */

void hb46pp_question(const struct url *url, const char *version, const char *token, char *buf)
{
	char number[33] = "";
	size_t n = 0;

	for (; *version && n < sizeof(number) - 1; version++)
		if ((*version >= '0' && *version <= '9') || *version == '.')
			number[n++] = *version == '.' ? '_' : *version;
	if (strchr(url->text, '?'))
		strcpy(buf, url->text);
	else
		snprintf(buf, URL_TEXT_MAX + 256, "%s?vendorid=" VENDOR "&product=" PRODUCT "&version=%s&capability=" CAPABILITY "%s%s",
		         url->text, number, *token ? "&token=" : "", token);
}

/* ---- the answer ---- */

bool hb46pp_is_token(const char *text)
{
	return strlen(text) == HB46PP_TOKEN_LEN && strspn(text, "0123456789abcdef") == HB46PP_TOKEN_LEN;
}

bool hb46pp_is_aftr(const char *text)
{
	struct in6_addr address;

	if (inet_pton(AF_INET6, text, &address) == 1)
		return addr6_may_be_remote(&address);
	return inet_pton(AF_INET, text, &address) != 1 && dname_is_valid(text);
}

/* "203.0.113.0/29" or a plain address, that a machine can have or that has some of those. */
static bool take_ipv4(const char *text, struct hb46pp_tunnel *tunnel)
{
	const char *slash = strchr(text, '/');
	char address[INET_ADDRSTRLEN];
	unsigned long length = 32;
	size_t n = slash ? (size_t)(slash - text) : strlen(text);

	if (n >= sizeof(address) || (slash && !uint_parse(slash + 1, 8, 32, &length)))
		return false;
	memcpy(address, text, n);
	address[n] = '\0';
	tunnel->length = (uint8_t)length;
	return ipv4_parse(address, &tunnel->address) && tunnel->address >> 24 != 0 && tunnel->address >> 24 != 127 &&
	       tunnel->address >> 28 < 0xe;
}

bool hb46pp_tunnel_add(struct hb46pp_ways *ways, const char *remote, const char *local, const char *ipv4)
{
	struct hb46pp_tunnel tunnel = { .length = 0 };

	if (ways->tunnels == HB46PP_TUNNELS_MAX)
		return false;
	if (!remote || inet_pton(AF_INET6, remote, &tunnel.remote) != 1 || !addr6_may_be_remote(&tunnel.remote))
		return false;
	if (local && (inet_pton(AF_INET6, local, &tunnel.local) != 1 || !addr6_may_be_remote(&tunnel.local)))
		return false;
	if (ipv4 && !take_ipv4(ipv4, &tunnel))
		return false;
	ways->tunnel[ways->tunnels++] = tunnel;
	return true;
}

bool hb46pp_tunnel_equal(const struct hb46pp_tunnel *a, const struct hb46pp_tunnel *b)
{
	return IN6_ARE_ADDR_EQUAL(&a->remote, &b->remote) && IN6_ARE_ADDR_EQUAL(&a->local, &b->local) &&
	       a->address == b->address && a->length == b->length;
}

const char *hb46pp_tunnel_ipv4(const struct hb46pp_tunnel *tunnel, char *buf)
{
	return prefix4_print((struct prefix4){ tunnel->address, tunnel->length }, buf);
}

uint32_t hb46pp_tunnel_address(const struct hb46pp_tunnel *tunnel)
{
	bool is_net = tunnel->length < 31 && !(tunnel->address & ~prefix4_mask(tunnel->length));

	return tunnel->length && !is_net ? tunnel->address : 0;
}

const struct hb46pp_tunnel *hb46pp_tunnel_choose(const struct hb46pp_ways *ways, uint32_t address)
{
	for (unsigned i = 0; address && i < ways->tunnels; i++) {
		const struct hb46pp_tunnel *t = &ways->tunnel[i];

		if (t->length && ((t->address ^ address) & prefix4_mask(t->length)) == 0)
			return t;
	}
	return ways->tunnels ? &ways->tunnel[0] : NULL;
}

void hb46pp_offer_add(struct hb46pp_offer *offer, const char *mechanism)
{
	static const char *const known[] = { "464xlat", "dslite", "ipip", "lw4o6", "map_e", "map_t" };
	size_t used = strlen(offer->offered);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(mechanism, known[i]) == 0 && !hb46pp_offers(offer, mechanism))
			snprintf(offer->offered + used, sizeof(offer->offered) - used, "%s%s", used ? ", " : "", mechanism);
}

/* None of the known names is within another. */
bool hb46pp_offers(const struct hb46pp_offer *offer, const char *mechanism)
{
	return strstr(offer->offered, mechanism);
}

void hb46pp_offer_lacks(const struct hb46pp_offer *offer, bool tunnel, char *buf, size_t size)
{
	const char *login = offer->wants_login ? " (it asks for a user and a password, which are not sent)" : "";

	buf[0] = '\0';
	if (tunnel ? offer->ways.tunnels > 0 : *offer->ways.aftr)
		return;
	if (tunnel && hb46pp_offers(offer, "ipip"))
		snprintf(buf, size, "the provider offers a fixed-IP tunnel (ipip) without ends that could be one's");
	else
		snprintf(buf, size, "the provider offers no %s on this line, but %s%s", tunnel ? "fixed-IP tunnel (ipip)" : "DS-Lite",
		         *offer->offered ? offer->offered : "nothing", login);
}

uint32_t hb46pp_ttl(long long seconds)
{
	if (seconds <= 0)
		return 0;
	if (seconds < HB46PP_TTL_LEAST_S)
		return HB46PP_TTL_LEAST_S;
	return seconds < HB46PP_TTL_MOST_S ? (uint32_t)seconds : HB46PP_TTL_MOST_S;
}

uint32_t hb46pp_wait_s(enum hb46pp_end end, uint32_t ttl_s, uint32_t random)
{
	static const struct {
		uint32_t least, most;
	} wait[] = {
		[HB46PP_NO_RECORD] = { 3600, 3 * 3600 },
		[HB46PP_NO_DNS] = { 60, 600 },
		[HB46PP_NO_ANSWER] = { 600, 1800 },
		[HB46PP_ANSWERED] = { 20 * 3600, 24 * 3600 },
	};

	if (end == HB46PP_ANSWERED && ttl_s)
		return ttl_s;
	return wait[end].least + (uint32_t)((uint64_t)(wait[end].most - wait[end].least) * random / UINT32_MAX);
}
