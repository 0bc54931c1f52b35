/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/ppp_exit: classes and sentences for what pppd 2.4.9 and 2.5.2 were seen to say and return. */
#include <stdint.h>
#include <string.h>

#include "policy/ppp_exit.h"
#include "tests/unit/unit.h"

static const struct {
	int status;
	const char *line;
	enum ppp_end want;
} cases[] = {
	{ 8, "Timeout waiting for PADO packets", PPP_END_NO_CONCENTRATOR },
	{ 8, "", PPP_END_NO_CONCENTRATOR },
	{ 8, NULL, PPP_END_NO_CONCENTRATOR },
	{ 8, "Timeout waiting for PADS packets", PPP_END_REFUSED },
	{ 8, "PADS: Service-Name-Error: no such service", PPP_END_REFUSED },
	{ 8, "PADS: System-Error: out of memory", PPP_END_REFUSED },
	{ 8, "PADO: Generic-Error: go away", PPP_END_REFUSED },
	{ 8, "PADS: System-Error: RP-PPPoE: Server: No client slots available", PPP_END_SESSION_LIMIT },
	{ 8, "PADS: Generic-Error: session limit exceeded", PPP_END_SESSION_LIMIT },
	{ 8, "PADS: System-Error: Maximum reached", PPP_END_SESSION_LIMIT },
	{ 8, "Failed to create PPPoE socket: Address family not supported by protocol", PPP_END_NO_KERNEL },
	{ 8, "Can't get MTU for wan0: No such device", PPP_END_NO_INTERFACE },
	{ 8, "error sending pppoe packet: Network is down", PPP_END_NO_INTERFACE },
	{ 19, "CHAP authentication failed: Access denied", PPP_END_AUTH },
	{ 19, "", PPP_END_AUTH },
	{ 19, "Modem hangup", PPP_END_AUTH },
	{ 16, "CHAP authentication failed", PPP_END_AUTH },
	{ 16, "LCP terminated by peer (Authentication failed)", PPP_END_AUTH },
	{ 16, "LCP terminated by peer", PPP_END_HANGUP },
	{ 16, "LCP terminated by peer (User request)", PPP_END_HANGUP },
	{ 16, "Modem hangup", PPP_END_HANGUP },
	{ 16, "", PPP_END_HANGUP },
	{ 15, "No response to 4 echo-requests", PPP_END_PEER_DEAD },
	{ 15, "", PPP_END_PEER_DEAD },
	{ 10, "LCP: timeout sending Config-Requests", PPP_END_NEGOTIATION },
	{ 10, "No response to PAP authenticate-requests", PPP_END_NEGOTIATION },
	{ 0, "Could not determine local IP address", PPP_END_NEGOTIATION },
	{ 4, "", PPP_END_NO_KERNEL },
	{ 1, "Linux kernel does not support PPPoE -- are you running 2.4.x?", PPP_END_NO_KERNEL },
	{ 2, "pppd: unrecognized option 'nic-wan0'", PPP_END_NO_INTERFACE },
	{ 2, "pppd: unrecognized option 'dualpath-socket'", PPP_END_OPTIONS },
	{ 2, "pppd: In file /etc/ppp/options: unrecognized option 'no-such'", PPP_END_OPTIONS },
	{ 2, "", PPP_END_OPTIONS },
	{ 1, "Couldn't rename interface ppp0 to pppoe0: File exists", PPP_END_NAME_TAKEN },
	{ 1, "Couldn't create ppp interface pppoe0: File exists", PPP_END_NAME_TAKEN },
	{ 1, "dualpath: dualpathd gave no user and password: Connection timed out", PPP_END_PLUGIN },
	{ 5, "", PPP_END_TERMINATED },
	{ 5, "Modem hangup", PPP_END_TERMINATED },
	{ -9, "", PPP_END_KILLED },
	{ -11, "Modem hangup", PPP_END_KILLED },
	{ PPP_STATUS_UNKNOWN, "", PPP_END_OTHER },
	{ PPP_STATUS_UNKNOWN, "Modem hangup", PPP_END_HANGUP },
	{ 0, "", PPP_END_OTHER },
	{ 1, "Remote message: whatever", PPP_END_OTHER },
	{ 255, "never seen", PPP_END_OTHER },
};

TEST(classes)
{
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ppp_exit end = { .status = cases[i].status, .line = cases[i].line };

		CHECK_STR(ppp_end_name(ppp_exit_class(&end)), ppp_end_name(cases[i].want));
		end.asked = true;
		CHECK_STR(ppp_end_name(ppp_exit_class(&end)), "asked");
	}
}

