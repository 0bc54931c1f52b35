/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PPPoE discovery (RFC 2516 section 5) as a client hears it: who offers a session, who
 * gives or refuses one, and who ends one.  Anybody on the line can send such frames,
 * so a frame with anything wrong in it is no event at all, and texts
 * come out as printable ASCII.  And the two frames that the daemon itself sends: the question who is
 * there, and the end of a session that pppd can no longer end.  Called by daemon/capture.c,
 * pppoe_discovery.c and pppoe_left.c.  Pure.
 */
#ifndef DUALPATH_POLICY_PPPOE_DISC_H
#define DUALPATH_POLICY_PPPOE_DISC_H

#include <stddef.h>
#include <stdint.h>

#include "policy/addr.h"

#define PPPOE_DISC_NAME_MAX 64  /* longer names are cut */
#define PPPOE_DISC_TEXT_MAX 128 /* longer texts are cut */

enum pppoe_disc_code { PPPOE_PADO = 0x07, PPPOE_PADS = 0x65, PPPOE_PADT = 0xa7 };

/* Why there is no session. */
enum pppoe_disc_error {
	PPPOE_NO_ERROR,
	PPPOE_SERVICE_NAME_ERROR, /* the service that was asked for is not to be had */
	PPPOE_AC_SYSTEM_ERROR,    /* the concentrator cannot just now: out of sessions, of memory ... */
	PPPOE_GENERIC_ERROR,
	PPPOE_NO_SESSION,         /* a PADS with neither a session nor an error */
	PPPOE_DISC_ERRORS
};

struct pppoe_disc {
	enum pppoe_disc_code code;
	struct mac from, to;
	uint16_t session; /* PADS: 0 where error is set.  PADT: which one ended.  PADO: 0 */
	/* The first error tag.  Of a PADT: what it was ended for, if the peer says. */
	enum pppoe_disc_error error;
	char ac_name[PPPOE_DISC_NAME_MAX]; /* empty: not said (only a PADO must) */
	char text[PPPOE_DISC_TEXT_MAX];    /* of the error, the peer's words; may be empty */
};

/*
 * frame: from the Ethernet header on; padding after the payload is fine.  NULL: *out
 * is written.  Otherwise: why it is nothing for a client (static text), and *out is not.
 */
const char *pppoe_disc_parse(const uint8_t *frame, size_t len, struct pppoe_disc *out);

#define PPPOE_DISC_SEND_MAX 300 /* bytes that are enough for either of these */

/*
 * What follows the Ethernet header; returns its length.  service: NULL or "" for any; of a longer one
 * than 255 bytes the beginning.  A PADI goes to everybody (section 5.1), a PADT to the one
 * concentrator whose session it was (section 5.5).
 */
size_t pppoe_disc_padi(const char *service, uint8_t out[PPPOE_DISC_SEND_MAX]);
size_t pppoe_disc_padt(uint16_t session, uint8_t out[PPPOE_DISC_SEND_MAX]);

/* "PADO", "PADS", "PADT"; "Service-Name-Error" ... as the RFC writes them, "" for none. */
const char *pppoe_disc_code_name(enum pppoe_disc_code code);
const char *pppoe_disc_error_name(enum pppoe_disc_error error);

#endif
