/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See dhcp6.h.  Section numbers without an RFC are RFC 8415's. */
#include "policy/dhcp6.h"

#include <string.h>

#include "policy/wire.h"

enum { MSG_REPLY = 7, MSG_INFORMATION_REQUEST = 11 }; /* section 7.3 */

enum option { /* section 21 */
	OPTION_CLIENTID = 1,
	OPTION_SERVERID = 2,
	OPTION_ORO = 6,
	OPTION_ELAPSED_TIME = 8,
	OPTION_STATUS_CODE = 13,
	OPTION_DNS_SERVERS = 23,
	OPTION_REFRESH_TIME = 32,
	OPTION_AFTR_NAME = 64,
	OPTION_INF_MAX_RT = 83,
	OPTION_S46_PRIORITY = 111,
};

enum { DUID_LL = 3, DUID_UUID = 4 };

#define HEADER 4 /* type and transaction id */
#define OPTION_HEADER 4

/* ---- DUID ---- */

void dhcp6_duid_of_link(uint16_t hardware, const uint8_t *addr, size_t len, struct dhcp6_duid *out)
{
	if (len > DHCP6_DUID_MAX - 4)
		len = DHCP6_DUID_MAX - 4;
	memcpy(wire_put16(wire_put16(out->byte, DUID_LL), hardware), addr, len);
	out->len = 4 + len;
}

void dhcp6_duid_of_uuid(const uint8_t uuid[16], struct dhcp6_duid *out)
{
	memcpy(wire_put16(out->byte, DUID_UUID), uuid, 16);
	out->len = 2 + 16;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Section 11.1: the type and at least one octet of what follows it. */
static bool is_duid_length(size_t len)
{
	return len >= 3 && len <= DHCP6_DUID_MAX;
}

bool dhcp6_duid_parse(const char *text, struct dhcp6_duid *out)
{
	struct dhcp6_duid duid = { .len = strlen(text) / 2 };

	if (!is_duid_length(duid.len) || strlen(text) % 2)
		return false;
	for (size_t i = 0; i < duid.len; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		duid.byte[i] = (uint8_t)(high << 4 | low);
	}
	*out = duid;
	return true;
}

const char *dhcp6_duid_print(const struct dhcp6_duid *duid, char *buf)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < duid->len; i++) {
		buf[2 * i] = digits[duid->byte[i] >> 4];
		buf[2 * i + 1] = digits[duid->byte[i] & 15];
	}
	buf[2 * duid->len] = '\0';
	return buf;
}

/* ---- the request ---- */

static uint8_t *put_option(uint8_t *p, enum option code, const void *data, size_t len)
{
	p = wire_put16(wire_put16(p, code), (unsigned)len);
	memcpy(p, data, len);
	return p + len;
}

/*
 * Section 18.2.6.  The options that we want begin with the two that must be asked for (21.7): without 83
 * and 32 a server may not send them.  64 must be asked for by a B4 (RFC 6334 section 5), 111 by
 * whoever knows one of the ways that it puts in order (RFC 8026 section 1.4).
 */
size_t dhcp6_build_request(uint32_t xid, const struct dhcp6_duid *client, uint64_t elapsed_ms, uint8_t *buf)
{
	static const enum option wanted[] = { OPTION_INF_MAX_RT, OPTION_REFRESH_TIME, OPTION_DNS_SERVERS,
		                              OPTION_AFTR_NAME, OPTION_S46_PRIORITY };
	uint64_t elapsed = elapsed_ms / 10 < UINT16_MAX ? elapsed_ms / 10 : UINT16_MAX; /* 21.9: hundredths */
	uint8_t list[2 * sizeof(wanted) / sizeof(wanted[0])], time[2], *p = buf;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		wire_put16(list + 2 * i, wanted[i]);
	wire_put16(time, (unsigned)elapsed);
	*p++ = MSG_INFORMATION_REQUEST;
	*p++ = (uint8_t)(xid >> 16);
	p = wire_put16(p, xid & 0xffff);
	p = put_option(p, OPTION_CLIENTID, client->byte, client->len);
	p = put_option(p, OPTION_ELAPSED_TIME, time, sizeof(time));
	p = put_option(p, OPTION_ORO, list, sizeof(list));
	return (size_t)(p - buf);
}

/* ---- the reply ---- */

struct view {
	const uint8_t *data; /* NULL: the option is not there */
	size_t len;
	unsigned seen; /* how many there were; the first counts */
};

struct options {
	struct view client_id, server_id, status, dns, refresh, aftr, inf_max_rt, priority;
};

static struct view *place_of(struct options *options, unsigned code)
{
	switch (code) {
	case OPTION_CLIENTID: return &options->client_id;
	case OPTION_SERVERID: return &options->server_id;
	case OPTION_STATUS_CODE: return &options->status;
	case OPTION_DNS_SERVERS: return &options->dns;
	case OPTION_REFRESH_TIME: return &options->refresh;
	case OPTION_AFTR_NAME: return &options->aftr;
	case OPTION_INF_MAX_RT: return &options->inf_max_rt;
	case OPTION_S46_PRIORITY: return &options->priority;
	}
	return NULL;
}

/* False where an option runs over the end: nothing in such a message can be relied on. */
static bool walk(const uint8_t *p, size_t len, struct options *out)
{
	while (len > 0) {
		struct view *place;
		size_t option_len;

		if (len < OPTION_HEADER)
			return false;
		option_len = wire_get16(p + 2);
		if (option_len > len - OPTION_HEADER)
			return false;
		place = place_of(out, wire_get16(p));
		if (place && place->seen++ == 0) {
			place->data = p + OPTION_HEADER;
			place->len = option_len;
		}
		p += OPTION_HEADER + option_len;
		len -= OPTION_HEADER + option_len;
	}
	return true;
}

