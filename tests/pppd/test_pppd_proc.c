/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon/pppd_proc.c with tests/pppd/fake-pppd in pppd's place: how it is started, what is
 * kept of its log, how its end is seen, and adoption.  Needs no PPP and no root.
 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/pppd_command.h"
#include "daemon/pppd_proc.h"
#include "policy/ppp_exit.h"
#include "tests/unit/unit.h"

#define USER "we ird\"u's\\er#50%$(x)\xc3\xa9@example.jp"

static struct ev_loop *loop;
static struct pppd_proc *proc;
static char run_dir[] = "/tmp/test_pppd_proc.XXXXXX", fake[4096], state_file[256];
static char text[300000];
static int exits, exit_status;
static bool exit_asked;
static char exit_line[256];

static void on_exited(void *arg, int status, bool asked, const char *line)
{
	(void)arg;
	exits++;
	exit_status = status;
	exit_asked = asked;
	snprintf(exit_line, sizeof(exit_line), "%s", line);
	ev_break(loop, EVBREAK_ALL);
}

static void on_line(void *arg, const char *line)
{
	(void)arg;
	if (strlen(text) + strlen(line) + 2 < sizeof(text))
		strcat(strcat(text, line), "\n");
	if (strcmp(line, "ready") == 0)
		ev_break(loop, EVBREAK_ALL);
}

static struct pppd_options options_for(const char *what)
{
	return (struct pppd_options){ .path_name = what,
		                      .interface = "wan0",
		                      .device = "pppoe0",
		                      .user = USER,
		                      .socket_path = "/run/x/ppp.sock",
		                      .run_dir = run_dir,
		                      .pppd_file = fake };
}

static struct pppd_proc *new_proc(void)
{
	static const struct pppd_callbacks callbacks = { on_exited, on_line };

	return pppd_proc_new(loop, &callbacks, NULL);
}

/* run_dir is made once and removed with the last test's files. */
static void begin(const char *what)
{
	const char *top = getenv("top_srcdir");

	strcpy(run_dir + strlen(run_dir) - 6, "XXXXXX");
	CHECK(mkdtemp(run_dir) != NULL);
	snprintf(fake, sizeof(fake), "%s/tests/pppd/fake-pppd", top ? top : ".");
	snprintf(state_file, sizeof(state_file), "%s/%s.pppd", run_dir, what);
	text[0] = 0;
	exits = 0;
	loop = ev_loop_new(EVFLAG_AUTO);
	proc = new_proc();
}

static void end(void)
{
	pppd_proc_free(proc);
	ev_loop_destroy(loop);
	unlink(state_file);
	CHECK_INT(rmdir(run_dir), 0);
}

static void start(const char *what)
{
	struct pppd_options options = options_for(what);

	CHECK_INT(pppd_proc_start(proc, &options), 0);
	CHECK(pppd_proc_pid(proc) > 0);
	CHECK(pppd_proc_is_current(proc, &options));
}

TEST(the_most_telling_line)
{
	begin("fails");
	start("fails");
	ev_run(loop, 0);
	CHECK_INT(exits, 1);
	CHECK_INT(exit_status, 19);
	CHECK(!exit_asked);
	CHECK_STR(exit_line, "CHAP authentication failed: Access denied");
	CHECK_INT(pppd_proc_pid(proc), 0);
	CHECK_INT(access(state_file, F_OK), -1);
	end();
}

TEST(history_ends_when_it_comes_up)
{
	begin("recovers");
	start("recovers");
	ev_run(loop, 0);
	CHECK_INT(exit_status, 16);
	CHECK_STR(exit_line, "Modem hangup");
	end();
}

/* An awkward name arrives as it is; nothing of ours does besides. */
TEST(what_it_is_given)
{
	sigset_t blocked;
	int leak;

	setenv("SECRET_OF_OURS", "x", 1);
	leak = open("/etc", O_RDONLY); /* no O_CLOEXEC, on purpose */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	begin("tells");
	start("tells");
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	ev_run(loop, 0);
	CHECK_INT(exit_status, 0);
	CHECK(strstr(text, "word <user>\nword <we ird\"u's\\er#50%$(x)??@example.jp>") != NULL); /* the log is ASCII */
	CHECK(strstr(text, "word <nodefaultroute>\n") && strstr(text, "word <noauth>\n"));
	CHECK(!strstr(text, "word <password>"));
	CHECK(strstr(text, "stdin /dev/null\n") != NULL);
	CHECK(strstr(text, "SigBlk:?0000000000000000\n") != NULL);
	CHECK(!strstr(text, "SECRET_OF_OURS"));
	CHECK(strstr(text, "env LC_ALL=C\n") != NULL);
	CHECK(strstr(text, "\nfd 1 pipe:") && strstr(text, "\nfd 2 pipe:"));
	CHECK(!strstr(text, " /etc\n") && !strstr(text, "eventpoll"));
	close(leak);
	end();
}

