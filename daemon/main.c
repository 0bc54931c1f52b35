/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dualpathd: options, the lock, signals, and the order in which things begin and
 * end.  A clean stop and kill -9 leave the same behind: everything that forwards.
 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/config_load.h"
#include "daemon/ctl_server.h"
#include "daemon/ctl_socket.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/router.h"
#include "daemon/run_dir.h"
#include "daemon/running_conf.h"
#include "daemon/verbs.h"

/* A poll that lasts so long may have been a sleep of all that runs. */
#define LONG_SLEEP_MS 500

struct settings {
	struct router_options router;
	char *socket;
	bool foreground, check_only, teardown;
};

enum { OPT_RUN_DIR = 256, OPT_STATE_DIR, OPT_PLUGIN, OPT_PPPD, OPT_TEARDOWN };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "check", no_argument, NULL, 'n' },
	{ "socket", required_argument, NULL, 's' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ "run-dir", required_argument, NULL, OPT_RUN_DIR },
	{ "state-dir", required_argument, NULL, OPT_STATE_DIR },
	{ "plugin", required_argument, NULL, OPT_PLUGIN },
	{ "pppd", required_argument, NULL, OPT_PPPD },
	{ "teardown", no_argument, NULL, OPT_TEARDOWN },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *f)
{
	fputs("usage: dualpathd [-fnvV] [-c FILE] [-s SOCKET] [--run-dir DIR] [--state-dir DIR]\n"
	      "                 [--plugin FILE] [--pppd FILE] [--teardown]\n"
	      "  -c FILE      configuration (" SYSCONFDIR "/dualpath/dualpath.conf)\n"
	      "  -f           stay in the foreground, log to stderr\n"
	      "  -n           check the configuration, print it normalised, and exit\n"
	      "  -s SOCKET    control socket (RUN-DIR/control.sock)\n"
	      "  -v, -vv      say more\n"
	      "  -V, -h       print the version, or this\n"
	      "  --run-dir    sockets and pid files (" RUNSTATEDIR "/dualpath)\n"
	      "  --state-dir  what outlives a reboot (" LOCALSTATEDIR "/lib/dualpath)\n"
	      "  --plugin     dualpath.so, where it is not in pppd's own folder\n"
	      "  --pppd       pppd, where it is not " PPPD_FILE "\n"
	      "  --teardown   take away everything of ours, and exit\n",
	      f);
}

/* ---- where things are ---- */

/*
 * A tree that was installed below another root (DESTDIR) works without options: the
 * plugin is then looked for below the same root as this program.
 */
static const char *find_plugin(void)
{
	static const char program[] = SBINDIR "/dualpathd";
	static char found[PATH_MAX];
	char self[PATH_MAX / 2];
	ssize_t n;

	if (access(PLUGIN_FILE, R_OK) == 0)
		return PLUGIN_FILE;
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n > (ssize_t)strlen(program)) {
		self[n] = '\0';
		if (strcmp(self + n - strlen(program), program) == 0) {
			self[n - (ssize_t)strlen(program)] = '\0';
			snprintf(found, sizeof(found), "%s%s", self, PLUGIN_FILE);
			if (access(found, R_OK) == 0)
				return found;
		}
	}
	return PLUGIN_FILE;
}

/* Without sockets nobody could reach us; without memory we only start slower. */
static bool make_dirs(const struct router_options *o)
{
	int r = run_dir_make(o->run_dir, RUN_DIR_MODE);

	if (r < 0) {
		log_error("cannot make the folder %s: %s", o->run_dir, strerror(-r));
		return false;
	}
	r = run_dir_make(o->state_dir, STATE_DIR_MODE);
	if (r < 0)
		log_warn("cannot make the folder %s: %s; nothing will be kept for the next start", o->state_dir, strerror(-r));
	return true;
}

/* ---- options ---- */

