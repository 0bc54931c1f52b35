/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "reload --confirm": remembers on disk which config is on trial, until when, and what it goes
 * back to, so that a crash or a power cut in between cannot make a bad config stay.  Owns the
 * clock of the trial, and the files confirmed.conf and trial in the state folder.  Used by daemon/router.c, and by
 * daemon/config_load.c at start.
 *
 * After going back the note stays: while the owner's file is still the one that failed its trial,
 * a start takes confirmed.conf.  Changing the file, or reloading it without a trial, ends that.
 */
#ifndef DUALPATH_DAEMON_CONFIRM_H
#define DUALPATH_DAEMON_CONFIRM_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/config.h"

struct confirm;

/* The time is over: go back to the config in confirm_good_file(). */
typedef void confirm_fn(void *arg);

/* state_dir is borrowed. */
struct confirm *confirm_new(struct ev_loop *loop, const char *state_dir, confirm_fn *fn, void *arg);
void confirm_free(struct confirm *confirm);

/*
 * trial runs for so long.  running is what it goes back to, unless a trial runs already, which then
 * ends in this one.  0 or -errno: nothing was begun.
 */
int confirm_begin(struct confirm *confirm, const struct config *running, const struct config *trial, uint32_t ms);
/* At start: go on with the trial that this config was on when the last daemon ended. */
void confirm_resume(struct confirm *confirm, const struct config *config);
/* The owner keeps what is on trial.  False: nothing is, and what failed before stays failed. */
bool confirm_keep(struct confirm *confirm);
/* No trial, and none that failed: every config is as good as another. */
void confirm_forget(struct confirm *confirm);
/* Until the config on trial is given up, milliseconds; 0: none is. */
int64_t confirm_left_ms(const struct confirm *confirm);

/* Is this the config that failed its trial? */
bool confirm_has_failed(const char *state_dir, const struct config *config);
/* Name of the file to go back to, into buf (PATH_MAX).  Returns buf. */
const char *confirm_good_file(const char *state_dir, char *buf);

#endif
