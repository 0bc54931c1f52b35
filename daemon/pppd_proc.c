/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pppd_proc.h.  The command line is in pppd_command.c. */
#include "daemon/pppd_proc.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/kept_file.h"
#include "daemon/log.h"
#include "daemon/pppd_command.h"
#include "daemon/spawn.h"
#include "policy/config.h"
#include "policy/ppp_exit.h"

#define STOP_SECONDS 3.0 /* between SIGTERM and SIGKILL */
#define LINE_MAX_BYTES 256
#define LOG_READS_AT_ONCE 16

struct pppd_proc {
	struct ev_loop *loop;
	struct pppd_callbacks callbacks;
	void *arg;

	pid_t pid; /* 0: none runs */
	int pidfd;
	bool child; /* ours to reap; an adopted one is init's */
	bool asked;
	int noted_status;
	char run_dir[PATH_MAX], name[CONFIG_NAME_MAX]; /* of the path */
	struct pppd_command command; /* what it was started with */

	int log_fd; /* -1: none (adopted) */
	char line[LINE_MAX_BYTES];
	size_t line_length;
	char telling[LINE_MAX_BYTES]; /* the line that says most about the end */
	int telling_weight;

	ev_io exit_watcher, log_watcher;
	ev_timer kill_timer;
};

/* ---- the log ---- */

/* What the peer says stands in these lines: nothing but printable ASCII gets out. */
static void clean_line(char *line)
{
	for (; *line; line++)
		if (*line < 0x20 || *line > 0x7e)
			*line = '?';
}

static void keep_if_telling(struct pppd_proc *proc)
{
	int weight = ppp_line_weight(proc->line);

	if (weight == PPP_LINE_UP) {
		proc->telling_weight = 0;
		proc->telling[0] = 0;
	} else if (weight > proc->telling_weight) {
		proc->telling_weight = weight;
		memcpy(proc->telling, proc->line, sizeof(proc->telling));
	}
}

static void line_ends(struct pppd_proc *proc)
{
	proc->line[proc->line_length] = 0;
	proc->line_length = 0;
	if (proc->line[0] == 0)
		return;
	clean_line(proc->line);
	keep_if_telling(proc);
	proc->callbacks.log_line(proc->arg, proc->line);
}

/* A line too long is cut: its rest is dropped up to the newline. */
static void take_log(struct pppd_proc *proc, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] == '\n')
			line_ends(proc);
		else if (proc->line_length < sizeof(proc->line) - 1)
			proc->line[proc->line_length++] = bytes[i] ? bytes[i] : '?';
	}
}

static void close_log(struct pppd_proc *proc)
{
	if (proc->log_fd < 0)
		return;
	ev_io_stop(proc->loop, &proc->log_watcher);
	close(proc->log_fd);
	proc->log_fd = -1;
}

static void read_log(struct pppd_proc *proc)
{
	char bytes[2048];
	ssize_t count = 0;

	for (int i = 0; i < LOG_READS_AT_ONCE && proc->log_fd >= 0; i++) {
		count = read(proc->log_fd, bytes, sizeof(bytes));
		if (count <= 0)
			break;
		take_log(proc, bytes, (size_t)count);
	}
	if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
		close_log(proc);
}

static void on_log(struct ev_loop *loop, ev_io *watcher, int events)
{
	(void)loop;
	(void)events;
	read_log(watcher->data);
}

/* ---- who it is: RUN_DIR/NAME.pppd holds "PID START" ---- */

/* When the process began, in the kernel's ticks (field 22 of proc(5) stat): with the pid, its identity. */
static int read_start_time(pid_t pid, uint64_t *start, char *name, size_t name_size)
{
	char path[64], text[1024];
	char *name_start, *name_end;
	FILE *file;
	size_t count;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	count = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[count] = 0;
	/* The name stands in brackets, and may hold brackets itself. */
	name_start = strchr(text, '(');
	name_end = strrchr(text, ')');
	if (!name_start || !name_end ||
	    sscanf(name_end + 1,
	           " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
	           " %*s %*s %" SCNu64,
	           start) != 1)
		return -EPROTO;
	*name_end = 0;
	snprintf(name, name_size, "%s", name_start + 1);
	return 0;
}

static const char *note_name(const struct pppd_proc *proc, char *buf)
{
	snprintf(buf, NAME_MAX, "%s.pppd", proc->name);
	return buf;
}

static void set_note(struct pppd_proc *proc, const struct pppd_options *options)
{
	snprintf(proc->run_dir, sizeof(proc->run_dir), "%s", options->run_dir);
	snprintf(proc->name, sizeof(proc->name), "%s", options->path_name);
}

