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
	CHECK(!hb46pp_offer_add(&offer, "map_e") && !hb46pp_offer_add(&offer, "map_e") && !hb46pp_offer_add(&offer, "x\ny"));
	CHECK(hb46pp_offer_add(&offer, "dslite"));
	CHECK_STR(offer.offered, "map_e, dslite");
	CHECK_INT(hb46pp_ttl(-1), 0);
	CHECK_INT(hb46pp_ttl(0), 0);
	CHECK_INT(hb46pp_ttl(1), HB46PP_TTL_LEAST_S);
	CHECK_INT(hb46pp_ttl(86400), 86400);
	CHECK_INT(hb46pp_ttl(1LL << 40), HB46PP_TTL_MOST_S);
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
