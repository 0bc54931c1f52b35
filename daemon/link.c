/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See link.h. */
#include "daemon/link.h"

#include "daemon/dslite.h"
#include "daemon/ipip.h"
#include "daemon/pppoe.h"
#include "daemon/tunnel.h"

void link_make(struct path *path)
{
	switch (path->config->kind) {
	case PATH_DSLITE:
		path->dslite = dslite_new(path);
		break;
	case PATH_PPPOE:
		path->pppoe = pppoe_new(path);
		break;
	case PATH_IPIP:
		path->ipip = ipip_new(path);
		break;
	}
}

void link_free(struct path *path)
{
	dslite_free(path->dslite);
	pppoe_free(path->pppoe);
	ipip_free(path->ipip);
}

void link_refresh(struct path *path, const struct plan *have)
{
	switch (path->config->kind) {
	case PATH_DSLITE:
		dslite_refresh(path->dslite, have);
		break;
	case PATH_PPPOE:
		pppoe_refresh(path->pppoe);
		break;
	case PATH_IPIP:
		ipip_refresh(path->ipip, have);
		break;
	}
}

bool link_adopt(struct path *path, const struct plan *have)
{
	switch (path->config->kind) {
	case PATH_DSLITE:
		return dslite_adopt(path->dslite, have);
	case PATH_PPPOE:
		return pppoe_adopt(path->pppoe);
	case PATH_IPIP:
		return ipip_adopt(path->ipip, have);
	}
	return false;
}

void link_rebuild(struct path *path)
{
	switch (path->config->kind) {
	case PATH_DSLITE:
		dslite_rebuild(path->dslite);
		break;
	case PATH_PPPOE:
		pppoe_redial(path->pppoe);
		break;
	case PATH_IPIP:
		ipip_rebuild(path->ipip);
		break;
	}
}

void link_reconfigure(struct path *path, const struct path_config *old)
{
	switch (path->config->kind) {
	case PATH_DSLITE:
		dslite_reconfigure(path->dslite, old);
		break;
	case PATH_PPPOE:
		pppoe_reconfigure(path->pppoe);
		break;
	case PATH_IPIP:
		ipip_reconfigure(path->ipip, old);
		break;
	}
}

/* A DS-Lite tunnel ends with the plan that has none. */
void link_stop(struct path *path)
{
	if (path->pppoe)
		pppoe_stop(path->pppoe);
	if (path->ipip)
		ipip_stop(path->ipip);
}

/* Of a tunnel nothing runs beside the kernel. */
bool link_has_ended(const struct path *path)
{
	return !path->pppoe || !pppoe_pid(path->pppoe);
}

void link_note(const struct path *path)
{
	if (path->pppoe)
		pppoe_note(path->pppoe);
}

/* ---- what probes say of it ---- */

void link_worked(struct path *path)
{
	if (path->dslite)
		dslite_worked(path->dslite);
}

void link_answered(struct path *path)
{
	if (!path->pppoe)
		tunnel_keep(path);
}

void link_silent(struct path *path, bool news)
{
	if (path->dslite && news)
		dslite_ask_aftr(path->dslite);
	if (path->dslite)
		dslite_silent(path->dslite);
	if (path->ipip)
		ipip_silent(path->ipip);
}

bool link_reconsiders(struct path *path)
{
	return path->dslite && dslite_reconsiders(path->dslite);
}

/* ---- its other end ---- */

void link_other_end(const struct path *path, struct probe_other_end *end)
{
	*end = (struct probe_other_end){ .address = path->dslite ? AFTR_INNER_ADDRESS : 0 };
	if (path->pppoe)
		pppoe_session(path->pppoe, &end->session);
}

bool link_stands_for_answer(const struct path *path)
{
	return path->config->kind == PATH_PPPOE;
}

const char *link_word_of_end(const struct path *path, bool answers)
{
	if (path->config->kind == PATH_PPPOE)
		return answers ? "; the access concentrator does (LCP echo), so that it is what is behind it"
		               : "; nor does the access concentrator (LCP echo)";
	return answers ? "; the AFTR itself does, so that it is what is behind it" : "; nor does the AFTR itself";
}

const char *link_up_by_end(const struct path *path, bool asked)
{
	if (path->config->kind == PATH_DSLITE)
		return "the AFTR answers";
	return asked ? "the access concentrator answers" : "the session is up";
}

unsigned link_ports(const struct path *path)
{
	return path->config->kind == PATH_DSLITE ? path->config->dslite.ports : 0;
}
