/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See verb.h: what must work before the first start and after the last stop.  dualpathd
 * has the code for it; here it is started, and its words are made into an answer.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/ctl_proto.h"
#include "ctl/verb.h"

#define DEFAULT_CONFIG SYSCONFDIR "/dualpath/dualpath.conf"
#define PROGRAM "dualpathd"
#define COPY "/proc/self/fd/0"

/* Beside this program, or where it was installed. */
static const char *daemon_program(void)
{
	static char beside[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", beside, sizeof(beside) - sizeof(PROGRAM));
	char *slash;

	if (n > 0) {
		beside[n] = '\0';
		slash = strrchr(beside, '/');
		if (slash) {
			memcpy(slash + 1, PROGRAM, sizeof(PROGRAM));
			if (access(beside, X_OK) == 0)
				return beside;
		}
	}
	return SBINDIR "/" PROGRAM;
}

static void tell(const char *program, int error)
{
	fprintf(stderr, "dualpathctl: no daemon answers, and %s cannot be started: %s\n", program, strerror(error));
}

int local_teardown(void)
{
	const char *program = daemon_program();

	execl(program, PROGRAM, "--teardown", (char *)NULL);
	tell(program, errno);
	return CTL_EXIT_NO_ANSWER;
}

/* ---- check ---- */

/* Starts dualpathd -n on standard input, where copy is one, with its errors in *errors; 0 or an errno. */
static int spawn_check(const char *program, const char *file, int copy, int errors, pid_t *pid)
{
	char name[] = PROGRAM, n[] = "-n", c[] = "-c";
	char *whole = strdup(file ? file : "");
	char *argv[] = { name, n, file ? c : NULL, whole, NULL };
	posix_spawn_file_actions_t actions;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (copy >= 0)
		posix_spawn_file_actions_adddup2(&actions, copy, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
	error = posix_spawn(pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	free(whole);
	return error;
}

/* A number of digits that ends place after a colon is cut off, and returned; else 0. */
static int cut_number(char *place)
{
	char *colon = strrchr(place, ':');
	const char *p = colon ? colon + 1 : NULL;

	if (!p || !*p)
		return 0;
	for (; *p; p++)
		if (!isdigit((unsigned char)*p))
			return 0;
	*colon = '\0';
	return atoi(colon + 1);
}

/* "FILE[:LINE[:COLUMN]]: error: TEXT" to a diagnostic of file, whose copy it may be; NULL: it is not one. */
static json_t *diagnostic_of(char *said, const char *file)
{
	static const char *const level[] = { "error", "warning" };
	char *place_end = NULL;
	int which = 0, line, column;

	for (int i = 0; i < 2; i++) {
		char mark[16], *at;

		snprintf(mark, sizeof(mark), ": %s: ", level[i]);
		at = strstr(said, mark);
		if (at && (!place_end || at < place_end)) {
			place_end = at;
			which = i;
		}
	}
	if (!place_end)
		return NULL;
	*place_end = '\0';
	column = cut_number(said);
	line = cut_number(said);
	if (!line) { /* there was one number, and it is the line's */
		line = column;
		column = 0;
	}
	return json_pack("{s:s, s:i, s:i, s:s, s:s}", "file",
	                 strcmp(said, COPY) == 0 ? file : said, "line", line, "column", column, "level",
	                 level[which], "text", place_end + strlen(level[which]) + 4);
}

/* What it says that is no diagnostic is for the owner as it stands. */
static json_t *read_diagnostics(int fd, const char *file)
{
	FILE *f = fdopen(fd, "r");
	json_t *list = json_array();
	char *said = NULL;
	size_t size = 0;
	ssize_t n;

	while (f && (n = getline(&said, &size, f)) > 0) {
		json_t *d;

		said[strcspn(said, "\n")] = '\0';
		d = diagnostic_of(said, file);
		if (d)
			json_array_append_new(list, d);
		else
			fprintf(stderr, "%s\n", said);
	}
	free(said);
	if (f)
		fclose(f);
	return list;
}

json_t *local_check(const char *file, int copy)
{
	const char *program = daemon_program();
	int fd[2], error, status;
	json_t *list;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0) {
		tell(program, errno);
		return NULL;
	}
	error = spawn_check(program, copy < 0 ? file : COPY, copy, fd[1], &pid);
	close(fd[1]);
	if (error) {
		close(fd[0]);
		tell(program, error);
		return NULL;
	}
	list = read_diagnostics(fd[0], file);
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > CTL_EXIT_BAD_NEWS) {
		fprintf(stderr, "dualpathctl: %s -n did not end as it should\n", program);
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:i, s:{s:b, s:s, s:o}}", "exit", WEXITSTATUS(status), "data", "ok",
	                 WEXITSTATUS(status) == 0, "file", file ? file : DEFAULT_CONFIG, "diagnostics", list);
}
