/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/registration: what is asked, what an answer means, where a secret may not be, and when it is asked again. */
#include <string.h>

#include "policy/registration.h"
#include "policy/utf8.h"
#include "tests/unit/unit.h"

static const struct registration_values values = { "user@x", "p&s %/'\xc3\xa9", "2001:db8::feed:1", "203.0.113.30" };

static const char *url(const char *template)
{
	static char buf[URL_TEXT_MAX];
	const char *fault = registration_url(template, &values, buf);

	return fault ? fault : buf;
}

TEST(placeholders_are_encoded)
{
	CHECK_STR(url("https://a.example/request?username={user}&password={password}"),
	          "https://a.example/request?username=user%40x&password=p%26s%20%25%2F%27%C3%A9");
	CHECK_STR(url("http://a.example/?a={local}&d={address}"), "http://a.example/?a=2001%3Adb8%3A%3Afeed%3A1&d=203.0.113.30");
	CHECK_STR(url("https://a.example/"), "https://a.example/");
	CHECK(strstr(url("https://a.example/{what}"), "braces") != NULL);
	CHECK(strstr(url("https://a.example/{user"), "braces") != NULL);
}

TEST(too_long_is_wiped)
{
	char template[URL_TEXT_MAX + 16], buf[URL_TEXT_MAX];

	memset(template, 'a', sizeof(template) - 1);
	template[sizeof(template) - 1] = '\0';
	memset(buf, 'x', sizeof(buf));
	CHECK(registration_url(template, &values, buf) != NULL);
	CHECK(buf[0] == '\0' && buf[URL_TEXT_MAX - 1] == '\0');
	memcpy(template + URL_TEXT_MAX - 12, "{password}", 11);
	CHECK(registration_url(template, &values, buf) != NULL);
	CHECK(buf[0] == '\0' && buf[URL_TEXT_MAX - 20] == '\0');
	template[URL_TEXT_MAX - 12] = '\0';
	CHECK(registration_url(template, &values, buf) == NULL);
	CHECK_INT(strlen(buf), URL_TEXT_MAX - 12);
}

TEST(names)
{
	CHECK(registration_names("http://a/?p={password}", "password"));
	CHECK(!registration_names("http://a/?p={user}", "password"));
}

TEST(secrets_in_the_open)
{
	CHECK(registration_shows_secret("https://u:pw@a.example/"));
	CHECK(registration_shows_secret("https://a.example/?username={user}&password=abc"));
	CHECK(registration_shows_secret("https://a.example/?PASS=abc"));
	CHECK(registration_shows_secret("https://a.example/?d=1&p=abc"));
	CHECK(!registration_shows_secret("https://a.example/?d=1&p={password}&u={user}"));
	CHECK(!registration_shows_secret("https://a.example/p@th?x=1"));
	CHECK(!registration_shows_secret("https://a.example/?password=&x=1"));
}

static enum registration_verdict judge(unsigned code, const char *body, const char *expected, char *reason)
{
	return registration_judge(code, body, strlen(body), expected, "s3cret/", reason);
}

TEST(answers)
{
	char reason[REGISTRATION_REASON_MAX];

	CHECK_INT(judge(200, "", NULL, reason), REGISTRATION_GOOD);
	CHECK_STR(reason, "");
	CHECK_INT(judge(204, "", NULL, reason), REGISTRATION_GOOD);
	CHECK_INT(judge(200, " \r\nok, thank you", "OK", reason), REGISTRATION_GOOD);
	CHECK_INT(judge(200, "NG", "OK", reason), REGISTRATION_REFUSED);
	CHECK_STR(reason, "it does not answer \"OK\", but \"NG\"");
	CHECK_INT(judge(200, "O", "OK", reason), REGISTRATION_REFUSED);
	CHECK_INT(judge(200, "", "OK", reason), REGISTRATION_REFUSED);
	CHECK_STR(reason, "it does not answer \"OK\"");
	CHECK_INT(judge(401, "", NULL, reason), REGISTRATION_REFUSED);
	CHECK_INT(judge(403, "OK", "OK", reason), REGISTRATION_REFUSED);
	CHECK_INT(judge(302, "OK", "OK", reason), REGISTRATION_FAILED);
	CHECK_INT(judge(500, "", NULL, reason), REGISTRATION_FAILED);
	CHECK_STR(reason, "it answers with code 500");
}

/* It goes out by JSON, whatever the server's code is and wherever the sentence is cut. */
TEST(expected_in_other_letters)
{
	char reason[REGISTRATION_REASON_MAX], mended[REGISTRATION_REASON_MAX], expected[256] = "";

	judge(200, "", "\x8d\x58\x90\x56", reason);
	CHECK_STR(reason, "it does not answer \"?X?V\"");
	for (unsigned cut = 0; cut < 3; cut++) {
		memset(expected, 'x', cut);
		for (unsigned i = 0; i < 60; i++)
			strcpy(expected + cut + (size_t)3 * i, "\xe6\x9b\xb4");
		judge(200, "", expected, reason);
		strcpy(mended, reason);
		utf8_mend(mended);
		CHECK_STR(reason, mended);
	}
}

/* A server that repeats the question, as it came or decoded, is not quoted. */
TEST(answers_that_repeat_the_secret)
{
	char reason[REGISTRATION_REASON_MAX];

	CHECK_INT(judge(200, "bad password s3cret/", "OK", reason), REGISTRATION_REFUSED);
	CHECK_STR(reason, "it does not answer \"OK\"");
	judge(200, "bad request /?password=s3cret%2F", "OK", reason);
	CHECK_STR(reason, "it does not answer \"OK\"");
	judge(200, "\x1b[31mred", "OK", reason);
	CHECK_STR(reason, "it does not answer \"OK\"");
}

TEST(waits)
{
	struct backoff backoff = { 0 };

	CHECK_INT(registration_wait_ms(&backoff, REGISTRATION_GOOD, 3600000, 0), 3600000);
	CHECK_INT(registration_wait_ms(&backoff, REGISTRATION_GOOD, 3600000, UINT32_MAX), 3240000);
	CHECK_INT(registration_wait_ms(&backoff, REGISTRATION_FAILED, 3600000, 0), 5000);
	CHECK_INT(registration_wait_ms(&backoff, REGISTRATION_FAILED, 3600000, 0), 10000);
	CHECK_INT(registration_wait_ms(&backoff, REGISTRATION_REFUSED, 3600000, 0), 30000);
	CHECK_INT(registration_wait_ms(&backoff, REGISTRATION_FAILED, 3600000, 0), 20000);
	for (unsigned i = 0; i < 20; i++)
		CHECK(registration_wait_ms(&backoff, REGISTRATION_FAILED, 3600000, UINT32_MAX) <= 750000);
	CHECK_INT(registration_wait_ms(&backoff, REGISTRATION_FAILED, 60000, 0), 60000); /* never later than the schedule */
	registration_wait_ms(&backoff, REGISTRATION_GOOD, 3600000, 0);
	CHECK_INT(registration_wait_ms(&backoff, REGISTRATION_FAILED, 3600000, 0), 5000);
}