/* It can run without, but the next daemon would not find it. */
void pppd_proc_note(const struct pppd_proc *proc)
{
	char file[NAME_MAX], text[64], name[32];
	uint64_t start;

	if (!proc->pid || read_start_time(proc->pid, &start, name, sizeof(name)) < 0)
		return;
	snprintf(text, sizeof(text), "%d %" PRIu64 "\n", proc->pid, start);
	kept_file_write(proc->run_dir, note_name(proc, file), text);
}

static int read_note(const struct pppd_proc *proc, pid_t *pid, uint64_t *start)
{
	char file[NAME_MAX], text[64];

	if (kept_file_read(proc->run_dir, note_name(proc, file), text, sizeof(text)) < 0)
		return -ESRCH;
	return sscanf(text, "%d %" SCNu64, pid, start) == 2 && *pid > 1 ? 0 : -ESRCH;
}

static void remove_note(const struct pppd_proc *proc)
{
	char file[NAME_MAX];

	kept_file_remove(proc->run_dir, note_name(proc, file));
}

/* ---- the end ---- */

static int exit_status_of(const struct pppd_proc *proc)
{
	siginfo_t info = { 0 };

	if (!proc->child || waitid(P_PIDFD, (id_t)proc->pidfd, &info, WEXITED) < 0)
		return proc->noted_status;
	return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

static void let_go(struct pppd_proc *proc)
{
	if (proc->pid == 0)
		return;
	close_log(proc);
	ev_io_stop(proc->loop, &proc->exit_watcher);
	ev_timer_stop(proc->loop, &proc->kill_timer);
	close(proc->pidfd);
	proc->pidfd = -1;
	proc->pid = 0;
}

/* One of the same name may have been started meanwhile, for a session that went out of the config and came back: its note stays. */
static void forget_note(const struct pppd_proc *proc)
{
	uint64_t start;
	pid_t pid;

	if (read_note(proc, &pid, &start) < 0 || pid == proc->pid)
		remove_note(proc);
}

static void on_exit_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct pppd_proc *proc = watcher->data;
	char telling[LINE_MAX_BYTES];
	bool asked = proc->asked;
	int status;

	(void)loop;
	(void)events;
	read_log(proc); /* its last words */
	status = exit_status_of(proc);
	forget_note(proc);
	let_go(proc);
	memcpy(telling, proc->telling, sizeof(telling)); /* the callback may start the next one */
	proc->callbacks.exited(proc->arg, status, asked, telling);
}

static void on_kill_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct pppd_proc *proc = timer->data;

	(void)loop;
	(void)events;
	log_warn("pppd %d does not end, killing it", proc->pid);
	pidfd_send_signal(proc->pidfd, SIGKILL, NULL, 0);
}

/* ---- the start ---- */

static void forget_last(struct pppd_proc *proc)
{
	proc->asked = false;
	proc->noted_status = PPP_STATUS_UNKNOWN;
	proc->line_length = 0;
	proc->telling[0] = 0;
	proc->telling_weight = 0;
}

/* From now on proc->pid is watched. */
static void hold(struct pppd_proc *proc, pid_t pid, int pidfd, bool child)
{
	proc->pid = pid;
	proc->pidfd = pidfd;
	proc->child = child;
	ev_io_set(&proc->exit_watcher, pidfd, EV_READ);
	ev_io_start(proc->loop, &proc->exit_watcher);
}

/*
 * Both ends never block: a daemon that does not read must not stop pppd (which then
 * stops logging here, and goes on).
 */
