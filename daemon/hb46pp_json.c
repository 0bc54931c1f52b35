/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See hb46pp_json.h. */
#include "daemon/hb46pp_json.h"

#include <jansson.h>
#include <string.h>

/* NULL: absent, or no string; strings with a NUL in them jansson refuses. */
static const char *string_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* order is what counts (section 3.4): what stands beside it and is not in it is not offered. */
static const char *read_order(const json_t *root, struct hb46pp_offer *offer)
{
	const json_t *order = json_object_get(root, "order"), *each;
	size_t i;

	if (!json_is_array(order))
		return "it has no order";
	json_array_foreach(order, i, each) {
		if (!json_is_string(each))
			return "its order is not one of names";
		hb46pp_offer_add(offer, json_string_value(each));
	}
	return NULL;
}

/* Those that could be none are left out: a line has other ways. */
static void read_tunnels(const json_t *root, struct hb46pp_offer *offer)
{
	const json_t *list = json_object_get(root, "ipip"), *each;
	size_t i;

	json_array_foreach(list, i, each)
		hb46pp_tunnel_add(&offer->ways, string_of(each, "ipv6_remote"), string_of(each, "ipv6_local"), string_of(each, "ipv4"));
}

static const char *read_root(const json_t *root, struct hb46pp_offer *offer)
{
	const char *token = string_of(root, "token"), *aftr = string_of(json_object_get(root, "dslite"), "aftr");
	const char *auth = string_of(root, "auth"), *fault = read_order(root, offer);
	bool dslite = hb46pp_offers(offer, "dslite");

	if (fault)
		return fault;
	if (dslite && (!aftr || !hb46pp_is_aftr(aftr)))
		return "it offers DS-Lite without an AFTR that could be one";
	if (dslite)
		strcpy(offer->ways.aftr, aftr);
	if (hb46pp_offers(offer, "ipip"))
		read_tunnels(root, offer);
	if (token && hb46pp_is_token(token))
		strcpy(offer->token, token);
	offer->wants_login = auth && strcmp(auth, "req") == 0;
	offer->ttl_s = hb46pp_ttl(json_integer_value(json_object_get(root, "ttl")));
	return NULL;
}

const char *hb46pp_json_read(const char *text, size_t len, struct hb46pp_offer *out)
{
	struct hb46pp_offer offer = { .ttl_s = 0 };
	json_t *root = json_loadb(text, len, 0, NULL);
	const char *fault = json_is_object(root) ? read_root(root, &offer) : "it is not JSON, or not an object";

	json_decref(root);
	if (!fault)
		*out = offer;
	return fault;
}
