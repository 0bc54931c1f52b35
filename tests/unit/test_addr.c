/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/addr and policy/value: what each parser takes, what it refuses, and that what is printed parses back. */
#include "policy/addr.h"
#include "policy/value.h"
#include "tests/unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TEST(ipv4_takes_dotted_quads_alone)
{
	static const char *const bad[] = { "",        "1",         "1.2.3",    "1.2.3.4.5", "1.2.3.256",  "1.2.3.4 ", " 1.2.3.4",
		                           "1.2.3.",  "01.2.3.4",  "1.2.3.-4", "+1.2.3.4",  "0x1.2.3.4",  "1..2.3",
		                           "a.b.c.d", "1.2.3.4/8", "1,2,3,4",  "1.2.3.4\n", "4294967297.0.0.0" };
	uint32_t addr = 7;
	char buf[INET_ADDRSTRLEN];

	for (size_t i = 0; i < COUNT(bad); i++)
		if (ipv4_parse(bad[i], &addr))
			CHECK_STR(bad[i], "refused");
	CHECK_INT(addr, 7);
	CHECK(ipv4_parse("192.0.2.1", &addr));
	CHECK_INT(addr, 0xc0000201);
	CHECK(ipv4_parse("0.0.0.0", &addr));
	CHECK_INT(addr, 0);
	CHECK(ipv4_parse("255.255.255.255", &addr));
	CHECK_STR(ipv4_print(addr, buf), "255.255.255.255");
}

TEST(prefix_refuses_host_bits)
{
	static const char *const bad[] = { "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/024", "192.0.2.0/24/",
		                           "/24", "192.0.2/24", "192.0.2.0/-1", "0.0.0.1/0", "192.0.2.0 /24" };
	struct prefix4 p = { 1, 2 };
	char buf[PREFIX4_STRLEN];

	for (size_t i = 0; i < COUNT(bad); i++)
		if (prefix4_parse(bad[i], &p))
			CHECK_STR(bad[i], "refused");
	CHECK(p.addr == 1 && p.len == 2);
	CHECK(prefix4_parse("0.0.0.0/0", &p));
	CHECK_STR(prefix4_print(p, buf), "0.0.0.0/0");
	CHECK(prefix4_parse("255.255.255.254/31", &p));
	CHECK_STR(prefix4_print(p, buf), "255.255.255.254/31");
	CHECK(prefix4_parse("192.0.2.1/32", &p));
	CHECK_STR(prefix4_print(p, buf), "192.0.2.1");
}

TEST(prefix_covers)
{
	struct prefix4 all = { 0, 0 }, net = { 0x0a000000, 8 }, part = { 0x0a010000, 16 }, other = { 0x0b000000, 8 };

	CHECK(prefix4_covers(all, net) && prefix4_covers(net, part) && prefix4_covers(net, net));
	CHECK(!prefix4_covers(part, net) && !prefix4_covers(net, all) && !prefix4_covers(net, other));
	CHECK(prefix4_contains(net, 0x0affffff) && !prefix4_contains(net, 0x0b000000) && prefix4_contains(all, 0));
	CHECK_INT(prefix4_mask(0), 0);
	CHECK_INT(prefix4_mask(1), 0x80000000);
	CHECK_INT(prefix4_mask(32), 0xffffffff);
}

TEST(ipv6)
{
	struct in6_addr addr;

	CHECK(ipv6_parse("2001:db8::1", &addr) && addr.s6_addr[0] == 0x20 && addr.s6_addr[15] == 1);
	CHECK(!ipv6_parse("2001:db8::1/64", &addr) && !ipv6_parse("fe80::1%eth0", &addr) && !ipv6_parse("192.0.2.1", &addr));
}

TEST(ports)
{
	static const char *const bad[] = { "", "0", "65536", "80-", "-80", "90-80", "0-5", "080", "80-090", "80 ", "80--90", "a" };
	struct port_range r = { 1, 2 };
	char buf[PORT_RANGE_STRLEN];

	for (size_t i = 0; i < COUNT(bad); i++)
		if (port_range_parse(bad[i], &r))
			CHECK_STR(bad[i], "refused");
	CHECK(r.lo == 1 && r.hi == 2);
	CHECK(port_range_parse("80", &r) && r.lo == 80 && r.hi == 80);
	CHECK_STR(port_range_print(r, buf), "80");
	CHECK(port_range_parse("1-65535", &r) && r.lo == 1 && r.hi == 65535);
	CHECK_STR(port_range_print(r, buf), "1-65535");
	CHECK(port_range_parse("8-8", &r));
	CHECK_STR(port_range_print(r, buf), "8");
}

TEST(macs)
{
	static const char *const bad[] = { "",
		                           "02",
		                           "02:00:00:00:00",
		                           "02:00:00:00:00:0",
		                           "02:00:00:00:00:0g",
		                           "02:00:00:00:00:00:00",
		                           "02:00-00:00:00:00",
		                           "0200.0000.000a",
		                           "02000000000a",
		                           "02:00:00:00:00:0a " };
	struct mac mac;
	char buf[MAC_STRLEN];

	for (size_t i = 0; i < COUNT(bad); i++)
		if (mac_parse(bad[i], &mac))
			CHECK_STR(bad[i], "refused");
	CHECK(mac_parse("02:aB:00:Ff:00:0a", &mac));
	CHECK_STR(mac_print(mac, buf), "02:ab:00:ff:00:0a");
	CHECK(mac_parse("02-00-00-00-00-0A", &mac));
	CHECK_STR(mac_print(mac, buf), "02:00:00:00:00:0a");
}

