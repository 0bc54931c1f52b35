/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a verb of dualpathctl is, and how one is carried out.  The table of them is in
 * ctl/main.c; ctl/run.c has those that ask once, ctl/live.c those that go on asking,
 * ctl/local.c what works without a daemon; ctl/words.c puts their words in order.
 */
#ifndef DUALPATH_CTL_VERB_H
#define DUALPATH_CTL_VERB_H

#include <jansson.h>
#include <stdbool.h>

#include "ctl/client.h"
#include "ctl/show.h"

struct ctl {
	struct client client;
	bool socket_given; /* by -s: the owner means one daemon among several */
	bool json;
	struct screen screen;
};

struct verb {
	const char *name;
	const char *args; /* for the usage; "" where there are none */
	int least, most;  /* words after the verb, options and their values among them */
	const char *help;
	/* argv: the words after the verb.  Returns the exit code. */
	int (*run)(struct ctl *ctl, const struct verb *verb, int argc, char **argv);
	show_function *show;
	bool changes; /* asks for root */
};

/* ---- verbs ---- */

int run_plain(struct ctl *ctl, const struct verb *verb, int argc, char **argv);
/* The same, for an answer that may take minutes. */
int run_patient(struct ctl *ctl, const struct verb *verb, int argc, char **argv);
/* One word, a file: the daemon has another working folder and gets its whole name. */
int run_file(struct ctl *ctl, const struct verb *verb, int argc, char **argv);
/* The same, by dualpathd -n where no daemon answers. */
int run_check(struct ctl *ctl, const struct verb *verb, int argc, char **argv);
/* By dualpathd --teardown where no daemon answers. */
int run_teardown(struct ctl *ctl, const struct verb *verb, int argc, char **argv);
int run_watch(struct ctl *ctl, const struct verb *verb, int argc, char **argv);
int run_events(struct ctl *ctl, const struct verb *verb, int argc, char **argv);

/* ---- what they share ---- */

/* {"verb":…,"args":[…]}, a new reference; NULL (and told): a word is not UTF-8. */
json_t *request_new(const struct verb *verb, int argc, char **argv);
/* Print the answer (reference taken) as asked; its exit code. */
int answer_end(struct ctl *ctl, const struct verb *verb, json_t *answer);
/* The data of an answer, as text or as a line of JSON. */
void data_show(const struct ctl *ctl, const struct verb *verb, json_t *data);
/* The exit code of an answer. */
int answer_exit(const json_t *answer);
/* Says why nobody answered; CTL_EXIT_NO_ANSWER. */
int no_answer(const struct ctl *ctl);
/* Says how the verb is used; CTL_EXIT_USAGE. */
int verb_usage(const struct verb *verb);

/*
 * The *argc words behind a verb with its options last, and each value a word of its own; what is behind "--" is no option.
 * An array to free, of words that are argv's.  *argc: how many they are then.
 */
char **words_sort(int *argc, char **argv);

/* ---- without a daemon: the other program, dualpathd, does it alone ---- */

/* file may be NULL: the default one.  copy: what was in it, open, or -1.  An answer as the daemon's to "check", or NULL and told. */
json_t *local_check(const char *file, int copy);
/* Becomes dualpathd --teardown; returns an exit code only where it cannot. */
int local_teardown(void);

#endif
