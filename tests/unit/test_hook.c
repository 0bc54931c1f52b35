/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daemon/hook, with programs of its own: what it leaves behind. */
#include "daemon/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/log.h"
#include "tests/unit/unit.h"

#define TURNS 200 /* of a twentieth of a second, at most */

static char folder[] = "/tmp/test_hook.XXXXXX", program[64], told[64];
static struct ev_loop *loop;
static struct event event = { .subject = "dslite", .from = "up", .to = "down" };

/* A program that writes down what it was told, and goes on for so long. */
static void write_program(const char *seconds)
{
	FILE *f = fopen(program, "we");

	CHECK(f != NULL);
	fprintf(f, "#!/bin/sh\necho \"$DUALPATH_PATH $DUALPATH_FROM $DUALPATH_TO $DUALPATH_CAUSE\" >> %s\nexec sleep %s\n", told, seconds);
	CHECK(fclose(f) == 0 && chmod(program, 0700) == 0);
}

static void prepare(void)
{
	static char cause[] = "a test";

	event.cause = cause;
	if (loop)
		return;
	CHECK(mkdtemp(folder) != NULL);
	snprintf(program, sizeof(program), "%s/program", folder);
	snprintf(told, sizeof(told), "%s/told", folder);
	log_set_level(LOG_LEVEL_ERROR);
	loop = ev_loop_new(EVFLAG_AUTO);
	ev_run(loop, EVRUN_NOWAIT);
}

static void clean_up(void)
{
	unlink(program);
	unlink(told);
	rmdir(folder);
	ev_loop_destroy(loop);
}

static bool has_child(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void on_turn(struct ev_loop *l, ev_timer *w, int revents)
{
	(void)w;
	(void)revents;
	ev_break(l, EVBREAK_ONE);
}

static void until_no_child(void)
{
	ev_timer turn;

	ev_timer_init(&turn, on_turn, 0.05, 0.05);
	ev_timer_start(loop, &turn);
	for (int i = 0; i < TURNS && has_child(); i++)
		ev_run(loop, 0);
	ev_timer_stop(loop, &turn);
}

static const char *first_line(void)
{
	static char line[200];
	FILE *f = fopen(told, "re");

	line[0] = '\0';
	if (f && !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	return line;
}

TEST(it_is_told_and_leaves_nothing)
{
	struct hook *hook;

	prepare();
	write_program("0");
	hook = hook_new(loop);
	hook_run(hook, program, &event);
	until_no_child();
	CHECK(!has_child());
	CHECK_STR(first_line(), "dslite up down a test\n");
	hook_free(hook);
}

/* Where there is no descriptor left to wait for its end with. */
TEST(what_cannot_be_watched_leaves_nothing_and_the_next_has_its_turn)
{
	struct rlimit old, few;
	struct hook *hook;
	int next;

	prepare();
	write_program("600");
	hook = hook_new(loop);
	next = open("/dev/null", O_RDONLY | O_CLOEXEC);
	CHECK(next >= 0);
	CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
	few = old;
	few.rlim_cur = (rlim_t)next + 1;
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	hook_run(hook, program, &event);
	CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
	close(next);
	CHECK(!has_child());
	unlink(told);
	write_program("0");
	hook_run(hook, program, &event);
	until_no_child();
	CHECK_STR(first_line(), "dslite up down a test\n");
	hook_free(hook);
	clean_up();
}
