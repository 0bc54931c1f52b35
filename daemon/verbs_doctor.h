/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verb "doctor": looks for what commonly goes wrong around dualpath, says what it sees
 * and what to do.  Changes nothing.  Called by daemon/verbs.c alone.
 */
#ifndef DUALPATH_DAEMON_VERBS_DOCTOR_H
#define DUALPATH_DAEMON_VERBS_DOCTOR_H

#include "daemon/ctl_server.h"

/* {"checks":[{"name","state","text","advice"}]}, state good, warning, bad or unknown; exit 1: one is bad. */
json_t *verb_doctor(void *env, const struct ctl_request *req);

#endif