TEST(stop_is_asked_for)
{
	begin("stays");
	start("stays");
	ev_run(loop, 0); /* until it is ready */
	CHECK_INT(exits, 0);
	CHECK_INT(pppd_proc_start(proc, &(struct pppd_options){ 0 }), -EALREADY);
	pppd_proc_stop(proc);
	pppd_proc_stop(proc);
	ev_run(loop, 0);
	CHECK_INT(exits, 1);
	CHECK_INT(exit_status, 5);
	CHECK(exit_asked);
	end();
}

TEST(the_stubborn_is_killed)
{
	ev_tstamp began;

	begin("stubborn");
	start("stubborn");
	ev_run(loop, 0);
	began = ev_time();
	pppd_proc_stop(proc);
	ev_run(loop, 0);
	CHECK_INT(exit_status, -SIGKILL);
	CHECK(exit_asked);
	CHECK(ev_time() - began > 2.9 && ev_time() - began < 6.0);
	end();
}

TEST(a_crash_is_told_by_its_signal)
{
	begin("dies");
	start("dies");
	ev_run(loop, 0);
	CHECK_INT(exit_status, -SIGSEGV);
	CHECK(!exit_asked);
	end();
}

/* Hostile words of a peer stand in these lines. */
TEST(strange_lines)
{
	begin("strange");
	start("strange");
	ev_run(loop, 0);
	CHECK(strstr(text, "bell ? escape ?[31m byte ?? end\n") != NULL);
	CHECK(strlen(text) < 1000); /* the long line was cut */
	for (const char *c = text; *c; c++)
		CHECK(*c == '\n' || (*c >= ' ' && *c <= '~'));
	end();
}

TEST(no_pppd)
{
	struct pppd_options options;

	begin("fails");
	snprintf(fake, sizeof(fake), "/nowhere/pppd");
	options = options_for("fails");
	CHECK_INT(pppd_proc_start(proc, &options), -ENOENT);
	CHECK_INT(pppd_proc_pid(proc), 0);
	CHECK_INT(pppd_proc_adopt(proc, &options), -ESRCH);
	options.user = NULL;
	CHECK_INT(pppd_proc_start(proc, &options), -EINVAL);
	end();
}

/* The daemon goes, pppd stays; the next one finds it and sees its end, whoever's child it is. */
TEST(adoption)
{
	struct pppd_options options, other;
	pid_t pid;

	begin("stays");
	start("stays");
	ev_run(loop, 0);
	pid = pppd_proc_pid(proc);
	pppd_proc_free(proc);
	CHECK_INT(kill(pid, 0), 0);
	proc = new_proc();
	other = options = options_for("stays");
	CHECK_INT(pppd_proc_adopt(proc, &options), 0);
	CHECK_INT(pppd_proc_pid(proc), pid);
	/* That what was adopted is current takes a program, which a script is not: tests/pppd/run. */
	other.user = "another";
	CHECK(!pppd_proc_is_current(proc, &other));
	other = options;
	other.mtu = 1454;
	CHECK(!pppd_proc_is_current(proc, &other));
	pppd_proc_note_exit(proc, 16); /* as its plugin would tell */
	kill(pid, SIGKILL);
	ev_run(loop, 0);
	CHECK_INT(exits, 1);
	CHECK_INT(exit_status, 16);
	CHECK(!exit_asked);
	waitpid(pid, NULL, 0);
	end();
}

/* A pid that has become another process's, or a file of nonsense, is not adopted. */
TEST(no_false_adoption)
{
	static const char *const content[] = { "", "1 1\n", "0 0\n", "-1 5\n", "x y\n", "99999999 1\n" };
	struct pppd_options options;
	FILE *file;

	begin("stays");
	options = options_for("stays");
	CHECK_INT(pppd_proc_adopt(proc, &options), -ESRCH);
	for (unsigned i = 0; i <= sizeof(content) / sizeof(content[0]); i++) {
		file = fopen(state_file, "w");
		if (i == 0)
			fprintf(file, "%d 1\n", getpid()); /* alive, but begun at another time */
		else
			fputs(content[i - 1], file);
		fclose(file);
		CHECK_INT(pppd_proc_adopt(proc, &options), -ESRCH);
		CHECK_INT(pppd_proc_pid(proc), 0);
	}
	CHECK_INT(access(state_file, F_OK), -1);
	end();
}

TEST(a_command_too_long)
{
	static char long_name[PPPD_COMMAND_BYTES];
	struct pppd_command command;
	struct pppd_options options = options_for("x");

	memset(long_name, 'x', sizeof(long_name) - 1);
	options.user = long_name;
	CHECK_INT(pppd_command_make(&command, &options), -E2BIG);
}
