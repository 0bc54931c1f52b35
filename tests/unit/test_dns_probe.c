/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question's bytes, and what counts as its answer. */
#include <string.h>

#include "policy/dns_probe.h"
#include "tests/unit/unit.h"

static const uint8_t wanted[] = { 0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e',
	                          3, 'c', 'o', 'm', 0, 0, 1, 0, 1 };

TEST(the_question)
{
	uint8_t q[DNS_PROBE_MAX];

	CHECK(dns_probe_question(q, "example.com", 0x1234) == sizeof(wanted) && memcmp(q, wanted, sizeof(wanted)) == 0);
	CHECK(dns_probe_question(q, "example.com.", 0x1234) == sizeof(wanted));
	CHECK(dns_probe_question(q, "", 1) == 0 && dns_probe_question(q, "a..b", 1) == 0);
}

TEST(the_longest_names)
{
	char name[300] = "", label[65];
	uint8_t q[DNS_PROBE_MAX];

	memset(label, 'a', 64);
	label[63] = '\0';
	for (int i = 0; i < 3; i++)
		sprintf(name + strlen(name), "%s.", label);
	memset(label, 'b', 61);
	label[61] = '\0';
	strcat(name, label);
	CHECK(dns_probe_question(q, name, 1) == 12 + 255 + 4);
	strcat(name, "b");
	CHECK(dns_probe_question(q, name, 1) == 0);
	memset(label, 'a', 64);
	label[64] = '\0';
	CHECK(dns_probe_question(q, label, 1) == 0);
}

TEST(the_answer)
{
	uint8_t a[64];

	memcpy(a, wanted, sizeof(wanted));
	CHECK(!dns_probe_answers(wanted, sizeof(wanted), a, sizeof(wanted))); /* our own question, sent back */
	a[2] |= 0x80;
	CHECK(dns_probe_answers(wanted, sizeof(wanted), a, sizeof(wanted)));
	a[14] = 'X';
	CHECK(dns_probe_answers(wanted, sizeof(wanted), a, sizeof(wanted)));
	CHECK(!dns_probe_answers(wanted, sizeof(wanted), a, sizeof(wanted) - 1));
	a[14] = 'y';
	CHECK(!dns_probe_answers(wanted, sizeof(wanted), a, sizeof(wanted)));
	a[5] = 0;
	CHECK(!dns_probe_answers(wanted, sizeof(wanted), a, 12));
	a[3] = 5; /* refused, without the question */
	CHECK(dns_probe_answers(wanted, sizeof(wanted), a, 12));
	a[0] ^= 1;
	CHECK(!dns_probe_answers(wanted, sizeof(wanted), a, 12));
	CHECK(!dns_probe_answers(wanted, sizeof(wanted), a, 11));
}
