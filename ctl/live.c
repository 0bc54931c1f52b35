/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See verb.h: watch and events --follow.  They ask again and again on one connection,
 * until Ctrl-C, the end of the input of a terminal, or of the pipe they write to.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/ctl_proto.h"
#include "ctl/verb.h"

#define WATCH_MS 1000
#define FOLLOW_MS 500

/* ---- waiting ---- */

/* Only the terminal's foreground may read it; anybody else would be stopped. */
static bool may_read_terminal(void)
{
	return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* False: whoever looks has gone or wants to. */
static bool wait_ms(int ms)
{
	struct pollfd fd[] = {
		{ .fd = STDOUT_FILENO }, /* POLLERR: nobody reads the pipe any more */
		{ .fd = may_read_terminal() ? STDIN_FILENO : -1, .events = POLLIN },
	};
	char typed[64];
	ssize_t n;

	if (poll(fd, 2, ms) <= 0)
		return true;
	if (fd[0].revents)
		return false;
	n = read(STDIN_FILENO, typed, sizeof(typed));
	return n > 0 && typed[0] != 'q';
}

/*
 * Ask; while nobody answers on a terminal, say so through waiting() and go on, for the
 * daemon may just be restarted.  NULL: give up, with *code.
 */
static json_t *ask_patiently(struct ctl *ctl, const json_t *request, bool first, int ms,
                             void (*waiting)(const struct ctl *), int *code)
{
	bool told = false;

	for (;;) {
		json_t *answer = client_ask(&ctl->client, request);

		if (answer)
			return answer;
		if (first || !isatty(STDOUT_FILENO)) {
			*code = no_answer(ctl);
			return NULL;
		}
		if (!told)
			waiting(ctl);
		told = true;
		if (!wait_ms(ms)) {
			*code = CTL_EXIT_GOOD;
			return NULL;
		}
	}
}

/* ---- watch ---- */

static int terminal_rows(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 ? size.ws_row : 10000;
}

/* Over the last frame, line by line, so that nothing flickers; what does not fit is left out. */
static void draw(const char *frame)
{
	int rows = terminal_rows() - 1;

	fputs("\033[H", stdout);
	for (; *frame && rows > 0; rows--) {
		int n = (int)strcspn(frame, "\n");

		printf("%.*s\033[K\n", n, frame);
		frame += n + (frame[n] == '\n');
	}
	fputs("\033[J", stdout);
	fflush(stdout);
}

static void draw_waiting(const struct ctl *ctl)
{
	draw(ctl->client.why);
}

static void draw_status(const struct ctl *ctl, const struct verb *verb, json_t *data)
{
	struct ctl copy = *ctl;
	char *frame = NULL;
	size_t size;

	copy.screen.f = open_memstream(&frame, &size);
	if (!copy.screen.f)
		abort();
	data_show(&copy, verb, data);
	fclose(copy.screen.f);
	draw(frame);
	free(frame);
}

/* One frame.  True: go on. */
static bool watch_once(struct ctl *ctl, const struct verb *verb, json_t *answer, int *code)
{
	json_t *data = json_object_get(answer, "data");

	if (!data) {
		*code = answer_end(ctl, verb, answer);
		return false;
	}
	ctl->screen.now = time(NULL);
	if (isatty(STDOUT_FILENO) && !ctl->json) {
		draw_status(ctl, verb, data);
	} else {
		data_show(ctl, verb, data);
		if (!ctl->json)
			putchar('\n');
		fflush(stdout);
	}
	json_decref(answer);
	return !ferror(stdout);
}

int run_watch(struct ctl *ctl, const struct verb *verb, int argc, char **argv)
{
	json_t *request, *answer;
	int code = CTL_EXIT_GOOD;
	bool first = true;

	(void)argc;
	(void)argv;
	request = json_pack("{s:s, s:[]}", "verb", "status", "args");
	do {
		answer = ask_patiently(ctl, request, first, WATCH_MS, draw_waiting, &code);
		if (first && answer && isatty(STDOUT_FILENO) && !ctl->json)
			fputs("\033[2J", stdout);
		first = false;
	} while (answer && watch_once(ctl, verb, answer, &code) && wait_ms(WATCH_MS));
	json_decref(request);
	return code;
}

/* ---- events --follow ---- */

static void tell_waiting(const struct ctl *ctl)
{
	fprintf(stderr, "dualpathctl: %s; waiting for it\n", ctl->client.why);
}

/* Show what is new, and ask for what comes after it.  True: go on. */
static bool follow_once(struct ctl *ctl, const struct verb *verb, json_t *request, json_t *answer, int *code)
{
	json_t *data = json_object_get(answer, "data");
	json_int_t since = json_integer_value(json_object_get(request, "since"));
	json_int_t last = json_integer_value(json_object_get(data, "last"));

	if (answer_exit(answer) != CTL_EXIT_GOOD || !data) {
		*code = answer_end(ctl, verb, answer);
		return false;
	}
	if (json_array_size(json_object_get(data, "events")) > 0)
		data_show(ctl, verb, data);
	fflush(stdout);
	json_decref(answer);
	/* A daemon that was started anew counts from 1 again. */
	json_object_set_new(request, "since", json_integer(last < since ? 0 : last));
	json_object_set_new(request, "args", json_array());
	return !ferror(stdout);
}

static int follow(struct ctl *ctl, const struct verb *verb, json_t *request)
{
	json_t *answer;
	int code = CTL_EXIT_GOOD;
	bool first = true;

	do {
		answer = ask_patiently(ctl, request, first, FOLLOW_MS, tell_waiting, &code);
		first = false;
	} while (answer && follow_once(ctl, verb, request, answer, &code) && wait_ms(FOLLOW_MS));
	return code;
}

int run_events(struct ctl *ctl, const struct verb *verb, int argc, char **argv)
{
	json_t *request;
	bool following = false;
	int code, words = 0;

	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--follow") == 0)
			following = true;
		else
			argv[words++] = argv[i];
	if (!following)
		return run_plain(ctl, verb, words, argv);
	request = request_new(verb, words, argv);
	code = request ? follow(ctl, verb, request) : CTL_EXIT_USAGE;
	json_decref(request);
	return code;
}
