/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket's other end: asks dualpathd and waits for its answer.  Used by ctl/run.c
 * and ctl/live.c; what is asked and what the answers mean is in daemon/ctl_server.h.
 */
#ifndef DUALPATH_CTL_CLIENT_H
#define DUALPATH_CTL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#define CLIENT_TIMEOUT_S 30 /* how long a reload of a big config may take */

struct client {
	const char *path;   /* of the socket; not owned */
	int patience_s;     /* how long an answer is waited for: CLIENT_TIMEOUT_S, or what the caller sets */
	int fd;             /* -1: not connected */
	int file;           /* an open file that goes with each question, the caller's; -1: none */
	char *in;           /* what came of the answer.  Owned */
	size_t len, cap;
	char *why;          /* why there was no answer, a sentence for people; NULL: there was.  Owned */
	bool forbidden;     /* somebody is there, but we may not ask */
	bool connected;     /* at the last question somebody took the connection */
	bool hung_up;       /* and closed it without a word */
};

void client_init(struct client *client, const char *path);
void client_close(struct client *client);

/*
 * Send request (borrowed) as a line and return the answer, a JSON object and a new
 * reference; NULL: nobody answers, client->why says why and what to do.  Connects
 * where it is not, and again, once, where the daemon has hung up meanwhile.
 */
json_t *client_ask(struct client *client, const json_t *request);

#endif
