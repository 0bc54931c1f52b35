/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See confirm.h.  Times in the file are clock_utc_ms()'s, as they must outlive a reboot; a daemon that runs does not look at them. */
#include "daemon/confirm.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/fnv.h"
#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/state_file.h"

#define GOOD_FILE  "confirmed.conf"
#define TRIAL_FILE "trial"
/* When it ends, which config it is, and how long it was to last. */
#define TRIAL_FORMAT "%" PRId64 " %016" PRIx64 " %" PRIu32 "\n"

struct confirm {
	struct ev_loop *loop;
	const char *state_dir;
	confirm_fn *fn;
	void *arg;
	ev_timer end; /* runs while a config is on trial */
	bool running;
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
	int r = state_file_write(state_dir, GOOD_FILE, text);

	free(text);
	return r;
}

static int write_trial(const char *state_dir, const struct config *config, int64_t until, uint32_t ms)
{
	char note[64];

	snprintf(note, sizeof(note), TRIAL_FORMAT, until, fingerprint(config), ms);
	return state_file_write(state_dir, TRIAL_FILE, note);
}

/*
 * Is the note about this config?  *until: when its trial ends or ended; never later than it could have ended had it just begun: a
 * machine without a clock of its own is back in an earlier year after a reboot, and would wait for this one.
 */
static bool read_trial(const char *state_dir, const struct config *config, int64_t *until)
{
	char note[64];
	uint64_t which;
	uint32_t ms;

	if (state_file_read(state_dir, TRIAL_FILE, note, sizeof(note)) < 0 ||
	    sscanf(note, "%" SCNd64 " %" SCNx64 " %" SCNu32, until, &which, &ms) != 3 || which != fingerprint(config))
		return false;
	if (*until > clock_utc_ms() + ms)
		*until = clock_utc_ms() + ms;
	return true;
}

bool confirm_has_failed(const char *state_dir, const struct config *config)
{
	int64_t until;

	return read_trial(state_dir, config, &until) && until <= clock_utc_ms();
}

/* ---- the clock ---- */

static void stop(struct confirm *c)
{
	ev_timer_stop(c->loop, &c->end);
	c->running = false;
}

static void start(struct confirm *c, int64_t until)
{
	int64_t left = until - clock_utc_ms();

	stop(c);
	c->running = true;
	ev_timer_set(&c->end, left > 0 ? (double)left / 1000 : 0, 0);
	ev_timer_start(c->loop, &c->end);
}

static void on_end(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct confirm *c = w->data;

	(void)loop;
	(void)revents;
	stop(c);
	c->fn(c->arg);
}

int confirm_begin(struct confirm *confirm, const struct config *running, const struct config *trial, uint32_t ms)
{
	int64_t until = clock_utc_ms() + ms;
	int r = confirm->running ? 0 : write_good(confirm->state_dir, running);

	if (r == 0)
		r = write_trial(confirm->state_dir, trial, until, ms);
	if (r == 0)
		start(confirm, until);
	return r;
}

void confirm_resume(struct confirm *confirm, const struct config *config)
{
	int64_t until;

	if (read_trial(confirm->state_dir, config, &until) && until > clock_utc_ms())
		start(confirm, until);
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

int64_t confirm_left_ms(struct confirm *confirm)
{
	int64_t left = confirm->running ? (int64_t)(ev_timer_remaining(confirm->loop, &confirm->end) * 1000) : 0;

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
