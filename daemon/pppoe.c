/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pppoe.h. */
#include "daemon/pppoe.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/pppoe_dial.h"

/* pppd itself takes the address away a moment before it says that the session ends; one that stays without is of no use. */
#define BARE_S 3.0

struct pppoe {
	struct path *path;
	struct pppoe_dial *dial;
	struct ppp_report last; /* what the plugin last said; zeroed between sessions */
	ev_timer bare;          /* active: pppd says that the session is up, and there is no interface or address */
	bool adopted;           /* taken over, and its plugin has not spoken yet */
};

/* ---- what pppd says ---- */

/* The session is over; text says why. */
static void on_ended(void *arg, const char *text)
{
	struct pppoe *p = arg;

	ev_timer_stop(p->path->env->loop, &p->bare);
	p->path->facts.device_up = false;
	memset(&p->last, 0, sizeof(p->last));
	p->adopted = false;
	path_event(p->path, PATH_EV_LINK_LOST, "%s", text);
	path_note(p->path, text);
}

static void explain_phase(struct pppoe *p, uint32_t phase)
{
	if (phase == PPP_PHASE_SERIALCONN)
		path_explain(p->path, "looking for an access concentrator on %s", p->path->config->interface);
	else if (phase == PPP_PHASE_AUTHENTICATE)
		path_explain(p->path, "logging in as %s", p->path->config->pppoe.user);
}

void pppoe_report(struct pppoe *p, const struct ppp_report *report)
{
	if (!pppoe_dial_heard(p->dial, report))
		return;
	p->last = *report;
	p->adopted = false;
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
	return pppoe_dial_secret(p->dial, secret);
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
	pppoe_dial_stands(p->dial);
	check_address(p);
}

/* pppd does not look after the address that it set, and nobody can give it back to it. */
static void on_bare(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct pppoe *p = w->data;

	(void)revents;
	ev_timer_stop(loop, w);
	if (!pppoe_dial_pid(p->dial) || p->path->facts.device_up)
		return;
	path_note(p->path, "the session is up, but its interface or address was taken away: dialling anew");
	pppoe_dial_hang_up(p->dial);
}

/* Is there what pppd says?  Else it is given a while to say otherwise. */
static void watch_bare(struct pppoe *p)
{
	if (p->path->facts.device_up || !p->last.ip_up)
		ev_timer_stop(p->path->env->loop, &p->bare);
	else if (!ev_is_active(&p->bare))
		ev_timer_again(p->path->env->loop, &p->bare);
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

	if (!pppoe_dial_pid(p->dial)) {
		p->path->facts.device_up = false;
		pppoe_dial_refresh(p->dial);
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
	if (!pppoe_dial_adopt(p->dial))
		return false;
	p->adopted = true;
	look_at_session(p);
	return p->path->facts.device_up;
}

void pppoe_reconfigure(struct pppoe *p)
{
	if (!pppoe_dial_reconfigure(p->dial))
		check_address(p);
}

void pppoe_redial(struct pppoe *p)
{
	pppoe_dial_anew(p->dial);
}

void pppoe_stop(struct pppoe *p)
{
	ev_timer_stop(p->path->env->loop, &p->bare);
	pppoe_dial_stop(p->dial);
}

void pppoe_note(const struct pppoe *p)
{
	pppoe_dial_note(p->dial);
}

pid_t pppoe_pid(const struct pppoe *p)
{
	return pppoe_dial_pid(p->dial);
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
	snprintf(info->ac_name, sizeof(info->ac_name), "%s", pppoe_dial_ac_name(p->dial));
	if (!p->last.session)
		return;
	info->peer = ntohl(p->last.peer);
	info->session = p->last.session;
	memcpy(mac.byte, p->last.ac_mac, sizeof(mac.byte));
	mac_print(mac, info->ac_mac);
}

struct pppoe *pppoe_new(struct path *path)
{
	struct pppoe *p = xcalloc(1, sizeof(*p));

	p->path = path;
	p->dial = pppoe_dial_new(path, on_ended, p);
	ev_init(&p->bare, on_bare);
	p->bare.repeat = BARE_S;
	p->bare.data = p;
	return p;
}

void pppoe_free(struct pppoe *p)
{
	if (!p)
		return;
	ev_timer_stop(p->path->env->loop, &p->bare);
	pppoe_dial_free(p->dial);
	free(p);
}
