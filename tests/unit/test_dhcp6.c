/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/dhcp6, policy/dname and policy/udp6: what is sent, and everything that must not be believed. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "policy/addr6.h"
#include "policy/dhcp6.h"
#include "policy/dname.h"
#include "policy/udp6.h"
#include "tests/unit/unit.h"

#define XID 0xa1b2c3u

/* A message that grows. */
struct message {
	size_t len;
	uint8_t byte[2048];
};

static const struct dhcp6_duid us = { .len = 10, .byte = { 0, 3, 0, 1, 2, 0, 0, 0, 0, 1 } };

static void put(struct message *m, const void *data, size_t len)
{
	memcpy(m->byte + m->len, data, len);
	m->len += len;
}

static void put16(struct message *m, unsigned value)
{
	put(m, (uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

static void option(struct message *m, unsigned code, const void *data, size_t len)
{
	put16(m, code);
	put16(m, (unsigned)len);
	put(m, data, len);
}

static void option32(struct message *m, unsigned code, uint32_t value)
{
	value = htonl(value);
	option(m, code, &value, sizeof(value));
}

static struct message header(unsigned type, uint32_t xid)
{
	struct message m = { 0 };

	put16(&m, type << 8 | xid >> 16);
	put16(&m, xid & 0xffff);
	return m;
}

static void put_server(struct message *m)
{
	option(m, 2, "\0\3\0\1\2\0\0\0\0\2", 10);
}

/* The least that is a Reply to us. */
static struct message reply_begin(void)
{
	struct message m = header(7, XID);

	option(&m, 1, us.byte, us.len);
	put_server(&m);
	return m;
}

/* From memory of its exact size, so that a sanitizer sees a read beyond it. */
static const char *parse(const struct message *m, struct dhcp6_reply *out)
{
	uint8_t *exact = malloc(m->len ? m->len : 1);
	const char *fault;

	memcpy(exact, m->byte, m->len);
	fault = dhcp6_parse_reply(exact, m->len, XID, &us, out);
	free(exact);
	return fault;
}

static struct dhcp6_reply parse_good(const struct message *m)
{
	struct dhcp6_reply reply = { .dns_count = 99 };

	CHECK(parse(m, &reply) == NULL);
	return reply;
}

/* ---- the request ---- */

TEST(request_on_the_wire)
{
	static const uint8_t want[] = {
		11, 0xa1, 0xb2, 0xc3,                         /* Information-request */
		0, 1, 0, 10, 0, 3, 0, 1, 2, 0, 0, 0, 0, 1,    /* Client Identifier */
		0, 8, 0, 2, 0, 123,                           /* Elapsed Time, hundredths */
		0, 6, 0, 10, 0, 83, 0, 32, 0, 23, 0, 64, 0, 111, /* Option Request */
	};
	uint8_t buf[DHCP6_REQUEST_MAX];

	CHECK_INT(dhcp6_build_request(0xff000000u | XID, &us, 1234, buf), sizeof(want));
	CHECK(memcmp(buf, want, sizeof(want)) == 0);
}

TEST(elapsed_time_stops_at_its_end)
{
	uint8_t buf[DHCP6_REQUEST_MAX];

	dhcp6_build_request(XID, &us, 655350, buf);
	CHECK(buf[22] == 0xff && buf[23] == 0xff);
	dhcp6_build_request(XID, &us, UINT64_MAX, buf);
	CHECK(buf[22] == 0xff && buf[23] == 0xff);
	dhcp6_build_request(XID, &us, 655340, buf);
	CHECK(buf[22] == 0xff && buf[23] == 0xfe);
}

TEST(longest_duid_fits)
{
	struct dhcp6_duid duid = { .len = DHCP6_DUID_MAX };
	uint8_t buf[DHCP6_REQUEST_MAX];

	CHECK_INT(dhcp6_build_request(XID, &duid, 0, buf), DHCP6_REQUEST_MAX);
}

TEST(duid_as_text)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0xab, 0xcd }, uuid[16] = { 1 };
	struct dhcp6_duid duid, again;
	char text[DHCP6_DUID_STRLEN], longest[2 * DHCP6_DUID_MAX + 3];

	dhcp6_duid_of_link(1, mac, sizeof(mac), &duid);
	CHECK_STR(dhcp6_duid_print(&duid, text), "0003000102000000abcd");
	CHECK(dhcp6_duid_parse(text, &again) && again.len == duid.len && memcmp(again.byte, duid.byte, duid.len) == 0);
	dhcp6_duid_of_uuid(uuid, &duid);
	CHECK_STR(dhcp6_duid_print(&duid, text), "000401000000000000000000000000000000");
	memset(longest, '0', sizeof(longest));
	longest[2 * DHCP6_DUID_MAX] = '\0';
	CHECK(dhcp6_duid_parse(longest, &again));
	longest[2 * DHCP6_DUID_MAX] = '0';
	longest[2 * DHCP6_DUID_MAX + 2] = '\0';
	CHECK(!dhcp6_duid_parse(longest, &again));
	CHECK(!dhcp6_duid_parse("", &again));
	CHECK(!dhcp6_duid_parse("0003", &again)); /* a type alone */
	CHECK(!dhcp6_duid_parse("00030", &again));
	CHECK(!dhcp6_duid_parse("0003000g", &again));
	CHECK_INT(again.len, DHCP6_DUID_MAX);
}

/* ---- the reply as a whole ---- */

TEST(least_reply)
{
	struct message m = reply_begin();
	struct dhcp6_reply r = parse_good(&m);

	CHECK_STR(r.aftr, "");
	CHECK(r.aftr_fault == NULL);
	CHECK_INT(r.dns_count, 0);
	CHECK_INT(r.refresh_s, 86400);
	CHECK_INT(r.inf_max_rt_s, 0);
}

TEST(full_reply)
{
	struct message m = reply_begin();
	struct in6_addr dns[2];
	struct dhcp6_reply r;

	inet_pton(AF_INET6, "2404:1a8::1", &dns[0]);
	inet_pton(AF_INET6, "fe80::53", &dns[1]);
	option(&m, 64, "\2gw\7transix\2jp", 15);
	option(&m, 23, dns, sizeof(dns));
	option32(&m, 32, 3600);
	option32(&m, 83, 7200);
	option(&m, 13, "\0\0fine", 6);
	option(&m, 65000, "?", 1);
	r = parse_good(&m);
	CHECK_STR(r.aftr, "gw.transix.jp");
	CHECK_INT(r.dns_count, 2);
	CHECK(IN6_ARE_ADDR_EQUAL(&r.dns[0], &dns[0]) && IN6_ARE_ADDR_EQUAL(&r.dns[1], &dns[1]));
	CHECK_INT(r.refresh_s, 3600);
	CHECK_INT(r.inf_max_rt_s, 7200);
}

static void check_discarded(const struct message *m)
{
	struct dhcp6_reply r = { .dns_count = 99 };

	CHECK(parse(m, &r) != NULL);
	CHECK_INT(r.dns_count, 99); /* not written */
}

TEST(other_messages_are_discarded)
{
	struct message m = reply_begin();

	for (unsigned type = 0; type < 256; type++) {
		m.byte[0] = (uint8_t)type;
		if (type != 7)
			check_discarded(&m);
	}
	m = (struct message){ 0 };
	check_discarded(&m);
	m = header(7, XID);
	m.len = 3;
	check_discarded(&m);
}

TEST(wrong_transaction_is_discarded)
{
	for (unsigned bit = 0; bit < 24; bit++) {
		struct message m = reply_begin();

		m.byte[1 + bit / 8] ^= (uint8_t)(1u << bit % 8);
		check_discarded(&m);
	}
}

TEST(server_id_is_needed)
{
	static const uint8_t longest[DHCP6_DUID_MAX + 1] = { 0, 2 };
	struct message m = header(7, XID);

	option(&m, 1, us.byte, us.len);
	check_discarded(&m); /* none */
	option(&m, 2, "\0\3", 2);
	check_discarded(&m); /* too short */
	m = reply_begin();
	put_server(&m);
	check_discarded(&m); /* two */
	m = header(7, XID);
	option(&m, 1, us.byte, us.len);
	option(&m, 2, longest, DHCP6_DUID_MAX);
	parse_good(&m);
	m = header(7, XID);
	option(&m, 1, us.byte, us.len);
	option(&m, 2, longest, DHCP6_DUID_MAX + 1);
	check_discarded(&m);
}

TEST(client_id_must_be_ours)
{
	struct message m = header(7, XID);

	put_server(&m);
	check_discarded(&m); /* none */
	option(&m, 1, us.byte, us.len - 1);
	check_discarded(&m);
	m = header(7, XID);
	put_server(&m);
	option(&m, 1, "\0\3\0\1\2\0\0\0\0\7", 10);
	check_discarded(&m); /* somebody else's */
	m = reply_begin();
	option(&m, 1, us.byte, us.len);
	check_discarded(&m); /* two */
}

TEST(failure_is_no_answer)
{
	struct message m = reply_begin();

	option(&m, 13, "\0\1no", 4); /* UnspecFail */
	option(&m, 64, "\1a\1b\0", 5);
	check_discarded(&m);
	m = reply_begin();
	option(&m, 13, "\0", 1);
	check_discarded(&m);
}

TEST(every_cut_is_safe)
{
	struct message m = reply_begin();
	size_t whole, ends[] = { 4, 18, 32, 51, 71 }; /* after the header and each option */

	option(&m, 64, "\2gw\7transix\2jp", 15);
	option(&m, 23, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\x53", 16);
	whole = m.len;
	CHECK_INT(whole, ends[4]);
	for (m.len = 0; m.len < whole; m.len++) {
		struct dhcp6_reply r;
		bool at_end = m.len == ends[2] || m.len == ends[3];

		CHECK((parse(&m, &r) == NULL) == at_end);
	}
}

TEST(option_over_the_end)
{
	struct message m = reply_begin();

	put16(&m, 64);
	put16(&m, 0xffff);
	put(&m, "\1a\0", 3);
	check_discarded(&m);
}

/* ---- option 64 ---- */

static void check_aftr(const void *wire, size_t len, const char *want)
{
	struct message m = reply_begin();
	struct dhcp6_reply r;

	option(&m, 64, wire, len);
	r = parse_good(&m);
	CHECK_STR(r.aftr, want);
	CHECK((r.aftr_fault == NULL) == (*want != '\0'));
}

TEST(aftr_names)
{
	check_aftr("\4aftr\7example\3com", 18, "aftr.example.com"); /* RFC 6334's own */
	check_aftr("\2ab", 4, "ab");                                /* the shortest */
	check_aftr("\1a", 3, "");                                   /* more than 3 octets are asked for */
	check_aftr("", 0, "");
	check_aftr("\0\0\0\0", 4, "");                              /* no label */
	check_aftr("\4aftr\7example\3com", 17, "");                 /* no root label */
	check_aftr("\4aftr\7example\3co", 16, "");                  /* cut in a label */
	check_aftr("\4aftr\xc0\0\0", 8, "");                        /* compressed */
	check_aftr("\x41" "a\1b", 5, "");                           /* label types that were never used */
	check_aftr("\x80" "a\1b", 5, "");
	check_aftr("aftr.example.com", 17, "");                     /* text where wire form belongs */
}

TEST(first_name_counts)
{
	struct message m = reply_begin();
	struct dhcp6_reply r;

	check_aftr("\1a\1b\0\1c\1d", 10, "a.b"); /* two names in one option */
	check_aftr("\1a\1b\0\xff\xff", 7, "a.b");
	option(&m, 64, "\1a\1b", 5);
	option(&m, 64, "\1c\1d", 5);
	r = parse_good(&m);
	CHECK_STR(r.aftr, "a.b");
	m = reply_begin();
	option(&m, 64, "\xc0\0\0\0", 4); /* the first is not valid: the second is not looked at */
	option(&m, 64, "\1c\1d", 5);
	r = parse_good(&m);
	CHECK_STR(r.aftr, "");
	CHECK(r.aftr_fault != NULL);
}

static bool unlisted(const void *list, size_t len, bool with_aftr)
{
	struct message m = reply_begin();

	if (with_aftr)
		option(&m, 64, "\1a\1b", 5);
	option(&m, 111, list, len);
	return parse_good(&m).aftr_unlisted;
}

TEST(order_of_several_ways)
{
	CHECK(unlisted("\0\136", 2, true)); /* MAP-E alone */
	CHECK(unlisted("\0\136\0\137", 4, true));
	CHECK(!unlisted("\0\136\0\100", 4, true)); /* and DS-Lite behind it */
	CHECK(!unlisted("\0\136", 2, false));       /* no DS-Lite to be listed */
	CHECK(!unlisted("", 0, true));
	CHECK(!unlisted("\0\136\0", 3, true)); /* not a list */
}

TEST(names_cannot_carry_anything_else)
{
	check_aftr("\3a b\1c", 7, "");
	check_aftr("\3a\nb\1c", 7, "");
	check_aftr("\3a\0b\1c", 7, "");
	check_aftr("\3a.b\1c", 7, "");
	check_aftr("\3a%n\1c", 7, "");
	check_aftr("\3a\xe3" "b\1c", 7, "");
	check_aftr("\3a-b\3_c9", 9, "a-b._c9");
}

/* 63 octets are a label, 255 with all lengths and the root are a name. */
static size_t long_name(uint8_t *wire, unsigned last)
{
	uint8_t *p = wire;

	for (unsigned i = 0; i < 3; i++) {
		*p++ = 63;
		memset(p, 'a', 63);
		p += 63;
	}
	*p++ = (uint8_t)last;
	memset(p, 'b', last);
	p += last;
	*p++ = 0;
	return (size_t)(p - wire);
}

TEST(longest_name)
{
	uint8_t wire[512];
	char text[DNAME_TEXT_MAX];

	CHECK_INT(long_name(wire, 61), 255);
	CHECK(dname_from_wire(wire, 255, text) == NULL);
	CHECK_INT(strlen(text), 253);
	CHECK(dname_is_valid(text));
	CHECK_INT(long_name(wire, 62), 256);
	CHECK(dname_from_wire(wire, 256, text) != NULL);
	CHECK_INT(strlen(text), 253); /* not written */
	memset(wire, 1, sizeof(wire)); /* labels without end */
	CHECK(dname_from_wire(wire, sizeof(wire), text) != NULL);
	for (size_t i = 0; i < sizeof(wire); i += 2)
		wire[i + 1] = 'a';
	CHECK(dname_from_wire(wire, sizeof(wire), text) != NULL);
}

TEST(names_as_text)
{
	char label[80];

	CHECK(dname_is_valid("gw.transix.jp"));
	CHECK(dname_is_valid("gw.transix.jp."));
	CHECK(dname_is_valid("a"));
	CHECK(!dname_is_valid(""));
	CHECK(!dname_is_valid("."));
	CHECK(!dname_is_valid(".."));
	CHECK(!dname_is_valid(".a"));
	CHECK(!dname_is_valid("a..b"));
	CHECK(!dname_is_valid("a b"));
	CHECK(!dname_is_valid("a\nb"));
	memset(label, 'a', sizeof(label));
	label[63] = '\0';
	CHECK(dname_is_valid(label));
	label[63] = 'a';
	label[64] = '\0';
	CHECK(!dname_is_valid(label));
}

/* ---- the other options ---- */

TEST(dns_servers)
{
	static const char *const useless[] = { "::", "::1", "ff02::fb", "::ffff:192.0.2.1", "::192.0.2.1" };
	struct in6_addr dns[5];
	struct message m = reply_begin();
	struct dhcp6_reply r;

	for (unsigned i = 0; i < 5; i++)
		inet_pton(AF_INET6, useless[i], &dns[i]);
	option(&m, 23, dns, sizeof(dns));
	r = parse_good(&m);
	CHECK_INT(r.dns_count, 0);
	m = reply_begin();
	for (unsigned i = 0; i < 5; i++)
		inet_pton(AF_INET6, "2001:db8::53", &dns[i]);
	option(&m, 23, dns, sizeof(dns));
	r = parse_good(&m);
	CHECK_INT(r.dns_count, DHCP6_DNS_MAX);
	m = reply_begin();
	option(&m, 23, dns, 17); /* not whole addresses */
	option(&m, 23, dns, 16);
	r = parse_good(&m);
	CHECK_INT(r.dns_count, 0);
}

static void check_refresh(uint32_t told, uint32_t want)
{
	struct message m = reply_begin();
	struct dhcp6_reply r;

	option32(&m, 32, told);
	r = parse_good(&m);
	CHECK_INT(r.refresh_s, want);
}

TEST(refresh_time)
{
	struct message m = reply_begin();
	struct dhcp6_reply r;

	check_refresh(0, 600);
	check_refresh(599, 600);
	check_refresh(600, 600);
	check_refresh(601, 601);
	check_refresh(0xfffffffe, 0xfffffffe);
	check_refresh(0xffffffff, DHCP6_REFRESH_NEVER);
	option(&m, 32, "\0\0\1", 3);
	r = parse_good(&m);
	CHECK_INT(r.refresh_s, 86400);
}

TEST(inf_max_rt)
{
	static const struct {
		uint32_t told, want;
	} table[] = { { 0, 0 }, { 59, 0 }, { 60, 60 }, { 86400, 86400 }, { 86401, 0 }, { UINT32_MAX, 0 } };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct message m = reply_begin();
		struct dhcp6_reply r;

		option32(&m, 83, table[i].told);
		r = parse_good(&m);
		CHECK_INT(r.inf_max_rt_s, table[i].want);
	}
}

/* ---- timers ---- */

TEST(timeouts)
{
	uint32_t low = 0, high = 0;

	CHECK_INT(dhcp6_next_timeout_ms(0, 3600, 0), 900);
	CHECK_INT(dhcp6_next_timeout_ms(0, 3600, UINT32_MAX), 1100);
	CHECK_INT(dhcp6_next_timeout_ms(1000, 3600, 0), 1900);
	CHECK_INT(dhcp6_next_timeout_ms(1000, 3600, UINT32_MAX), 2100);
	for (unsigned i = 0; i < 40; i++) {
		low = dhcp6_next_timeout_ms(low, 3600, 0);
		high = dhcp6_next_timeout_ms(high, 3600, UINT32_MAX);
	}
	CHECK_INT(low, 3240000); /* the most, less a tenth */
	CHECK_INT(high, 3960000);
	CHECK_INT(dhcp6_next_timeout_ms(high, 60, 0), 54000); /* a server wished for less */
	CHECK_INT(dhcp6_next_timeout_ms(UINT32_MAX, 86400, UINT32_MAX), 95040000);
}

/* ---- packets from the tap ---- */

static struct message packet(const void *data, size_t len)
{
	struct message m = { 0 };
	struct in6_addr source, dest;
	uint16_t sum;

	inet_pton(AF_INET6, "fe80::2", &source);
	inet_pton(AF_INET6, "fe80::1", &dest);
	put(&m, "\x60\0\0\0", 4);
	put16(&m, (unsigned)len + 8);
	put(&m, "\x11\x40", 2);
	put(&m, &source, sizeof(source));
	put(&m, &dest, sizeof(dest));
	put16(&m, 547);
	put16(&m, 546);
	put16(&m, (unsigned)len + 8);
	put16(&m, 0);
	put(&m, data, len);
	sum = udp6_checksum(&source, &dest, m.byte + 40, len + 8);
	m.byte[46] = (uint8_t)(sum >> 8);
	m.byte[47] = (uint8_t)sum;
	return m;
}

static const char *unwrap(const struct message *m, bool sum_is_good, struct udp6_message *out)
{
	uint8_t *exact = malloc(m->len ? m->len : 1);
	const char *fault;

	memcpy(exact, m->byte, m->len);
	fault = udp6_unwrap(exact, m->len, sum_is_good, out);
	free(exact);
	return fault;
}

TEST(good_packet)
{
	struct message m = packet("hello", 5); /* odd: the last byte is padded for the sum */
	struct udp6_message udp;

	CHECK(udp6_unwrap(m.byte, m.len, false, &udp) == NULL);
	CHECK(udp.len == 5 && memcmp(udp.data, "hello", 5) == 0);
	CHECK(udp.source_port == 547 && udp.dest_port == 546);
	CHECK_INT(udp.source.s6_addr[15], 2);
	CHECK_INT(udp.dest.s6_addr[15], 1);
	m.len += 20; /* what a short Ethernet frame is filled with */
	CHECK(udp6_unwrap(m.byte, m.len, false, &udp) == NULL);
	CHECK_INT(udp.len, 5);
	m = packet("", 0);
	CHECK(udp6_unwrap(m.byte, m.len, false, &udp) == NULL);
}

TEST(every_flipped_bit_is_seen)
{
	struct message m = packet("hello!", 6);
	struct udp6_message udp;

	/* Traffic class, flow label and hop limit are in no checksum. */
	for (unsigned bit = 8 * 8; bit < m.len * 8; bit++) {
		m.byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK(unwrap(&m, false, &udp) != NULL);
		m.byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	CHECK(unwrap(&m, false, &udp) == NULL);
}

TEST(checksum_not_written_yet)
{
	struct message m = packet("hello", 5);
	struct udp6_message udp;

	m.byte[46] ^= 0x5a;
	CHECK(unwrap(&m, true, &udp) == NULL);
	m.byte[46] = m.byte[47] = 0; /* none at all is no good in IPv6 */
	CHECK(unwrap(&m, false, &udp) != NULL);
}

TEST(bad_packets)
{
	struct message m = packet("hello", 5);
	size_t whole = m.len;
	struct udp6_message udp;

	for (m.len = 0; m.len < whole; m.len++)
		CHECK(unwrap(&m, true, &udp) != NULL);
	m.byte[6] = 44; /* a fragment */
	CHECK(unwrap(&m, true, &udp) != NULL);
	m = packet("hello", 5);
	m.byte[0] = 0x45;
	CHECK(unwrap(&m, true, &udp) != NULL);
	m = packet("hello", 5);
	m.byte[5]++; /* IPv6 says more than UDP */
	CHECK(unwrap(&m, true, &udp) != NULL);
	m = packet("hello", 5);
	m.byte[5] = m.byte[45] = 7; /* less than a header */
	CHECK(unwrap(&m, true, &udp) != NULL);
}

TEST(far_ends)
{
	static const char *const no[] = { "::", "::1", "ff0e::1", "fe80::1", "::ffff:192.0.2.1", "::192.0.2.1" };
	static const char *const yes[] = { "2404:8e00::feed:100", "fd00::1", "2001:db8::1" };
	struct in6_addr addr;

	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		CHECK(inet_pton(AF_INET6, no[i], &addr) == 1 && !addr6_may_be_remote(&addr));
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		CHECK(inet_pton(AF_INET6, yes[i], &addr) == 1 && addr6_may_be_remote(&addr));
}
