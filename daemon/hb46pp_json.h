/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a provisioning server's answer (HB46PP section 3.4).  Values in, values out: it is here and not in
 * policy/ for the library alone.  Called by daemon/hb46pp.c.
 */
#ifndef DUALPATH_DAEMON_HB46PP_JSON_H
#define DUALPATH_DAEMON_HB46PP_JSON_H

#include <stddef.h>

#include "policy/hb46pp.h"

/*
 * NULL, or what is wrong with the answer (static text); *out is written only if nothing is.  An answer that offers
 * neither DS-Lite nor a tunnel is a good one, without any.
 */
const char *hb46pp_json_read(const char *text, size_t len, struct hb46pp_offer *out);

#endif
