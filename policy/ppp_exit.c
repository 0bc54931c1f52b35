/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ppp_exit.h. */
#include "policy/ppp_exit.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* pppd.h's exit codes, the same numbers in both generations. */
enum {
	EXIT_OPTION_ERROR = 2,
	EXIT_NO_KERNEL_SUPPORT = 4,
	EXIT_USER_REQUEST = 5, /* SIGTERM, SIGINT or SIGHUP */
	EXIT_CONNECT_FAILED = 8,
	EXIT_NEGOTIATION_FAILED = 10,
	EXIT_PEER_DEAD = 15,
	EXIT_HANGUP = 16,
	EXIT_AUTH_TOPEER_FAILED = 19,
};

/*
 * What pppd says, by how its lines begin.  Weight 3 is the cause in so many words,
 * 2 what came of it, 1 better than nothing.  PPP_END_OTHER: telling to a reader, but no proof
 * of a class (a "Remote message" comes with good and bad news alike).
 */
static const struct line {
	const char *start;
	int weight;
	enum ppp_end class;
} lines[] = {
	{ "local  IP address", PPP_LINE_UP, PPP_END_OTHER },
	{ "CHAP authentication failed", 3, PPP_END_AUTH },
	{ "PAP authentication failed", 3, PPP_END_AUTH },
	{ "EAP: peer reports authentication failure", 3, PPP_END_AUTH },
	{ "No response to PAP authenticate-requests", 3, PPP_END_NEGOTIATION },
	{ "Remote message: ", 3, PPP_END_OTHER },
	{ "PADO: Generic-Error", 3, PPP_END_REFUSED },
	{ "PADO: System-Error", 3, PPP_END_REFUSED },
	{ "PADO: Service-Name-Error", 3, PPP_END_REFUSED },
	{ "PADS: Generic-Error", 3, PPP_END_REFUSED },
	{ "PADS: System-Error", 3, PPP_END_REFUSED },
	{ "PADS: Service-Name-Error", 3, PPP_END_REFUSED },
	{ "No response to ", 3, PPP_END_PEER_DEAD },
	{ "LCP terminated by peer", 3, PPP_END_HANGUP },
	{ "Peer refused to agree to our IP address", 3, PPP_END_NEGOTIATION },
	{ "Could not determine local IP address", 3, PPP_END_NEGOTIATION },
	{ "Peer is not authorized to use remote address", 3, PPP_END_NEGOTIATION },
	{ "Protocol-Reject for 'IP Control Protocol'", 3, PPP_END_NEGOTIATION },
	{ "IPCP terminated by peer", 3, PPP_END_NEGOTIATION },
	{ "Couldn't rename interface", 3, PPP_END_NAME_TAKEN },
	{ "Couldn't create ppp interface", 3, PPP_END_NAME_TAKEN },
	{ "Failed to create PPPoE socket", 3, PPP_END_NO_KERNEL },
	{ "Couldn't open the /dev/ppp device", 3, PPP_END_NO_KERNEL },
	{ "Couldn't open /dev/ppp", 3, PPP_END_NO_KERNEL },
	{ "Linux kernel does not support PPPoE", 3, PPP_END_NO_KERNEL },
	{ "unrecognized option 'nic-", 3, PPP_END_NO_INTERFACE },
	{ "Can't get MTU for ", 3, PPP_END_NO_INTERFACE },
	{ "error sending pppoe packet: Network is down", 3, PPP_END_NO_INTERFACE },
	{ "error receiving pppoe packet: Network is down", 3, PPP_END_NO_INTERFACE },
	{ "dualpath: ", 3, PPP_END_PLUGIN },
	{ "Couldn't load plugin", 3, PPP_END_OPTIONS },
	{ "unrecognized option", 3, PPP_END_OPTIONS },
	{ "In file /etc/ppp/options: ", 3, PPP_END_OPTIONS },
	{ "Timeout waiting for PADO packets", 2, PPP_END_NO_CONCENTRATOR },
	{ "Timeout waiting for PADS packets", 2, PPP_END_REFUSED },
	{ "LCP: timeout sending Config-Requests", 2, PPP_END_NEGOTIATION },
	{ "IPCP: timeout sending Config-Requests", 2, PPP_END_NEGOTIATION },
	{ "Serial line is looped back", 2, PPP_END_NEGOTIATION },
	{ "Modem hangup", 1, PPP_END_HANGUP },
	{ "Unable to complete PPPoE Discovery", 1, PPP_END_OTHER },
};

