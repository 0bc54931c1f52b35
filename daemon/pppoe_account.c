/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pppoe_account.h. */
#include "daemon/pppoe_account.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "daemon/secret.h"

struct pppoe_account {
	struct path *path;
	pppoe_account_fn *fn;
	void *arg;
	char trouble[180];
	ev_stat file; /* active: refused, so a new password is worth a try at once */
};

int pppoe_account_read(struct pppoe_account *a, struct ppp_secret *secret)
{
	const struct pppoe_config *c = &a->path->config->pppoe;
	char *why = NULL;
	int r = secret_read(c->password_file, secret->password, sizeof(secret->password), &why);

	snprintf(a->trouble, sizeof(a->trouble), "%s%s", r < 0 ? "password-file: " : "", r < 0 ? why : "");
	/* Where the path is down, pppd's end says the same; two sentences by turns would be two events for each dial. */
	if (r < 0 && a->path->state != PATH_DOWN)
		path_explain(a->path, "%s", a->trouble);
	else if (r == 0)
		snprintf(secret->user, sizeof(secret->user), "%s", c->user);
	free(why);
	return r;
}

const char *pppoe_account_trouble(const struct pppoe_account *a)
{
	return a->trouble;
}

void pppoe_account_begin(struct pppoe_account *a)
{
	a->trouble[0] = '\0';
}

static void on_changed(struct ev_loop *loop, ev_stat *w, int revents)
{
	struct pppoe_account *a = w->data;

	(void)revents;
	ev_stat_stop(loop, w);
	a->fn(a->arg);
}

void pppoe_account_watch(struct pppoe_account *a)
{
	ev_stat_stop(a->path->env->loop, &a->file);
	ev_stat_set(&a->file, a->path->config->pppoe.password_file, 0);
	ev_stat_start(a->path->env->loop, &a->file);
}

bool pppoe_account_watches(struct pppoe_account *a)
{
	return ev_is_active(&a->file);
}

void pppoe_account_watch_no_more(struct pppoe_account *a)
{
	ev_stat_stop(a->path->env->loop, &a->file);
}

struct pppoe_account *pppoe_account_new(struct path *path, pppoe_account_fn *fn, void *arg)
{
	struct pppoe_account *a = xcalloc(1, sizeof(*a));

	a->path = path;
	a->fn = fn;
	a->arg = arg;
	ev_stat_init(&a->file, on_changed, "", 0);
	a->file.data = a;
	return a;
}

void pppoe_account_free(struct pppoe_account *a)
{
	if (!a)
		return;
	pppoe_account_watch_no_more(a);
	free(a);
}
