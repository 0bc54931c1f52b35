/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dualpathctl test: tries that take seconds, answered when they are over.  An entry of the table in daemon/verbs.c. */
#ifndef DUALPATH_DAEMON_VERBS_TEST_H
#define DUALPATH_DAEMON_VERBS_TEST_H

#include "daemon/ctl_server.h"

/* inbound [FORWARD]: exit 1 where one does not answer.  failover PATH [--for TIME] [--force]: exit 1 where it did not work. */
json_t *verb_test(void *env, const struct ctl_request *req);

#endif
