/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pppd: its start, its log, its end, and finding it again after a restart of
 * the daemon.  Owns the process (not its policy: when to dial, and what an end
 * means, is its owner's, daemon/pppoe_dial.c).
 *
 * pppd outlives the daemon on purpose: it is started in a session of its own, its log
 * is a pipe whose loss does not hurt it, and RUN_DIR/NAME.pppd says who it is.
 *
 * The loop must not be libev's default loop: that one reaps every child by itself, and the
 * exit status with it.  Use ev_loop_new().
 */
#ifndef DUALPATH_DAEMON_PPPD_PROC_H
#define DUALPATH_DAEMON_PPPD_PROC_H

#include <ev.h>
#include <stdbool.h>
#include <sys/types.h>

/* Borrowed for the length of a call.  NULL or 0 where "default" stands. */
struct pppd_options {
	const char *path_name;           /* the path's name: also the file's in run_dir */
	const char *interface;           /* Ethernet: wan0 */
	const char *device;              /* PPP interface to make: pppoe0 */
	const char *service_name;        /* default: any */
	const char *access_concentrator; /* default: any */
	const char *user;
	unsigned mtu; /* bytes; default: pppd's (1492 or what the peer says) */
	const char *plugin_file; /* dualpath.so; without a '/' in pppd's own folder (default) */
	const char *socket_path; /* where daemon/ppp_sock.c listens */
	const char *run_dir;
	unsigned lcp_echo_interval; /* seconds; default 1 */
	unsigned lcp_echo_failure;  /* unanswered echoes that end the session; default 5 */
	const char *pppd_file;      /* default /usr/sbin/pppd */
};

struct pppd_proc;

struct pppd_callbacks {
	/*
	 * pppd has ended and is reaped; it may be started again from here.  status: its exit
	 * code, minus the signal that killed it, or PPP_STATUS_UNKNOWN (policy/ppp_exit.h).
	 * asked: pppd_proc_stop() was called.  line: its most telling line, "" where there is none.
	 */
	void (*exited)(void *arg, int status, bool asked, const char *line);
	/* A line of its log, printable ASCII. */
	void (*log_line)(void *arg, const char *line);
};

/* NULL: no memory.  callbacks is copied. */
struct pppd_proc *pppd_proc_new(struct ev_loop *loop, const struct pppd_callbacks *callbacks, void *arg);
/* Leaves pppd running, to be adopted later.  (To end it: stop, and free when it has exited.) */
void pppd_proc_free(struct pppd_proc *proc);

/* 0 or -errno: -EALREADY (one runs), -ENOENT (no pppd), ... */
int pppd_proc_start(struct pppd_proc *proc, const struct pppd_options *options);
/* Take over the pppd that an earlier daemon started for this path.  0, or -ESRCH: there is none. */
int pppd_proc_adopt(struct pppd_proc *proc, const struct pppd_options *options);
/* Ask it to end; after 3 s it is killed.  Nothing where none runs. */
void pppd_proc_stop(struct pppd_proc *proc);

/* End it at once, without a word to the peer: for one that does not move any more. */
void pppd_proc_kill(struct pppd_proc *proc);

/* The note of it in the run folder, which was removed. */
void pppd_proc_note(const struct pppd_proc *proc);

/* Was the running pppd started with what options say now?  If not, a change needs a redial. */
bool pppd_proc_is_current(const struct pppd_proc *proc, const struct pppd_options *options);
/* 0: none runs. */
pid_t pppd_proc_pid(const struct pppd_proc *proc);
/*
 * The exit status that its plugin reported (PPP_MSG_EXIT).  The kernel tells it of children
 * only: for an adopted pppd this is all there is.
 */
void pppd_proc_note_exit(struct pppd_proc *proc, int status);

#endif
