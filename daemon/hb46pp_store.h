/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What daemon/hb46pp.c keeps of a provisioning server's answer, in the state folder.  Used by it alone. */
#ifndef DUALPATH_DAEMON_HB46PP_STORE_H
#define DUALPATH_DAEMON_HB46PP_STORE_H

#include "policy/hb46pp.h"

struct hb46pp_memory {
	struct in6_addr prefix;           /* for which we were told; the last 64 bits are zero */
	struct hb46pp_ways ways;
	char token[HB46PP_TOKEN_LEN + 1]; /* or empty */
};

bool hb46pp_memory_equal(const struct hb46pp_memory *a, const struct hb46pp_memory *b);

/* 0 and *out; -ENOENT: nothing is kept; -EBADMSG: what is kept is not what we write; -errno. */
int hb46pp_store_read(const char *state_dir, const char *interface, struct hb46pp_memory *out);
void hb46pp_store_write(const char *state_dir, const char *interface, const struct hb46pp_memory *memory);

#endif