/* Where pppd could still speak, or was told by the concentrator that there is no session, nothing is left. */
TEST(untold)
{
	CHECK(ppp_end_is_untold(PPP_END_HANGUP));
	CHECK(ppp_end_is_untold(PPP_END_PEER_DEAD));
	CHECK(ppp_end_is_untold(PPP_END_NO_INTERFACE));
	CHECK(ppp_end_is_untold(PPP_END_KILLED));
	CHECK(!ppp_end_is_untold(PPP_END_ASKED));
	CHECK(!ppp_end_is_untold(PPP_END_TERMINATED));
	CHECK(!ppp_end_is_untold(PPP_END_AUTH));
	CHECK(!ppp_end_is_untold(PPP_END_REFUSED));
	CHECK(!ppp_end_is_untold(PPP_END_NO_CONCENTRATOR));
}

TEST(sentences)
{
	struct ppp_exit end = { .status = 8, .line = "Timeout waiting for PADO packets", .interface = "wan0" };
	char text[256];

	ppp_exit_text(&end, text, sizeof(text));
	CHECK_STR(text, "the access concentrator does not answer (no PADO on wan0)");
	end = (struct ppp_exit){ .status = 19, .line = "CHAP authentication failed: Access denied" };
	ppp_exit_text(&end, text, sizeof(text));
	CHECK_STR(text, "the provider refused user and password: CHAP authentication failed: Access denied");
	end = (struct ppp_exit){ .status = 2, .line = "pppd: In file /etc/ppp/options: unrecognized option 'no-such'" };
	ppp_exit_text(&end, text, sizeof(text));
	CHECK_STR(text, "pppd refused its options (those in /etc/ppp/options count too): "
	                "In file /etc/ppp/options: unrecognized option 'no-such'");
	end = (struct ppp_exit){ .status = 19, .line = "Remote message: Login incorrect" };
	ppp_exit_text(&end, text, sizeof(text));
	CHECK_STR(text, "the provider refused user and password: Login incorrect");
	end = (struct ppp_exit){ .status = -9 };
	ppp_exit_text(&end, text, sizeof(text));
	CHECK_STR(text, "pppd was killed from outside (signal 9)");
	end = (struct ppp_exit){ .status = 5, .line = "Modem hangup" };
	ppp_exit_text(&end, text, sizeof(text));
	CHECK_STR(text, "pppd was ended by another program (SIGTERM, SIGINT or SIGHUP)");
	end = (struct ppp_exit){ .status = 20 };
	ppp_exit_text(&end, text, sizeof(text));
	CHECK_STR(text, "pppd ended with status 20");
	end = (struct ppp_exit){ .status = 1,
		                 .line = "Couldn't rename interface ppp0 to pppoe0: File exists",
		                 .device = "pppoe0" };
	ppp_exit_text(&end, text, sizeof(text));
	CHECK(strncmp(text, "there is already another interface named pppoe0: ", 49) == 0);
}

/* That pppd got none is true as well, and helps nobody. */
TEST(why_we_gave_it_no_password)
{
	struct ppp_exit end = { .status = 1, .line = "dualpath: dualpathd gave no user and password: refused" };
	char text[256];

	end.no_secret = "";
	CHECK_STR(ppp_end_name(ppp_exit_class(&end)), "plugin");
	end.no_secret = "password-file: not there";
	CHECK_STR(ppp_end_name(ppp_exit_class(&end)), "no-secret");
	ppp_exit_text(&end, text, sizeof(text));
	CHECK_STR(text, end.no_secret);
	end.line = "Modem hangup"; /* it had other troubles */
	CHECK_STR(ppp_end_name(ppp_exit_class(&end)), "hangup");
}

/* Every status with every kind of line gives a name and a sentence that ends in its room. */
TEST(everything_has_words)
{
	char text[24];

	for (int status = -70; status < 300; status++) {
		for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct ppp_exit end = { .status = status, .line = cases[i].line };

			memset(text, 'x', sizeof(text));
			ppp_exit_text(&end, text, sizeof(text));
			CHECK(memchr(text, 0, sizeof(text)) && text[0]);
			CHECK(ppp_end_name(ppp_exit_class(&end))[0]);
		}
	}
}

TEST(weights)
{
	CHECK_INT(ppp_line_weight("Plugin pppoe.so loaded."), 0);
	CHECK_INT(ppp_line_weight("Connection terminated."), 0);
	CHECK_INT(ppp_line_weight(""), 0);
	CHECK_INT(ppp_line_weight("local  IP address 203.0.113.10"), PPP_LINE_UP);
	/* The cause outweighs what follows from it. */
	CHECK(ppp_line_weight("PADS: Generic-Error: full") > ppp_line_weight("Timeout waiting for PADS packets"));
	CHECK(ppp_line_weight("Timeout waiting for PADO packets") >
	      ppp_line_weight("Unable to complete PPPoE Discovery phase 1"));
	CHECK(ppp_line_weight("No response to 4 echo-requests") > ppp_line_weight("Modem hangup"));
}