/* Section 16.10.  Two identifiers are as bad as none: which one is true? */
static const char *check_ids(const struct options *o, const struct dhcp6_duid *client)
{
	if (o->server_id.seen != 1 || !is_duid_length(o->server_id.len))
		return "it names no server, or not properly (option 2)";
	if (o->client_id.seen != 1 || o->client_id.len != client->len ||
	    memcmp(o->client_id.data, client->byte, client->len) != 0)
		return "it is for another client (option 1)";
	return NULL;
}

/* 18.2.10: anything but success is a reason to go on asking, not an answer. */
static const char *check_status(const struct view *status)
{
	if (!status->seen)
		return NULL;
	if (status->len < 2)
		return "its status is cut short (option 13)";
	return wire_get16(status->data) ? "the server says that it failed (option 13)" : NULL;
}

static bool may_be_dns(const struct in6_addr *addr)
{
	return !IN6_IS_ADDR_UNSPECIFIED(addr) && !IN6_IS_ADDR_LOOPBACK(addr) && !IN6_IS_ADDR_MULTICAST(addr) &&
	       !IN6_IS_ADDR_V4MAPPED(addr) && !IN6_IS_ADDR_V4COMPAT(addr);
}

static void read_dns(const struct view *dns, struct dhcp6_reply *reply)
{
	struct in6_addr addr;

	if (dns->len % sizeof(addr))
		return;
	for (size_t at = 0; at < dns->len && reply->dns_count < DHCP6_DNS_MAX; at += sizeof(addr)) {
		memcpy(&addr, dns->data + at, sizeof(addr));
		if (may_be_dns(&addr))
			reply->dns[reply->dns_count++] = addr;
	}
}

/*
 * RFC 6334 sections 3 and 5: the first option alone (walk() sees to that), in it the first name alone, and at
 * least one label, which makes four octets.
 */
static void read_aftr(const struct view *aftr, struct dhcp6_reply *reply)
{
	if (!aftr->seen)
		return;
	if (aftr->len <= 3)
		reply->aftr_fault = "the option is too short";
	else
		reply->aftr_fault = dname_from_wire(aftr->data, aftr->len, reply->aftr);
}

/* RFC 8026 section 1.4: the numbers of the options of each way, the most preferred first. */
static bool leaves_out_aftr(const struct view *priority)
{
	if (priority->len == 0 || priority->len % 2)
		return false;
	for (size_t at = 0; at < priority->len; at += 2)
		if (wire_get16(priority->data + at) == OPTION_AFTR_NAME)
			return false;
	return true;
}

/* 21.23; less than the minimum counts as the minimum, all ones are for ever. */
static uint32_t read_refresh(const struct view *refresh)
{
	uint32_t seconds;

	if (refresh->len != 4)
		return DHCP6_REFRESH_DEFAULT_S;
	seconds = wire_get32(refresh->data);
	return seconds > DHCP6_REFRESH_MIN_S ? seconds : DHCP6_REFRESH_MIN_S;
}

/* 21.25: anything outside of 60..86400 must be ignored. */
static uint32_t read_inf_max_rt(const struct view *option)
{
	uint32_t seconds = option->len == 4 ? wire_get32(option->data) : 0;

	return seconds >= 60 && seconds <= 86400 ? seconds : 0;
}

const char *dhcp6_parse_reply(const uint8_t *message, size_t len, uint32_t xid, const struct dhcp6_duid *client,
                              struct dhcp6_reply *out)
{
	struct dhcp6_reply reply = { .dns_count = 0 };
	struct options options = { .aftr = { .data = NULL } };
	const char *fault;

	if (len < HEADER)
		return "shorter than a header";
	if (message[0] != MSG_REPLY)
		return "not a Reply";
	if ((wire_get32(message) & 0xffffff) != (xid & 0xffffff))
		return "it answers another request";
	if (!walk(message + HEADER, len - HEADER, &options))
		return "an option runs over its end";
	fault = check_ids(&options, client);
	if (!fault)
		fault = check_status(&options.status);
	if (fault)
		return fault;
	read_dns(&options.dns, &reply);
	read_aftr(&options.aftr, &reply);
	reply.aftr_unlisted = *reply.aftr && leaves_out_aftr(&options.priority);
	reply.refresh_s = read_refresh(&options.refresh);
	reply.inf_max_rt_s = read_inf_max_rt(&options.inf_max_rt);
	*out = reply;
	return NULL;
}

/* ---- when to ask again ---- */

/* base and RAND * base, where RAND is between -0.1 and 0.1. */
static uint32_t spread(uint64_t base, uint32_t random)
{
	return (uint32_t)(base - base / 10 + base / 5 * random / UINT32_MAX);
}

uint32_t dhcp6_next_timeout_ms(uint32_t previous_ms, uint32_t max_rt_s, uint32_t random)
{
	uint32_t max_ms = max_rt_s * 1000, next;

	if (previous_ms == 0)
		return spread(DHCP6_INF_TIMEOUT_MS, random);
	/* 2 * previous + RAND * previous, so the random part is of previous. */
	next = previous_ms > max_ms ? max_ms + 1 : previous_ms + spread(previous_ms, random);
	return next > max_ms ? spread(max_ms, random) : next;
}
