/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a request to the control socket says, and its answer: from a line to a verb's handler, if it is one that this user may
 * ask for.  Knows no socket; called by daemon/ctl_server.c, and for the making of answers by the verbs.
 *
 * Request:  {"verb":"events","args":["20"],"since":12}
 * Answer:   {"exit":0,"data":{...}}  or  {"exit":1,"error":"what and what to do"}
 * "exit" becomes dualpathctl's exit code: 0 good, 1 bad news, 2 wrong usage.
 */
#ifndef DUALPATH_DAEMON_CTL_REQUEST_H
#define DUALPATH_DAEMON_CTL_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct ctl_request {
	const char *verb;
	const json_t *args; /* array of strings, checked to be that */
	const json_t *whole; /* the request, for named members */
	uid_t uid; /* who asks */
	pid_t pid;
	int file;  /* what root has opened for us, who may have another /tmp; -1: nothing */
	struct ctl_client *client; /* ctl_later()'s */
};

/* Answers req; returns a new reference to the whole answer (use ctl_answer, ctl_error), or NULL after ctl_later(). */
typedef json_t *ctl_handler(void *arg, const struct ctl_request *req);

struct ctl_verb {
	const char *name;
	bool changes; /* asks for uid 0; the others answer the socket's group as well */
	ctl_handler *handle;
};

/*
 * The answer to a request of length bytes: a new reference, an error where it is none.  verbs ends with a NULL name; arg is the
 * handlers'; of request, uid, pid, file and client are set.  NULL: the handler gave none, which is in order after ctl_later() alone.
 */
json_t *ctl_request_answer(const struct ctl_verb *verbs, void *arg, struct ctl_request request, const char *line,
                            size_t length);

/* Word i behind the verb, which is the request's; NULL: there are fewer. */
const char *ctl_word(const struct ctl_request *request, size_t i);

/* {"exit":code,"data":data}; takes the reference of data. */
json_t *ctl_answer(int code, json_t *data);
/* {"exit":code,"error":text} */
json_t *ctl_error(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
