/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pppoe_disc.h. */
#include "policy/pppoe_disc.h"

#include <assert.h>
#include <net/ethernet.h>
#include <stdbool.h>
#include <string.h>

#include "policy/wire.h"

#define PPPOE_HEADER_LEN 6
#define VERSION_AND_TYPE 0x11
#define TAG_HEADER_LEN 4
#define PADI 0x09
#define SERVICE_MAX 255 /* of the service's name; with both headers within PPPOE_DISC_SEND_MAX */

/* RFC 2516 appendix A. */
enum tag {
	TAG_END_OF_LIST = 0x0000,
	TAG_SERVICE_NAME = 0x0101,
	TAG_AC_NAME = 0x0102,
	TAG_SERVICE_NAME_ERROR = 0x0201,
	TAG_AC_SYSTEM_ERROR = 0x0202,
	TAG_GENERIC_ERROR = 0x0203,
};

/* The RFC has UTF-8 here.  What may end in a terminal or a log is ASCII: no escapes, nothing
 * that turns a line around. */
static void make_printable(const uint8_t *bytes, size_t len, char *out, size_t size)
{
	size_t n = len < size - 1 ? len : size - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? (char)bytes[i] : '?';
	out[n] = '\0';
}

static enum pppoe_disc_error error_of_tag(uint16_t tag)
{
	switch (tag) {
	case TAG_SERVICE_NAME_ERROR:
		return PPPOE_SERVICE_NAME_ERROR;
	case TAG_AC_SYSTEM_ERROR:
		return PPPOE_AC_SYSTEM_ERROR;
	case TAG_GENERIC_ERROR:
		return PPPOE_GENERIC_ERROR;
	default:
		return PPPOE_NO_ERROR;
	}
}

/* The first of each kind counts: what a peer repeats cannot replace what it said. */
static void take_tag(struct pppoe_disc *disc, uint16_t tag, const uint8_t *value, size_t len)
{
	enum pppoe_disc_error error = error_of_tag(tag);

	if (tag == TAG_AC_NAME && !disc->ac_name[0])
		make_printable(value, len, disc->ac_name, sizeof(disc->ac_name));
	if (error == PPPOE_NO_ERROR || disc->error != PPPOE_NO_ERROR)
		return;
	disc->error = error;
	make_printable(value, len, disc->text, sizeof(disc->text));
}

/* False: a tag is longer than what is left. */
static bool take_tags(struct pppoe_disc *disc, const uint8_t *tags, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t size;
		uint16_t tag;

		if (len - at < TAG_HEADER_LEN)
			return false;
		tag = wire_get16(tags + at);
		size = wire_get16(tags + at + 2);
		at += TAG_HEADER_LEN;
		if (tag == TAG_END_OF_LIST)
			return true;
		if (size > len - at)
			return false;
		take_tag(disc, tag, tags + at, size);
		at += size;
	}
	return true;
}

/* What the RFC demands of each code, and a PADS' verdict. */
static const char *check_code(struct pppoe_disc *disc)
{
	switch (disc->code) {
	case PPPOE_PADO:
		if (disc->session)
			return "a PADO with a session";
		return disc->ac_name[0] || disc->error ? NULL : "a PADO without AC-Name";
	case PPPOE_PADS:
		if (disc->error)
			disc->session = 0;
		else if (!disc->session)
			disc->error = PPPOE_NO_SESSION;
		return NULL;
	case PPPOE_PADT:
		return disc->session ? NULL : "a PADT without a session";
	}
	return "not for a client"; /* PADI, PADR, or no code at all */
}

const char *pppoe_disc_parse(const uint8_t *frame, size_t len, struct pppoe_disc *out)
{
	const uint8_t *pppoe = frame + ETH_HLEN;
	struct pppoe_disc disc = { 0 };
	const char *wrong;
	size_t payload;

	if (len < ETH_HLEN + PPPOE_HEADER_LEN)
		return "cut short";
	if (wire_get16(frame + 12) != ETH_P_PPP_DISC || pppoe[0] != VERSION_AND_TYPE)
		return "not PPPoE discovery";
	memcpy(disc.to.byte, frame, ETH_ALEN);
	memcpy(disc.from.byte, frame + ETH_ALEN, ETH_ALEN);
	/* All three are sent by one station to one other (sections 5.2, 5.4, 5.5). */
	if ((disc.to.byte[0] | disc.from.byte[0]) & 1)
		return "from or to a group address";
	payload = wire_get16(pppoe + 4);
	if (payload > len - ETH_HLEN - PPPOE_HEADER_LEN)
		return "cut short";
	disc.code = pppoe[1];
	disc.session = wire_get16(pppoe + 2);
	if (!take_tags(&disc, pppoe + PPPOE_HEADER_LEN, payload))
		return "a tag is longer than the frame";
	wrong = check_code(&disc);
	if (!wrong)
		*out = disc;
	return wrong;
}

static void put_header(uint8_t *out, uint8_t code, uint16_t session, size_t payload)
{
	out[0] = VERSION_AND_TYPE;
	out[1] = code;
	wire_put16(out + 2, session);
	wire_put16(out + 4, payload);
}

size_t pppoe_disc_padi(const char *service, uint8_t out[PPPOE_DISC_SEND_MAX])
{
	size_t len = service ? strnlen(service, SERVICE_MAX) : 0;

	put_header(out, PADI, 0, TAG_HEADER_LEN + len);
	wire_put16(out + PPPOE_HEADER_LEN, TAG_SERVICE_NAME);
	wire_put16(out + PPPOE_HEADER_LEN + 2, len);
	if (len > 0)
		memcpy(out + PPPOE_HEADER_LEN + TAG_HEADER_LEN, service, len);
	return PPPOE_HEADER_LEN + TAG_HEADER_LEN + len;
}

size_t pppoe_disc_padt(uint16_t session, uint8_t out[PPPOE_DISC_SEND_MAX])
{
	put_header(out, PPPOE_PADT, session, 0);
	return PPPOE_HEADER_LEN;
}

const char *pppoe_disc_code_name(enum pppoe_disc_code code)
{
	return code == PPPOE_PADO ? "PADO" : code == PPPOE_PADS ? "PADS" : "PADT";
}

const char *pppoe_disc_error_name(enum pppoe_disc_error error)
{
	static const char *const name[] = { "", "Service-Name-Error", "AC-System-Error", "Generic-Error",
		                            "no session" };

	assert(error < PPPOE_DISC_ERRORS);
	return name[error];
}
