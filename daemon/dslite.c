/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See dslite.h. */
#include "daemon/dslite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/aftr.h"
#include "daemon/aftr_ask.h"
#include "daemon/aftr_return.h"
#include "daemon/drain.h"
#include "daemon/events.h"
#include "daemon/log.h"
#include "daemon/ping6.h"
#include "daemon/tunnel.h"
#include "policy/srcaddr.h"

/* Between two questions to all AFTRs, while the one in use is silent. */
#define NEXT_AFTR_S 5.0
/* So many in vain, and the tunnel itself tries the next: it may be that nobody answers pings. */
#define ASK_TIMES 10

struct dslite {
	struct path *path;
	struct aftr_finder *finder;
	struct aftr_result aftr; /* addresses 0: not found yet */
	char progress[200];      /* the finder's last word */
	bool line_ready;         /* the interface is there with a carrier */
	uint8_t prefix[8];       /* of the address that the search was last begun with; zero: there was none */
	bool remote_adopted;     /* the other end is that of a tunnel we found, not yet confirmed */
	bool prefer_first;       /* a new config: its order counts, whatever the tunnel goes to now */
	bool rebuild;            /* take the tunnel away once */
	unsigned tried;          /* times that others were asked or tried since one last worked */
	ev_timer next;           /* to try the next AFTR */
	struct aftr_ask *ask;    /* under way; NULL: none */
	bool contradicted;       /* the AFTR in use answered such a question, though the probes are silent */
	struct in6_addr home;    /* the AFTR that last worked: it has the home's connections in its NAT */
	bool has_home;
	struct in6_addr other;   /* one that answered after a loss, while home is asked once more */
	bool other_answers;
	struct aftr_watch *watch; /* for the way back to a better one */
	struct drain *drain;     /* for what is under way when the tunnel moves */
	struct ping6 *ping;      /* under way; NULL: none */
	struct in6_addr pinged;
};

/* ---- the AFTR ---- */

static bool knows(const struct aftr_result *result, const struct in6_addr *address)
{
	for (unsigned i = 0; i < result->addresses; i++)
		if (IN6_ARE_ADDR_EQUAL(&result->address[i], address))
			return true;
	return false;
}

static void tell_source(const struct dslite *d, const struct aftr_result *result)
{
	char buf[INET6_ADDRSTRLEN];

	if (d->aftr.addresses && d->aftr.source == result->source)
		return;
	inet_ntop(AF_INET6, &result->address[0], buf, sizeof(buf));
	events_add(d->path->env->events, d->path->config->name, "", "", "the AFTR is %s (%s)%s%s",
	           *result->name ? result->name : buf, aftr_source_name(result->source), result->note ? ": " : "",
	           result->note ? result->note : "");
}

/* The address in use stays while the answer still has it: an AFTR is not changed for the order of an answer. */
static void on_found(void *arg, const struct aftr_result *result)
{
	struct dslite *d = arg;
	struct path_facts *facts = &d->path->facts;

	tell_source(d, result);
	d->aftr = *result;
	if (!(facts->has_ends || d->remote_adopted) || d->prefer_first || !knows(result, &facts->remote))
		facts->remote = result->address[0];
	d->remote_adopted = d->prefer_first = false;
	d->tried = 0;
	d->path->env->changed(d->path->env->arg);
}

static void on_progress(void *arg, const char *text)
{
	struct dslite *d = arg;

	snprintf(d->progress, sizeof(d->progress), "%s", text);
	if (!d->aftr.addresses && d->line_ready)
		path_explain(d->path, "%s", text);
}

/* Asked over IPv6, the line's own servers work whatever becomes of the tunnel and the session (daemon/home_dns.c). */
static void on_servers(void *arg, const struct in6_addr *servers, unsigned count)
{
	struct path *path = ((struct dslite *)arg)->path;

	path->line_dns_count = 0;
	for (unsigned i = 0; i < count && i < DNS_SERVERS_MAX; i++) {
		struct dns_server *server = &path->line_dns[path->line_dns_count++];

		*server = (struct dns_server){ .family = AF_INET6, .v6 = servers[i] };
		if (IN6_IS_ADDR_LINKLOCAL(&server->v6))
			snprintf(server->device, sizeof(server->device), "%s", path->config->interface);
	}
	path->env->changed(path->env->arg);
}

