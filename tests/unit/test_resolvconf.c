/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/resolvconf: which lines name a server, which servers can be asked, and how they are written. */
#include <string.h>

#include "policy/resolvconf.h"
#include "tests/unit/unit.h"

/* All servers of text, "a b c". */
static const char *servers(const char *text)
{
	static char all[DNS_SERVERS_MAX * DNS_SERVER_STRLEN];
	struct dns_server list[DNS_SERVERS_MAX];
	size_t count = resolvconf_servers(text, list, DNS_SERVERS_MAX);

	*all = '\0';
	for (size_t i = 0; i < count; i++) {
		char one[DNS_SERVER_STRLEN];

		strcat(strcat(all, i ? " " : ""), dns_server_print(&list[i], one));
	}
	return all;
}

TEST(ordinary_file)
{
	CHECK_STR(servers("# made by somebody\n"
	                  "search home.example\n"
	                  "nameserver 2404:1a8::1\n"
	                  "nameserver\t192.0.2.53\n"
	                  "options edns0 trust-ad\n"
	                  "nameserver fe80::53%wan0\n"),
	          "2404:1a8::1 192.0.2.53 fe80::53%wan0");
}

TEST(lines_that_name_none)
{
	CHECK_STR(servers(""), "");
	CHECK_STR(servers("\n\n"), "");
	CHECK_STR(servers("nameserver"), "");
	CHECK_STR(servers("nameserver \nnameserver\n"), "");
	CHECK_STR(servers("#nameserver 192.0.2.1\n;nameserver 192.0.2.1\n"), "");
	CHECK_STR(servers(" nameserver 192.0.2.1\n"), ""); /* as the C library has it */
	CHECK_STR(servers("nameservers 192.0.2.1\n"), "");
	CHECK_STR(servers("nameserver192.0.2.1\n"), "");
}

TEST(what_follows_the_address)
{
	CHECK_STR(servers("nameserver 192.0.2.1 # ours\n"), "192.0.2.1");
	CHECK_STR(servers("nameserver 192.0.2.1;ours\n"), "192.0.2.1");
	CHECK_STR(servers("nameserver \t 192.0.2.1\t192.0.2.2\r\n"), "192.0.2.1");
	CHECK_STR(servers("nameserver 192.0.2.1\r\nnameserver ::1"), "192.0.2.1 ::1"); /* no line's end */
}

TEST(doubles_and_too_many)
{
	struct dns_server list[2];

	CHECK_STR(servers("nameserver ::1\nnameserver 0:0::1\nnameserver 127.0.0.53\nnameserver 127.0.0.53\n"),
	          "::1 127.0.0.53");
	CHECK_INT(resolvconf_servers("nameserver ::1\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n", list, 2), 2);
	CHECK_INT(resolvconf_servers("nameserver ::1\n", list, 0), 0);
}

TEST(servers_that_cannot_be)
{
	static const char *const no[] = { "", "0.0.0.0", "255.255.255.255", "224.0.0.251", "::", "ff02::fb", "example.com",
		                          "192.0.2.1:53", "192.0.2.1%wan0", "fe80::1", "2001:db8::1%wan0", "fe80::1%",
		                          "fe80::1%aninterfacethatistoolong", "::ffff:192.0.2.1", "1.2.3", "[::1]",
		                          "2001:db8:1111:2222:3333:4444:5555:6666:7777:8888:9999" };
	struct dns_server server = { .family = 7 };

	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		CHECK(!dns_server_parse(no[i], &server));
		CHECK_INT(server.family, 7);
	}
}

TEST(print_and_parse)
{
	static const char *const same[] = { "127.0.0.1", "192.0.2.1", "::1", "2001:db8::53", "fe80::1%br-lan",
		                            "fe80:1111:2222:3333:4444:5555:6666:7777%fifteen-letters" };

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		char text[DNS_SERVER_STRLEN];
		struct dns_server server, again;

		CHECK(dns_server_parse(same[i], &server));
		CHECK_STR(dns_server_print(&server, text), same[i]);
		CHECK(dns_server_parse(text, &again) && dns_server_equal(&server, &again));
	}
}

/* A server of the line is asked through its interface; that is not part of how it is written. */
TEST(device_of_a_global_address)
{
	struct dns_server plain, bound;
	char text[DNS_SERVER_STRLEN];

	CHECK(dns_server_parse("2001:db8::53", &plain));
	bound = plain;
	strcpy(bound.device, "wan0");
	CHECK(!dns_server_equal(&plain, &bound));
	CHECK_STR(dns_server_print(&bound, text), "2001:db8::53");
}
