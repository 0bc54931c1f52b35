/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pppoe_dial.h. */
#include "daemon/pppoe_dial.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/pppd_proc.h"
#include "daemon/pppoe_account.h"
#include "daemon/pppoe_discovery.h"
#include "daemon/pppoe_left.h"
#include "daemon/random.h"
#include "policy/backoff.h"
#include "policy/ppp_next.h"

/* pppd has no limit for a peer that talks but never lets us in. */
#define DIAL_LIMIT_S 45.0
/* A pppd whose plugin spoke every PPP_ALIVE_MS and is silent for so long, and then once more, hangs.  Where the whole machine stood still
 * and its clock did not, the first is of that. */
#define SILENT_S 5.5
#define SILENT_MAX 2
/* Between a change of the password's file and the dial: whoever writes it shall be done. */
#define PASSWORD_CHANGED_MS 300
/* In a sentence about an end, for what is done about it. */
#define NEXT_TEXT_MAX 60

struct pppoe_dial {
	struct path *path;
	char name[32];           /* the path's, also when its config is gone */
	pppoe_ended_fn *fn;
	void *arg;
	struct pppd_proc *proc;
	struct pppoe_discovery *discovery; /* listens while we dial; asks where nobody answered pppd */
	struct pppoe_account *account;     /* watched where it was refused */
	struct backoff backoff;
	ev_timer redial;         /* active: the next dial waits for it */
	ev_timer limit, hang;
	unsigned silent;         /* how often in a row the plugin was */
	bool offered;            /* this dial is because somebody answered us */
	bool hung;               /* it was killed for hanging */
	bool away;               /* the line was not there when we last looked for it */
	uint16_t written;        /* the session that is on disk; 0: none since pppd began */
	bool known;              /* what is on disk is no news: pppd said how it ended, or an event did */
	uint64_t up_since_ms;    /* monotonic; 0: the session is not up */
	bool stopping;           /* ending for good: the path's config may be gone */
};

static void dial_later(struct pppoe_dial *d, uint32_t ms)
{
	ev_timer_stop(d->path->env->loop, &d->redial);
	ev_timer_set(&d->redial, ms / 1000.0, 0);
	ev_timer_start(d->path->env->loop, &d->redial);
}

/* Whatever we wait for, we do not any more. */
static void stop_waiting(struct pppoe_dial *d)
{
	ev_timer_stop(d->path->env->loop, &d->redial);
	pppoe_discovery_ask_no_more(d->discovery);
	pppoe_account_watch_no_more(d->account);
}

static void on_redial(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct pppoe_dial *d = w->data;

	(void)revents;
	ev_timer_stop(loop, w);
	d->path->env->changed(d->path->env->arg);
}

static void on_found(void *arg)
{
	struct pppoe_dial *d = arg;

	d->offered = true;
	dial_later(d, 0);
}

static void on_password(void *arg)
{
	struct pppoe_dial *d = arg;

	d->backoff = (struct backoff){ 0 };
	path_note(d->path, "the password file has changed: dialling anew");
	dial_later(d, PASSWORD_CHANGED_MS);
}

int pppoe_dial_secret(struct pppoe_dial *d, struct ppp_secret *secret)
{
	return d->stopping ? -ESRCH : pppoe_account_read(d->account, secret);
}

/* ---- the session that a crash would leave behind ---- */

static void write_session(struct pppoe_dial *d, const struct ppp_report *report)
{
	struct pppoe_left left = { .session = report->session };

	if (!left.session || left.session == d->written)
		return;
	d->written = left.session;
	memcpy(left.ac.byte, report->ac_mac, sizeof(left.ac.byte));
	snprintf(left.interface, sizeof(left.interface), "%s", d->path->config->interface);
	pppoe_left_write(d->path->env->state_dir, d->name, &left);
}

