/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/hb46pp and policy/aftr_known: records, redirects, questions, answers, waits. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "policy/aftr_known.h"
#include "policy/hb46pp.h"
#include "tests/unit/unit.h"

/* From memory of its exact size, so that a sanitizer sees a read beyond it. */
static bool record(const char *text, struct hb46pp_server *out)
{
	size_t len = strlen(text);
	char *exact = malloc(len ? len : 1);
	const char *fault;

	memcpy(exact, text, len);
	fault = hb46pp_record_parse(exact, len, out);
	free(exact);
	return fault == NULL;
}

TEST(records_of_the_field)
{
	struct hb46pp_server s;

	CHECK(record("v=v6mig-1 url=https://vne.example.jp/rule.cgi t=b", &s));
	CHECK_STR(s.url.text, "https://vne.example.jp/rule.cgi");
	CHECK_STR(s.url.host, "vne.example.jp");
	CHECK(s.url.https && s.verify && s.url.port == 443);
	CHECK(record("v=v6mig-1 url=http://vne.example.jp:8080 t=a", &s));
	CHECK(!s.url.https && !s.verify && s.url.port == 8080);
	CHECK(record("  t=a  new=1 url=https://[2001:db8::1]:444/x?y v=v6mig-1 ", &s));
	CHECK(s.url.https && !s.verify && s.url.port == 444 && s.url.address.s6_addr[15] == 1);
	CHECK_STR(s.url.host, "");
}

TEST(records_that_are_none)
{
	static const char *const bad[] = {
		"", " ", "v=v6mig-1", "v=v6mig-1 url=https://a/", "v=v6mig-1 t=b", "v=v6mig-2 url=https://a/ t=b",
		"url=https://a/ t=b", "v=v6mig-1 url=https://a/ t=c", "v=v6mig-1 url=https://a/ t=", "v=v6mig-1 url= t=b",
		"v=v6mig-1 url=https://a/ url=https://b/ t=b", "v=v6mig-1 url=https://a/ t=b t=a",
		"v=v6mig-1 url=http://a/ t=b", /* nothing to verify */
		"v=v6mig-1 url=ftp://a/ t=a", "v=v6mig-1 url=file:///etc/passwd t=a", "v=v6mig-1 url=https:///x t=a",
		"v=v6mig-1 url=https://u@a/ t=a", "v=v6mig-1 url=https://u:p@a/ t=a", "v=v6mig-1 url=https://a:0/ t=a",
		"v=v6mig-1 url=https://a:65536/ t=a", "v=v6mig-1 url=https://a:4x/ t=a", "v=v6mig-1 url=https://a:/ t=a",
		"v=v6mig-1 url=https://[::1]/ t=a", "v=v6mig-1 url=https://[2001:db8::1/ t=a",
		"v=v6mig-1 url=https://[fe80::1]/ t=a", "v=v6mig-1 url=https://[2001:db8::1]x/ t=a",
		"v=v6mig-1 url=https://a\nb/ t=a", "v=v6mig-1 url=https://a/#x t=a", "v=v6mig-1 url=https://a\\b/ t=a",
	};
	struct hb46pp_server s;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (record(bad[i], &s)) {
			printf("taken: %s\n", bad[i]);
			CHECK(false);
		}
	CHECK(hb46pp_record_parse("v=v6mig-1 url=https://a/ t=b\0", 29, &s) != NULL);
}

TEST(record_of_any_length)
{
	char text[2048] = "v=v6mig-1 t=b url=https://a/";
	struct hb46pp_server s;
	bool taken = true;

	for (size_t n = strlen(text); n < sizeof(text) - 1; n++) {
		text[n] = 'x';
		text[n + 1] = '\0';
		if (!record(text, &s))
			taken = false;
		else
			CHECK(taken);
	}
	CHECK(!taken);
}

TEST(redirects)
{
	struct hb46pp_server s;

	CHECK(record("v=v6mig-1 url=https://a.example/ t=b", &s));
	CHECK(hb46pp_redirect(&s, "http://b.example/") != NULL);
	CHECK_STR(s.url.host, "a.example");
	CHECK(hb46pp_redirect(&s, "") != NULL);
	CHECK(hb46pp_redirect(&s, "https://b.example:444/x") == NULL);
	CHECK_STR(s.url.host, "b.example");
	CHECK(s.verify && s.url.port == 444);
	CHECK(record("v=v6mig-1 url=http://a.example/ t=a", &s));
	CHECK(hb46pp_redirect(&s, "http://c.example/") == NULL);
	CHECK(hb46pp_redirect(&s, "https://b.example/") == NULL);
	CHECK(hb46pp_redirect(&s, "http://a.example/") != NULL);
}