static void on_mtu(void *arg, uint32_t mtu)
{
	tunnel_heard_mtu(((struct dslite *)arg)->path, mtu);
}

static void start_finder(struct dslite *d)
{
	static const struct aftr_callbacks callbacks = { on_found, on_progress, on_servers, on_mtu };

	d->finder = aftr_finder_new(d->path->env->loop, &d->path->config->dslite, d->path->config->interface,
	                            d->path->env->state_dir, &callbacks, d);
}

static void turn_to(struct dslite *d, const struct in6_addr *aftr, const char *why)
{
	char buf[INET6_ADDRSTRLEN];

	d->path->facts.remote = *aftr;
	path_explain(d->path, "%s: trying AFTR %s", why, inet_ntop(AF_INET6, aftr, buf, sizeof(buf)));
	path_prove_again(d->path);
	d->path->env->changed(d->path->env->arg);
}

static const struct in6_addr *after_this(const struct dslite *d)
{
	unsigned i = 0;

	while (i < d->aftr.addresses && !IN6_ARE_ADDR_EQUAL(&d->aftr.address[i], &d->path->facts.remote))
		i++;
	return &d->aftr.address[(i + 1) % d->aftr.addresses];
}

/* Whoever has just begun to answer is heard out; falls it silent again, we are called again. */
static bool wants_another(const struct dslite *d)
{
	return d->path->state == PATH_SILENT && d->aftr.addresses > 1 && !d->path->health.good_in_row;
}

static void try_blindly(struct dslite *d)
{
	bool home_was_asked = d->other_answers && !IN6_ARE_ADDR_EQUAL(&d->other, &d->path->facts.remote);

	d->other_answers &= home_was_asked;
	turn_to(d, home_was_asked ? &d->other : after_this(d), "no probe was answered");
}

static void try_again_in(struct dslite *d, ev_tstamp seconds)
{
	if (ev_is_active(&d->next))
		return;
	d->tried++;
	ev_timer_set(&d->next, seconds, 0);
	ev_timer_start(d->path->env->loop, &d->next);
}

/* The one that has the home's connections was among those that were asked: it need not be asked again. */
static void on_asked(void *arg, const struct in6_addr *answered)
{
	struct dslite *d = arg;

	d->ask = NULL;
	if (!wants_another(d) || (answered && !knows(&d->aftr, answered)))
		return;
	if (!answered) {
		d->other_answers = false;
		try_again_in(d, NEXT_AFTR_S);
	} else if (!IN6_ARE_ADDR_EQUAL(answered, &d->path->facts.remote)) {
		d->other = *answered;
		d->other_answers = true;
		turn_to(d, answered, "it answers, while no probe was answered");
	} else if (d->contradicted) {
		d->contradicted = false;
		try_blindly(d);
	} else {
		d->contradicted = true;
		path_prove_again(d->path);
	}
}

static void on_next(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct dslite *d = w->data;
	const struct in6_addr *favourite = d->has_home && knows(&d->aftr, &d->home) ? &d->home : &d->path->facts.remote;
	int r = -ENOENT;

	(void)revents;
	ev_timer_stop(loop, w);
	if (!wants_another(d) || d->ask)
		return;
	if (d->tried % ASK_TIMES != 0)
		r = aftr_ask_start(d->path, &d->aftr, favourite, d->tried, on_asked, d, &d->ask);
	if (r == -ENOENT)
		try_blindly(d);
	else if (r < 0) /* our address is gone, or the way: that is no AFTR's fault */
		try_again_in(d, NEXT_AFTR_S);
}

/*
 * Another AFTR answers after a loss.  Was it the line that was dead, the one from before answers, too, and
 * still knows the home's connections: it is asked once more before the other one is settled for.
 */
bool dslite_reconsiders(struct dslite *d)
{
	const struct in6_addr *remote = &d->path->facts.remote;

	if (!d->has_home || d->other_answers || IN6_ARE_ADDR_EQUAL(&d->home, remote) || !knows(&d->aftr, &d->home))
		return false;
	d->other = *remote;
	d->other_answers = true;
	turn_to(d, &d->home, "the line works again");
	return true;
}

