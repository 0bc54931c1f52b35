/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What dualpathd's control socket and dualpathctl have agreed on, beside the JSON
 * itself (daemon/ctl_request.h): one object a line each way, several a connection.
 */
#ifndef DUALPATH_COMMON_CTL_PROTO_H
#define DUALPATH_COMMON_CTL_PROTO_H

/* Bytes of a line, its newline included.  A longer one ends the connection. */
#define CTL_REQUEST_MAX (64 * 1024)
#define CTL_ANSWER_MAX (16 * 1024 * 1024)

/* Seconds without a whole request or a byte taken of an answer, after which the daemon hangs up. */
#define CTL_IDLE_S 10

/* Owners of the socket's group may look; root may change. */
#define CTL_GROUP "dualpath"

/* "exit" of an answer, and what dualpathctl ends with. */
enum ctl_exit {
	CTL_EXIT_GOOD = 0,
	CTL_EXIT_BAD_NEWS = 1, /* a path is down, a config is wrong, it did not work */
	CTL_EXIT_USAGE = 2,
	CTL_EXIT_NO_ANSWER = 3 /* never in an answer: nobody gave one */
};

#endif
