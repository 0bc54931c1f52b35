/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ppp_next.h. */
#include "policy/ppp_next.h"

#include <assert.h>
#include <stdio.h>

struct ppp_next ppp_next(enum ppp_end end, bool offered)
{
	switch (end) {
	case PPP_END_ASKED:
		return (struct ppp_next){ .step = PPP_NEXT_AT_ONCE };
	case PPP_END_NO_CONCENTRATOR:
		return (struct ppp_next){ .step = offered ? PPP_NEXT_WAIT : PPP_NEXT_ASK, .pace = BACKOFF_LINE };
	case PPP_END_AUTH:
		return (struct ppp_next){ .step = PPP_NEXT_WAIT, .pace = BACKOFF_ACCOUNT, .password = true };
	case PPP_END_NO_SECRET:
		return (struct ppp_next){ .step = PPP_NEXT_WAIT, .pace = BACKOFF_LINE, .password = true };
	case PPP_END_SESSION_LIMIT:
		return (struct ppp_next){ .step = PPP_NEXT_WAIT, .pace = BACKOFF_SLOT };
	default:
		return (struct ppp_next){ .step = PPP_NEXT_WAIT, .pace = BACKOFF_LINE };
	}
}

void ppp_next_text(const struct ppp_next *next, uint32_t wait_ms, char *text, size_t size)
{
	assert(size > 0);
	text[0] = '\0';
	if (next->step == PPP_NEXT_ASK)
		snprintf(text, size, "; asking on until one answers");
	else if (next->password && next->pace == BACKOFF_LINE)
		snprintf(text, size, "; tried again now and then, and when the file changes");
	else if (next->password)
		snprintf(text, size, "; next try in %u s, or when the password file changes", wait_ms / 1000);
	else if (next->step == PPP_NEXT_WAIT && next->pace == BACKOFF_SLOT)
		snprintf(text, size, "; trying every few seconds");
}
