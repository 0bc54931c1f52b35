/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stateless DHCPv6 as values: the Information-request that we send, the Reply that may
 * be believed, and when to ask again (RFC 8415 sections 15, 16, 18.2.6, 21; option 64 by
 * RFC 6334 and 111 by RFC 8026; option 23 by RFC 3646).  Sockets, clock and random numbers are
 * daemon/dhcp6_client.c's, which alone calls this.  Pure.
 */
#ifndef DUALPATH_POLICY_DHCP6_H
#define DUALPATH_POLICY_DHCP6_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/dname.h"

#define DHCP6_CLIENT_PORT 546
#define DHCP6_SERVER_PORT 547

/* RFC 8415 section 7.6, 21.23 and 21.25 */
#define DHCP6_INF_MAX_DELAY_MS 1000
#define DHCP6_INF_TIMEOUT_MS 1000
#define DHCP6_INF_MAX_RT_S 3600
#define DHCP6_REFRESH_DEFAULT_S 86400
#define DHCP6_REFRESH_MIN_S 600
#define DHCP6_REFRESH_NEVER UINT32_MAX

#define DHCP6_DUID_MAX 130 /* two octets of type and up to 128 (section 11.1) */
#define DHCP6_DUID_STRLEN (2 * DHCP6_DUID_MAX + 1)
#define DHCP6_REQUEST_MAX (4 + 4 + DHCP6_DUID_MAX + 6 + 14)
#define DHCP6_DNS_MAX 4

/* Who we are for servers.  Never changes as long as the state folder lives. */
struct dhcp6_duid {
	size_t len;
	uint8_t byte[DHCP6_DUID_MAX];
};

/* DUID-LL (section 11.4) of an interface: hardware is its ARPHRD number, which is IANA's. */
void dhcp6_duid_of_link(uint16_t hardware, const uint8_t *addr, size_t len, struct dhcp6_duid *out);
/* DUID-UUID (section 11.5), for an interface that has no address of its own. */
void dhcp6_duid_of_uuid(const uint8_t uuid[16], struct dhcp6_duid *out);
/* Hexadecimal digits, as kept in a file.  parse: true and *out, or false. */
bool dhcp6_duid_parse(const char *text, struct dhcp6_duid *out);
const char *dhcp6_duid_print(const struct dhcp6_duid *duid, char *buf); /* buf: DHCP6_DUID_STRLEN */

/*
 * An Information-request into buf (DHCP6_REQUEST_MAX); returns its length.  xid: the lower 24 bits.
 * elapsed_ms: since the first message of this exchange.
 */
size_t dhcp6_build_request(uint32_t xid, const struct dhcp6_duid *client, uint64_t elapsed_ms, uint8_t *buf);

struct dhcp6_reply {
	char aftr[DNAME_TEXT_MAX];  /* option 64; empty: none, or not valid */
	const char *aftr_fault;     /* why the option 64 that came is not valid (static text); or NULL */
	bool aftr_unlisted;         /* there is one, and option 111 (RFC 8026) names other ways than it */
	struct in6_addr dns[DHCP6_DNS_MAX]; /* option 23, those that can be servers; may be link-local */
	unsigned dns_count;
	uint32_t refresh_s;    /* ask again after; DHCP6_REFRESH_NEVER: no need to */
	uint32_t inf_max_rt_s; /* option 83; 0: none that is valid */
};

/*
 * Is message a Reply to the request with this xid and client, and what does it say?  NULL, or why it must
 * be discarded (static text; RFC 8415 sections 16, 16.10 and 18.2.10.1); *out is written only if it need
 * not.  An option that is wrong in itself is as if it were absent.
 */
const char *dhcp6_parse_reply(const uint8_t *message, size_t len, uint32_t xid, const struct dhcp6_duid *client,
                              struct dhcp6_reply *out);

/*
 * Section 15: how long to wait for an answer before sending again.  previous_ms: the last wait, 0 for the first;
 * random: evenly spread over its range.
 */
uint32_t dhcp6_next_timeout_ms(uint32_t previous_ms, uint32_t max_rt_s, uint32_t random);

#endif
