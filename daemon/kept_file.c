/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See kept_file.h. */
#include "daemon/kept_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/state_file.h"

#define AGAIN_S 3.0

struct waiting {
	struct waiting *next;
	char *dir, *name, *text;
	mode_t mode;
	int error; /* of the last try */
};

static struct {
	struct ev_loop *loop; /* NULL: nothing waits */
	ev_timer again;
	struct waiting *first;
} kept;

/* ---- what waits ---- */

static struct waiting **find(const char *dir, const char *name)
{
	struct waiting **link = &kept.first;

	while (*link && (strcmp((*link)->dir, dir) != 0 || strcmp((*link)->name, name) != 0))
		link = &(*link)->next;
	return link;
}

static void drop(struct waiting **link)
{
	struct waiting *w = *link;

	*link = w->next;
	free(w->dir);
	free(w->name);
	free(w->text);
	free(w);
}

static void try_later(void)
{
	if (ev_is_active(&kept.again))
		return;
	ev_timer_set(&kept.again, AGAIN_S, 0);
	ev_timer_start(kept.loop, &kept.again);
}

/* Told once for as long as the reason is the same. */
static void wait_for_room(const char *dir, const char *name, const char *text, mode_t mode, int error)
{
	struct waiting **link = find(dir, name), *w = *link;

	if (!w || w->error != error)
		log_warn("cannot write %s/%s: %s%s", dir, name, strerror(-error), kept.loop ? "; it is tried again by itself" : "");
	if (!kept.loop)
		return;
	if (!w) {
		w = *link = xcalloc(1, sizeof(*w));
		w->dir = xstrdup(dir);
		w->name = xstrdup(name);
	}
	if (w->text != text) {
		free(w->text);
		w->text = xstrdup(text);
	}
	w->mode = mode;
	w->error = error;
	try_later();
}

static void on_again(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct waiting **link = &kept.first;

	(void)revents;
	ev_timer_stop(loop, timer);
	while (*link) {
		struct waiting *w = *link;
		int r = state_file_write(w->dir, w->name, w->text, w->mode);

		if (r == 0) {
			log_info("%s/%s could be written at last", w->dir, w->name);
			drop(link);
		} else {
			wait_for_room(w->dir, w->name, w->text, w->mode, r);
			link = &w->next;
		}
	}
}

/* ---- the files ---- */

static int write_or_wait(const char *dir, const char *name, const char *text, mode_t mode)
{
	struct waiting **link = find(dir, name);
	int r = state_file_write(dir, name, text, mode);

	if (r < 0)
		wait_for_room(dir, name, text, mode, r);
	else if (*link)
		drop(link);
	return r;
}

int kept_file_write(const char *dir, const char *name, const char *text)
{
	return write_or_wait(dir, name, text, STATE_FILE_PRIVATE);
}

int kept_file_publish(const char *dir, const char *name, const char *text)
{
	return write_or_wait(dir, name, text, STATE_FILE_PUBLIC);
}

int kept_file_read(const char *dir, const char *name, char *buf, size_t size)
{
	const struct waiting *w = *find(dir, name);

	if (!w)
		return state_file_read(dir, name, buf, size);
	if (strlen(w->text) >= size)
		return -EFBIG;
	strcpy(buf, w->text);
	return 0;
}

void kept_file_remove(const char *dir, const char *name)
{
	struct waiting **link = find(dir, name);
	char path[PATH_MAX];

	if (*link)
		drop(link);
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path) && unlink(path) < 0 && errno != ENOENT)
		log_warn("cannot remove %s, which counts again for the next start: %s", path, strerror(errno));
}

void kept_file_waiting(void (*fn)(void *arg, const char *dir, const char *name, const char *why), void *arg)
{
	for (const struct waiting *w = kept.first; w; w = w->next)
		fn(arg, w->dir, w->name, strerror(-w->error));
}

void kept_file_begin(struct ev_loop *loop)
{
	kept.loop = loop;
	ev_timer_init(&kept.again, on_again, 0, 0);
}

void kept_file_end(void)
{
	if (kept.loop)
		ev_timer_stop(kept.loop, &kept.again);
	while (kept.first)
		drop(&kept.first);
	kept.loop = NULL;
}
