/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See confirm.h.  A trial goes by a clock that nobody sets; clock_utc_ms() has a say only once the machine was started anew. */
#include "daemon/confirm.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fnv.h"
#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/state_file.h"

#define GOOD_FILE  "confirmed.conf"
#define TRIAL_FILE "trial"
/* When it ends by UTC, which config it is, how long it was to last, and when it ends by the clock of which run of the machine. */
#define TRIAL_PRINT "%" PRId64 " %016" PRIx64 " %" PRIu32 " %" PRId64 " %s\n"
#define TRIAL_SCAN  "%" SCNd64 " %" SCNx64 " %" SCNu32 " %" SCNd64 " %36s"

struct confirm {
	struct ev_loop *loop;
	const char *state_dir;
	confirm_fn *fn;
	void *arg;
	ev_timer end; /* runs while a config is on trial */
	bool running;
	int64_t until; /* clock_boot_ms() */
};

struct trial {
	int64_t until_utc, until_boot; /* both 0: it is over */
	uint64_t which;
	uint32_t ms;
	char boot[CLOCK_BOOT_ID];
};

/* ---- the files ---- */

/* Of the normalised text: which config it is, not how it was written. */
static uint64_t fingerprint(const struct config *config)
{
	char *text = config_print(config);
	uint64_t hash = fnv_add(FNV_START, text);

	free(text);
	return hash;
}

const char *confirm_good_file(const char *state_dir, char *buf)
{
	snprintf(buf, PATH_MAX, "%s/" GOOD_FILE, state_dir);
	return buf;
}

static int write_good(const char *state_dir, const struct config *config)
{
	char *text = config_print(config);
	int r = state_file_write(state_dir, GOOD_FILE, text, STATE_FILE_PRIVATE);

	free(text);
	return r;
}

static int write_trial(const char *state_dir, const struct trial *trial)
{
	char note[128];

	snprintf(note, sizeof(note), TRIAL_PRINT, trial->until_utc, trial->which, trial->ms, trial->until_boot, trial->boot);
	return state_file_write(state_dir, TRIAL_FILE, note, STATE_FILE_PRIVATE);
}

static bool read_trial(const char *state_dir, struct trial *trial)
{
	char note[128];

	return state_file_read(state_dir, TRIAL_FILE, note, sizeof(note)) == 0 &&
	       sscanf(note, TRIAL_SCAN, &trial->until_utc, &trial->which, &trial->ms, &trial->until_boot, trial->boot) == 5;
}

/*
 * Is the note about this config?  *left: of its trial, milliseconds; 0 and below: it is over.  After a reboot never more than it
 * had in the beginning: a machine without a clock of its own is back in an earlier year, and would wait for this one.
 */
static bool trial_of(const char *state_dir, const struct config *config, int64_t *left)
{
	char boot[CLOCK_BOOT_ID];
	struct trial trial;

	if (!read_trial(state_dir, &trial) || trial.which != fingerprint(config))
		return false;
	*left = trial.until_utc - clock_utc_ms();
	if (strcmp(trial.boot, clock_boot_id(boot)) == 0)
		*left = trial.until_boot - clock_boot_ms();
	else if (*left > trial.ms)
		*left = trial.ms;
	return true;
}

/* No clock that is set back later shall make a trial of it again.  Where that cannot be written, it is over by the clocks as they are. */
static void note_over(const char *state_dir)
{
	struct trial trial;

	if (!read_trial(state_dir, &trial))
		return;
	trial.until_utc = trial.until_boot = 0;
	write_trial(state_dir, &trial);
}

bool confirm_has_failed(const char *state_dir, const struct config *config)
{
	int64_t left;

	return trial_of(state_dir, config, &left) && left <= 0;
}

/* ---- the clock ---- */

static void stop(struct confirm *c)
{
	ev_timer_stop(c->loop, &c->end);
	c->running = false;
}

static void start(struct confirm *c, int64_t left)
{
	stop(c);
	c->until = clock_boot_ms() + left;
	c->running = true;
	ev_timer_set(&c->end, (double)left / 1000, 0);
	ev_timer_start(c->loop, &c->end);
}

static void on_end(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct confirm *c = w->data;

	(void)loop;
	(void)revents;
	stop(c);
	note_over(c->state_dir);
	c->fn(c->arg);
}

int confirm_begin(struct confirm *confirm, const struct config *running, const struct config *trial, uint32_t ms)
{
	struct trial note = { .until_utc = clock_utc_ms() + ms, .until_boot = clock_boot_ms() + ms,
		              .which = fingerprint(trial), .ms = ms };
	int r = confirm->running ? 0 : write_good(confirm->state_dir, running);

	clock_boot_id(note.boot);
	if (r == 0)
		r = write_trial(confirm->state_dir, &note);
	if (r == 0)
		start(confirm, ms);
	return r;
}

void confirm_resume(struct confirm *confirm, const struct config *config)
{
	int64_t left;

	if (trial_of(confirm->state_dir, config, &left))
		start(confirm, left > 0 ? left : 0); /* it may have ended while we started */
}

bool confirm_keep(struct confirm *confirm)
{
	if (!confirm->running)
		return false;
	confirm_forget(confirm);
	return true;
}

void confirm_forget(struct confirm *confirm)
{
	char path[PATH_MAX];

	stop(confirm);
	snprintf(path, sizeof(path), "%s/" TRIAL_FILE, confirm->state_dir);
	unlink(path);
	unlink(confirm_good_file(confirm->state_dir, path));
}

int64_t confirm_left_ms(const struct confirm *confirm)
{
	int64_t left = confirm->until - clock_boot_ms();

	return !confirm->running ? 0 : left > 0 ? left : 1;
}

struct confirm *confirm_new(struct ev_loop *loop, const char *state_dir, confirm_fn *fn, void *arg)
{
	struct confirm *c = xcalloc(1, sizeof(*c));

	c->loop = loop;
	c->state_dir = state_dir;
	c->fn = fn;
	c->arg = arg;
	ev_timer_init(&c->end, on_end, 0, 0);
	c->end.data = c;
	return c;
}

void confirm_free(struct confirm *confirm)
{
	if (!confirm)
		return;
	stop(confirm);
	free(confirm);
}