static void tell_left(struct pppoe_dial *d)
{
	struct pppoe_left left;
	int r = pppoe_left_tell(d->path->env->state_dir, d->name, &left);

	if (r == -ENOENT)
		return;
	if (r < 0)
		log_warn("%s: cannot end a session that was left behind: %s", d->name, strerror(-r));
	else if (d->known)
		log_debug("%s: told the access concentrator once more that session %u is over", d->name, left.session);
	else
		events_add(d->path->env->events, d->name, "", "",
		           "session %u was left behind: told the access concentrator that it is over", left.session);
	d->known = d->known || r == 0;
}

/* Could pppd end its session itself?  Otherwise the next dial begins with that. */
static void note_end(struct pppoe_dial *d, int status, enum ppp_end class)
{
	if (!d->written)
		return;
	if (status >= 0 && !ppp_end_is_untold(class))
		pppoe_left_forget(d->path->env->state_dir, d->name);
	d->known = status >= 0;
	d->written = 0;
}

/* No dial follows that would begin with it. */
static void end_left(struct pppoe_dial *d)
{
	struct pppoe_left left;

	pppoe_left_end(d->path->env->state_dir, d->name, &left);
}

/* ---- pppd's beginning ---- */

/* socket_path: PATH_MAX, borrowed by the options. */
static struct pppd_options options_of(const struct pppoe_dial *d, char *socket_path)
{
	const struct path_config *c = d->path->config;
	const struct path_env *env = d->path->env;

	snprintf(socket_path, PATH_MAX, "%s/ppp.sock", env->run_dir);
	return (struct pppd_options){ .path_name = c->name,
	                              .interface = c->interface,
	                              .device = c->device,
	                              .service_name = c->pppoe.service_name,
	                              .access_concentrator = c->pppoe.access_concentrator,
	                              .user = c->pppoe.user,
	                              .mtu = c->mtu,
	                              .plugin_file = env->plugin_file,
	                              .socket_path = socket_path,
	                              .run_dir = env->run_dir,
	                              .pppd_file = env->pppd_file };
}

static void start_limit(struct pppoe_dial *d)
{
	ev_timer_stop(d->path->env->loop, &d->limit);
	ev_timer_set(&d->limit, DIAL_LIMIT_S, 0);
	ev_timer_start(d->path->env->loop, &d->limit);
}

static void dial(struct pppoe_dial *d)
{
	char socket_path[PATH_MAX];
	struct pppd_options options = options_of(d, socket_path);
	int r;

	stop_waiting(d);
	pppoe_discovery_listen(d->discovery);
	tell_left(d);
	d->hung = false;
	pppoe_account_begin(d->account);
	r = pppd_proc_start(d->proc, &options);
	if (r == 0) {
		/* Why the last one failed is worth more than that this one has begun. */
		if (d->path->state != PATH_DOWN || d->away)
			path_explain(d->path, "dialling on %s", options.interface);
		d->away = false;
		start_limit(d);
		return;
	}
	path_explain(d->path, "cannot start pppd: %s", r == -ENOENT ? "it is not installed (package ppp)" : strerror(-r));
	dial_later(d, backoff_next(&d->backoff, BACKOFF_LINE, random_number()));
}

/* What must be there before a dial makes sense.  True: go on. */
static bool line_ready(struct pppoe_dial *d)
{
	const char *interface = d->path->config->interface;
	struct link_info link;

	if (rtnl_link(d->path->env->rtnl, interface, &link) < 0)
		path_explain(d->path, "waiting for interface %s to appear", interface);
	else if (!link.up)
		path_explain(d->path, "waiting for interface %s to be set up (it is down)", interface);
	else if (!link.running)
		path_explain(d->path, "interface %s has no carrier: is the cable in?", interface);
	else
		return true;
	return false;
}

/* Nothing else is waited for while there is no line, and that it is back is reason to dial at once, whatever failed before. */
static void wait_for_line(struct pppoe_dial *d)
{
	d->away = true;
	stop_waiting(d);
	d->backoff.failures[BACKOFF_LINE] = 0;
}