TEST(numbers)
{
	unsigned long n = 5;

	CHECK(!uint_parse("", 0, 9, &n) && !uint_parse("10", 0, 9, &n) && !uint_parse("1", 2, 9, &n));
	CHECK(!uint_parse("+1", 0, 9, &n) && !uint_parse("01", 0, 9, &n) && !uint_parse("1x", 0, 9, &n));
	CHECK(!uint_parse("18446744073709551616", 0, (unsigned long)-1, &n) && !uint_parse("3", 0, 2, &n));
	CHECK_INT(n, 5);
	CHECK(uint_parse("0", 0, 9, &n) && n == 0);
	CHECK(uint_parse("18446744073709551615", 0, (unsigned long)-1, &n) && n == (unsigned long)-1);
}

TEST(durations)
{
	static const struct {
		const char *text;
		uint32_t ms;
		const char *printed;
	} good[] = { { "250ms", 250, "250ms" }, { "1s", 1000, "1s" },        { "1000ms", 1000, "1s" },
		     { "90s", 90000, "90s" },   { "60s", 60000, "1m" },      { "2h", 7200000, "2h" },
		     { "0s", 0, "0s" },         { "1193h", 4294800000, "1193h" } };
	static const char *const bad[] = { "", "1", "s", "1 s", "1S", "-1s", "1.5s", "1d", "1194h", "4294967296ms", "01s", "1s " };
	char buf[32];
	uint32_t ms;

	for (size_t i = 0; i < COUNT(good); i++) {
		CHECK(duration_parse(good[i].text, &ms));
		CHECK_INT(ms, good[i].ms);
		CHECK_STR(duration_print(ms, buf, sizeof(buf)), good[i].printed);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (duration_parse(bad[i], &ms))
			CHECK_STR(bad[i], "refused");
}

TEST(protocols_round)
{
	char buf[PROTOCOL_STRLEN];
	uint8_t n;

	for (unsigned i = 0; i < 256; i++) {
		protocol_print((uint8_t)i, buf);
		CHECK(protocol_parse(buf, &n));
		CHECK_INT(n, i);
	}
	CHECK(protocol_parse("TCP", &n) && n == 6);
	CHECK(protocol_parse("ipv6", &n) && n == 41);
	CHECK(!protocol_parse("256", &n) && !protocol_parse("", &n) && !protocol_parse("tc", &n));
	CHECK(protocol_has_ports(6) && protocol_has_ports(17) && protocol_has_ports(132) && !protocol_has_ports(1));
}

TEST(dscp_round)
{
	char buf[DSCP_STRLEN];
	uint8_t n;

	for (unsigned i = 0; i < 64; i++) {
		dscp_print((uint8_t)i, buf);
		CHECK(dscp_parse(buf, &n));
		CHECK_INT(n, i);
	}
	CHECK(dscp_parse("EF", &n) && n == 46);
	CHECK(dscp_parse("af43", &n) && n == 38);
	CHECK(dscp_parse("cs7", &n) && n == 56);
	CHECK(dscp_parse("le", &n) && n == 1);
	CHECK(dscp_parse("va", &n) && n == 44);
	CHECK(!dscp_parse("64", &n) && !dscp_parse("cs8", &n) && !dscp_parse("af44", &n));
}

TEST(times)
{
	static const struct {
		const char *text;
		uint8_t days;
		uint16_t from, to;
		const char *printed;
	} good[] = {
		{ "mon-fri 09:00-18:00", 0x1f, 540, 1080, "mon-fri 09:00-18:00" },
		{ "sat", 0x20, 0, 1440, "sat" },
		{ "22:00-06:00", 0x7f, 1320, 360, "22:00-06:00" },
		{ "FRI-Mon", 0x71, 0, 1440, "fri-mon" },
		{ "sun 18:00-24:00", 0x40, 1080, 1440, "sun 18:00-24:00" },
		{ "sun 18:00-00:00", 0x40, 1080, 1440, "sun 18:00-24:00" },
		{ "00:00-24:00", 0x7f, 0, 1440, "mon-sun" },
		{ "tue-mon", 0x7f, 0, 1440, "mon-sun" },
		{ "wed-wed \t 00:01-00:02", 0x04, 1, 2, "wed 00:01-00:02" },
		{ "Mon-Fri 9:00-17:30", 0x1f, 540, 1050, "mon-fri 09:00-17:30" },
		{ "22:00-6:00", 0x7f, 1320, 360, "22:00-06:00" },
	};
	static const char *const bad[] = { "",      "m",           "monday",       "mon-",        "mon-fr",      "9:0-10:00", "09:00",
		                           "09:00-", "09:60-10:00", "24:00-10:00", "24:01-10:00", "10:00-10:00", "09:00-10:00 mon",
		                           "mon 9",  "mon,tue",     "09:00-25:00", "00:00-24:01", "mon-fri-sun", "00:00-00:00",
		                           ":00-10:00", "009:00-10:00", "9-10", "900-1000" };
	struct rule_time time;
	const char *why;
	char buf[64];

	for (size_t i = 0; i < COUNT(good); i++) {
		CHECK(rule_time_parse(good[i].text, &time, &why));
		CHECK_INT(time.days, good[i].days);
		CHECK_INT(time.from, good[i].from);
		CHECK_INT(time.to, good[i].to);
		CHECK_STR(rule_time_print(time, buf, sizeof(buf)), good[i].printed);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		if (rule_time_parse(bad[i], &time, &why) || !*why)
			CHECK_STR(bad[i], "refused");
}

TEST(time_of_days_with_holes)
{
	char buf[128];

	CHECK_STR(rule_time_print((struct rule_time){ 0x15, 60, 120 }, buf, sizeof(buf)),
	          "mon 01:00-02:00, wed 01:00-02:00, fri 01:00-02:00");
	CHECK_STR(rule_time_print((struct rule_time){ 0x53, 0, 1440 }, buf, sizeof(buf)), "fri, sun-tue");
}
