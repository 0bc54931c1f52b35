/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HB46PP (v6mig-1), by which Japanese providers tell how IPv4 goes over their IPv6: a TXT record names a server,
 * and that is asked by HTTP(S).  Here: the record, URLs and redirects that may be followed, the question, the
 * values of an answer, and when to ask again.  Section numbers are those of the specification (v6pc/v6mig-prov,
 * spec.md 1.1).  Called by daemon/hb46pp*.c.  Pure.
 */
#ifndef DUALPATH_POLICY_HB46PP_H
#define DUALPATH_POLICY_HB46PP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/addr.h"
#include "policy/dname.h"
#include "policy/url.h"

#define HB46PP_NAME "4over6.info" /* section 3.1 */
#define HB46PP_TOKEN_LEN 64
#define HB46PP_OFFERED_MAX 96
#define HB46PP_TUNNELS_MAX 8 /* the first ones of "ipip"; a home has one */
#define HB46PP_REDIRECTS_MAX 5
#define HB46PP_TTL_MOST_S 604800
#define HB46PP_TTL_LEAST_S 600 /* ours: no provider means a home to ask more often */

struct hb46pp_server {
	struct url url;
	bool verify; /* t=b: the certificate counts */
};

/* The whole TXT record.  NULL, or what is wrong with it (static text); *out is written only if nothing is. */
const char *hb46pp_record_parse(const char *text, size_t len, struct hb46pp_server *out);
/* Where a 307 leads: *server becomes the next one.  NULL, or why it must not be followed; then as it was. */
const char *hb46pp_redirect(struct hb46pp_server *server, const char *location);

/*
 * The URL with our question (section 3.3) into buf (URL_TEXT_MAX + 256).  version: "1.2.3", sent as 1_2_3.
 * token: empty: none.  A URL that has a question already, as one from a redirect may, is left as it is.
 */
void hb46pp_question(const struct url *url, const char *version, const char *token, char *buf);

/* One of the tunnels of "ipip": what is not told of it is zero. */
struct hb46pp_tunnel {
	struct in6_addr remote, local; /* the provider's end and ours; the first is always told */
	uint32_t address;              /* host order; with its length, 203.0.113.0/29, host bits and all */
	uint8_t length;                /* 1..32; 0: no address is told */
};

/* The ways for IPv4 that are offered to us, of those that we can go. */
struct hb46pp_ways {
	char aftr[DNAME_TEXT_MAX]; /* a name or an address; empty: no DS-Lite */
	struct hb46pp_tunnel tunnel[HB46PP_TUNNELS_MAX];
	unsigned tunnels;
};

/* What an answer comes to (section 3.4), its strings already checked by the functions below. */
struct hb46pp_offer {
	struct hb46pp_ways ways;
	char offered[HB46PP_OFFERED_MAX]; /* "map_e, dslite": what is, in the provider's order, if known to the specification */
	char token[HB46PP_TOKEN_LEN + 1]; /* or empty */
	uint32_t ttl_s;                   /* 0: not told */
	bool wants_login;                 /* it may have more for a customer with user and password ("auth") */
};

bool hb46pp_is_token(const char *text);
/* A name, or an address that can be an AFTR's. */
bool hb46pp_is_aftr(const char *text);
/*
 * One of "ipip", its texts as they came, NULL where there is none: "2001:db8:7::1", "2001:db8:7:100::7", "203.0.113.0/29".
 * True and into ways, unless it is no tunnel that could be, or there are too many.
 */
bool hb46pp_tunnel_add(struct hb46pp_ways *ways, const char *remote, const char *local, const char *ipv4);
bool hb46pp_tunnel_equal(const struct hb46pp_tunnel *a, const struct hb46pp_tunnel *b);
/* "203.0.113.0/29", a /32 as a plain address, into buf (PREFIX4_STRLEN), which is returned. */
const char *hb46pp_tunnel_ipv4(const struct hb46pp_tunnel *tunnel, char *buf);
/* The address that is ours without a choice: a /32, or one with its host bits; 0: none. */
uint32_t hb46pp_tunnel_address(const struct hb46pp_tunnel *tunnel);
/* The tunnel of this address (host order), else the first; NULL: there is none. */
const struct hb46pp_tunnel *hb46pp_tunnel_choose(const struct hb46pp_ways *ways, uint32_t address);

/* The next of order: into offered, if it is a known one. */
void hb46pp_offer_add(struct hb46pp_offer *offer, const char *mechanism);
/* Is it in order? */
bool hb46pp_offers(const struct hb46pp_offer *offer, const char *mechanism);
/* For people, into buf: why there is no AFTR, or no tunnel where that is asked for, or "". */
void hb46pp_offer_lacks(const struct hb46pp_offer *offer, bool tunnel, char *buf, size_t size);
/* Within its bounds; what is no duration is as if absent. */
uint32_t hb46pp_ttl(long long seconds);

enum hb46pp_end {
	HB46PP_NO_RECORD,  /* there is no such name, or it has no TXT */
	HB46PP_NO_DNS,     /* the name servers failed */
	HB46PP_NO_ANSWER,  /* the server did not answer, or not properly */
	HB46PP_ANSWERED,
};

/* Section 3.6: seconds until it all is asked again.  random: evenly spread over its range. */
uint32_t hb46pp_wait_s(enum hb46pp_end end, uint32_t ttl_s, uint32_t random);

#endif
