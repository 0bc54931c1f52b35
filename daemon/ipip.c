/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ipip.h. */
#include "daemon/ipip.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/aftr.h"
#include "daemon/drain.h"
#include "daemon/tunnel.h"
#include "policy/srcaddr.h"

struct ipip {
	struct path *path;
	struct aftr_finder *finder; /* of the provider's end */
	bool found;                 /* facts.remote is what it told ... */
	bool remote_adopted;        /* ... or that of a tunnel we found */
	struct hb46pp_tunnel told;  /* with remote = auto, by the provider: where its end is zero, nothing yet ... */
	struct in6_addr told_base;  /* ... while this was base */
	char progress[200];         /* the finder's last word */
	bool line_ready;
	struct in6_addr base;       /* the address of the line in whose prefix ours is; ::, while there is none */
	bool rebuild;               /* take the tunnel away once */
	struct drain *drain;        /* for what is under way when the tunnel moves */
	struct registration *registration; /* NULL: the provider need not be told */
};

/* ---- the provider's end ---- */

static bool is_told(const struct ipip *t)
{
	return !IN6_IS_ADDR_UNSPECIFIED(&t->told.remote);
}

/* What the provider says, and what of it counts. */
static void tell_owner(const struct ipip *t)
{
	const struct ipip_config *c = &t->path->config->ipip;
	char remote[INET6_ADDRSTRLEN], local[INET6_ADDRSTRLEN] = "no end of ours", ipv4[PREFIX4_STRLEN] = "no address";

	inet_ntop(AF_INET6, &t->told.remote, remote, sizeof(remote));
	if (!IN6_IS_ADDR_UNSPECIFIED(&t->told.local))
		inet_ntop(AF_INET6, &t->told.local, local, sizeof(local));
	if (t->told.length)
		hb46pp_tunnel_ipv4(&t->told, ipv4);
	events_add(t->path->env->events, t->path->config->name, "", "", "the provider (HB46PP) tells: its end %s, %s%s, %s%s", remote,
	           local, c->local_told ? "" : " (the configured one counts)", ipv4, c->address ? " (the configured one counts)" : "");
}

/* True: it is news. */
static bool take_told(struct ipip *t, const struct hb46pp_tunnel *told)
{
	if (t->path->config->ipip.remote)
		return false;
	t->told_base = t->base;
	if (hb46pp_tunnel_equal(&t->told, told))
		return false;
	t->told = *told;
	tell_owner(t);
	return true;
}

/* The address in use stays while the answer still has it. */
static void on_found(void *arg, const struct aftr_result *result)
{
	struct ipip *t = arg;
	struct path_facts *facts = &t->path->facts;
	bool known = t->found || t->remote_adopted;

	if (take_told(t, &result->tunnel))
		t->path->env->changed(t->path->env->arg);
	for (unsigned i = 0; known && i < result->addresses; i++)
		if (IN6_ARE_ADDR_EQUAL(&result->address[i], &facts->remote)) {
			t->found = true;
			return;
		}
	facts->remote = result->address[0];
	t->found = true;
	t->remote_adopted = false;
	if (known)
		path_prove_again(t->path);
	t->path->env->changed(t->path->env->arg);
}

static void on_progress(void *arg, const char *text)
{
	struct ipip *t = arg;

	snprintf(t->progress, sizeof(t->progress), "%s", text);
	if (!t->found && t->line_ready)
		path_explain(t->path, "%s", text);
}

static void on_mtu(void *arg, uint32_t mtu)
{
	tunnel_heard_mtu(((struct ipip *)arg)->path, mtu);
}

static void start_finder(struct ipip *t)
{
	static const struct aftr_callbacks callbacks = { on_found, on_progress, NULL, on_mtu };
	const struct path_config *c = t->path->config;
	char *remote = c->ipip.remote;
	struct dslite_config config = { .aftr = &remote, .aftrs = 1, .dns_auto = true };
	const struct path_env *env = t->path->env;

	if (remote)
		t->finder = aftr_finder_new(env->loop, &config, c->interface, env->state_dir, &callbacks, t);
	else
		t->finder = aftr_finder_new_tunnel(env->loop, c->ipip.address, c->interface, env->state_dir, &callbacks, t);
}

