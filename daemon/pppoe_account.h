/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * User and password of a PPPoE path: read from the config and its password-file when pppd's plugin asks, and, once they were
 * refused, watched for another password.  Keeps no copy.  Called by daemon/pppoe_dial.c.
 */
#ifndef DUALPATH_DAEMON_PPPOE_ACCOUNT_H
#define DUALPATH_DAEMON_PPPOE_ACCOUNT_H

#include <stdbool.h>

#include "common/ppp_proto.h"
#include "daemon/path.h"

struct pppoe_account;

/* From the loop, once: the password's file is another one since pppoe_account_watch(). */
typedef void pppoe_account_fn(void *arg);

/* path is borrowed, and its config looked at anew each time. */
struct pppoe_account *pppoe_account_new(struct path *path, pppoe_account_fn *fn, void *arg);
/* Takes NULL, and looks at no config. */
void pppoe_account_free(struct pppoe_account *account);

/* For the plugin.  0; or -errno, and the path is told why the file cannot be used.  The caller wipes secret. */
int pppoe_account_read(struct pppoe_account *account, struct ppp_secret *secret);
/* Why the file could not be used when last asked for; "": it could, or was not asked for since pppoe_account_begin(). */
const char *pppoe_account_trouble(const struct pppoe_account *account);
/* Another pppd begins, which has not asked yet. */
void pppoe_account_begin(struct pppoe_account *account);
/* Wait for another password. */
void pppoe_account_watch(struct pppoe_account *account);
bool pppoe_account_watches(struct pppoe_account *account);
void pppoe_account_watch_no_more(struct pppoe_account *account);

#endif
