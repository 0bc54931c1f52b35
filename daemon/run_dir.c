/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See run_dir.h. */
#include "daemon/run_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/file_id.h"
#include "daemon/log.h"

#define LOCK_FILE "dualpathd.pid"
#define LOCK_PATIENCE_MS 1000
#define LOCK_TRY_MS      20
/* Whoever removes the folder is to be done with it. */
#define RESTORE_S 1.0
#define AGAIN_S   5.0

/* What is looked after. */
enum { LOCK, PPP_SOCKET, CTL_SOCKET, STATE_DIR, WATCHED };

struct run_dir {
	const char *path;
	int lock;
	struct ev_loop *loop; /* NULL: not watched */
	char *name[WATCHED];
	ev_stat file[WATCHED];
	ev_timer look;
	struct run_dir_callbacks callbacks;
	void *arg;
};

int run_dir_make(const char *path, mode_t mode)
{
	char part[PATH_MAX];

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(part, mode) == 0 || errno == EEXIST ? 0 : -errno;
}

/* ---- the lock ---- */

/* Who was killed a moment ago is on his way out, and holds it until he is. */
static bool lock_within(int fd, int ms)
{
	const struct timespec pause = { .tv_nsec = LOCK_TRY_MS * 1000000L };

	for (; flock(fd, LOCK_EX | LOCK_NB) < 0; ms -= LOCK_TRY_MS) {
		if (ms <= 0)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

static void tell_owner(const char *run_dir, int fd)
{
	char owner[32] = "";

	if (read(fd, owner, sizeof(owner) - 1) < 0)
		owner[0] = '\0';
	owner[strcspn(owner, "\n")] = '\0';
	log_error("another dualpathd is already running on %s%s%s: stop it first, or give this one its own --run-dir", run_dir,
	          *owner ? ", process " : "", owner);
}

/* The lock dies with the process, so a file left by a crash stops nobody.  A descriptor or -errno; -EBUSY: another has it, as told. */
static int take_lock(const char *run_dir)
{
	char path[PATH_MAX], owner[32];
	int fd, r;

	snprintf(path, sizeof(path), "%s/" LOCK_FILE, run_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0) {
		r = -errno;
		log_error("cannot open %s: %s", path, strerror(-r));
		return r;
	}
	if (!lock_within(fd, LOCK_PATIENCE_MS)) {
		tell_owner(run_dir, fd);
		close(fd);
		return -EBUSY;
	}
	snprintf(owner, sizeof(owner), "%d\n", getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, owner, strlen(owner), 0) < 0)
		log_warn("cannot write %s: %s", path, strerror(errno));
	return fd;
}

struct run_dir *run_dir_lock(const char *path)
{
	struct run_dir *dir;
	int lock = take_lock(path);

	if (lock < 0)
		return NULL;
	dir = xcalloc(1, sizeof(*dir));
	dir->path = path;
	dir->lock = lock;
	return dir;
}

/* ---- what is removed comes back ---- */

static bool has_lock(const struct run_dir *dir)
{
	return file_id_same(file_id_of(dir->lock), file_id_at(dir->name[LOCK]));
}

static int lock_again(struct run_dir *dir)
{
	int r = run_dir_make(dir->path, RUN_DIR_MODE);

	if (r == 0)
		r = take_lock(dir->path);
	if (r < 0)
		return r;
	close(dir->lock);
	dir->lock = r;
	return 0;
}

static void look_in(struct run_dir *dir, double seconds)
{
	ev_timer_stop(dir->loop, &dir->look);
	ev_timer_set(&dir->look, seconds, 0);
	ev_timer_start(dir->loop, &dir->look);
}

static void on_look(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct run_dir *dir = w->data;
	bool lost = !has_lock(dir);
	int r = lost ? lock_again(dir) : 0;

	(void)loop;
	(void)revents;
	run_dir_make(dir->name[STATE_DIR], STATE_DIR_MODE); /* whoever cannot write there says so */
	if (r == -EBUSY) {
		dir->callbacks.taken(dir->arg);
		return;
	}
	if (r == 0)
		r = dir->callbacks.restore(dir->arg, lost);
	if (r == 0)
		return;
	log_warn("%s was removed, and cannot be made anew: %s", dir->path, strerror(-r));
	look_in(dir, AGAIN_S);
}

/* Anything about one of them; our own doing as well. */
static void on_changed(struct ev_loop *loop, ev_stat *w, int revents)
{
	(void)loop;
	(void)revents;
	look_in(w->data, RESTORE_S);
}

static char *name_in(const struct run_dir *dir, const char *file)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir->path, file);
	return xstrdup(path);
}

void run_dir_watch(struct run_dir *dir, struct ev_loop *loop, const char *socket, const char *state_dir,
                   const struct run_dir_callbacks *callbacks, void *arg)
{
	dir->loop = loop;
	dir->callbacks = *callbacks;
	dir->arg = arg;
	dir->name[LOCK] = name_in(dir, LOCK_FILE);
	dir->name[PPP_SOCKET] = name_in(dir, "ppp.sock");
	dir->name[CTL_SOCKET] = xstrdup(socket);
	dir->name[STATE_DIR] = xstrdup(state_dir);
	ev_timer_init(&dir->look, on_look, 0, 0);
	dir->look.data = dir;
	for (unsigned i = 0; i < WATCHED; i++) {
		ev_stat_init(&dir->file[i], on_changed, dir->name[i], 0);
		dir->file[i].data = dir;
		ev_stat_start(loop, &dir->file[i]);
	}
}

void run_dir_unwatch(struct run_dir *dir)
{
	if (!dir->loop)
		return;
	ev_timer_stop(dir->loop, &dir->look);
	for (unsigned i = 0; i < WATCHED; i++) {
		ev_stat_stop(dir->loop, &dir->file[i]);
		free(dir->name[i]);
	}
	dir->loop = NULL;
}

void run_dir_free(struct run_dir *dir)
{
	if (!dir)
		return;
	run_dir_unwatch(dir);
	close(dir->lock);
	free(dir);
}