static int open_log_pipe(int fd[2])
{
	return pipe2(fd, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0;
}

static int prepare_files(posix_spawn_file_actions_t *actions, int log_fd)
{
	int error = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	error = error ? error : posix_spawn_file_actions_adddup2(actions, log_fd, STDOUT_FILENO);
	error = error ? error : posix_spawn_file_actions_adddup2(actions, log_fd, STDERR_FILENO);
	return error ? error : posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

/* A session of its own, so that what ends our terminal or process group does not end it; all signals as new. */
/* 0 or -errno; that of exec too. */
static int spawn(const char *file, char *const argv[], int log_fd, pid_t *pid)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char locale[] = "LC_ALL=C"; /* its words are read by ppp_exit.c */
	char *environment[] = { path, locale, NULL };
	posix_spawn_file_actions_t actions;
	int r;

	posix_spawn_file_actions_init(&actions);
	r = -prepare_files(&actions, log_fd);
	if (r == 0)
		r = spawn_program(file, argv, environment, &actions, true, pid);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

static void hold_log(struct pppd_proc *proc, int fd)
{
	proc->log_fd = fd;
	ev_io_set(&proc->log_watcher, fd, EV_READ);
	ev_io_start(proc->loop, &proc->log_watcher);
}

/* A child that cannot be watched must not run on unseen. */
static int hold_child(struct pppd_proc *proc, pid_t pid)
{
	int pidfd = pidfd_open(pid, 0);

	if (pidfd < 0) {
		int result = -errno;

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return result;
	}
	hold(proc, pid, pidfd, true);
	return 0;
}

int pppd_proc_start(struct pppd_proc *proc, const struct pppd_options *options)
{
	int log_pipe[2] = { -1, -1 };
	pid_t pid;
	int result;

	if (proc->pid != 0)
		return -EALREADY;
	forget_last(proc);
	set_note(proc, options);
	result = pppd_command_make(&proc->command, options);
	if (result == 0)
		result = open_log_pipe(log_pipe);
	if (result < 0)
		goto out;
	result = spawn(proc->command.file, proc->command.argv, log_pipe[1], &pid);
	if (result == 0)
		result = hold_child(proc, pid);
	if (result < 0)
		goto out;
	hold_log(proc, log_pipe[0]);
	log_pipe[0] = -1;
	pppd_proc_note(proc);
out:
	if (log_pipe[0] >= 0)
		close(log_pipe[0]);
	if (log_pipe[1] >= 0)
		close(log_pipe[1]);
	return result;
}

/* Is the process behind pidfd still the one that was written down? */
static bool is_that_pppd(pid_t pid, uint64_t written_start, const struct pppd_options *options)
{
	char name[32];
	uint64_t start;

	return read_start_time(pid, &start, name, sizeof(name)) == 0 && start == written_start &&
	       strncmp(name, pppd_command_name(options), 15) == 0; /* the kernel keeps 15 bytes of a name */
}

int pppd_proc_adopt(struct pppd_proc *proc, const struct pppd_options *options)
{
	uint64_t start;
	pid_t pid;
	int pidfd;

	if (proc->pid != 0)
		return -EALREADY;
	forget_last(proc);
	set_note(proc, options);
	if (read_note(proc, &pid, &start) < 0)
		return -ESRCH;
	pidfd = pidfd_open(pid, 0); /* first, so that the pid cannot become another's while we look */
	if (pidfd >= 0 && is_that_pppd(pid, start, options) && pppd_command_read(&proc->command, pid) == 0) {
		hold(proc, pid, pidfd, false);
		return 0;
	}
	if (pidfd >= 0)
		close(pidfd);
	remove_note(proc);
	return -ESRCH;
}

void pppd_proc_stop(struct pppd_proc *proc)
{
	if (proc->pid == 0 || proc->asked)
		return;
	proc->asked = true;
	pidfd_send_signal(proc->pidfd, SIGTERM, NULL, 0);
	ev_timer_set(&proc->kill_timer, STOP_SECONDS, 0.);
	ev_timer_start(proc->loop, &proc->kill_timer);
}

void pppd_proc_kill(struct pppd_proc *proc)
{
	if (proc->pid != 0)
		pidfd_send_signal(proc->pidfd, SIGKILL, NULL, 0);
}

bool pppd_proc_is_current(const struct pppd_proc *proc, const struct pppd_options *options)
{
	struct pppd_command command;

	return proc->pid != 0 && pppd_command_make(&command, options) == 0 &&
	       pppd_command_equal(&command, &proc->command);
}

pid_t pppd_proc_pid(const struct pppd_proc *proc)
{
	return proc->pid;
}

void pppd_proc_note_exit(struct pppd_proc *proc, int status)
{
	proc->noted_status = status;
}

struct pppd_proc *pppd_proc_new(struct ev_loop *loop, const struct pppd_callbacks *callbacks, void *arg)
{
	struct pppd_proc *proc;

	assert(!ev_is_default_loop(loop));
	proc = calloc(1, sizeof(*proc));
	if (!proc)
		return NULL;
	proc->loop = loop;
	proc->callbacks = *callbacks;
	proc->arg = arg;
	proc->pidfd = proc->log_fd = -1;
	ev_init(&proc->exit_watcher, on_exit_readable);
	ev_init(&proc->log_watcher, on_log);
	ev_init(&proc->kill_timer, on_kill_timer);
	proc->exit_watcher.data = proc->log_watcher.data = proc->kill_timer.data = proc;
	/* What the plugin has told, its exit status among it, is read before the exit is looked at. */
	ev_set_priority(&proc->exit_watcher, EV_MINPRI);
	return proc;
}

void pppd_proc_free(struct pppd_proc *proc)
{
	if (!proc)
		return;
	let_go(proc);
	free(proc);
}
