/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listens to the line's router advertisements, beside the kernel, and asks for one when it begins
 * (RFC 4861 section 6.3.7).  Used by daemon/aftr.c.
 */
#ifndef DUALPATH_DAEMON_RA_CLIENT_H
#define DUALPATH_DAEMON_RA_CLIENT_H

#include <ev.h>

#include "policy/ra.h"

/* With each sound advertisement. */
typedef void ra_fn(void *arg, const struct ra *ra);

struct ra_client;

/* interface is copied, and need not exist yet. */
struct ra_client *ra_client_new(struct ev_loop *loop, const char *interface, ra_fn *fn, void *arg);
void ra_client_free(struct ra_client *client);
/* Open anew, and ask: the line is there, or has changed. */
void ra_client_start(struct ra_client *client);

#endif
