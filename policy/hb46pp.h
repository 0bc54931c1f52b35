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

#include "policy/dname.h"
#include "policy/url.h"

#define HB46PP_NAME "4over6.info" /* section 3.1 */
#define HB46PP_TOKEN_LEN 64
#define HB46PP_OFFERED_MAX 96
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

/* What an answer comes to (section 3.4), its strings already checked by the functions below. */
struct hb46pp_offer {
	char aftr[DNAME_TEXT_MAX];        /* a name or an address; empty: no DS-Lite is offered to us */
	char offered[HB46PP_OFFERED_MAX]; /* "map_e, dslite": what is, in the provider's order, if known to the specification */
	char token[HB46PP_TOKEN_LEN + 1]; /* or empty */
	uint32_t ttl_s;                   /* 0: not told */
};

bool hb46pp_is_token(const char *text);
/* A name, or an address that can be an AFTR's. */
bool hb46pp_is_aftr(const char *text);
/* The next of order: into offered, if it is a known one; true where it is dslite. */
bool hb46pp_offer_add(struct hb46pp_offer *offer, const char *mechanism);
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
