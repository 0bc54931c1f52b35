/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A failover that was asked for outlives a restart of the daemon, though not of the machine: RUN_DIR/PATH.forced holds the time of
 * its end on the clock that begins at boot (0: none); without a failover there is no such file.  Called by daemon/path.c.
 */
#ifndef DUALPATH_DAEMON_FORCED_STORE_H
#define DUALPATH_DAEMON_FORCED_STORE_H

#include <stdbool.h>
#include <stdint.h>

/* path: its name.  for_ms: from now; 0: until it is told otherwise. */
void forced_store_write(const char *run_dir, const char *path, uint32_t for_ms);
/* There is no failover (any more). */
void forced_store_clear(const char *run_dir, const char *path);
/* True: there is one, for another *left_ms (0: without an end).  False: there is none, its time is over, or nothing can be read. */
bool forced_store_read(const char *run_dir, const char *path, int64_t *left_ms);

#endif
