/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answer of "explain" in the making: its facts, for programs, and the same for people, a line each.  Called by
 * daemon/verbs_explain.c and verbs_explain_in.c; what other answers are made of as well, by verbs.c and status.c.
 */
#ifndef DUALPATH_DAEMON_VERBS_ANSWER_H
#define DUALPATH_DAEMON_VERBS_ANSWER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl_server.h"
#include "policy/config.h"

struct answer {
	json_t *data, *lines;
};

struct answer answer_new(void);
/* The whole; what answer_new() took is part of it, and the caller's. */
json_t *answer_of(const struct answer *answer);

void answer_line(const struct answer *answer, const char *label, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Takes the reference of value. */
void answer_set(const struct answer *answer, const char *key, json_t *value);
/* A forward that takes a call to this port: which, and where it leads. */
void answer_forward(const struct answer *answer, const struct config *config, const struct forward_config *forward,
                    uint16_t port);

/* A path's name, or null for -1.  A new reference. */
json_t *answer_path(const struct config *config, int path);
/* Of a name of the file system, which may be in another code.  A new reference. */
json_t *answer_text(const char *text);

#endif