/* Complaints about options come with the program's name before them. */
static const char *without_name(const char *text)
{
	static const char name[] = "pppd: ";

	return strncmp(text, name, sizeof(name) - 1) == 0 ? text + sizeof(name) - 1 : text;
}

static const struct line *find_line(const char *text)
{
	if (!text)
		return NULL;
	text = without_name(text);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (strncmp(text, lines[i].start, strlen(lines[i].start)) == 0)
			return &lines[i];
	return NULL;
}

int ppp_line_weight(const char *text)
{
	const struct line *line = find_line(text);

	return line ? line->weight : 0;
}

static bool mentions(const char *text, const char *const words[])
{
	for (; *words; words++)
		if (strcasestr(text, *words))
			return true;
	return false;
}

/* The peer's own words in a line tell some classes apart better than its kind does. */
static enum ppp_end line_class(const char *text)
{
	static const char *const limit[] = { "session", "slot", "limit", "too many", "maximum", "full", NULL };
	static const char *const account[] = { "authentic", "password", "login incorrect", NULL };
	const struct line *line = find_line(text);

	if (!line)
		return PPP_END_OTHER;
	if (line->class == PPP_END_REFUSED && line->weight == 3 && mentions(text, limit))
		return PPP_END_SESSION_LIMIT;
	if (line->class == PPP_END_HANGUP && mentions(text, account))
		return PPP_END_AUTH;
	return line->class;
}

static enum ppp_end status_class(int status)
{
	if (status < 0 && status != PPP_STATUS_UNKNOWN)
		return PPP_END_KILLED;
	switch (status) {
	case EXIT_OPTION_ERROR:
		return PPP_END_OPTIONS;
	case EXIT_NO_KERNEL_SUPPORT:
		return PPP_END_NO_KERNEL;
	case EXIT_USER_REQUEST:
		return PPP_END_TERMINATED;
	case EXIT_CONNECT_FAILED:
		return PPP_END_NO_CONCENTRATOR;
	case EXIT_NEGOTIATION_FAILED:
		return PPP_END_NEGOTIATION;
	case EXIT_PEER_DEAD:
		return PPP_END_PEER_DEAD;
	case EXIT_HANGUP:
		return PPP_END_HANGUP;
	case EXIT_AUTH_TOPEER_FAILED:
		return PPP_END_AUTH;
	default:
		return PPP_END_OTHER;
	}
}

/* Statuses that mean one thing only; of the others, the line knows more. */
static bool status_is_plain(int status)
{
	return status == EXIT_AUTH_TOPEER_FAILED || status == EXIT_PEER_DEAD || status == EXIT_NO_KERNEL_SUPPORT ||
	       status == EXIT_USER_REQUEST || (status < 0 && status != PPP_STATUS_UNKNOWN);
}

enum ppp_end ppp_exit_class(const struct ppp_exit *end)
{
	enum ppp_end by_line;

	if (end->asked)
		return PPP_END_ASKED;
	if (status_is_plain(end->status))
		return status_class(end->status);
	by_line = line_class(end->line);
	if (by_line == PPP_END_PLUGIN && end->no_secret && *end->no_secret)
		return PPP_END_NO_SECRET;
	return by_line != PPP_END_OTHER ? by_line : status_class(end->status);
}

enum about { NOTHING, INTERFACE, DEVICE };

