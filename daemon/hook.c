/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See hook.h. */
#include "daemon/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/spawn.h"

#define TIME_LIMIT_S 30.0
/* More than this waits for none of it any more: a program that hangs must not remember a day of flapping. */
#define WAITING_MAX 64
#define VARIABLES 6

struct job {
	struct job *next;
	char *program;
	char *environment[VARIABLES + 1]; /* NULL at the end */
};

struct hook {
	struct ev_loop *loop;
	struct job *first, **end;
	unsigned waiting;
	bool running; /* the first one is */
	pid_t pid;    /* leads a process group of its own */
	ev_io exit;   /* of its pidfd */
	ev_timer limit;
};

static void start_next(struct hook *hook);

/* ---- jobs ---- */

static char *variable(const char *name, const char *value)
{
	char *text;

	if (asprintf(&text, "%s=%s", name, value) < 0)
		abort();
	return text;
}

static struct job *job_new(const char *program, const struct event *event)
{
	struct job *job = xcalloc(1, sizeof(*job));
	char stamp[CLOCK_STRLEN];

	job->program = xstrdup(program);
	job->environment[0] = variable("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	job->environment[1] = variable("DUALPATH_PATH", event->subject);
	job->environment[2] = variable("DUALPATH_FROM", event->from);
	job->environment[3] = variable("DUALPATH_TO", event->to);
	job->environment[4] = variable("DUALPATH_CAUSE", event->cause);
	job->environment[5] = variable("DUALPATH_TIME", clock_print_utc(event->time_ms, false, stamp));
	return job;
}

static void drop_first(struct hook *hook)
{
	struct job *job = hook->first;

	hook->first = job->next;
	if (!hook->first)
		hook->end = &hook->first;
	hook->waiting--;
	for (unsigned i = 0; i < VARIABLES; i++)
		free(job->environment[i]);
	free(job->program);
	free(job);
}

/* ---- running one ---- */

static void end_first(struct hook *hook)
{
	ev_io_stop(hook->loop, &hook->exit);
	ev_timer_stop(hook->loop, &hook->limit);
	close(hook->exit.fd);
	hook->running = false;
	drop_first(hook);
}

static void on_exit_of_it(struct ev_loop *loop, ev_io *w, int revents)
{
	struct hook *hook = w->data;
	siginfo_t info = { 0 };

	(void)loop;
	(void)revents;
	if (waitid(P_PIDFD, (id_t)w->fd, &info, WEXITED) < 0)
		log_warn("%s: %s", hook->first->program, strerror(errno));
	else if (info.si_code != CLD_EXITED)
		log_warn("%s was ended by signal %d", hook->first->program, info.si_status);
	else if (info.si_status != 0)
		log_warn("%s ended with exit code %d", hook->first->program, info.si_status);
	end_first(hook);
	start_next(hook);
}

static void on_limit(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct hook *hook = w->data;

	(void)revents;
	ev_timer_stop(loop, w);
	log_warn("%s still runs after %.0f s: killing it", hook->first->program, TIME_LIMIT_S);
	kill(-hook->pid, SIGKILL);
}

static int spawn(struct hook *hook)
{
	struct job *job = hook->first;
	char *argv[] = { job->program, NULL };
	posix_spawn_file_actions_t files;
	int r;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	r = spawn_program(job->program, argv, job->environment, &files, false, &hook->pid);
	posix_spawn_file_actions_destroy(&files);
	return r;
}

/* Nobody would know when it ends, nor end it. */
static void end_at_once(const struct hook *hook)
{
	kill(-hook->pid, SIGKILL);
	while (waitpid(hook->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static bool start_first(struct hook *hook)
{
	int r = spawn(hook), fd;

	if (r < 0) {
		log_warn("cannot run %s: %s", hook->first->program, strerror(-r));
		return false;
	}
	fd = pidfd_open(hook->pid, 0);
	if (fd < 0) {
		log_warn("%s is not told of this change, as it could not be watched: %s", hook->first->program, strerror(errno));
		end_at_once(hook);
		return false;
	}
	hook->running = true;
	ev_io_set(&hook->exit, fd, EV_READ);
	ev_io_start(hook->loop, &hook->exit);
	ev_timer_set(&hook->limit, TIME_LIMIT_S, 0);
	ev_timer_start(hook->loop, &hook->limit);
	return true;
}

static void start_next(struct hook *hook)
{
	while (hook->first && !hook->running)
		if (!start_first(hook))
			drop_first(hook);
}

void hook_run(struct hook *hook, const char *program, const struct event *event)
{
	if (hook->waiting == WAITING_MAX) {
		log_warn("%s is too slow: it is not told of this change", program);
		return;
	}
	*hook->end = job_new(program, event);
	hook->end = &(*hook->end)->next;
	hook->waiting++;
	start_next(hook);
}

struct hook *hook_new(struct ev_loop *loop)
{
	struct hook *hook = xcalloc(1, sizeof(*hook));

	hook->loop = loop;
	hook->end = &hook->first;
	ev_init(&hook->exit, on_exit_of_it);
	ev_timer_init(&hook->limit, on_limit, 0, 0);
	hook->exit.data = hook->limit.data = hook;
	return hook;
}

void hook_free(struct hook *hook)
{
	if (!hook)
		return;
	if (hook->running)
		end_first(hook);
	while (hook->first)
		drop_first(hook);
	free(hook);
}
