/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why pppd ended: from its exit status, its own most telling line and who asked,
 * to a class that the daemon acts on and a sentence that people read.  Pure.
 * Called by daemon/pppoe_dial.c; ppp_line_weight() by daemon/pppd_proc.c, which keeps
 * the line.  The lines and codes are those of pppd 2.4.9 and 2.5.2.
 */
#ifndef DUALPATH_POLICY_PPP_EXIT_H
#define DUALPATH_POLICY_PPP_EXIT_H

#include <stdbool.h>
#include <stddef.h>

enum ppp_end {
	PPP_END_ASKED,           /* we ended it */
	PPP_END_NO_CONCENTRATOR, /* no PADO */
	PPP_END_REFUSED,         /* the concentrator answered, and gave no session */
	PPP_END_SESSION_LIMIT,   /* it has too many, or ours still stands */
	PPP_END_AUTH,            /* user or password refused: an account that must not be hammered */
	PPP_END_PEER_DEAD,       /* LCP echoes went unanswered */
	PPP_END_HANGUP,          /* the peer ended it (PADT, LCP Terminate) or the link under it went down */
	PPP_END_NEGOTIATION,     /* LCP or IPCP came to no agreement */
	PPP_END_NO_INTERFACE,    /* the Ethernet interface is missing, or down */
	PPP_END_NO_KERNEL,       /* no PPP or PPPoE in the kernel */
	PPP_END_OPTIONS,         /* pppd refused what it was told */
	PPP_END_NAME_TAKEN,      /* an interface of our name is there already */
	PPP_END_PLUGIN,          /* dualpath.so could not reach us */
	PPP_END_NO_SECRET,       /* we could not give it user and password */
	PPP_END_KILLED,          /* by a signal that was not ours */
	PPP_END_TERMINATED,      /* likewise, but it could say goodbye */
	PPP_END_OTHER,
	PPP_ENDS
};

/* An exit status that nobody saw: an adopted pppd that was killed. */
#define PPP_STATUS_UNKNOWN (-1000)

struct ppp_exit {
	int status;            /* pppd's exit code; negative: minus the signal that killed it, or PPP_STATUS_UNKNOWN */
	bool asked;            /* we sent the signal */
	const char *line;      /* pppd's most telling line; NULL or "": none */
	const char *no_secret; /* why we gave it no user and password; NULL or "": we did, or it did not ask */
	const char *interface; /* the Ethernet interface, for the sentence */
	const char *device;    /* the PPP interface, for the sentence */
};

/*
 * How much a line of pppd's log says about why the session ends: 0 nothing; the
 * greater the more.  Keep the first line of the greatest weight.  PPP_LINE_UP: the
 * session is up, so what was kept until now explains nothing any more.
 */
#define PPP_LINE_UP (-1)
int ppp_line_weight(const char *line);

enum ppp_end ppp_exit_class(const struct ppp_exit *end);
/* The sentence, cut to fit.  Holds the peer's words where there are some. */
void ppp_exit_text(const struct ppp_exit *end, char *text, size_t size);

/* Did pppd end without a line to say so on, so that the concentrator may go on believing in the session? */
bool ppp_end_is_untold(enum ppp_end class);

/* Lower case, for events and tests: "no-concentrator". */
const char *ppp_end_name(enum ppp_end class);

#endif
