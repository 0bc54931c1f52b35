/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See verb.h: verbs that ask once and print the answer. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/ctl_proto.h"
#include "ctl/verb.h"

#define PIPE_MAX (16 * 1024 * 1024) /* as much as the daemon takes of a file */
#define PATIENCE_S 900 /* the longest test failover, or a test inbound of a thousand forwards */

json_t *request_new(const struct verb *verb, int argc, char **argv)
{
	json_t *words = json_array();

	for (int i = 0; i < argc; i++)
		if (json_array_append_new(words, json_string(argv[i])) < 0) {
			fprintf(stderr, "dualpathctl: word %d after '%s' is not UTF-8\n", i + 1, verb->name);
			json_decref(words);
			return NULL;
		}
	return json_pack("{s:s, s:o}", "verb", verb->name, "args", words);
}

int no_answer(const struct ctl *ctl)
{
	fprintf(stderr, "dualpathctl: %s\n", ctl->client.why);
	return CTL_EXIT_NO_ANSWER;
}

int verb_usage(const struct verb *verb)
{
	fprintf(stderr, "usage: dualpathctl %s%s%s\n", verb->name, *verb->args ? " " : "", verb->args);
	return CTL_EXIT_USAGE;
}

int answer_exit(const json_t *answer)
{
	json_int_t code = json_integer_value(json_object_get(answer, "exit"));

	/* "Nobody answers" is not for somebody who answers to say. */
	return code >= CTL_EXIT_GOOD && code <= CTL_EXIT_USAGE ? (int)code : CTL_EXIT_BAD_NEWS;
}

