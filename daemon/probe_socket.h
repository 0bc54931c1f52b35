/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket that every kind of probe begins with: IPv4, bound to a path.  And how
 * they all tell of an answer.  For daemon/probe*.c alone, but for the priority, which
 * all have that read answers.
 */
#ifndef DUALPATH_DAEMON_PROBE_SOCKET_H
#define DUALPATH_DAEMON_PROBE_SOCKET_H

#include <stdint.h>

/* Answers are read before timers run, so that one that lies there already is not late
 * because the daemon was. */
#define PROBE_IO_PRIORITY 1

/* What became of a probe. */
struct probe_callbacks {
	/* Target number `target` of round `round`: result 0: it answered; -errno: somebody said that it cannot. */
	void (*result)(void *arg, uint16_t round, unsigned target, int result);
	/* No more results for now; may close what called it. */
	void (*done)(void *arg);
	void *arg;
	/* Something came back, though not yet enough to be an answer; NULL: of no interest.  Closes nothing. */
	void (*heard)(void *arg);
};

/* Non-blocking, close-on-exec, bound to the device that has this name now, with SO_MARK.
 * A descriptor that the caller closes, or -errno. */
int probe_socket(int type, int protocol, const char *device, uint32_t mark);
/* To address (host order) and port.  0: connected or under way, or -errno. */
int probe_socket_connect(int fd, uint32_t address, uint16_t port);
/* A socket of this kind whose TCP connection is under way; close() resets it.  Or -errno. */
int probe_socket_tcp(uint32_t address, uint16_t port, const char *device, uint32_t mark);
/* What became of it: 0, or -errno. */
int probe_socket_error(int fd);

#endif
