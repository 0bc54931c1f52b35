/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The printers: the data of an answer (doc/dualpathctl.8 has its shape) as text for
 * people.  They take what they know and pass over what they do not, so that another
 * version of the daemon is still of use.  Called through the table of verbs.
 */
#ifndef DUALPATH_CTL_SHOW_H
#define DUALPATH_CTL_SHOW_H

#include <jansson.h>

#include "ctl/screen.h"

typedef void show_function(const struct screen *screen, const json_t *data);

show_function show_status;
show_function show_events;
show_function show_check;
show_function show_diff;
show_function show_reload;
show_function show_doctor;
/* {"text": "…"} or {"text": ["line", …]} */
show_function show_text;

#endif