void data_show(const struct ctl *ctl, const struct verb *verb, json_t *data)
{
	if (ctl->json) {
		json_dumpf(data, ctl->screen.f, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
		fputc('\n', ctl->screen.f);
		return;
	}
	json_clean(data);
	verb->show(&ctl->screen, data);
}

int answer_end(struct ctl *ctl, const struct verb *verb, json_t *answer)
{
	int code = answer_exit(answer);
	json_t *data = json_object_get(answer, "data"), *error = json_object_get(answer, "error");

	if (data)
		data_show(ctl, verb, data);
	if (json_is_string(error)) {
		json_clean(error);
		fprintf(stderr, "dualpathctl: %s\n", json_string_value(error));
	}
	json_decref(answer);
	return code;
}

/* NULL: no answer, ctl->client.why tells.  *code: set where there was nothing to ask. */
static json_t *ask(struct ctl *ctl, const struct verb *verb, int argc, char **argv, int *code)
{
	json_t *request = request_new(verb, argc, argv), *answer;

	*code = request ? CTL_EXIT_GOOD : CTL_EXIT_USAGE;
	answer = request ? client_ask(&ctl->client, request) : NULL;
	json_decref(request);
	return answer;
}

int run_plain(struct ctl *ctl, const struct verb *verb, int argc, char **argv)
{
	int code;
	json_t *answer = ask(ctl, verb, argc, argv, &code);

	if (answer)
		return answer_end(ctl, verb, answer);
	return code ? code : no_answer(ctl);
}

int run_patient(struct ctl *ctl, const struct verb *verb, int argc, char **argv)
{
	ctl->client.patience_s = PATIENCE_S;
	return run_plain(ctl, verb, argc, argv);
}

/* All that comes out of a pipe, as a file without a name; -1 and errno. */
static int pipe_copy(const char *name)
{
	int from = open(name, O_RDONLY | O_CLOEXEC), to = memfd_create("dualpath.conf", MFD_CLOEXEC), error = 0;
	size_t left = PIPE_MAX;
	ssize_t n = 0;

	if (from < 0 || to < 0)
		error = errno;
	while (!error && (n = splice(from, NULL, to, NULL, left + 1, 0)) != 0) {
		if (n < 0)
			error = errno == EINTR ? 0 : errno;
		else if ((size_t)n > left)
			error = EFBIG;
		else
			left -= (size_t)n;
	}
	if (from >= 0)
		close(from);
	if (!error)
		return to;
	if (to >= 0)
		close(to);
	errno = error;
	return -1;
}

/* The whole name of file, not resolved: allocated, or NULL and told. */
static char *whole_name(const char *file)
{
	char folder[PATH_MAX], *name = NULL;

	if (*file == '/')
		return strdup(file);
	if (!getcwd(folder, sizeof(folder)) || asprintf(&name, "%s/%s", folder, file) < 0) {
		fprintf(stderr, "dualpathctl: %s: cannot tell the folder that it is in; give its whole name\n", file);
		return NULL;
	}
	return name;
}

/* A file that a verb is about. */
struct given {
	char *name;  /* allocated; NULL: none is named */
	bool copied; /* it was a pipe: only what ctl->client.file is now has what was in it */
};

/*
 * True: a good word of its own, or none.  It goes along, open: the daemon may have another /tmp than we, and waits for no pipe.
 * Where we cannot open it, neither can the daemon, who says why.
 */
static bool take_file(struct ctl *ctl, int argc, char **argv, struct given *given)
{
	struct stat st;

	*given = (struct given){ .name = argc == 1 ? whole_name(argv[0]) : NULL };
	if (!given->name)
		return argc == 0;
	given->copied = stat(given->name, &st) == 0 && S_ISFIFO(st.st_mode);
	if (!given->copied) {
		ctl->client.file = open(given->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		return true;
	}
	ctl->client.file = pipe_copy(given->name);
	if (ctl->client.file < 0) {
		fprintf(stderr, "dualpathctl: %s: cannot be read: %s\n", given->name, strerror(errno));
		free(given->name);
	}
	return ctl->client.file >= 0;
}

static void leave_file(struct ctl *ctl, struct given *given)
{
	if (ctl->client.file >= 0)
		close(ctl->client.file);
	ctl->client.file = -1;
	free(given->name);
}

int run_file(struct ctl *ctl, const struct verb *verb, int argc, char **argv)
{
	struct given file;
	int code;

	if (!take_file(ctl, argc, argv, &file))
		return CTL_EXIT_BAD_NEWS;
	code = run_plain(ctl, verb, argc, &file.name);
	leave_file(ctl, &file);
	return code;
}

/* Somebody is there who does not want to talk to us, or is busy: no reason to do it alone. */
static bool nobody_there(const struct ctl *ctl)
{
	return !ctl->client.forbidden && !ctl->client.connected;
}

int run_check(struct ctl *ctl, const struct verb *verb, int argc, char **argv)
{
	struct given file;
	int code;
	json_t *answer;

	if (!take_file(ctl, argc, argv, &file))
		return CTL_EXIT_BAD_NEWS;
	answer = ask(ctl, verb, argc, &file.name, &code);
	if (!answer && !code && nobody_there(ctl)) {
		answer = local_check(file.name, file.copied ? ctl->client.file : -1);
		code = CTL_EXIT_NO_ANSWER;
	} else if (!answer && !code) {
		code = no_answer(ctl);
	}
	leave_file(ctl, &file);
	return answer ? answer_end(ctl, verb, answer) : code;
}

int run_teardown(struct ctl *ctl, const struct verb *verb, int argc, char **argv)
{
	int code;
	json_t *answer;

	answer = ask(ctl, verb, argc, argv, &code);
	if (answer)
		return answer_end(ctl, verb, answer);
	if (!nobody_there(ctl))
		return no_answer(ctl);
	if (!ctl->socket_given)
		return local_teardown();
	/* Which config and folders that one had is not known here, and another one's are not to be taken away. */
	fprintf(stderr, "dualpathctl: %s\n"
	        "dualpathctl: without it, 'dualpathd --teardown' with the options that it was started with does this\n",
	        ctl->client.why);
	return CTL_EXIT_NO_ANSWER;
}
