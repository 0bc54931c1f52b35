/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon that knows nothing: says the answers of a file, one a request, in order, then
 * hangs up for good.  "@ago N" in an answer becomes the time N seconds ago.  What it was
 * asked goes to standard output.  Called by tests/ctl/golden.sh.
 *
 * usage: fake_daemon SOCKET FILE.json    JSON values, one after the other
 *        fake_daemon SOCKET FILE.raw     bytes, sent as they are after the first request
 */
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void put_time(json_t *string)
{
	time_t t = time(NULL) - atoi(json_string_value(string) + strlen("@ago "));
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime(&t));
	json_string_set(string, text);
}

static void put_times(json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_string(value) && strncmp(json_string_value(value), "@ago ", 5) == 0)
		put_time(value);
	json_array_foreach(value, i, item)
		put_times(item);
	json_object_foreach(value, key, item)
		put_times(item);
}

/* False: there is none left. */
static bool say_next(FILE *answers, FILE *to)
{
	json_error_t error;
	json_t *answer = json_loadf(answers, JSON_DISABLE_EOF_CHECK, &error);

	if (!answer)
		return false;
	put_times(answer);
	json_dumpf(answer, to, JSON_COMPACT);
	fputc('\n', to);
	json_decref(answer);
	return fflush(to) == 0;
}

static bool say_raw(FILE *answers, FILE *to)
{
	int c;

	while ((c = getc(answers)) != EOF)
		putc(c, to);
	fflush(to);
	return false;
}

/* The listener goes before the last connection: who comes back finds nobody, each time. */
static bool serve(int fd, int listener, FILE *answers, bool raw)
{
	FILE *from = fdopen(fd, "r"), *to = fdopen(dup(fd), "w");
	char *line = NULL;
	size_t size = 0;
	bool more = true;

	while (more && getline(&line, &size, from) > 0) {
		fputs(line, stdout);
		fflush(stdout);
		more = raw ? say_raw(answers, to) : say_next(answers, to);
	}
	if (!more)
		close(listener);
	free(line);
	fclose(to);
	fclose(from);
	return more;
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	FILE *answers = argc == 3 ? fopen(argv[2], "r") : NULL;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;
	const char *dot;

	if (!answers || strlen(argv[1]) + sizeof(".new") > sizeof(addr.sun_path))
		return 2;
	dot = strrchr(argv[2], '.');
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s.new", argv[1]);
	signal(SIGPIPE, SIG_IGN);
	alarm(30); /* a test that goes wrong leaves nobody behind */
	if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(listener, 4) < 0)
		return 1;
	if (rename(addr.sun_path, argv[1]) < 0) /* whoever waits for the name finds somebody who listens */
		return 1;
	do
		fd = accept(listener, NULL, NULL);
	while (fd >= 0 && serve(fd, listener, answers, dot && strcmp(dot, ".raw") == 0));
	fclose(answers);
	return 0;
}
