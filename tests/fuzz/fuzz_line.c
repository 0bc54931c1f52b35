/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The small things that come from the line.  The first byte chooses: a router advertisement, an answer to a DNS probe, what a
 * registration server says, a line of pppd's log with the peer's words in it.  What is let through must be what its readers rely on.
 */
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/dns_probe.h"
#include "policy/ppp_exit.h"
#include "policy/ra.h"
#include "policy/registration.h"
#include "policy/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int good)
{
	if (!good)
		abort();
}

static void try_advertisement(const uint8_t *data, size_t size)
{
	struct ra ra;

	if (!ra_parse(data, size, &ra))
		return;
	require(ra.dns_count <= DNS_SERVERS_MAX);
	for (unsigned i = 0; i < ra.dns_count; i++)
		require(!IN6_IS_ADDR_UNSPECIFIED(&ra.dns[i]) && !IN6_IS_ADDR_MULTICAST(&ra.dns[i]));
}

static void try_dns(const uint8_t *data, size_t size)
{
	uint8_t question[DNS_PROBE_MAX];
	size_t n = dns_probe_question(question, "example.com", 0x6162);

	if (dns_probe_answers(question, n, data, size))
		require(size >= 12 && memcmp(data, question, 2) == 0);
}

/* Nothing of the secret gets out, and what gets out can be written as JSON. */
static void try_registration(const uint8_t *data, size_t size)
{
	static const char secret[] = "s3c/";
	char reason[REGISTRATION_REASON_MAX], mended[REGISTRATION_REASON_MAX];
	unsigned code = size ? 200 + data[0] : 200;

	registration_judge(code, (const char *)data, size, "\xe6\x9b\xb4\xe6\x96\xb0", secret, reason);
	require(!strstr(reason, secret) && !strstr(reason, "s3c%2F"));
	strcpy(mended, reason);
	utf8_mend(mended);
	require(strcmp(reason, mended) == 0);
}

static void try_log_line(const uint8_t *data, size_t size)
{
	char *line = strndup((const char *)data, size), text[120];
	struct ppp_exit end = { .status = size ? data[size - 1] : 0, .line = line, .interface = "wan0", .device = "ppp0" };

	require(ppp_line_weight(line) >= PPP_LINE_UP && ppp_exit_class(&end) < PPP_ENDS);
	ppp_exit_text(&end, text, sizeof(text));
	require(*text && strlen(text) < sizeof(text));
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(const uint8_t *data, size_t size) = { try_advertisement, try_dns, try_registration,
		                                                           try_log_line };
	uint8_t *copy;

	if (size == 0)
		return 0;
	/* In memory of its very size, so that a step over its end is seen. */
	copy = malloc(size);
	memcpy(copy, data + 1, size - 1);
	tries[data[0] % 4](copy, size - 1);
	free(copy);
	return 0;
}
