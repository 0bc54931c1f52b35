/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pppoe.h. */
#include "daemon/pppoe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/capture.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/pppd_proc.h"
#include "daemon/pppoe_left.h"
#include "daemon/pppoe_send.h"
#include "daemon/random.h"
#include "daemon/secret.h"
#include "policy/backoff.h"
#include "policy/ppp_exit.h"

/* pppd has no limit for a peer that talks but never lets us in. */
#define DIAL_LIMIT_S 45.0
/* A pppd whose plugin spoke every PPP_ALIVE_MS and is silent for so long hangs. */
#define HANG_S 10.0
/* Between a change of the password's file and the dial: whoever writes it shall be done. */
#define PASSWORD_CHANGED_MS 300
/* pppd itself takes the address away a moment before it says that the session ends; one that stays without is of no use. */
#define BARE_S 3.0

struct pppoe {
	struct path *path;
	char name[32];          /* the path's, also when its config is gone */
	struct pppd_proc *proc;
	struct backoff backoff;
	ev_timer redial, limit, hang;
	ev_timer bare;          /* active: pppd says that the session is up, and there is no interface or address */
	ev_timer seek;          /* active: nobody answered pppd, so we ask who is there */
	ev_stat password;       /* active: refused, so a new password is reason to dial at once */
	bool offered;           /* this dial is because somebody answered us */
	bool hung;              /* it was killed for hanging */
	uint16_t written;       /* the session that is on disk; 0: none since we began */
	struct ppp_report last; /* what the plugin last said; zeroed between sessions */
	uint64_t up_since_ms;   /* monotonic; 0: the session is not up */
	struct capture *capture; /* of discovery, while dialling; may be NULL */
	char ac_name[PPPOE_DISC_NAME_MAX]; /* that offered a session when last asked; "": none did */
	bool adopted;           /* taken over, and its plugin has not spoken yet */
	bool stopping;          /* ending for good: the path's config may be gone */
};

/* ---- what the line says while we dial: pppd tells of it late, and not by name ---- */

static void stop_listening(struct pppoe *p)
{
	capture_close(p->capture);
	p->capture = NULL;
}

static void dial_later(struct pppoe *p, uint32_t ms)
{
	ev_timer_stop(p->path->env->loop, &p->redial);
	ev_timer_set(&p->redial, ms / 1000.0, 0);
	ev_timer_start(p->path->env->loop, &p->redial);
}

/* Somebody offers a session: if that is whom we sought, dial. */
static void answered(struct pppoe *p, const char *ac_name)
{
	const char *wanted = p->path->config->pppoe.access_concentrator;

	if (!ev_is_active(&p->seek) || (wanted && strcmp(wanted, ac_name) != 0))
		return;
	ev_timer_stop(p->path->env->loop, &p->seek);
	p->offered = true;
	dial_later(p, 0);
}

static void on_discovery(void *arg, const struct pppoe_disc *disc)
{
	struct pppoe *p = arg;

	if (disc->code == PPPOE_PADO && disc->error == PPPOE_NO_ERROR) {
		snprintf(p->ac_name, sizeof(p->ac_name), "%s", disc->ac_name);
		log_debug("%s: %s offers a session", p->path->config->name, disc->ac_name);
		answered(p, disc->ac_name);
	} else if (disc->code == PPPOE_PADS && disc->error != PPPOE_NO_ERROR && p->path->state != PATH_DOWN) {
		/* Afterwards pppd's own end says the same; two sentences by turns would be two events for each dial. */
		path_explain(p->path, "the access concentrator %s gives no session: %s%s%s", p->ac_name,
		             pppoe_disc_error_name(disc->error), *disc->text ? ": " : "", disc->text);
	}
}

static void on_capture_gone(void *arg, const char *why)
{
	struct pppoe *p = arg;

	log_debug("%s: %s", p->path->config->name, why);
	stop_listening(p);
}

/* Dialling works without; only the words are poorer. */
static void start_listening(struct pppoe *p)
{
	static const struct capture_callbacks callbacks = { on_discovery, on_capture_gone };
	char *why = NULL;

	stop_listening(p);
	p->ac_name[0] = '\0';
	if (capture_pppoe_open(p->path->env->loop, p->path->config->interface, &callbacks, p, &p->capture, &why) < 0) {
		p->capture = NULL;
		log_debug("%s: cannot listen to discovery: %s", p->path->config->name, why ? why : "");
	}
	free(why);
}

/* ---- dialling ---- */

