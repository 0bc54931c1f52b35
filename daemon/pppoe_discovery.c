/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pppoe_discovery.h. */
#include "daemon/pppoe_discovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/capture.h"
#include "daemon/log.h"
#include "daemon/pppoe_send.h"
#include "daemon/random.h"
#include "policy/backoff.h"
#include "policy/pppoe_disc.h"

struct pppoe_discovery {
	struct path *path;
	pppoe_found_fn *fn;
	void *arg;
	struct capture *capture; /* NULL: we do not listen, or cannot */
	ev_timer next;           /* active: we ask */
	struct backoff backoff;  /* of the questions */
	char ac_name[PPPOE_DISC_NAME_MAX];
};

/* ---- listening ---- */

/* Somebody offers a session: if that is whom we asked for, all is found. */
static void answered(struct pppoe_discovery *d, const char *ac_name)
{
	const char *wanted = d->path->config->pppoe.access_concentrator;

	if (!pppoe_discovery_asks(d) || (wanted && strcmp(wanted, ac_name) != 0))
		return;
	pppoe_discovery_ask_no_more(d);
	d->fn(d->arg);
}

static void on_frame(void *arg, const struct pppoe_disc *disc)
{
	struct pppoe_discovery *d = arg;

	if (disc->code == PPPOE_PADO && disc->error == PPPOE_NO_ERROR) {
		snprintf(d->ac_name, sizeof(d->ac_name), "%s", disc->ac_name);
		log_debug("%s: %s offers a session", d->path->config->name, disc->ac_name);
		answered(d, disc->ac_name);
	} else if (disc->code == PPPOE_PADS && disc->error != PPPOE_NO_ERROR && d->path->state != PATH_DOWN) {
		/* Afterwards pppd's own end says the same; two sentences by turns would be two events for each dial. */
		path_explain(d->path, "the access concentrator %s gives no session: %s%s%s", d->ac_name,
		             pppoe_disc_error_name(disc->error), *disc->text ? ": " : "", disc->text);
	}
}

static void on_gone(void *arg, const char *why)
{
	struct pppoe_discovery *d = arg;

	log_debug("%s: %s", d->path->config->name, why);
	pppoe_discovery_deafen(d);
}

void pppoe_discovery_listen(struct pppoe_discovery *d)
{
	static const struct capture_callbacks callbacks = { on_frame, on_gone };
	const struct path_config *c = d->path->config;
	char *why = NULL;

	pppoe_discovery_deafen(d);
	d->ac_name[0] = '\0';
	if (capture_pppoe_open(d->path->env->loop, c->interface, &callbacks, d, &d->capture, &why) < 0) {
		d->capture = NULL;
		log_debug("%s: cannot listen to discovery: %s", c->name, why ? why : "");
	}
	free(why);
}

void pppoe_discovery_deafen(struct pppoe_discovery *d)
{
	capture_close(d->capture);
	d->capture = NULL;
}

const char *pppoe_discovery_ac_name(const struct pppoe_discovery *d)
{
	return d->ac_name;
}

/* ---- asking ---- */

static void on_next(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct pppoe_discovery *d = w->data;
	const struct path_config *c = d->path->config;
	uint8_t frame[PPPOE_DISC_SEND_MAX];
	int r;

	(void)revents;
	if (!d->capture)
		pppoe_discovery_listen(d); /* the interface was away */
	r = pppoe_send(c->interface, NULL, frame, pppoe_disc_padi(c->pppoe.service_name, frame));
	if (r < 0)
		log_debug("%s: cannot ask for a concentrator on %s: %s", c->name, c->interface, strerror(-r));
	ev_timer_stop(loop, w);
	ev_timer_set(w, backoff_next(&d->backoff, BACKOFF_PADI, random_number()) / 1000.0, 0);
	ev_timer_start(loop, w);
}

void pppoe_discovery_ask(struct pppoe_discovery *d)
{
	d->backoff = (struct backoff){ 0 };
	pppoe_discovery_listen(d);
	ev_timer_set(&d->next, 0, 0);
	ev_timer_start(d->path->env->loop, &d->next);
}

void pppoe_discovery_ask_no_more(struct pppoe_discovery *d)
{
	ev_timer_stop(d->path->env->loop, &d->next);
}

bool pppoe_discovery_asks(struct pppoe_discovery *d)
{
	return ev_is_active(&d->next);
}

struct pppoe_discovery *pppoe_discovery_new(struct path *path, pppoe_found_fn *fn, void *arg)
{
	struct pppoe_discovery *d = xcalloc(1, sizeof(*d));

	d->path = path;
	d->fn = fn;
	d->arg = arg;
	ev_timer_init(&d->next, on_next, 0, 0);
	d->next.data = d;
	return d;
}

void pppoe_discovery_free(struct pppoe_discovery *d)
{
	if (!d)
		return;
	pppoe_discovery_ask_no_more(d);
	pppoe_discovery_deafen(d);
	free(d);
}