/* ---- the address ---- */

/* NULL: facts.address is good, and was perhaps told. */
static const char *choose_address(struct ipip *t, char *buf, size_t size)
{
	struct path_facts *facts = &t->path->facts;
	char ipv4[PREFIX4_STRLEN];

	if (t->path->config->ipip.address)
		return NULL;
	if (is_told(t))
		facts->address = hb46pp_tunnel_address(&t->told);
	if (facts->address) /* also that of a tunnel that we found */
		return NULL;
	if (t->told.length)
		snprintf(buf, size, "the provider gives the addresses %s: write address = with the one that this router is to have",
		         hb46pp_tunnel_ipv4(&t->told, ipv4));
	else
		snprintf(buf, size, "the provider tells no IPv4 address: write address = with the one that it gave you");
	return buf;
}

/* ---- our end ---- */

static bool is_usable(const struct addr6 *a)
{
	return a && !(a->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
}

/* A line with its first address, or with another prefix, may have other name servers. */
static bool prefix_changed(struct ipip *t, const struct addr6 *list, size_t n)
{
	static const struct in6_addr anywhere = { .s6_addr = { 0x20 } };
	const struct addr6 *best = srcaddr_choose(list, n, t->found ? &t->path->facts.remote : &anywhere, &t->base);
	bool changed;

	if (!best)
		return false;
	changed = memcmp(best->addr.s6_addr, t->base.s6_addr, 8) != 0;
	t->base = best->addr;
	return changed;
}

/* Is our end one that we set: by the config, or because the provider tells it? */
static bool has_own_end(const struct ipip *t)
{
	const struct ipip_config *c = &t->path->config->ipip;

	return c->has_interface_id || (c->local_told && !IN6_IS_ADDR_UNSPECIFIED(&t->told.local));
}

/*
 * The low half that was assigned, in the line's prefix of now.  What the provider told for another prefix counts so until it tells
 * anew; and an end beside the line's prefix, of a delegated one, is as it was told.
 */
static struct in6_addr own_end(const struct ipip *t)
{
	const struct ipip_config *c = &t->path->config->ipip;
	struct in6_addr end = c->has_interface_id ? c->local : t->told.local;

	if (c->has_interface_id || memcmp(end.s6_addr, t->told_base.s6_addr, 8) == 0)
		memcpy(end.s6_addr, t->base.s6_addr, 8);
	return end;
}

static void take_end(struct path_facts *facts)
{
	facts->local = facts->assigned;
	facts->local_assigned = true;
}

/*
 * The assigned low half in the line's prefix of now: set there by the plan, and taken once the kernel knows
 * that nobody else has it.  So long the tunnel stays at its end of before, while the line still has that.
 */
static const char *follow_prefix(struct ipip *t, const struct addr6 *list, size_t n, char *buf, size_t size)
{
	struct path_facts *facts = &t->path->facts;
	char text[INET6_ADDRSTRLEN];
	const struct addr6 *a;

	facts->assigned = own_end(t);
	facts->has_assigned = true;
	a = tunnel_find_address(list, n, &facts->assigned);
	if (is_usable(a))
		take_end(facts);
	if (facts->has_ends && is_usable(tunnel_find_address(list, n, &facts->local)))
		return NULL;
	take_end(facts);
	if (is_usable(a))
		return NULL;
	inet_ntop(AF_INET6, &facts->assigned, text, sizeof(text));
	if (a && (a->flags & IFA_F_DADFAILED))
		snprintf(buf, size, "another machine on interface %s has our address %s", t->path->config->interface, text);
	else
		snprintf(buf, size, "waiting until interface %s can use our address %s", t->path->config->interface, text);
	return buf;
}

/* One that the provider told a daemon before us: it counts until we are told. */
static bool is_adopted_end(const struct ipip *t, const struct addr6 *list, size_t n)
{
	const struct path_facts *facts = &t->path->facts;

	return t->path->config->ipip.local_told && !is_told(t) && facts->has_ends && facts->local_assigned &&
	       is_usable(tunnel_find_address(list, n, &facts->local));
}

/* NULL: facts.local is good. */
static const char *choose_local(struct ipip *t, const struct addr6 *list, size_t n, char *buf, size_t size)
{
	const struct path_config *c = t->path->config;
	struct path_facts *facts = &t->path->facts;
	const struct addr6 *best;
	struct addr6 own;

	facts->has_assigned = false;
	if (!c->ipip.local_auto && !c->ipip.has_interface_id && !c->ipip.local_told) {
		facts->local = c->ipip.local;
		facts->local_assigned = false;
		if (tunnel_own_address(t->path->env->rtnl, list, n, &facts->local, &own) && is_usable(&own))
			return NULL;
		snprintf(buf, size, "no interface has the configured local address");
		return buf;
	}
	if (is_adopted_end(t, list, n)) {
		facts->assigned = facts->local;
		facts->has_assigned = true;
		return NULL;
	}
	best = srcaddr_choose(list, n, &facts->remote, !has_own_end(t) && facts->has_ends ? &facts->local : &t->base);
	if (!best) {
		snprintf(buf, size, "interface %s has no stable global IPv6 address yet (waiting for a router advertisement)",
		         c->interface);
		return buf;
	}
	if (has_own_end(t))
		return follow_prefix(t, list, n, buf, size);
	facts->local = best->addr;
	facts->local_assigned = false;
	return NULL;
}

/* ---- the link ---- */

/* What the tunnel needs of the line, in the order in which it comes.  NULL: all there. */
static const char *missing(struct ipip *t, char *buf, size_t size)
{
	const char *interface = t->path->config->interface;
	struct addr6 list[TUNNEL_ADDRESSES_MAX];
	bool was_ready = t->line_ready;
	struct link_info link;
	size_t n;

	if (rtnl_link(t->path->env->rtnl, interface, &link) < 0 || !link.up)
		t->path->facts.has_assigned = false; /* the kernel has taken it away with the others */
	t->line_ready = !tunnel_line_lacks(t->path, buf, size);
	if (!t->line_ready)
		return buf;
	n = rtnl_addresses6(t->path->env->rtnl, interface, list, TUNNEL_ADDRESSES_MAX);
	if (prefix_changed(t, list, n) || !was_ready) {
		aftr_finder_address(t->finder, &t->base);
		aftr_finder_restart(t->finder);
		if (t->registration)
			registration_line_changed(t->registration);
	}
	if (!t->found && !t->remote_adopted)
		return *t->progress ? t->progress : "looking for the address of the provider's end";
	if (choose_address(t, buf, size) || choose_local(t, list, n, buf, size))
		return buf;
	return NULL;
}

void ipip_refresh(struct ipip *t, const struct plan *have)
{
	const char *why;
	char buf[256];

	if (t->rebuild) {
		t->rebuild = tunnel_still_goes(t->path, have);
		if (t->rebuild)
			return;
	}
	why = missing(t, buf, sizeof(buf));
	if (!why)
		why = tunnel_ends_taken(t->path, buf, sizeof(buf));
	if (why) {
		tunnel_lost(t->path, why);
	} else {
		drain_look(t->drain, have);
		tunnel_look(t->path, have);
	}
	if (t->registration)
		registration_end(t->registration, why ? NULL : &t->path->facts.local);
}

bool ipip_adopt(struct ipip *t, const struct plan *have)
{
	struct path_facts *facts = &t->path->facts;

	t->remote_adopted = tunnel_adopt(t->path, have);
	if (!t->remote_adopted)
		return false;
	for (unsigned i = 0; i < have->addresses; i++)
		if (strcmp(have->address[i].device, t->path->config->device) == 0)
			facts->address = have->address[i].addr;
	for (unsigned i = 0; i < have->addresses6; i++)
		if (have->address6[i].ours && IN6_ARE_ADDR_EQUAL(&have->address6[i].addr, &facts->local))
			facts->local_assigned = true;
	return true;
}

void ipip_rebuild(struct ipip *t)
{
	t->rebuild = true;
	aftr_finder_restart(t->finder);
	if (t->registration)
		registration_again(t->registration);
}

void ipip_silent(struct ipip *t)
{
	aftr_finder_restart(t->finder);
	if (t->registration)
		registration_silent(t->registration);
}

/* ---- config ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_registration(const struct path_config *a, const struct path_config *b)
{
	const struct ipip_config *x = &a->ipip, *y = &b->ipip;

	return strcmp(a->interface, b->interface) == 0 && same_text(x->update_url, y->update_url) &&
	       same_text(x->update_user, y->update_user) && same_text(x->password_file, y->password_file) &&
	       same_text(x->update_answer, y->update_answer) && x->basic_auth == y->basic_auth &&
	       x->update_interval_ms == y->update_interval_ms && x->address == y->address;
}

static void start_registration(struct ipip *t)
{
	if (t->path->config->ipip.update_url)
		t->registration = registration_new(t->path);
}

static bool is_registered(const struct ipip *t)
{
	struct registration_info info;

	registration_info(t->registration, &info);
	return info.state == REGISTRATION_OK;
}

/* With the same settings the owner has perhaps mended something else that kept us from it. */
static void reconfigure_registration(struct ipip *t, const struct path_config *old)
{
	if (same_registration(old, t->path->config)) {
		if (t->registration && !is_registered(t))
			registration_again(t->registration);
		return;
	}
	registration_free(t->registration);
	t->registration = NULL;
	start_registration(t);
	if (t->registration && t->line_ready)
		registration_line_changed(t->registration);
}

/* The tunnel goes on to the old end until the new one is known. */
void ipip_reconfigure(struct ipip *t, const struct path_config *old)
{
	const struct path_config *c = t->path->config;
	bool same_line = strcmp(old->interface, c->interface) == 0;

	reconfigure_registration(t, old);
	if (same_line && same_text(old->ipip.remote, c->ipip.remote) && (c->ipip.remote || old->ipip.address == c->ipip.address))
		return;
	aftr_finder_free(t->finder);
	t->found = t->line_ready = false;
	t->told = (struct hb46pp_tunnel){ .length = 0 };
	t->progress[0] = '\0';
	if (!same_line) {
		t->path->facts.has_ends = t->path->facts.has_assigned = t->path->facts.local_assigned = false;
		memset(&t->base, 0, sizeof(t->base));
	}
	t->remote_adopted = t->path->facts.has_ends;
	start_finder(t);
}

bool ipip_registration(const struct ipip *t, struct registration_info *info)
{
	if (t->registration)
		registration_info(t->registration, info);
	return t->registration != NULL;
}

void ipip_sources(const struct ipip *t, struct ipip_sources *out)
{
	const struct ipip_config *c = &t->path->config->ipip;
	const char *told = is_told(t) ? aftr_source_name(AFTR_HB46PP) : "";

	*out = (struct ipip_sources){ .remote = c->remote ? aftr_source_name(AFTR_CONFIGURED) : told,
		                      .local = !c->local_auto && !c->local_told ? aftr_source_name(AFTR_CONFIGURED)
		                               : !has_own_end(t) ? "line" : told,
		                      .address = c->address ? aftr_source_name(AFTR_CONFIGURED) : told };
}

struct ipip *ipip_new(struct path *path)
{
	struct ipip *t = xcalloc(1, sizeof(*t));

	t->path = path;
	t->drain = drain_new(path);
	start_finder(t);
	start_registration(t);
	return t;
}

void ipip_stop(struct ipip *t)
{
	registration_free(t->registration);
	t->registration = NULL;
}

void ipip_free(struct ipip *t)
{
	if (!t)
		return;
	registration_free(t->registration);
	drain_free(t->drain);
	aftr_finder_free(t->finder);
	free(t);
}
