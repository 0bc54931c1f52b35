/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/pppoe_disc: the frames of RFC 2516 appendix B and their kin, and everything that is not one. */
#include "policy/pppoe_disc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define PADI 0x09
#define PADR 0x19
#define HEADERS 20

struct frame {
	uint8_t bytes[1600];
	size_t len;
};

static void set16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static struct frame frame(uint8_t code, uint16_t session)
{
	static const uint8_t head[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0xac, 0x88, 0x63, 0x11 };
	struct frame f = { .len = HEADERS };

	memcpy(f.bytes, head, sizeof(head));
	f.bytes[15] = code;
	set16(f.bytes + 16, session);
	return f;
}

static void tag_bytes(struct frame *f, uint16_t type, const void *value, size_t len)
{
	set16(f->bytes + f->len, type);
	set16(f->bytes + f->len + 2, len);
	memcpy(f->bytes + f->len + 4, value, len);
	f->len += 4 + len;
	set16(f->bytes + 18, f->len - HEADERS);
}

static void tag(struct frame *f, uint16_t type, const char *value)
{
	tag_bytes(f, type, value, strlen(value));
}

static struct pppoe_disc disc;

/* NULL: good.  From a buffer of just that size, so that a sanitizer sees a read beyond. */
static const char *parse(const struct frame *f)
{
	struct pppoe_disc before = disc;
	uint8_t *exact = malloc(f->len);
	const char *wrong;

	memcpy(exact, f->bytes, f->len);
	wrong = pppoe_disc_parse(exact, f->len, &disc);
	free(exact);
	if (wrong)
		CHECK(memcmp(&before, &disc, sizeof(disc)) == 0);
	return wrong;
}

static struct frame pado(void)
{
	struct frame f = frame(PPPOE_PADO, 0);

	tag(&f, 0x0101, "");
	tag(&f, 0x0102, "bras-1.example");
	tag_bytes(&f, 0x0103, "\x01\x02\x03\x04", 4);
	return f;
}

TEST(pado_tells_who)
{
	struct frame f = pado();
	char mac[MAC_STRLEN];

	CHECK(parse(&f) == NULL);
	CHECK_INT(disc.code, PPPOE_PADO);
	CHECK_STR(disc.ac_name, "bras-1.example");
	CHECK_INT(disc.error, PPPOE_NO_ERROR);
	CHECK_INT(disc.session, 0);
	snprintf(mac, sizeof(mac), "%02x:%02x", disc.from.byte[0], disc.from.byte[5]);
	CHECK_STR(mac, "02:ac");
	CHECK_INT(disc.to.byte[5], 1);
}

TEST(pads_gives_a_session)
{
	struct frame f = frame(PPPOE_PADS, 0x1234);

	tag(&f, 0x0101, "");
	CHECK(parse(&f) == NULL);
	CHECK_INT(disc.code, PPPOE_PADS);
	CHECK_INT(disc.session, 0x1234);
	CHECK_INT(disc.error, PPPOE_NO_ERROR);
	CHECK_STR(disc.text, "");
}

TEST(pads_refuses_and_says_why)
{
	static const struct {
		uint16_t tag;
		enum pppoe_disc_error error;
		const char *name;
	} kind[] = {
		{ 0x0201, PPPOE_SERVICE_NAME_ERROR, "Service-Name-Error" },
		{ 0x0202, PPPOE_AC_SYSTEM_ERROR, "AC-System-Error" },
		{ 0x0203, PPPOE_GENERIC_ERROR, "Generic-Error" },
	};

	for (unsigned i = 0; i < 3; i++)
		for (unsigned session = 0; session < 2; session++) {
			struct frame f = frame(PPPOE_PADS, (uint16_t)session);

			tag(&f, 0x0101, "");
			tag(&f, kind[i].tag, "no client slots");
			CHECK(parse(&f) == NULL);
			CHECK_INT(disc.error, kind[i].error);
			CHECK_INT(disc.session, 0); /* whatever it says beside the error */
			CHECK_STR(disc.text, "no client slots");
			CHECK_STR(pppoe_disc_error_name(disc.error), kind[i].name);
		}
}

TEST(pads_with_nothing_at_all)
{
	struct frame f = frame(PPPOE_PADS, 0);

	CHECK(parse(&f) == NULL);
	CHECK_INT(disc.error, PPPOE_NO_SESSION);
	CHECK_STR(pppoe_disc_error_name(disc.error), "no session");
}

TEST(pado_may_refuse_too)
{
	struct frame f = frame(PPPOE_PADO, 0);

	tag(&f, 0x0201, "");
	CHECK(parse(&f) == NULL);
	CHECK_INT(disc.error, PPPOE_SERVICE_NAME_ERROR);
	CHECK_STR(disc.text, "");
}

TEST(padt_ends_a_session)
{
	struct frame f = frame(PPPOE_PADT, 7);

	CHECK(parse(&f) == NULL);
	CHECK_INT(disc.code, PPPOE_PADT);
	CHECK_INT(disc.session, 7);
	CHECK_INT(disc.error, PPPOE_NO_ERROR);
	tag(&f, 0x0203, "session timeout");
	CHECK(parse(&f) == NULL);
	CHECK_INT(disc.error, PPPOE_GENERIC_ERROR);
	CHECK_STR(disc.text, "session timeout");
}