TEST(question)
{
	char buf[URL_TEXT_MAX + 256];
	struct hb46pp_server s;

	CHECK(record("v=v6mig-1 url=https://a.example/c t=b", &s));
	hb46pp_question(&s.url, "1.20.3~rc1", "", buf);
	CHECK_STR(buf, "https://a.example/c?vendorid=acde48-dualpath&product=dualpath&version=1_20_31&capability=dslite,ipip");
	hb46pp_question(&s.url, "1", "ab", buf);
	CHECK(strstr(buf, "&version=1&capability=dslite,ipip&token=ab") != NULL);
	CHECK(record("v=v6mig-1 url=https://a.example/c?x=y t=b", &s));
	hb46pp_question(&s.url, "1", "ab", buf);
	CHECK_STR(buf, "https://a.example/c?x=y");
}

TEST(values_of_an_answer)
{
	struct hb46pp_offer offer = { .ttl_s = 0 };

	CHECK(hb46pp_is_token("640756965820d3b9025b6941f9590af6802830ba58663fe8f043dc92b576f17a"));
	CHECK(!hb46pp_is_token("640756965820D3b9025b6941f9590af6802830ba58663fe8f043dc92b576f17a"));
	CHECK(!hb46pp_is_token("") && !hb46pp_is_token("64"));
	CHECK(hb46pp_is_aftr("2404:8e00::feed:101") && hb46pp_is_aftr("dslite.v6connect.net"));
	CHECK(!hb46pp_is_aftr("::1") && !hb46pp_is_aftr("192.0.2.1") && !hb46pp_is_aftr("") && !hb46pp_is_aftr("a b"));
	hb46pp_offer_add(&offer, "map_e");
	hb46pp_offer_add(&offer, "map_e");
	hb46pp_offer_add(&offer, "x\ny");
	CHECK(!hb46pp_offers(&offer, "dslite"));
	hb46pp_offer_add(&offer, "dslite");
	CHECK(hb46pp_offers(&offer, "dslite"));
	CHECK_STR(offer.offered, "map_e, dslite");
	CHECK_INT(hb46pp_ttl(-1), 0);
	CHECK_INT(hb46pp_ttl(0), 0);
	CHECK_INT(hb46pp_ttl(1), HB46PP_TTL_LEAST_S);
	CHECK_INT(hb46pp_ttl(86400), 86400);
	CHECK_INT(hb46pp_ttl(1LL << 40), HB46PP_TTL_MOST_S);
}

TEST(tunnels_of_an_answer)
{
	struct hb46pp_ways ways = { .tunnels = 0 };
	char buf[PREFIX4_STRLEN];

	CHECK(!hb46pp_tunnel_choose(&ways, 0));
	CHECK(hb46pp_tunnel_add(&ways, "2001:db8:7::1", "2001:db8:7:100::7", "203.0.113.0/29"));
	CHECK(hb46pp_tunnel_add(&ways, "2001:db8:7::1", NULL, "203.0.113.30"));
	CHECK(hb46pp_tunnel_add(&ways, "2001:db8:7::2", "2001:db8:7:100::8", NULL));
	CHECK(hb46pp_tunnel_add(&ways, "2001:db8:7::3", NULL, "203.0.113.41/29"));
	CHECK_INT(ways.tunnels, 4);
	CHECK_STR(hb46pp_tunnel_ipv4(&ways.tunnel[0], buf), "203.0.113.0/29");
	CHECK_STR(hb46pp_tunnel_ipv4(&ways.tunnel[1], buf), "203.0.113.30");
	CHECK_INT(hb46pp_tunnel_address(&ways.tunnel[0]), 0);
	CHECK(hb46pp_tunnel_address(&ways.tunnel[1]) == 0xcb00711e);
	CHECK_INT(hb46pp_tunnel_address(&ways.tunnel[2]), 0);
	CHECK(hb46pp_tunnel_address(&ways.tunnel[3]) == 0xcb007129);
	CHECK(hb46pp_tunnel_choose(&ways, 0) == &ways.tunnel[0]);
	CHECK(hb46pp_tunnel_choose(&ways, 0xcb007106) == &ways.tunnel[0]);
	CHECK(hb46pp_tunnel_choose(&ways, 0xcb00711e) == &ways.tunnel[1]);
	CHECK(hb46pp_tunnel_choose(&ways, 0xcb00712f) == &ways.tunnel[3]);
	CHECK(hb46pp_tunnel_choose(&ways, 0x01020304) == &ways.tunnel[0]);
	CHECK(hb46pp_tunnel_equal(&ways.tunnel[0], &ways.tunnel[0]) && !hb46pp_tunnel_equal(&ways.tunnel[0], &ways.tunnel[1]));
}

