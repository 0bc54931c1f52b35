/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last AFTR that carried something, kept in the state folder for a start at which nobody answers.  Kept
 * with what it was found for: with another configuration it is not looked at.  Used by daemon/aftr.c.
 */
#ifndef DUALPATH_DAEMON_AFTR_STORE_H
#define DUALPATH_DAEMON_AFTR_STORE_H

#include <netinet/in.h>

#include "policy/dname.h"

struct aftr_memory {
	char name[DNAME_TEXT_MAX]; /* empty where only an address was known */
	struct in6_addr address;
};

/*
 * wanted: what the config asks for (printable, one line).  One file for each interface.
 * 0 and *out; -ENOENT: nothing is kept for this; -EBADMSG: what is kept is not what we
 * write; -errno.
 */
int aftr_store_read(const char *state_dir, const char *interface, const char *wanted, struct aftr_memory *out);
void aftr_store_write(const char *state_dir, const char *interface, const char *wanted, const struct aftr_memory *memory);

#endif
