/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two private network namespaces for a test: ours, and a far one in a child that dies
 * with us.  Used by tests/net/probe_*.c.
 */
#ifndef DUALPATH_TESTS_NET_PROBE_NS_H
#define DUALPATH_TESTS_NET_PROBE_NS_H

#include <sys/types.h>

/* Move to a new, empty network namespace.  Where that is not allowed: says so, ends with 77 (skipped). */
void ns_enter(void);
/* A child in one more of its own, which runs there until it is killed. */
pid_t ns_spawn(void (*run)(void));
/* A shell command, here or in the namespace of pid.  Ends the test where it fails. */
void ns_sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ns_sh_in(pid_t pid, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