static void on_back(void *arg, const struct in6_addr *aftr, const char *why)
{
	struct dslite *d = arg;
	char buf[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, aftr, buf, sizeof(buf));
	events_add(d->path->env->events, d->path->config->name, "", "", "back to the preferred AFTR %s: %s", buf, why);
	d->path->facts.remote = *aftr;
	dslite_worked(d);
	path_explain(d->path, "back to the preferred AFTR %s", buf);
	path_prove_again(d->path);
	d->path->env->changed(d->path->env->arg);
}

/* ---- is it the AFTR, or what is behind it? ---- */

static void on_ping(void *arg, bool answered)
{
	struct dslite *d = arg;
	char aftr[INET6_ADDRSTRLEN];

	d->ping = NULL;
	inet_ntop(AF_INET6, &d->pinged, aftr, sizeof(aftr));
	events_add(d->path->env->events, d->path->config->name, "", "",
	           answered ? "the AFTR's own address %s answers pings: the line is good, what comes through the tunnel is lost"
	                    : "the AFTR's own address %s does not answer pings: it is gone, or the way there, or it never does",
	           aftr);
}

void dslite_ask_aftr(struct dslite *d)
{
	const struct path_facts *facts = &d->path->facts;

	ping6_cancel(d->ping);
	d->ping = NULL;
	d->pinged = facts->remote;
	if (facts->has_ends && ping6_start(d->path->env->loop, d->path->config->interface, &facts->local, &facts->remote,
	                                   on_ping, d, &d->ping) < 0)
		d->ping = NULL;
}

/* Where nobody can be asked beside the tunnel, it goes to each once without delay. */
static bool is_urgent(const struct dslite *d)
{
	return d->tried == 0 || d->other_answers || (d->tried < d->aftr.addresses && !aftr_ask_target(d->path, 0));
}

/* At once, then with a pause, so that a line that is dead altogether is not busy with itself. */
void dslite_silent(struct dslite *d)
{
	ev_tstamp pause = is_urgent(d) ? 0 : NEXT_AFTR_S;

	if (ev_is_active(&d->next) || d->ask)
		return;
	if (d->tried == 0)
		aftr_finder_restart(d->finder); /* perhaps it has moved */
	if (d->aftr.addresses < 2)
		d->tried++;
	else
		try_again_in(d, pause);
}

void dslite_worked(struct dslite *d)
{
	d->tried = 0;
	d->contradicted = false;
	aftr_ask_cancel(d->ask);
	d->ask = NULL;
	d->home = d->path->facts.remote;
	d->has_home = true;
	d->other_answers = false;
	if (d->aftr.addresses)
		aftr_finder_worked(d->finder, &d->path->facts.remote);
}

const char *dslite_aftr_name(const struct dslite *d)
{
	return d->aftr.addresses ? d->aftr.name : "";
}

const char *dslite_aftr_source(const struct dslite *d)
{
	return d->aftr.addresses ? aftr_source_name(d->aftr.source) : "";
}

/* ---- our end ---- */

/* A line with its first address, or with another prefix, may have another answer to who the AFTR is. */
static bool prefix_changed(struct dslite *d, const struct addr6 *list, size_t n)
{
	static const struct in6_addr anywhere = { .s6_addr = { 0x20 } };
	const struct addr6 *best = srcaddr_choose(list, n, &anywhere, &d->path->facts.local);

	if (!best || memcmp(best->addr.s6_addr, d->prefix, sizeof(d->prefix)) == 0)
		return false;
	memcpy(d->prefix, best->addr.s6_addr, sizeof(d->prefix));
	aftr_finder_address(d->finder, &best->addr);
	return true;
}

static bool choose_local(struct dslite *d, const struct addr6 *list, size_t n)
{
	const struct path_config *config = d->path->config;
	struct path_facts *facts = &d->path->facts;
	const struct addr6 *best;
	struct addr6 own;

	if (!config->dslite.local_auto) {
		facts->local = config->dslite.local;
		return tunnel_own_address(d->path->env->rtnl, list, n, &facts->local, &own);
	}
	best = srcaddr_choose(list, n, &facts->remote, facts->has_ends ? &facts->local : NULL);
	if (best)
		facts->local = best->addr;
	return best != NULL;
}