/* A refused account is left alone, whatever becomes of the line. */
void pppoe_dial_refresh(struct pppoe_dial *d)
{
	bool waits = ev_is_active(&d->redial);

	if (!d->path->env->guarded || (waits && pppoe_account_watches(d->account)))
		return;
	if (!line_ready(d))
		wait_for_line(d);
	else if (!waits && !pppoe_discovery_asks(d->discovery))
		dial(d);
}

bool pppoe_dial_adopt(struct pppoe_dial *d)
{
	char socket_path[PATH_MAX];
	struct pppd_options options = options_of(d, socket_path);

	if (pppd_proc_adopt(d->proc, &options) < 0)
		return false;
	if (pppd_proc_is_current(d->proc, &options))
		return true;
	log_info("%s: the running session was dialled with other settings: dialling anew", d->name);
	pppd_proc_stop(d->proc);
	return false;
}

/* ---- while it runs ---- */

static void on_limit(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct pppoe_dial *d = w->data;

	(void)revents;
	ev_timer_stop(loop, w);
	if (d->up_since_ms || !pppd_proc_pid(d->proc))
		return;
	path_note(d->path, "the access concentrator answers, but no session comes of it: dialling anew");
	pppd_proc_stop(d->proc);
}

static void on_hang(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct pppoe_dial *d = w->data;

	(void)revents;
	if (pppd_proc_pid(d->proc) && ++d->silent < SILENT_MAX) {
		ev_timer_again(loop, w);
		return;
	}
	ev_timer_stop(loop, w);
	if (!pppd_proc_pid(d->proc))
		return;
	d->hung = true;
	pppd_proc_kill(d->proc);
}

bool pppoe_dial_heard(struct pppoe_dial *d, const struct ppp_report *report)
{
	if (d->stopping)
		return false;
	d->silent = 0;
	if (report->type == PPP_MSG_ALIVE || report->ip_up || ev_is_active(&d->hang))
		ev_timer_again(d->path->env->loop, &d->hang);
	if (report->type == PPP_MSG_ALIVE)
		return false;
	write_session(d, report);
	if (report->type == PPP_MSG_EXIT)
		pppd_proc_note_exit(d->proc, (int)report->exit_status);
	return true;
}

void pppoe_dial_stands(struct pppoe_dial *d)
{
	if (!d->up_since_ms)
		d->up_since_ms = clock_monotonic_ms();
	pppoe_discovery_deafen(d->discovery);
}

bool pppoe_dial_reconfigure(struct pppoe_dial *d)
{
	char socket_path[PATH_MAX];
	struct pppd_options options = options_of(d, socket_path);
	bool runs = pppd_proc_pid(d->proc), outdated = runs && !pppd_proc_is_current(d->proc, &options);

	if (outdated || !runs)
		pppoe_dial_anew(d);
	return outdated;
}

/* ---- pppd's end ---- */

/* Wait for the next dial, as next says.  Returns for how long, where that is a matter of time. */
static uint32_t wait_for_next(struct pppoe_dial *d, const struct ppp_next *next, enum ppp_end class)
{
	uint32_t ms = 0;

	if (next->step == PPP_NEXT_ASK) {
		pppoe_discovery_ask(d->discovery);
		return 0;
	}
	if (next->step == PPP_NEXT_WAIT) {
		ms = backoff_next(&d->backoff, next->pace, random_number());
		log_debug("%s: %s; next dial in %u ms", d->path->config->name, ppp_end_name(class), ms);
	}
	if (next->password)
		pppoe_account_watch(d->account);
	dial_later(d, ms);
	return ms;
}

/* Why it ended; text has room for what is done about it besides. */
static void describe(const struct pppoe_dial *d, const struct ppp_exit *end, char *text, size_t size)
{
	if (d->hung)
		snprintf(text, size, "pppd hung, and was killed");
	else
		ppp_exit_text(end, text, size - NEXT_TEXT_MAX);
}