/* socket_path: PATH_MAX, borrowed by the options. */
static struct pppd_options options_of(const struct pppoe *p, char *socket_path)
{
	const struct path_config *c = p->path->config;
	const struct path_env *env = p->path->env;

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

/* ---- nobody answers: ask, until somebody does ---- */

static void on_seek(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct pppoe *p = w->data;
	const struct path_config *c = p->path->config;
	uint8_t frame[PPPOE_DISC_SEND_MAX];
	int r;

	(void)revents;
	if (!p->capture)
		start_listening(p); /* the interface was away */
	r = pppoe_send(c->interface, NULL, frame, pppoe_disc_padi(c->pppoe.service_name, frame));
	if (r < 0)
		log_debug("%s: cannot ask for a concentrator on %s: %s", c->name, c->interface, strerror(-r));
	ev_timer_stop(loop, w);
	ev_timer_set(w, backoff_next(&p->backoff, BACKOFF_PADI, random_number()) / 1000.0, 0);
	ev_timer_start(loop, w);
}

static void seek(struct pppoe *p)
{
	p->backoff.failures[BACKOFF_PADI] = 0;
	start_listening(p);
	ev_timer_set(&p->seek, 0, 0);
	ev_timer_start(p->path->env->loop, &p->seek);
}

/* ---- refused: a new password is worth a try at once ---- */

static void on_password(struct ev_loop *loop, ev_stat *w, int revents)
{
	struct pppoe *p = w->data;

	(void)revents;
	ev_stat_stop(loop, w);
	memset(&p->backoff, 0, sizeof(p->backoff));
	path_note(p->path, "the password file has changed: dialling anew");
	dial_later(p, PASSWORD_CHANGED_MS);
}

static void watch_password(struct pppoe *p)
{
	ev_stat_stop(p->path->env->loop, &p->password);
	ev_stat_set(&p->password, p->path->config->pppoe.password_file, 0);
	ev_stat_start(p->path->env->loop, &p->password);
}

/* Whatever we wait for, we do not any more. */
static void stop_waiting(struct pppoe *p)
{
	ev_timer_stop(p->path->env->loop, &p->redial);
	ev_timer_stop(p->path->env->loop, &p->seek);
	ev_stat_stop(p->path->env->loop, &p->password);
}

/* ---- the session that a crash would leave behind ---- */

static void write_session(struct pppoe *p)
{
	struct pppoe_left left = { .session = p->last.session };
	int r;

	if (!left.session || left.session == p->written)
		return;
	p->written = left.session;
	memcpy(left.ac.byte, p->last.ac_mac, sizeof(left.ac.byte));
	snprintf(left.interface, sizeof(left.interface), "%s", p->path->config->interface);
	r = pppoe_left_write(p->path->env->state_dir, p->path->config->name, &left);
	if (r < 0)
		log_warn("%s: cannot note the session in %s: %s", p->path->config->name, p->path->env->state_dir,
		         strerror(-r));
}

static void end_left(struct pppoe *p)
{
	const char *name = p->path->config->name;
	struct pppoe_left left;
	int r = pppoe_left_end(p->path->env->state_dir, name, &left);

	if (r == 0)
		events_add(p->path->env->events, name, "", "",
		           "session %u was left behind: told the access concentrator that it is over", left.session);
	else if (r != -ENOENT)
		log_warn("%s: cannot end a session that was left behind: %s", name, strerror(-r));
}

static void dial(struct pppoe *p)
{
	char socket_path[PATH_MAX];
	struct pppd_options options = options_of(p, socket_path);
	int r;

	stop_waiting(p);
	start_listening(p);
	end_left(p);
	p->hung = false;
	r = pppd_proc_start(p->proc, &options);
	memset(&p->last, 0, sizeof(p->last));
	p->adopted = false;
	if (r == 0) {
		/* Why the last one failed is worth more than that this one has begun. */
		if (p->path->state != PATH_DOWN)
			path_explain(p->path, "dialling on %s", p->path->config->interface);
		ev_timer_stop(p->path->env->loop, &p->limit);
		ev_timer_set(&p->limit, DIAL_LIMIT_S, 0);
		ev_timer_start(p->path->env->loop, &p->limit);
		return;
	}
	path_explain(p->path, "cannot start pppd: %s", r == -ENOENT ? "it is not installed (package ppp)" : strerror(-r));
	dial_later(p, backoff_next(&p->backoff, BACKOFF_LINE, random_number()));
}

static void on_redial(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct pppoe *p = w->data;

	(void)revents;
	ev_timer_stop(loop, w);
	p->path->env->changed(p->path->env->arg);
}

static void on_limit(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct pppoe *p = w->data;

	(void)revents;
	ev_timer_stop(loop, w);
	if (p->up_since_ms || !pppd_proc_pid(p->proc))
		return;
	path_note(p->path, "the access concentrator answers, but no session comes of it: dialling anew");
	pppd_proc_stop(p->proc);
}

/* pppd does not look after the address that it set, and nobody can give it back to it. */
static void on_bare(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct pppoe *p = w->data;

	(void)revents;
	ev_timer_stop(loop, w);
	if (!pppd_proc_pid(p->proc) || p->path->facts.device_up)
		return;
	path_note(p->path, "the session is up, but its interface or address was taken away: dialling anew");
	pppd_proc_stop(p->proc);
}

/* Is there what pppd says?  Else it is given a while to say otherwise. */
static void watch_bare(struct pppoe *p)
{
	if (p->path->facts.device_up || !p->last.ip_up)
		ev_timer_stop(p->path->env->loop, &p->bare);
	else if (!ev_is_active(&p->bare))
		ev_timer_again(p->path->env->loop, &p->bare);
}

/* What must be there before a dial makes sense.  True: go on. */
static bool line_ready(struct pppoe *p)
{
	const char *interface = p->path->config->interface;
	struct link_info link;

	if (rtnl_link(p->path->env->rtnl, interface, &link) < 0)
		path_explain(p->path, "waiting for interface %s to appear", interface);
	else if (!link.up)
		path_explain(p->path, "waiting for interface %s to be set up (it is down)", interface);
	else if (!link.running)
		path_explain(p->path, "interface %s has no carrier: is the cable in?", interface);
	else
		return true;
	return false;
}

/* ---- pppd's end ---- */

static void on_hang(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct pppoe *p = w->data;

	(void)revents;
	ev_timer_stop(loop, w);
	if (!pppd_proc_pid(p->proc))
		return;
	p->hung = true;
	pppd_proc_kill(p->proc);
}

static enum backoff_kind pace_of(enum ppp_end class)
{
	return class == PPP_END_AUTH ? BACKOFF_ACCOUNT : class == PPP_END_SESSION_LIMIT ? BACKOFF_SLOT : BACKOFF_LINE;
}

/* What to do about the end, after the sentence about it: appended to text. */
static void wait_for_next(struct pppoe *p, enum ppp_end class, char *text, size_t size)
{
	size_t len = strlen(text);
	uint32_t ms;

	if (class == PPP_END_NO_CONCENTRATOR && !p->offered) {
		snprintf(text + len, size - len, "; asking on until one answers");
		seek(p);
		return;
	}
	ms = backoff_next(&p->backoff, pace_of(class), random_number());
	if (class == PPP_END_AUTH) {
		snprintf(text + len, size - len, "; next try in %u s, or when the password file changes", ms / 1000);
		watch_password(p);
	} else if (class == PPP_END_SESSION_LIMIT) {
		snprintf(text + len, size - len, "; trying every few seconds");
	}
	log_debug("%s: %s; next dial in %u ms", p->path->config->name, ppp_end_name(class), ms);
	dial_later(p, ms);
}

static void on_exited(void *arg, int status, bool asked, const char *line)
{
	struct pppoe *p = arg;
	struct ppp_exit end = { .status = status, .asked = asked, .line = line };
	char text[240];
	enum ppp_end class;
	struct pppoe_left left;

	stop_listening(p);
	ev_timer_stop(p->path->env->loop, &p->hang);
	ev_timer_stop(p->path->env->loop, &p->bare);
	if (status >= 0) /* otherwise it could not end its session itself: the next dial begins with that */
		pppoe_left_forget(p->path->env->state_dir, p->name);
	p->written = 0;
	if (p->stopping) {
		if (status < 0)
			pppoe_left_end(p->path->env->state_dir, p->name, &left);
		p->path->env->changed(p->path->env->arg);
		return;
	}
	end.interface = p->path->config->interface;
	end.device = p->path->config->device;
	class = ppp_exit_class(&end);
	if (p->hung)
		snprintf(text, sizeof(text), "pppd hung, and was killed");
	else
		ppp_exit_text(&end, text, sizeof(text) - 60); /* room for what is done about it */
	if (p->up_since_ms)
		backoff_session(&p->backoff, clock_monotonic_ms() - p->up_since_ms);
	p->up_since_ms = 0;
	p->path->facts.device_up = false;
	memset(&p->last, 0, sizeof(p->last));
	if (asked)
		dial_later(p, 0);
	else
		wait_for_next(p, class, text, sizeof(text));
	p->offered = false;
	path_event(p->path, PATH_EV_LINK_LOST, "%s", text);
	path_note(p->path, text);
}

static void on_log_line(void *arg, const char *line)
{
	struct pppoe *p = arg;

	log_debug("%s: pppd: %s", p->stopping ? "pppoe" : p->path->config->name, line);
}

/* ---- the plugin ---- */

static void explain_phase(struct pppoe *p, uint32_t phase)
{
	if (phase == PPP_PHASE_SERIALCONN)
		path_explain(p->path, "looking for an access concentrator on %s", p->path->config->interface);
	else if (phase == PPP_PHASE_AUTHENTICATE)
		path_explain(p->path, "logging in as %s", p->path->config->pppoe.user);
}

void pppoe_report(struct pppoe *p, const struct ppp_report *report)
{
	if (p->stopping)
		return;
	if (report->type == PPP_MSG_ALIVE || report->ip_up || ev_is_active(&p->hang))
		ev_timer_again(p->path->env->loop, &p->hang);
	if (report->type == PPP_MSG_ALIVE)
		return;
	p->last = *report;
	write_session(p);
	p->adopted = false;
	if (report->type == PPP_MSG_EXIT)
		pppd_proc_note_exit(p->proc, (int)report->exit_status);
	if (report->type == PPP_MSG_PHASE && !report->ip_up && p->path->state != PATH_DOWN)
		explain_phase(p, report->phase);
	if (report->type == PPP_MSG_IP_DOWN) {
		p->path->facts.device_up = false;
		path_event(p->path, PATH_EV_LINK_LOST, "the session ended");
	}
	p->path->env->changed(p->path->env->arg);
}

int pppoe_secret(struct pppoe *p, struct ppp_secret *secret)
{
	char *why = NULL;
	int r;

	if (p->stopping)
		return -ESRCH;
	r = secret_read(p->path->config->pppoe.password_file, secret->password, sizeof(secret->password), &why);
	if (r < 0)
		path_explain(p->path, "password-file: %s", why);
	else
		snprintf(secret->user, sizeof(secret->user), "%s", p->path->config->pppoe.user);
	free(why);
	return r;
}

/* ---- looking at the world ---- */

/* A provider that gives another address than the promised one breaks what hangs on it: DNS names,
 * other people's filters.  The path works, so it is used, but nobody shall overlook it. */
static void check_address(struct pppoe *p)
{
	const struct pppoe_config *c = &p->path->config->pppoe;
	char got[INET_ADDRSTRLEN], promised[INET_ADDRSTRLEN];

	if (!p->path->facts.address || !c->has_address || c->address == p->path->facts.address)
		path_set_flaw(p->path, PATH_FLAW_ADDRESS, NULL);
	else
		path_set_flaw(p->path, PATH_FLAW_ADDRESS, "the provider gave the address %s, not the promised %s",
		              ipv4_print(p->path->facts.address, got), ipv4_print(c->address, promised));
}

static void look_at_session(struct pppoe *p)
{
	struct path_facts *facts = &p->path->facts;
	struct link_info link;
	uint32_t address;

	facts->device_up = false;
	if (!p->last.ip_up && !p->adopted)
		return;
	if (rtnl_link(p->path->env->rtnl, p->path->config->device, &link) < 0)
		return;
	/* While pppd says that the session is up, it was somebody else who set the interface down. */
	if (!link.up)
		rtnl_set_up(p->path->env->rtnl, p->path->config->device); /* we hear of it, and come again */
	address = rtnl_address4(p->path->env->rtnl, p->path->config->device);
	if (!address || !link.up)
		return;
	facts->device_up = true;
	facts->address = address;
	facts->mtu = link.mtu;
	for (unsigned i = 0; i < FACTS_DNS_MAX; i++)
		facts->dns[i] = ntohl(p->last.dns[i]);
	if (!p->up_since_ms)
		p->up_since_ms = clock_monotonic_ms();
	stop_listening(p);
	check_address(p);
}

/* A session outlives a cable that is pulled and put back; what it carries in between is lost, and need not be probed. */
static bool line_carries(const struct pppoe *p)
{
	struct link_info link;

	return rtnl_link(p->path->env->rtnl, p->path->config->interface, &link) == 0 && link.running;
}

void pppoe_refresh(struct pppoe *p)
{
	bool was_up = p->path->facts.device_up;

	if (!pppd_proc_pid(p->proc)) {
		p->path->facts.device_up = false;
		if (ev_is_active(&p->redial) || !p->path->env->guarded)
			return;
		if (!line_ready(p))
			ev_timer_stop(p->path->env->loop, &p->seek);
		else if (!ev_is_active(&p->seek))
			dial(p);
		return;
	}
	look_at_session(p);
	watch_bare(p);
	if (p->path->facts.device_up && !line_carries(p))
		path_event(p->path, PATH_EV_LINK_LOST, "interface %s has no carrier: is the cable in?",
		           p->path->config->interface);
	else if (p->path->facts.device_up)
		path_event(p->path, PATH_EV_LINK_UP, "the session is up; waiting for the first answer through it");
	else if (was_up)
		path_event(p->path, PATH_EV_LINK_LOST, "the session's interface %s is gone or down", p->path->config->device);
}

bool pppoe_adopt(struct pppoe *p)
{
	char socket_path[PATH_MAX];
	struct pppd_options options = options_of(p, socket_path);

	if (pppd_proc_adopt(p->proc, &options) < 0)
		return false;
	if (!pppd_proc_is_current(p->proc, &options)) {
		log_info("%s: the running session was dialled with other settings: dialling anew",
		         p->path->config->name);
		pppd_proc_stop(p->proc);
		return false;
	}
	p->adopted = true;
	look_at_session(p);
	return p->path->facts.device_up;
}

void pppoe_reconfigure(struct pppoe *p, const struct path_config *old)
{
	char socket_path[PATH_MAX];
	struct pppd_options options = options_of(p, socket_path);

	(void)old;
	if (pppd_proc_pid(p->proc) && !pppd_proc_is_current(p->proc, &options)) {
		pppoe_redial(p);
		return;
	}
	/* The owner has perhaps just mended what kept us from dialling. */
	if (!pppd_proc_pid(p->proc))
		pppoe_redial(p);
	check_address(p);
}

void pppoe_redial(struct pppoe *p)
{
	memset(&p->backoff, 0, sizeof(p->backoff));
	stop_waiting(p);
	if (pppd_proc_pid(p->proc))
		pppd_proc_stop(p->proc);
}

void pppoe_stop(struct pppoe *p)
{
	p->stopping = true;
	stop_listening(p);
	stop_waiting(p);
	ev_timer_stop(p->path->env->loop, &p->limit);
	ev_timer_stop(p->path->env->loop, &p->bare);
	pppd_proc_stop(p->proc);
}

pid_t pppoe_pid(const struct pppoe *p)
{
	return pppd_proc_pid(p->proc);
}

void pppoe_session(const struct pppoe *p, struct probe_session *session)
{
	*session = (struct probe_session){ .id = p->last.session };
	snprintf(session->interface, sizeof(session->interface), "%s", p->path->config->interface);
	memcpy(session->ac.byte, p->last.ac_mac, sizeof(session->ac.byte));
}

void pppoe_info(const struct pppoe *p, struct pppoe_info *info)
{
	struct mac mac;

	memset(info, 0, sizeof(*info));
	snprintf(info->ac_name, sizeof(info->ac_name), "%s", p->ac_name);
	if (!p->last.session)
		return;
	info->peer = ntohl(p->last.peer);
	info->session = p->last.session;
	memcpy(mac.byte, p->last.ac_mac, sizeof(mac.byte));
	mac_print(mac, info->ac_mac);
}

struct pppoe *pppoe_new(struct path *path)
{
	static const struct pppd_callbacks callbacks = { on_exited, on_log_line };
	struct pppoe *p = xcalloc(1, sizeof(*p));

	p->path = path;
	snprintf(p->name, sizeof(p->name), "%s", path->config->name);
	p->proc = pppd_proc_new(path->env->loop, &callbacks, p);
	if (!p->proc)
		abort();
	ev_timer_init(&p->redial, on_redial, 0, 0);
	ev_timer_init(&p->limit, on_limit, 0, 0);
	ev_timer_init(&p->seek, on_seek, 0, 0);
	ev_init(&p->hang, on_hang);
	p->hang.repeat = HANG_S;
	ev_init(&p->bare, on_bare);
	p->bare.repeat = BARE_S;
	ev_set_priority(&p->hang, EV_MINPRI); /* after what the plugin has said while we slept */
	ev_stat_init(&p->password, on_password, "", 0);
	p->redial.data = p->limit.data = p->seek.data = p->hang.data = p->bare.data = p->password.data = p;
	return p;
}

void pppoe_free(struct pppoe *p)
{
	if (!p)
		return;
	stop_waiting(p);
	ev_timer_stop(p->path->env->loop, &p->limit);
	ev_timer_stop(p->path->env->loop, &p->bare);
	ev_timer_stop(p->path->env->loop, &p->hang);
	stop_listening(p);
	pppd_proc_free(p->proc);
	free(p);
}
