/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: accepts dualpathctl, reads one JSON request a line, calls
 * the verb's handler and writes its answer as one line.  Owns the clients and
 * knows nothing of routing; the verbs themselves are in daemon/verbs.c.
 *
 * Request:  {"verb":"events","args":["20"],"since":12}
 * Answer:   {"exit":0,"data":{...}}  or  {"exit":1,"error":"what and what to do"}
 * "exit" becomes dualpathctl's exit code: 0 good, 1 bad news, 2 wrong usage.
 */
#ifndef DUALPATH_DAEMON_CTL_SERVER_H
#define DUALPATH_DAEMON_CTL_SERVER_H

#include <ev.h>
#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

struct ctl_server;

struct ctl_request {
	const char *verb;
	const json_t *args; /* array of strings, checked to be that */
	const json_t *whole; /* the request, for named members */
	uid_t uid; /* who asks */
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
 * Listen on path (mode 0660, group "dualpath" where it exists).  verbs ends with a
 * NULL name and, like arg, must outlive the server.  0 and *out, or -errno.
 */
int ctl_server_new(struct ev_loop *loop, const char *path, const struct ctl_verb *verbs, void *arg,
                   struct ctl_server **out);
/*
 * Take away the socket that a killed daemon has left at path.  0, also where there is none, or -errno; -EADDRINUSE: somebody
 * listens there, or it is no socket.
 */
int ctl_server_remove(const char *path);
/* Closes the clients and removes the socket.  NULL is fine. */
void ctl_server_free(struct ctl_server *server);

/*
 * For a handler whose answer takes longer than a turn of the loop: the client is kept waiting until
 * ctl_later_answer() is called, which must happen once, and within the client's patience; also where it, or the
 * server, is gone meanwhile.  Nothing else of req lives on.
 */
struct ctl_later;
struct ctl_later *ctl_later(const struct ctl_request *req);
/* Takes both. */
void ctl_later_answer(struct ctl_later *later, json_t *answer);

/* {"exit":code,"data":data}; takes the reference of data. */
json_t *ctl_answer(int code, json_t *data);
/* {"exit":code,"error":text} */
json_t *ctl_error(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
