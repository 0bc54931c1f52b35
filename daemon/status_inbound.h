/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What calls from outside found out about a forward, for the answers to "status" and "test inbound". */
#ifndef DUALPATH_DAEMON_STATUS_INBOUND_H
#define DUALPATH_DAEMON_STATUS_INBOUND_H

#include <jansson.h>

#include "daemon/inbound.h"

/* A new reference: of the forward of that name; null where nothing is known. */
json_t *status_inbound_json(const struct router *router, const char *forward);
/* The same of one result. */
json_t *status_inbound_result(const struct inbound_result *result);

#endif