/* ---- the link ---- */

/* What the tunnel needs of the line, in the order in which it comes.  NULL: all there. */
static const char *missing(struct dslite *d, char *buf, size_t size)
{
	const char *interface = d->path->config->interface;
	struct addr6 list[TUNNEL_ADDRESSES_MAX];
	bool was_ready = d->line_ready;
	size_t n;

	d->line_ready = !tunnel_line_lacks(d->path, buf, size);
	if (!d->line_ready)
		return buf;
	n = rtnl_addresses6(d->path->env->rtnl, interface, list, TUNNEL_ADDRESSES_MAX);
	if (prefix_changed(d, list, n) || !was_ready)
		aftr_finder_restart(d->finder);
	if (!d->aftr.addresses && !d->remote_adopted)
		return *d->progress ? d->progress : "looking for the AFTR";
	if (choose_local(d, list, n))
		return NULL;
	if (d->path->config->dslite.local_auto)
		snprintf(buf, size, "interface %s has no stable global IPv6 address yet (waiting for a router advertisement)", interface);
	else
		snprintf(buf, size, "no interface has the configured local address");
	return buf;
}

/* While the line was lost the AFTRs were perhaps tried in turn: the one that has the home's connections has the first word. */
static void go_home(struct dslite *d)
{
	if (d->has_home && knows(&d->aftr, &d->home))
		d->path->facts.remote = d->home;
	d->other_answers = false;
}

void dslite_refresh(struct dslite *d, const struct plan *have)
{
	char buf[256];
	const char *why;

	if (d->rebuild) {
		d->rebuild = tunnel_still_goes(d->path, have);
		if (d->rebuild)
			return;
	}
	why = missing(d, buf, sizeof(buf));
	if (why)
		go_home(d);
	else
		why = tunnel_ends_taken(d->path, buf, sizeof(buf));
	if (why) {
		tunnel_lost(d->path, why);
		return;
	}
	drain_look(d->drain, have);
	tunnel_look(d->path, have);
	aftr_watch_look(d->watch);
}

bool dslite_adopt(struct dslite *d, const struct plan *have)
{
	d->remote_adopted = tunnel_adopt(d->path, have);
	return d->remote_adopted;
}

void dslite_rebuild(struct dslite *d)
{
	d->rebuild = true;
	aftr_finder_restart(d->finder);
}

static bool same_list(char *const *a, size_t na, char *const *b, size_t nb)
{
	if (na != nb)
		return false;
	for (size_t i = 0; i < na; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

static bool same_search(const struct path_config *a, const struct path_config *b)
{
	const struct dslite_config *x = &a->dslite, *y = &b->dslite;

	return strcmp(a->interface, b->interface) == 0 && x->aftr_auto == y->aftr_auto &&
	       x->dns_auto == y->dns_auto && same_list(x->aftr, x->aftrs, y->aftr, y->aftrs) &&
	       same_list(x->dns, x->dns_count, y->dns, y->dns_count);
}

/* The tunnel goes on to the old AFTR until the new search has an answer. */
void dslite_reconfigure(struct dslite *d, const struct path_config *old)
{
	if (same_search(old, d->path->config))
		return;
	aftr_finder_free(d->finder);
	d->aftr.addresses = 0;
	d->remote_adopted = d->path->facts.has_ends;
	d->prefer_first = true;
	d->line_ready = false;
	memset(d->prefix, 0, sizeof(d->prefix));
	start_finder(d);
}

struct dslite *dslite_new(struct path *path)
{
	struct dslite *d = xcalloc(1, sizeof(*d));

	d->path = path;
	ev_timer_init(&d->next, on_next, 0, 0);
	d->next.data = d;
	d->drain = drain_new(path);
	d->watch = aftr_watch_new(path, &d->aftr, on_back, d);
	start_finder(d);
	return d;
}

void dslite_free(struct dslite *d)
{
	if (!d)
		return;
	ev_timer_stop(d->path->env->loop, &d->next);
	ping6_cancel(d->ping);
	aftr_ask_cancel(d->ask);
	aftr_watch_free(d->watch);
	drain_free(d->drain);
	aftr_finder_free(d->finder);
	free(d);
}