static bool take_option(int c, struct settings *s, int *verbose)
{
	switch (c) {
	case 'c': s->router.config_file = optarg; return true;
	case 'f': s->foreground = true; return true;
	case 'n': s->check_only = true; return true;
	case 's': s->socket = optarg; return true;
	case 'v': ++*verbose; return true;
	case OPT_RUN_DIR: s->router.run_dir = optarg; return true;
	case OPT_STATE_DIR: s->router.state_dir = optarg; return true;
	case OPT_PLUGIN: s->router.plugin_file = optarg; return true;
	case OPT_PPPD: s->router.pppd_file = optarg; return true;
	case OPT_TEARDOWN: s->teardown = true; return true;
	case 'V': puts("dualpathd " PACKAGE_VERSION); exit(0);
	case 'h': usage(stdout); exit(0);
	default: return false;
	}
}

/*
 * A name from '/' on, since a daemon in the background and a service have another current folder.  Links are left for each
 * reading to follow: an owner changes the configuration by pointing one elsewhere.
 */
static const char *whole_name(const char *file)
{
	static char whole[PATH_MAX];
	char folder[PATH_MAX / 2];

	if (*file == '/' || !getcwd(folder, sizeof(folder)) ||
	    snprintf(whole, sizeof(whole), "%s/%s", folder, file) >= (int)sizeof(whole))
		return file;
	return whole;
}

