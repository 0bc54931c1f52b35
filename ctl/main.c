/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dualpathctl: asks the daemon over its control socket and prints what it says.  Here
 * are the verbs, in one table from which help comes too, and the options; doc/dualpathctl.8
 * is its manual.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ctl_proto.h"
#include "ctl/verb.h"
#include "policy/diag.h"

#define DEFAULT_SOCKET RUNSTATEDIR "/dualpath/control.sock"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct verb verbs[] = { /* name, its words, least and most of them, help, how, root? */
	{ "status", "", 0, 0, "what works, and why not: paths, forwards, rules", run_plain, show_status, false },
	{ "watch", "", 0, 0, "the same, every second", run_watch, show_status, false },
	{ "events", "[-n N] [--follow]", 0, 3, "what happened, and why", run_events, show_events, false },
	{ "explain", "PROTO SRC[:PORT] DST[:PORT] | in PROTO [ADDRESS:]PORT [FROM]", 3, 4, "where such a connection would go, and why",
	  run_plain, show_text, false },
	{ "check", "[FILE]", 0, 1, "is this configuration good? Works without a daemon", run_check, show_check, false },
	{ "diff", "[FILE]", 0, 1, "what a reload would change in the kernel", run_file, show_diff, false },
	{ "reload", "[--confirm TIME]", 0, 2, "take up the configuration, or say why not and keep the old", run_plain,
	  show_reload, true },
	{ "confirm", "", 0, 0, "keep what 'reload --confirm' took up", run_plain, show_text, true },
	{ "failover", "PATH [--for TIME]", 1, 3, "treat PATH as lost", run_plain, show_text, true },
	{ "failback", "[PATH]", 0, 1, "back to automatic", run_plain, show_text, true },
	{ "reconnect", "PATH", 1, 1, "dial again, or make the tunnel anew", run_plain, show_text, true },
	{ "doctor", "", 0, 0, "look for what commonly goes wrong, and say what to do", run_plain, show_doctor, false },
	{ "test", "inbound [FORWARD] | failover PATH [--for TIME] [--force]", 1, 5,
	  "call the forwards from outside; lose a path for a moment, and measure", run_patient, show_text, true },
	{ "metrics", "", 0, 0, "counters for Prometheus", run_plain, show_text, false },
	{ "teardown", "", 0, 0, "take away everything of dualpath's, and end the daemon", run_teardown, show_text, true },
};

struct options {
	const char *socket;
	bool socket_given, json, help, version;
	const char *bad; /* an option that is not known, or lacks its value */
};

/* ---- help ---- */

static void print_verb(FILE *f, const struct verb *verb)
{
	int n = fprintf(f, "  %s%s%s", verb->name, *verb->args ? " " : "", verb->args);

	if (n > 32)
		n = fprintf(f, "\n") - 1;
	fprintf(f, "%*s%s%s\n", 34 - n, "", verb->help, verb->changes ? " (root)" : "");
}

static void print_help(FILE *f, const struct verb *verb)
{
	fputs("usage: dualpathctl [-s SOCKET] [--json] VERB [WORD...]\n\n", f);
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (!verb || verb == &verbs[i])
			print_verb(f, &verbs[i]);
	fputs("\n"
	      "  -s, --socket SOCKET  the daemon's (" DEFAULT_SOCKET ")\n"
	      "  --json               the answer as one line of JSON\n"
	      "  -h, --help           this; after a verb, of the verb alone\n"
	      "  -V, --version        print the version\n"
	      "\n"
	      "TIME is like 30s, 5m, 2h.\n"
	      "Exit codes: 0 good, 1 bad news, 2 wrong usage, 3 the daemon does not answer.\n",
	      f);
}

/* ---- options: they may stand anywhere, so getopt's order is of no use ---- */