TEST(what_a_code_must_have)
{
	struct frame f = frame(PPPOE_PADO, 0);

	CHECK(parse(&f) != NULL); /* no name */
	f = pado();
	f.bytes[17] = 1;
	CHECK(parse(&f) != NULL); /* a session already */
	f = frame(PPPOE_PADT, 0);
	CHECK(parse(&f) != NULL);
	for (unsigned code = 0; code < 256; code++) {
		f = pado();
		f.bytes[15] = (uint8_t)code;
		CHECK((parse(&f) == NULL) == (code == PPPOE_PADO || code == PPPOE_PADS));
	}
	f = frame(PADI, 0);
	CHECK_STR(parse(&f), "not for a client");
	f = frame(PADR, 0);
	CHECK_STR(parse(&f), "not for a client");
}

TEST(texts_are_printable_and_cut)
{
	struct frame f = frame(PPPOE_PADS, 0);
	char text[300];

	tag(&f, 0x0203, "\x1b[31mred\x07\r\n\xc2\x9b\xe2\x80\xae%n~");
	CHECK(parse(&f) == NULL);
	CHECK_STR(disc.text, "?[31mred????????%n~");
	memset(text, 'x', sizeof(text));
	f = frame(PPPOE_PADO, 0);
	tag_bytes(&f, 0x0102, text, sizeof(text));
	tag_bytes(&f, 0x0203, text, sizeof(text));
	CHECK(parse(&f) == NULL);
	CHECK_INT(strlen(disc.ac_name), PPPOE_DISC_NAME_MAX - 1);
	CHECK_INT(strlen(disc.text), PPPOE_DISC_TEXT_MAX - 1);
	f = frame(PPPOE_PADS, 0);
	tag_bytes(&f, 0x0203, "a\0b", 3);
	CHECK(parse(&f) == NULL);
	CHECK_STR(disc.text, "a?b");
}

TEST(the_first_of_a_kind_counts)
{
	struct frame f = pado();

	tag(&f, 0x0102, "another");
	tag(&f, 0x0202, "first");
	tag(&f, 0x0203, "second");
	CHECK(parse(&f) == NULL);
	CHECK_STR(disc.ac_name, "bras-1.example");
	CHECK_INT(disc.error, PPPOE_AC_SYSTEM_ERROR);
	CHECK_STR(disc.text, "first");
}

TEST(what_follows_the_end_is_not_read)
{
	struct frame f = pado();

	tag(&f, 0x0000, "");
	tag(&f, 0x0203, "beyond");
	CHECK(parse(&f) == NULL);
	CHECK_INT(disc.error, PPPOE_NO_ERROR);
	f = pado();
	f.len += 20; /* an Ethernet frame is padded to 60 bytes */
	CHECK(parse(&f) == NULL);
}

TEST(every_cut_of_a_frame_is_refused)
{
	struct frame whole = pado();

	for (size_t len = 0; len < whole.len; len++) {
		struct frame f = whole;

		f.len = len;
		CHECK(parse(&f) != NULL);
		if (len <= HEADERS)
			continue;
		set16(f.bytes + 18, len - HEADERS); /* with a length that agrees: only between tags */
		CHECK((parse(&f) == NULL) == (len == HEADERS + 4 + 4 + 14));
	}
}

TEST(wrong_headers)
{
	struct frame f = pado();

	f.bytes[13] = 0x64; /* a session's frame */
	CHECK(parse(&f) != NULL);
	f = pado();
	f.bytes[14] = 0x21;
	CHECK(parse(&f) != NULL);
	f = pado();
	f.bytes[0] = 0xff;
	CHECK(parse(&f) != NULL);
	f = pado();
	f.bytes[6] = 3;
	CHECK(parse(&f) != NULL);
	f = pado();
	set16(f.bytes + 18, 0xffff);
	CHECK(parse(&f) != NULL);
}

TEST(names_of_codes)
{
	CHECK_STR(pppoe_disc_code_name(PPPOE_PADO), "PADO");
	CHECK_STR(pppoe_disc_code_name(PPPOE_PADS), "PADS");
	CHECK_STR(pppoe_disc_code_name(PPPOE_PADT), "PADT");
}

TEST(padi_asks_for_any_service_or_one)
{
	static const uint8_t any[] = { 0x11, 0x09, 0, 0, 0, 4, 1, 1, 0, 0 };
	static const uint8_t one[] = { 0x11, 0x09, 0, 0, 0, 7, 1, 1, 0, 3, 'n', 'g', 'n' };
	uint8_t out[PPPOE_DISC_SEND_MAX];
	char service[600];

	CHECK_INT(pppoe_disc_padi(NULL, out), sizeof(any));
	CHECK(memcmp(out, any, sizeof(any)) == 0);
	CHECK_INT(pppoe_disc_padi("", out), sizeof(any));
	CHECK(memcmp(out, any, sizeof(any)) == 0);
	CHECK_INT(pppoe_disc_padi("ngn", out), sizeof(one));
	CHECK(memcmp(out, one, sizeof(one)) == 0);
	memset(service, 'x', sizeof(service) - 1);
	service[sizeof(service) - 1] = '\0';
	CHECK_INT(pppoe_disc_padi(service, out), 6 + 4 + 255);
	CHECK_INT(out[9], 255);
}

/* As a concentrator would read it: with the roles of the stations the other way round, a client can. */
TEST(padt_is_what_we_would_take_for_one)
{
	struct frame f = frame(PPPOE_PADT, 0);
	uint8_t out[PPPOE_DISC_SEND_MAX];
	size_t len = pppoe_disc_padt(0xbeef, out);

	CHECK_INT(len, 6);
	memcpy(f.bytes + 14, out, len);
	CHECK(parse(&f) == NULL);
	CHECK_INT(disc.code, PPPOE_PADT);
	CHECK_INT(disc.session, 0xbeef);
	CHECK_INT(disc.error, PPPOE_NO_ERROR);
}
