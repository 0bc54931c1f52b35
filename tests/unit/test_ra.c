/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers out of router advertisements, sound and otherwise. */
#include <string.h>

#include "policy/ra.h"
#include "tests/unit/unit.h"

/* An advertisement with one prefix option and RDNSS with two servers. */
static const uint8_t good[] = {
	134, 0, 0, 0, 64, 0x40, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0,
	3, 4, 64, 0xc0, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	25, 5, 0, 0, 0, 0, 1, 0,
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53,
	0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x54,
};

TEST(two_servers)
{
	struct ra ra;

	CHECK(ra_parse(good, sizeof(good), &ra));
	CHECK(ra.dns_count == 2 && ra.dns[0].s6_addr[15] == 0x53 && ra.dns[1].s6_addr[15] == 0x54);
}

TEST(given_up_doubled_or_no_server)
{
	uint8_t packet[sizeof(good)];
	struct ra ra;

	memcpy(packet, good, sizeof(good));
	packet[sizeof(good) - 1] = 0x53;
	CHECK(ra_parse(packet, sizeof(packet), &ra) && ra.dns_count == 1);
	packet[sizeof(good) - 16] = 0xff;
	CHECK(ra_parse(packet, sizeof(packet), &ra) && ra.dns_count == 1);
	packet[48 + 6] = 0;
	CHECK(ra_parse(packet, sizeof(packet), &ra) && ra.dns_count == 0);
	CHECK(ra_parse(packet, 16, &ra) && ra.dns_count == 0);
}

TEST(no_sound_advertisement)
{
	uint8_t packet[sizeof(good)];
	struct ra ra;

	for (size_t n = 0; n < sizeof(good); n++) /* every cut that is not between two options */
		if (n != 16 && n != 48)
			CHECK(!ra_parse(good, n, &ra));
	memcpy(packet, good, sizeof(good));
	packet[17] = 0;
	CHECK(!ra_parse(packet, sizeof(packet), &ra));
	packet[17] = 40;
	CHECK(!ra_parse(packet, sizeof(packet), &ra));
	memcpy(packet, good, sizeof(good));
	packet[0] = 133;
	CHECK(!ra_parse(packet, sizeof(packet), &ra));
}

TEST(an_mtu_where_it_is_told)
{
	static const uint8_t with_mtu[] = { 134, 0, 0, 0, 64, 0x40, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 5, 1, 0, 0, 0, 0, 5, 0xae };
	struct ra ra;

	CHECK(ra_parse(with_mtu, sizeof(with_mtu), &ra));
	CHECK_INT(ra.mtu, 1454);
	CHECK(ra_parse(good, sizeof(good), &ra));
	CHECK_INT(ra.mtu, 0);
}