/* If word is the option name, with its value in it or after it: the value, else NULL. */
static const char *option_value(const char *word, const char *name, int argc, char **argv, int *i)
{
	size_t n = strlen(name);

	if (strncmp(word, name, n) != 0)
		return NULL;
	if (word[n] == '\0')
		return *i + 1 < argc ? argv[++*i] : NULL;
	if (name[1] == '-')
		return word[n] == '=' ? word + n + 1 : NULL;
	return word + n;
}

/* True: word was one of ours. */
static bool take_option(const char *word, int argc, char **argv, int *i, struct options *o)
{
	const char *value = option_value(word, "--socket", argc, argv, i);

	if (!value)
		value = option_value(word, "-s", argc, argv, i);
	if (value) {
		o->socket = value;
		o->socket_given = true;
	} else if (strcmp(word, "--json") == 0) {
		o->json = true;
	} else if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
		o->help = true;
	} else if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0) {
		o->version = true;
	} else {
		return false;
	}
	return true;
}

/* Moves what is no option of ours to the front of argv; how many.  After "--" nothing is, as words_sort() will see, too. */
static int parse_options(int argc, char **argv, struct options *o)
{
	int words = 0;
	bool all_words = false;

	for (int i = 1; i < argc; i++) {
		char *word = argv[i];

		if (all_words) {
			argv[words++] = word;
		} else if (strcmp(word, "--") == 0) {
			all_words = true;
			if (words > 0)
				argv[words++] = word;
		} else if (!take_option(word, argc, argv, &i, o)) {
			/* Before the verb it can only be meant for us; after it the daemon may know it. */
			if (*word == '-' && (words == 0 || strcmp(word, "-s") == 0 || strcmp(word, "--socket") == 0))
				o->bad = word;
			argv[words++] = word;
		}
	}
	return words;
}

/* ---- verbs ---- */

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int unknown_verb(const char *name)
{
	const char *words[COUNT(verbs)], *near;

	for (size_t i = 0; i < COUNT(verbs); i++)
		words[i] = verbs[i].name;
	near = diag_nearest(name, words, COUNT(verbs));
	fprintf(stderr, "dualpathctl: unknown verb '%s'", name);
	if (near)
		fprintf(stderr, "; did you mean '%s'?\n", near);
	else
		fputs("; 'dualpathctl --help' has them all\n", stderr);
	return CTL_EXIT_USAGE;
}

static int run(const struct verb *verb, const struct options *o, int argc, char **argv)
{
	struct ctl ctl = {
		.socket_given = o->socket_given,
		.json = o->json,
		.screen = { .f = stdout, .colour = screen_wants_colour(stdout), .now = time(NULL) },
	};
	int code;

	client_init(&ctl.client, o->socket);
	code = verb->run(&ctl, verb, argc, argv);
	client_close(&ctl.client);
	return code;
}

int main(int argc, char **argv)
{
	struct options o = { .socket = DEFAULT_SOCKET };
	int words = parse_options(argc, argv, &o), code;
	const struct verb *verb;
	char **word;

	if (o.version) {
		puts("dualpathctl " PACKAGE_VERSION);
		return CTL_EXIT_GOOD;
	}
	if (o.bad) {
		fprintf(stderr, "dualpathctl: option '%s' is not known, or its value is missing\n", o.bad);
		return CTL_EXIT_USAGE;
	}
	if (words == 0) {
		print_help(o.help ? stdout : stderr, NULL);
		return o.help ? CTL_EXIT_GOOD : CTL_EXIT_USAGE;
	}
	verb = find_verb(argv[0]);
	if (!verb)
		return unknown_verb(argv[0]);
	if (o.help) {
		print_help(stdout, verb);
		return CTL_EXIT_GOOD;
	}
	words--;
	word = words_sort(&words, argv + 1);
	code = words < verb->least || words > verb->most ? verb_usage(verb) : run(verb, &o, words, word);
	free(word);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("dualpathctl: the answer could not be written");
		return CTL_EXIT_BAD_NEWS;
	}
	return code;
}
