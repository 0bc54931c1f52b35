/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/srcaddr: which address is never taken, which one is preferred, and that the order of the list is nothing. */
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <string.h>

#include "policy/srcaddr.h"
#include "tests/unit/unit.h"

#define FOREVER UINT32_MAX

static struct in6_addr ip(const char *text)
{
	struct in6_addr addr = { 0 };

	CHECK(inet_pton(AF_INET6, text, &addr) == 1);
	return addr;
}

static struct addr6 address(const char *text, uint32_t flags, uint32_t preferred)
{
	return (struct addr6){ .addr = ip(text), .prefix_len = 64, .flags = flags, .preferred_s = preferred,
		               .valid_s = preferred == FOREVER ? FOREVER : preferred + 3600 };
}

/* The text of the chosen one; the list is tried in both orders. */
static const char *choose(const struct addr6 *list, size_t count, const char *dest, const char *current)
{
	static char text[INET6_ADDRSTRLEN];
	struct in6_addr to = ip(dest), now = current ? ip(current) : (struct in6_addr){ 0 };
	const struct addr6 *best = srcaddr_choose(list, count, &to, current ? &now : NULL), *other;
	struct addr6 turned[8];

	for (size_t i = 0; i < count; i++)
		turned[i] = list[count - 1 - i];
	other = srcaddr_choose(turned, count, &to, current ? &now : NULL);
	CHECK(!best == !other);
	if (!best || !other)
		return "none";
	CHECK(IN6_ARE_ADDR_EQUAL(&best->addr, &other->addr));
	return inet_ntop(AF_INET6, &best->addr, text, sizeof(text));
}

#define AFTR "2404:8e00::feed:100"
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

TEST(none)
{
	CHECK_STR(choose(NULL, 0, AFTR, NULL), "none");
}

TEST(unfit)
{
	static const uint32_t flags[] = { IFA_F_TEMPORARY, IFA_F_TENTATIVE, IFA_F_DADFAILED,
		                          IFA_F_TENTATIVE | IFA_F_OPTIMISTIC };
	static const char *const never[] = { "fe80::1", "fd00::1", "fec0::1", "::1", "::", "ff02::1", "::ffff:192.0.2.1" };

	for (size_t i = 0; i < COUNT(flags); i++) {
		struct addr6 a = address("2409:10::1", flags[i], 3600);

		CHECK_STR(choose(&a, 1, AFTR, NULL), "none");
		CHECK_STR(choose(&a, 1, AFTR, "2409:10::1"), "none"); /* in use or not */
	}
	for (size_t i = 0; i < COUNT(never); i++) {
		struct addr6 a = address(never[i], 0, FOREVER);

		CHECK_STR(choose(&a, 1, AFTR, never[i]), "none");
	}
}

TEST(at_its_end)
{
	struct addr6 a = address("2409:10::1", 0, 10);

	a.valid_s = 0;
	CHECK_STR(choose(&a, 1, AFTR, NULL), "none");
}

TEST(deprecated_is_better_than_none)
{
	struct addr6 list[] = { address("2409:10::1", IFA_F_DEPRECATED, 0), address("fd00::1", 0, 3600), address("2409:20::1", 0, 60) };

	CHECK_STR(choose(list, 2, AFTR, NULL), "2409:10::1");
	CHECK_STR(choose(list, 3, AFTR, "2409:10::1"), "2409:20::1");
	list[0].flags = 0; /* the kernel has not yet called it so */
	CHECK_STR(choose(list, 3, AFTR, "2409:10::1"), "2409:20::1");
	list[2].flags = IFA_F_DEPRECATED;
	CHECK_STR(choose(list, 3, AFTR, "2409:10::1"), "2409:10::1");
}

TEST(flags_that_do_not_matter)
{
	struct addr6 a = address("2409:10::1",
	                         IFA_F_PERMANENT | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_STABLE_PRIVACY, 60);

	CHECK_STR(choose(&a, 1, AFTR, NULL), "2409:10::1");
}

TEST(current_is_kept)
{
	const struct addr6 list[] = { address("2404:8e00::1", 0, FOREVER), address("2409:10::2", 0, 60) };

	CHECK_STR(choose(list, COUNT(list), AFTR, "2409:10::2"), "2409:10::2");
	CHECK_STR(choose(list, COUNT(list), AFTR, "2409:10::9"), "2404:8e00::1"); /* not there any more */
}

TEST(longest_prefix)
{
	const struct addr6 list[] = { address("2409:10::1", 0, FOREVER), address("2404:8e00:1::1", 0, 60) };

	CHECK_STR(choose(list, COUNT(list), AFTR, NULL), "2404:8e00:1::1");
	CHECK_STR(choose(list, COUNT(list), "2409:ff::1", NULL), "2409:10::1");
}

/* What they have in common beyond the prefix is chance (RFC 6724 2.2). */
TEST(interface_identifier_is_not_prefix)
{
	struct addr6 list[] = { address("2409:10::2", 0, 7200), address("2409:10::8000:0:0:1", 0, 60) };

	CHECK_STR(choose(list, COUNT(list), "2409:10::8000:0:0:9", NULL), "2409:10::2");
	list[0].prefix_len = list[1].prefix_len = 128;
	CHECK_STR(choose(list, COUNT(list), "2409:10::8000:0:0:9", NULL), "2409:10::8000:0:0:1");
}

TEST(longer_life)
{
	const struct addr6 list[] = { address("2409:10::1", 0, 60), address("2409:10::2", 0, 61) };

	CHECK_STR(choose(list, COUNT(list), AFTR, NULL), "2409:10::2");
}

TEST(lower_number_at_last)
{
	const struct addr6 list[] = { address("2409:10::3", 0, 60), address("2409:10::1", 0, 60),
		                      address("2409:10::2", 0, 60) };

	CHECK_STR(choose(list, COUNT(list), AFTR, NULL), "2409:10::1");
}

TEST(ula)
{
	const struct addr6 list[] = { address("fd00::1", 0, FOREVER), address("2409:10::1", 0, 60) };

	CHECK_STR(choose(list, COUNT(list), AFTR, "fd00::1"), "2409:10::1");
	CHECK_STR(choose(list, COUNT(list), "fd00:1::1", "2409:10::1"), "fd00::1");
	CHECK_STR(choose(list + 1, 1, "fd00:1::1", NULL), "2409:10::1");
}

/* The old prefix is deprecated, the new one's address still tentative, then ready. */
TEST(renumbering)
{
	struct addr6 list[] = { address("2409:10::1", 0, 3600), address("2409:20::1", IFA_F_TENTATIVE, 3600) };

	CHECK_STR(choose(list, COUNT(list), AFTR, "2409:10::1"), "2409:10::1");
	list[1].flags = 0;
	CHECK_STR(choose(list, COUNT(list), AFTR, "2409:10::1"), "2409:10::1");
	list[0].flags = IFA_F_DEPRECATED;
	list[1].flags = IFA_F_TENTATIVE;
	CHECK_STR(choose(list, COUNT(list), AFTR, "2409:10::1"), "2409:10::1");
	list[1].flags = 0;
	CHECK_STR(choose(list, COUNT(list), AFTR, "2409:10::1"), "2409:20::1");
}