TEST(tunnels_that_are_none)
{
	static const char *const bad[][3] = {
		{ NULL, "2001:db8::7", "203.0.113.30" }, { "br.example", NULL, "203.0.113.30" }, { "::1", NULL, "203.0.113.30" },
		{ "fe80::1", NULL, NULL }, { "2001:db8::1", "", NULL }, { "2001:db8::1", "::feed:1", NULL },
		{ "2001:db8::1", "ff02::1", NULL }, { "2001:db8::1", NULL, "" }, { "2001:db8::1", NULL, "203.0.113.30/33" },
		{ "2001:db8::1", NULL, "203.0.113.30/0" }, { "2001:db8::1", NULL, "203.0.113.30/" },
		{ "2001:db8::1", NULL, "203.0.113/24" }, { "2001:db8::1", NULL, "0.0.0.0/8" }, { "2001:db8::1", NULL, "127.0.0.1" },
		{ "2001:db8::1", NULL, "224.0.0.1" }, { "2001:db8::1", NULL, "255.255.255.255" },
		{ "2001:db8::1", NULL, "203.0.113.30 /32" }, { "2001:db8::1", NULL, "203.0.113.300.300.300/32" },
	};
	struct hb46pp_ways ways = { .tunnels = 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (hb46pp_tunnel_add(&ways, bad[i][0], bad[i][1], bad[i][2])) {
			printf("taken: %zu\n", i);
			CHECK(false);
		}
	CHECK_INT(ways.tunnels, 0);
	for (unsigned i = 0; i < 2 * HB46PP_TUNNELS_MAX; i++)
		CHECK(hb46pp_tunnel_add(&ways, "2001:db8::1", NULL, NULL) == (i < HB46PP_TUNNELS_MAX));
}

TEST(what_an_offer_lacks)
{
	struct hb46pp_offer offer = { .ttl_s = 0 };
	char text[200];

	hb46pp_offer_lacks(&offer, true, text, sizeof(text));
	CHECK_STR(text, "the provider offers no fixed-IP tunnel (ipip) on this line, but nothing");
	hb46pp_offer_add(&offer, "dslite");
	strcpy(offer.ways.aftr, "gw.example.jp");
	offer.wants_login = true;
	hb46pp_offer_lacks(&offer, true, text, sizeof(text));
	CHECK_STR(text, "the provider offers no fixed-IP tunnel (ipip) on this line, but dslite "
	                "(it asks for a user and a password, which are not sent)");
	hb46pp_offer_lacks(&offer, false, text, sizeof(text));
	CHECK_STR(text, "");
	hb46pp_offer_add(&offer, "ipip");
	hb46pp_offer_lacks(&offer, true, text, sizeof(text));
	CHECK_STR(text, "the provider offers a fixed-IP tunnel (ipip) without ends that could be one's");
	CHECK(hb46pp_tunnel_add(&offer.ways, "2001:db8:7::1", NULL, NULL));
	hb46pp_offer_lacks(&offer, true, text, sizeof(text));
	CHECK_STR(text, "");
}

TEST(waits)
{
	CHECK_INT(hb46pp_wait_s(HB46PP_NO_RECORD, 5, 0), 3600);
	CHECK_INT(hb46pp_wait_s(HB46PP_NO_RECORD, 5, UINT32_MAX), 10800);
	CHECK_INT(hb46pp_wait_s(HB46PP_NO_DNS, 5, 0), 60);
	CHECK_INT(hb46pp_wait_s(HB46PP_NO_DNS, 5, UINT32_MAX), 600);
	CHECK_INT(hb46pp_wait_s(HB46PP_NO_ANSWER, 5, 0), 600);
	CHECK_INT(hb46pp_wait_s(HB46PP_NO_ANSWER, 5, UINT32_MAX), 1800);
	CHECK_INT(hb46pp_wait_s(HB46PP_ANSWERED, 0, 0), 72000);
	CHECK_INT(hb46pp_wait_s(HB46PP_ANSWERED, 0, UINT32_MAX), 86400);
	CHECK_INT(hb46pp_wait_s(HB46PP_ANSWERED, 777, 123), 777);
}

TEST(known_names)
{
	static const struct {
		const char *local, *name;
	} want[] = {
		{ "2404:8e00:1::1", "gw.transix.jp" }, { "2404:8e01::1", "gw.transix.jp" }, { "2404:8e02::1", NULL },
		{ "2001:f60::1", "dgw.xpass.jp" }, { "2001:f6f:ffff::1", "dgw.xpass.jp" }, { "2001:f77::1", "dgw.xpass.jp" },
		{ "2001:f78::1", NULL }, { "2405:6587::1", "dslite.v6connect.net" }, { "2405:6588::1", NULL },
		{ "2001:c28::1", "dslite.v6connect.net" }, { "2001:db8::1", NULL }, { "::", NULL },
	};
	struct in6_addr local;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		CHECK(inet_pton(AF_INET6, want[i].local, &local) == 1);
		CHECK_STR(aftr_known(&local), want[i].name);
	}
}