static void dial_next(struct pppoe_dial *d, const struct ppp_exit *end)
{
	enum ppp_end class = ppp_exit_class(end);
	struct ppp_next next = ppp_next(class, d->offered);
	char text[240];
	uint32_t ms;

	describe(d, end, text, sizeof(text));
	if (d->up_since_ms)
		backoff_session(&d->backoff, clock_monotonic_ms() - d->up_since_ms);
	d->up_since_ms = 0;
	d->offered = false;
	ms = wait_for_next(d, &next, class);
	ppp_next_text(&next, ms, text + strlen(text), sizeof(text) - strlen(text));
	d->fn(d->arg, text);
}

static void on_exited(void *arg, int status, bool asked, const char *line)
{
	struct pppoe_dial *d = arg;
	struct ppp_exit end = { .status = status, .asked = asked, .line = line };

	pppoe_discovery_deafen(d->discovery);
	ev_timer_stop(d->path->env->loop, &d->hang);
	note_end(d, status, ppp_exit_class(&end));
	if (d->stopping) {
		end_left(d);
		d->path->env->changed(d->path->env->arg);
		return;
	}
	end.no_secret = pppoe_account_trouble(d->account);
	end.interface = d->path->config->interface;
	end.device = d->path->config->device;
	dial_next(d, &end);
	d->path->env->changed(d->path->env->arg); /* it may be for the line to come back that we wait */
}

static void on_log_line(void *arg, const char *line)
{
	struct pppoe_dial *d = arg;

	log_debug("%s: pppd: %s", d->name, line);
}

void pppoe_dial_hang_up(struct pppoe_dial *d)
{
	pppd_proc_stop(d->proc);
}

void pppoe_dial_anew(struct pppoe_dial *d)
{
	d->backoff = (struct backoff){ 0 };
	stop_waiting(d);
	pppd_proc_stop(d->proc);
}

void pppoe_dial_stop(struct pppoe_dial *d)
{
	d->stopping = true;
	pppoe_discovery_deafen(d->discovery);
	stop_waiting(d);
	ev_timer_stop(d->path->env->loop, &d->limit);
	pppd_proc_stop(d->proc);
	if (!pppd_proc_pid(d->proc))
		end_left(d);
}

void pppoe_dial_note(const struct pppoe_dial *d)
{
	pppd_proc_note(d->proc);
}

pid_t pppoe_dial_pid(const struct pppoe_dial *d)
{
	return pppd_proc_pid(d->proc);
}

const char *pppoe_dial_ac_name(const struct pppoe_dial *d)
{
	return pppoe_discovery_ac_name(d->discovery);
}

/* ---- its own beginning and end ---- */

static void init_watchers(struct pppoe_dial *d)
{
	ev_timer_init(&d->redial, on_redial, 0, 0);
	ev_timer_init(&d->limit, on_limit, 0, 0);
	ev_init(&d->hang, on_hang);
	d->hang.repeat = SILENT_S;
	ev_set_priority(&d->hang, EV_MINPRI); /* after what the plugin has said while we slept */
	d->redial.data = d->limit.data = d->hang.data = d;
}

struct pppoe_dial *pppoe_dial_new(struct path *path, pppoe_ended_fn *fn, void *arg)
{
	static const struct pppd_callbacks callbacks = { on_exited, on_log_line };
	struct pppoe_dial *d = xcalloc(1, sizeof(*d));

	d->path = path;
	d->fn = fn;
	d->arg = arg;
	snprintf(d->name, sizeof(d->name), "%s", path->config->name);
	d->discovery = pppoe_discovery_new(path, on_found, d);
	d->account = pppoe_account_new(path, on_password, d);
	d->proc = pppd_proc_new(path->env->loop, &callbacks, d);
	if (!d->proc)
		abort();
	init_watchers(d);
	return d;
}

void pppoe_dial_free(struct pppoe_dial *d)
{
	if (!d)
		return;
	stop_waiting(d);
	ev_timer_stop(d->path->env->loop, &d->limit);
	ev_timer_stop(d->path->env->loop, &d->hang);
	pppoe_discovery_free(d->discovery);
	pppoe_account_free(d->account);
	pppd_proc_free(d->proc);
	free(d);
}