static bool parse_options(int argc, char **argv, struct settings *s)
{
	static char socket_path[PATH_MAX];
	int c, verbose = 0;

	*s = (struct settings){ .router = { .config_file = SYSCONFDIR "/dualpath/dualpath.conf",
	                                    .run_dir = RUNSTATEDIR "/dualpath",
	                                    .state_dir = LOCALSTATEDIR "/lib/dualpath",
	                                    .plugin_file = find_plugin(), .pppd_file = PPPD_FILE } };
	while ((c = getopt_long(argc, argv, "c:fns:vVh", long_options, NULL)) != -1)
		if (!take_option(c, s, &verbose))
			return false;
	if (optind < argc) {
		fprintf(stderr, "dualpathd: unexpected word '%s'\n", argv[optind]);
		return false;
	}
	s->router.config_file = whole_name(s->router.config_file);
	if (!s->socket) {
		snprintf(socket_path, sizeof(socket_path), "%s/control.sock", s->router.run_dir);
		s->socket = socket_path;
	}
	log_set_level(verbose > 1 ? LOG_LEVEL_TRACE : verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	return true;
}

/* ---- config ---- */

static struct config *read_config(const struct settings *s)
{
	struct diag_list diags = { 0 };
	const struct router_options *o = &s->router;
	struct config *config = s->check_only ? config_load(o->config_file, &diags)
	                        : s->teardown ? running_conf_load(o->run_dir, o->config_file, &diags)
	                                      : config_load_for_start(o->config_file, o->state_dir, &diags);

	for (size_t i = 0; i < diags.count; i++) {
		char *text = diag_format(&diags.item[i]);

		fprintf(stderr, "%s\n", text);
		free(text);
	}
	diag_free(&diags);
	return config;
}

static int check_only(const struct settings *s)
{
	struct config *config = read_config(s);
	char *text;

	if (!config)
		return 1;
	text = config_print(config);
	fputs(text, stdout);
	free(text);
	config_free(config);
	return 0;
}

/* ---- running ---- */

static void on_end(struct ev_loop *loop, ev_signal *w, int revents)
{
	(void)revents;
	if (router_is_torn_down(w->data))
		return; /* that ends us, too, and is not to be left half done */
	log_info("stopping on signal %d; tunnel, session and rules go on", w->signum);
	ev_break(loop, EVBREAK_ALL);
}

static void on_reload(struct ev_loop *loop, ev_signal *w, int revents)
{
	struct diag_list diags = { 0 };
	struct op_list ops = { 0 };

	(void)loop;
	(void)revents;
	if (!router_reload(w->data, 0, &diags, &ops))
		log_error("reload: the configuration is not good, the running one is kept");
	for (size_t i = 0; i < diags.count; i++) {
		char *text = diag_format(&diags.item[i]);

		log_error("%s", text);
		free(text);
	}
	op_list_free(&ops);
	diag_free(&diags);
}

static const int signals[] = { SIGTERM, SIGINT, SIGHUP };

/*
 * While we start they wait: the one to reload would end us, and one to stop would leave a start half done.
 * Programs that we start have none blocked (spawn.c).
 */
static void let_signals_wait(bool wait)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(wait ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static void watch_signals(struct ev_loop *loop, struct router *router, ev_signal watcher[3])
{
	for (int i = 0; i < 3; i++) {
		ev_signal_init(&watcher[i], signals[i] == SIGHUP ? on_reload : on_end, signals[i]);
		watcher[i].data = router;
		ev_signal_start(loop, &watcher[i]);
	}
	let_signals_wait(false);
}

/* Whoever started us may wait for the end of our output, or close the terminal. */
static void let_go_of_output(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	log_to_syslog();
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

/* The write end of a pipe to whoever started us in the background, who waits for it. */
static void say_started(int *fd)
{
	if (*fd >= 0) {
		let_go_of_output();
		if (write(*fd, "", 1) != 1)
			log_warn("nobody waits for this start any more");
		close(*fd);
		*fd = -1;
	}
	notify_state("READY=1");
}

/* ---- after a sleep ---- */

/*
 * A poll that is interrupted, as when this process or the machine was stopped and goes on, tells of no socket; but time has passed, and
 * timers are due.  They would act on what was not heard, though it lies there: a pppd that "hangs", a path that is "silent".
 */
struct sleeper {
	ev_prepare before;
	ev_check after;
	uint64_t began_ms; /* the last poll, monotonic */
};

static void on_before_sleep(struct ev_loop *loop, ev_prepare *w, int revents)
{
	struct sleeper *sleeper = w->data;

	(void)loop;
	(void)revents;
	sleeper->began_ms = clock_monotonic_ms();
}

static void hold(struct ev_loop *loop)
{
	(void)loop;
}

/* Before all others: sockets are looked at once more, and what they have takes its turn by priority, with what is due. */
static void on_after_sleep(struct ev_loop *loop, ev_check *w, int revents)
{
	struct sleeper *sleeper = w->data;
	uint64_t now = clock_monotonic_ms();

	(void)revents;
	if (now - sleeper->began_ms < LONG_SLEEP_MS)
		return;
	sleeper->began_ms = now;
	ev_set_invoke_pending_cb(loop, hold);
	ev_run(loop, EVRUN_NOWAIT);
	ev_set_invoke_pending_cb(loop, ev_invoke_pending);
}

static void watch_sleep(struct ev_loop *loop, struct sleeper *sleeper)
{
	ev_prepare_init(&sleeper->before, on_before_sleep);
	ev_check_init(&sleeper->after, on_after_sleep);
	ev_set_priority(&sleeper->before, EV_MINPRI);
	ev_set_priority(&sleeper->after, EV_MAXPRI);
	sleeper->before.data = sleeper->after.data = sleeper;
	ev_prepare_start(loop, &sleeper->before);
	ev_check_start(loop, &sleeper->after);
}

static void unwatch_sleep(struct ev_loop *loop, struct sleeper *sleeper)
{
	ev_prepare_stop(loop, &sleeper->before);
	ev_check_stop(loop, &sleeper->after);
}

/* ---- the run folder, when it was removed ---- */

struct service {
	struct ev_loop *loop;
	struct router *router;
	struct ctl_server *server;
	bool taken; /* by another daemon */
};

static int on_removed(void *arg, bool folder_too)
{
	struct service *service = arg;
	int r = router_restore_run_dir(service->router, folder_too);

	return r < 0 ? r : ctl_server_restore(service->server);
}

static void on_taken(void *arg)
{
	struct service *service = arg;

	log_error("the run folder was removed, and another dualpathd started in it: ending; tunnel, session and rules go on");
	service->taken = true;
	ev_break(service->loop, EVBREAK_ALL);
}

/* The router is freed before the socket: who waits for a test that it ends is told so. */
static int serve(struct ev_loop *loop, struct settings *s, struct router *router, struct run_dir *dir, int *started)
{
	static const struct run_dir_callbacks callbacks = { on_removed, on_taken };
	struct service service = { loop, router, NULL, false };
	struct sleeper sleeper;
	ev_signal watcher[3];
	struct verbs_env env = { loop, router, NULL };
	int r = ctl_server_new(loop, s->socket, verbs_table(), &env, &service.server);

	if (r < 0) {
		log_error("cannot listen on %s: %s", s->socket, strerror(-r));
		router_free(router);
		return 1;
	}
	env.drill = drill_new(loop, router);
	watch_signals(loop, router, watcher);
	watch_sleep(loop, &sleeper);
	run_dir_watch(dir, loop, s->socket, s->router.state_dir, &callbacks, &service);
	say_started(started);
	ev_run(loop, 0);
	notify_state("STOPPING=1");
	unwatch_sleep(loop, &sleeper);
	run_dir_unwatch(dir);
	for (int i = 0; i < 3; i++)
		ev_signal_stop(loop, &watcher[i]);
	drill_free(env.drill);
	router_free(router);
	ctl_server_free(service.server);
	return service.taken;
}

static void on_torn_down(void *arg)
{
	ev_break(arg, EVBREAK_ALL);
}

/* No daemon runs, or it would hold the lock; one that was killed has left its socket. */
static void tear_down(struct ev_loop *loop, const struct settings *s, struct router *router)
{
	int r;

	router_teardown(router, on_torn_down, loop);
	ev_run(loop, 0);
	r = ctl_socket_remove(s->socket);
	if (r < 0)
		log_warn("cannot remove %s: %s", s->socket, strerror(-r));
}

static int run(struct settings *s, struct config *config, struct run_dir *dir, int *started)
{
	/* Not the default loop: that one would reap pppd before its own watcher sees it end. */
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	struct router *router;
	char *why = NULL;
	int status = 1;

	if (!loop) {
		log_error("cannot make an event loop");
		return 1;
	}
	log_info("dualpathd " PACKAGE_VERSION " with %s", s->router.config_file);
	if (router_new(loop, &s->router, config, &router, &why) < 0) {
		log_error("%s", why);
		free(why);
	} else if (s->teardown) {
		tear_down(loop, s, router);
		router_free(router);
		status = 0;
	} else {
		status = serve(loop, s, router, dir, started);
	}
	ev_loop_destroy(loop);
	return status;
}

/* Fork; the parent ends when the child has started, with its verdict. */
static int into_background(void)
{
	int fd[2];
	char byte;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		log_error("cannot go into the background: %s", strerror(errno));
		exit(1);
	}
	if (pid > 0) {
		close(fd[1]);
		let_signals_wait(false);
		_exit(read(fd[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(fd[0]);
	setsid();
	return fd[1];
}

static int start(struct settings *s)
{
	struct config *config;
	struct run_dir *dir;
	int started = -1, status;

	if (geteuid() != 0) {
		log_error("dualpathd must be started as root");
		return 1;
	}
	let_signals_wait(!s->teardown);
	config = read_config(s);
	if (!config) {
		log_error("%s: not usable; nothing was changed", s->router.config_file);
		return 1;
	}
	if (!make_dirs(&s->router)) {
		config_free(config);
		return 1;
	}
	if (!s->foreground && !s->teardown)
		started = into_background();
	dir = run_dir_lock(s->router.run_dir);
	if (!dir) {
		config_free(config);
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	status = run(s, config, dir, &started);
	run_dir_free(dir);
	return status;
}

/* A huge page would be most of what we are, and come and go with what libnftables leaves.  Whom we start has none either. */
static void do_without_huge_pages(void)
{
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

int main(int argc, char **argv)
{
	struct settings settings;

	if (!parse_options(argc, argv, &settings)) {
		usage(stderr);
		return 2;
	}
	do_without_huge_pages();
	return settings.check_only ? check_only(&settings) : start(&settings);
}