static const struct {
	const char *name;
	const char *sentence;
	enum about about; /* what stands between the sentence and its tail */
	const char *tail;
} ends[PPP_ENDS] = {
	[PPP_END_ASKED] = { "asked", "ended on request", NOTHING, "" },
	[PPP_END_NO_CONCENTRATOR] = { "no-concentrator", "the access concentrator does not answer (no PADO on ",
	                              INTERFACE, ")" },
	[PPP_END_REFUSED] = { "refused", "the access concentrator gave no session", NOTHING, "" },
	[PPP_END_SESSION_LIMIT] = { "session-limit",
	                            "the provider allows no more sessions now, an earlier one may still stand", NOTHING,
	                            "" },
	[PPP_END_AUTH] = { "auth", "the provider refused user and password", NOTHING, "" },
	[PPP_END_PEER_DEAD] = { "peer-dead", "the provider no longer answers (LCP echo)", NOTHING, "" },
	[PPP_END_HANGUP] = { "hangup", "the session was ended by the provider, or by the line on ", INTERFACE, "" },
	[PPP_END_NEGOTIATION] = { "negotiation", "no agreement with the provider on the session's options", NOTHING,
	                          "" },
	[PPP_END_NO_INTERFACE] = { "no-interface", "missing, down, or not Ethernet: the interface ", INTERFACE, "" },
	[PPP_END_NO_KERNEL] = { "no-kernel", "the kernel has no PPPoE (modprobe ppp_generic pppoe)", NOTHING, "" },
	[PPP_END_OPTIONS] = { "options", "pppd refused its options (those in /etc/ppp/options count too)", NOTHING,
	                      "" },
	[PPP_END_NAME_TAKEN] = { "name-taken", "there is already another interface named ", DEVICE, "" },
	[PPP_END_PLUGIN] = { "plugin", "pppd got no user and password from dualpathd", NOTHING, "" },
	[PPP_END_NO_SECRET] = { "no-secret", "", NOTHING, "" }, /* what we know of it says all */
	[PPP_END_KILLED] = { "killed", "pppd was killed from outside", NOTHING, "" },
	[PPP_END_TERMINATED] = { "terminated", "pppd was ended by another program (SIGTERM, SIGINT or SIGHUP)", NOTHING, "" },
	[PPP_END_OTHER] = { "other", "pppd ended", NOTHING, "" },
};

const char *ppp_end_name(enum ppp_end class)
{
	assert(class < PPP_ENDS);
	return ends[class].name;
}

bool ppp_end_is_untold(enum ppp_end class)
{
	return class == PPP_END_KILLED || class == PPP_END_PEER_DEAD || class == PPP_END_HANGUP || class == PPP_END_NO_INTERFACE;
}

/* What of the line is worth repeating after the sentence; NULL: nothing. */
static const char *words_of(const struct ppp_exit *end, enum ppp_end class)
{
	static const char remote[] = "Remote message: ";
	const struct line *line = find_line(end->line);

	if (class == PPP_END_NO_SECRET)
		return end->no_secret;
	if (class == PPP_END_ASKED || class == PPP_END_NO_CONCENTRATOR || class == PPP_END_KILLED ||
	    class == PPP_END_TERMINATED || !line)
		return NULL;
	if (strncmp(end->line, remote, sizeof(remote) - 1) == 0)
		return end->line + sizeof(remote) - 1;
	return without_name(end->line);
}

static const char *about_of(const struct ppp_exit *end, enum about about)
{
	const char *name = about == INTERFACE ? end->interface : about == DEVICE ? end->device : "";

	return name ? name : "?";
}

void ppp_exit_text(const struct ppp_exit *end, char *text, size_t size)
{
	enum ppp_end class = ppp_exit_class(end);
	const char *words = words_of(end, class);
	char more[32] = "";

	assert(size > 0);
	if (class == PPP_END_KILLED)
		snprintf(more, sizeof(more), " (signal %d)", -end->status);
	else if (class == PPP_END_OTHER && end->status >= 0)
		snprintf(more, sizeof(more), " with status %d", end->status);
	snprintf(text, size, "%s%s%s%s%s%s", ends[class].sentence, about_of(end, ends[class].about), ends[class].tail,
	         more, words && *ends[class].sentence ? ": " : "", words ? words : "");
}
