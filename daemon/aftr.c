/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See aftr.h.  Asks the line by DHCPv6 (daemon/dhcp6_client.c) and its provider by HB46PP (daemon/provider.c), has names
 * looked up (daemon/aftr_names.c), falls back on what worked last time (daemon/aftr_store.c).  Whatever happens there
 * "unsettles" the finder: what it all comes to is worked out in one place, on_settle(), and told if it is news.
 *
 * Servers of the line come by DHCPv6 and by router advertisement: both count, those of DHCPv6 first (RFC 8106
 * section 5.3.1 leaves the order to us; the one that names the AFTR knows its name).
 *
 * With aftr = auto what is told stays until somebody else tells: that DHCPv6 or the provider has nothing to say any
 * more is no reason to give up a tunnel that works.
 */
#include "daemon/aftr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/aftr_names.h"
#include "daemon/aftr_store.h"
#include "daemon/clock.h"
#include "daemon/dhcp6_client.h"
#include "daemon/log.h"
#include "daemon/provider.h"
#include "daemon/ra_client.h"
#include "policy/aftr_known.h"

#define GIVE_UP_S 5.0         /* without any answer: what worked last time is better than nothing */
#define NAMELESS_AGAIN_S 10.0 /* a server that names no AFTR is asked again after, then twice as long, up to */
#define NAMELESS_AGAIN_MOST_S 600.0
#define PROVIDER_S 2.0        /* the line's servers are known: DHCPv6 has so long to tell, then the provider is asked */
#define BOOT_S 120            /* for so long after power came, the street may be booting with us */
#define OWN_START_MS 2000
#define OWN_START_DELAY_MS 100

struct aftr_finder {
	struct ev_loop *loop;
	char interface[IFNAMSIZ];
	char *state_dir;
	bool is_auto;
	bool wants_tunnel;           /* not an AFTR: the provider alone can tell ... */
	uint32_t tunnel_address;     /* ... of several that with this address, host order; 0: any */
	struct hb46pp_tunnel tunnel; /* what it told */
	struct aftr_callbacks callbacks;
	void *arg;

	struct aftr_names *names;
	struct dhcp6_client *dhcp6; /* NULL: nothing to ask it for */
	struct ra_client *ra;       /* likewise */
	struct provider *provider;  /* NULL: what is wanted is not auto */
	struct in6_addr dhcp_dns[DNS_SERVERS_MAX], ra_dns[DNS_SERVERS_MAX];
	unsigned dhcp_dns_count, ra_dns_count;
	char trouble[200];          /* why DHCPv6 is no help; or empty */
	ev_tstamp nameless_s;       /* the last wait after a reply without an AFTR */
	ev_timer nameless, ask_provider, settle, give_up;

	struct in6_addr local; /* our address; :: while it is not known */
	char dhcp_aftr[DNAME_TEXT_MAX]; /* option 64's, or empty */
	const char *dhcp_note;
	bool use_known;           /* nobody on the line knows */
	enum aftr_source source;  /* of what the names were told; AFTR_CONFIGURED: nothing yet */

	uint64_t made_ms;         /* monotonic */
	bool started;
	struct aftr_result told; /* addresses 0: nothing yet */
	char progress[300];
	struct aftr_memory kept; /* what we wrote last */
};

static void start_timer(struct aftr_finder *f, ev_timer *timer, ev_tstamp seconds)
{
	ev_timer_stop(f->loop, timer);
	ev_timer_set(timer, seconds, 0);
	ev_timer_start(f->loop, timer);
}

/* Callbacks come from the loop alone, and once for what happened together. */
static void unsettle(void *arg)
{
	struct aftr_finder *f = arg;

	if (!ev_is_active(&f->settle))
		start_timer(f, &f->settle, 0);
}

/* ---- what the line tells ---- */

static unsigned append_servers(struct in6_addr *list, unsigned n, const struct in6_addr *more, unsigned count)
{
	for (unsigned i = 0; i < count && n < DNS_SERVERS_MAX; i++) {
		unsigned k = 0;

		while (k < n && !IN6_ARE_ADDR_EQUAL(&list[k], &more[i]))
			k++;
		if (k == n)
			list[n++] = more[i];
	}
	return n;
}

static const char *provider_aftr(const struct aftr_finder *f)
{
	const struct hb46pp_ways *ways = provider_ways(f->provider);

	return ways ? ways->aftr : "";
}

static const char *choose_aftr(struct aftr_finder *f)
{
	if (*f->dhcp_aftr) {
		f->source = AFTR_DHCPV6;
		return f->dhcp_aftr;
	}
	if (*provider_aftr(f)) {
		f->source = AFTR_HB46PP;
		return provider_aftr(f);
	}
	if (f->use_known && aftr_known(&f->local)) {
		f->source = AFTR_KNOWN;
		return aftr_known(&f->local);
	}
	return NULL;
}

/* DHCPv6's name and the known ones are DS-Lite's. */
static const char *choose_tunnel(struct aftr_finder *f, char buf[INET6_ADDRSTRLEN])
{
	const struct hb46pp_ways *ways = provider_ways(f->provider);
	const struct hb46pp_tunnel *tunnel = ways ? hb46pp_tunnel_choose(ways, f->tunnel_address) : NULL;

	if (!tunnel)
		return NULL;
	f->tunnel = *tunnel;
	f->source = AFTR_HB46PP;
	return inet_ntop(AF_INET6, &tunnel->remote, buf, INET6_ADDRSTRLEN);
}

/* With auto: the best that is told now.  A configured name counts, whoever else has one. */
static void choose(struct aftr_finder *f)
{
	char buf[INET6_ADDRSTRLEN];
	const char *name = NULL;

	unsettle(f);
	if (f->is_auto)
		name = f->wants_tunnel ? choose_tunnel(f, buf) : choose_aftr(f);
	if (name)
		aftr_names_told(f->names, name);
}

static void ask_provider_in(struct aftr_finder *f, ev_tstamp seconds)
{
	if (f->provider && !*f->dhcp_aftr && (seconds == 0 || !ev_is_active(&f->ask_provider)))
		start_timer(f, &f->ask_provider, seconds);
}

static void on_ask_provider(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct aftr_finder *f = w->data;

	(void)loop;
	(void)revents;
	/* Without an address of the line nothing can be asked, and that would count as an answer: nobody knows.  The
	 * first address begins the search anew. */
	if (!IN6_IS_ADDR_UNSPECIFIED(&f->local))
		provider_start(f->provider, &f->local);
}

static void on_provider(void *arg)
{
	struct aftr_finder *f = arg;

	f->use_known = f->use_known || !*provider_aftr(f);
	choose(f);
}

static size_t provider_servers(void *arg, struct dns_server *out)
{
	const struct aftr_finder *f = arg;

	return aftr_names_servers(f->names, out);
}

static void tell_line(struct aftr_finder *f)
{
	struct in6_addr servers[DNS_SERVERS_MAX];
	unsigned n = append_servers(servers, 0, f->dhcp_dns, f->dhcp_dns_count);

	n = append_servers(servers, n, f->ra_dns, f->ra_dns_count);
	if (aftr_names_line(f->names, servers, n) && n) {
		if (f->callbacks.servers)
			f->callbacks.servers(f->arg, servers, n);
		ask_provider_in(f, f->wants_tunnel ? 0 : PROVIDER_S);
	}
	choose(f);
}

static void on_advertisement(void *arg, const struct ra *ra)
{
	struct aftr_finder *f = arg;

	if (ra->mtu && f->callbacks.mtu)
		f->callbacks.mtu(f->arg, ra->mtu);
	if (f->ra_dns_count == ra->dns_count && memcmp(f->ra_dns, ra->dns, ra->dns_count * sizeof(*ra->dns)) == 0)
		return;
	memcpy(f->ra_dns, ra->dns, sizeof(ra->dns));
	f->ra_dns_count = ra->dns_count;
	tell_line(f);
}

/* ---- DHCPv6 ---- */

/* Asked again before its answer is old: a home gateway may answer before it has itself learnt the AFTR's name. */
static void wait_for_name(struct aftr_finder *f, const char *fault)
{
	snprintf(f->trouble, sizeof(f->trouble), "the DHCPv6 server on %s %s%s", f->interface,
	         fault ? "names an AFTR that is not valid: " : "names no AFTR (option 64)", fault ? fault : "");
	f->nameless_s = f->nameless_s > 0 ? f->nameless_s * 2 : NAMELESS_AGAIN_S;
	if (f->nameless_s > NAMELESS_AGAIN_MOST_S)
		f->nameless_s = NAMELESS_AGAIN_MOST_S;
	start_timer(f, &f->nameless, f->nameless_s);
}

static void on_nameless(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct aftr_finder *f = w->data;

	(void)loop;
	(void)revents;
	dhcp6_client_start(f->dhcp6, DHCP6_INF_MAX_DELAY_MS);
}

static void take_aftr(struct aftr_finder *f, const struct dhcp6_reply *reply)
{
	ev_timer_stop(f->loop, &f->nameless);
	if (*reply->aftr)
		f->nameless_s = 0;
	else if (f->is_auto)
		wait_for_name(f, reply->aftr_fault);
	strcpy(f->dhcp_aftr, reply->aftr);
	f->dhcp_note = reply->aftr_unlisted ? "the server prefers other ways than DS-Lite (option 111)" : NULL;
}

static void on_reply(void *arg, const struct dhcp6_reply *reply)
{
	struct aftr_finder *f = arg;

	f->trouble[0] = '\0';
	if (!f->wants_tunnel)
		take_aftr(f, reply);
	f->dhcp_dns_count = append_servers(f->dhcp_dns, 0, reply->dns, reply->dns_count);
	if (*f->dhcp_aftr && f->provider) {
		ev_timer_stop(f->loop, &f->ask_provider);
		provider_stop(f->provider);
	}
	tell_line(f);
	ask_provider_in(f, 0);
}

static void on_trouble(void *arg, const char *text)
{
	struct aftr_finder *f = arg;

	snprintf(f->trouble, sizeof(f->trouble), "%s", text);
	ask_provider_in(f, 0);
	unsettle(f);
}

/*
 * RFC 8415 18.2.6 wants a random delay of up to a second, because what makes a client ask (power or a line that
 * comes back) makes its neighbours ask as well.  So the whole second is used at boot and when the line changed.
 * Where somebody started the daemon on a machine that has been running, nobody else asks in this moment: still
 * a random delay, but a short one.
 */
static unsigned delay_ms(const struct aftr_finder *f)
{
	if (!f->started && clock_boot_ms() / 1000 > BOOT_S && clock_monotonic_ms() - f->made_ms < OWN_START_MS)
		return OWN_START_DELAY_MS;
	return DHCP6_INF_MAX_DELAY_MS;
}

/* ---- what is told ---- */

static bool has_address(const struct aftr_result *r, const struct in6_addr *address)
{
	for (unsigned i = 0; i < r->addresses; i++)
		if (IN6_ARE_ADDR_EQUAL(&r->address[i], address))
			return true;
	return false;
}

/* Servers turn the order of their answers round: only the set counts. */
static bool is_same(const struct aftr_result *a, const struct aftr_result *b)
{
	if (a->source != b->source || a->addresses != b->addresses || strcmp(a->name, b->name) != 0 ||
	    !hb46pp_tunnel_equal(&a->tunnel, &b->tunnel))
		return false;
	for (unsigned i = 0; i < a->addresses; i++)
		if (!has_address(b, &a->address[i]))
			return false;
	return true;
}

static void tell_result(struct aftr_finder *f, const struct aftr_result *result)
{
	if (is_same(&f->told, result))
		return;
	f->told = *result;
	f->progress[0] = '\0';
	ev_timer_stop(f->loop, &f->give_up);
	f->callbacks.found(f->arg, result);
}

/* Nobody has told anything yet. */
static void describe_search(const struct aftr_finder *f, char *text, size_t size)
{
	char more[sizeof(f->trouble)] = "";

	if (f->provider)
		provider_trouble(f->provider, f->wants_tunnel, more, sizeof(more));
	if (f->wants_tunnel && *more)
		snprintf(text, size, "%s", more);
	else if (f->wants_tunnel)
		snprintf(text, size, "asking the provider on %s for the tunnel (HB46PP)", f->interface);
	else if (*f->trouble)
		snprintf(text, size, "%s%s%s", f->trouble, *more ? "; " : "", more);
	else
		snprintf(text, size, "asking DHCPv6 on %s for the AFTR", f->interface);
}

static void tell_progress(struct aftr_finder *f)
{
	char text[sizeof(f->progress)];

	if (!aftr_names_describe(f->names, text, sizeof(text)))
		describe_search(f, text, sizeof(text));
	if (strcmp(text, f->progress) == 0)
		return;
	strcpy(f->progress, text);
	f->callbacks.progress(f->arg, text);
}

static void on_settle(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct aftr_finder *f = w->data;
	struct aftr_result result = { .source = f->source };

	(void)loop;
	(void)revents;
	if (aftr_names_answer(f->names, &result)) {
		result.note = result.source == AFTR_DHCPV6 ? f->dhcp_note : NULL;
		result.tunnel = f->tunnel;
		tell_result(f, &result);
	} else {
		tell_progress(f);
	}
}

/* What the provider told the last time. */
static void give_up_tunnel(struct aftr_finder *f)
{
	if (IN6_IS_ADDR_UNSPECIFIED(&f->local))
		return;
	provider_start(f->provider, &f->local);
	provider_recall(f->provider);
	choose(f);
}

/* Only where there is nothing at all: what was told stays until something else is found. */
static void on_give_up(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct aftr_finder *f = w->data;
	struct aftr_result result = { .source = AFTR_REMEMBERED, .addresses = 1 };
	struct aftr_memory memory;
	int r;

	(void)loop;
	(void)revents;
	if (f->wants_tunnel) {
		give_up_tunnel(f);
		return;
	}
	if (f->is_auto && !f->use_known && aftr_known(&f->local)) {
		f->use_known = true;
		choose(f);
		start_timer(f, &f->give_up, GIVE_UP_S);
		return;
	}
	r = aftr_store_read(f->state_dir, f->interface, aftr_names_wanted(f->names), &memory);
	if (r < 0) {
		log_debug("no AFTR is remembered for %s: %s", f->interface, strerror(-r));
		return;
	}
	strcpy(result.name, memory.name);
	result.address[0] = memory.address;
	tell_result(f, &result);
}

/* ---- from outside ---- */

const char *aftr_source_name(enum aftr_source source)
{
	static const char *const name[] = { "configured", "dhcpv6", "hb46pp", "known", "remembered" };

	return name[source];
}

void aftr_finder_address(struct aftr_finder *finder, const struct in6_addr *local)
{
	/* What the old line told is not true of the new one, but stays until that has told something. */
	if (memcmp(&finder->local, local, 8) != 0) {
		finder->dhcp_aftr[0] = '\0';
		finder->use_known = false;
	}
	finder->local = *local;
}

void aftr_finder_worked(struct aftr_finder *finder, const struct in6_addr *address)
{
	const struct aftr_result *told = &finder->told;
	struct aftr_memory memory = { .address = *address };

	/* Not worth writing: what was read from there, and what stands in the config as an address. */
	if (!has_address(told, address) || told->source == AFTR_REMEMBERED ||
	    (told->source == AFTR_CONFIGURED && !*told->name))
		return;
	strcpy(memory.name, told->name);
	if (IN6_ARE_ADDR_EQUAL(&memory.address, &finder->kept.address) && strcmp(memory.name, finder->kept.name) == 0)
		return;
	aftr_store_write(finder->state_dir, finder->interface, aftr_names_wanted(finder->names), &memory);
	finder->kept = memory;
}

void aftr_finder_restart(struct aftr_finder *finder)
{
	finder->trouble[0] = finder->progress[0] = '\0';
	finder->nameless_s = 0;
	ev_timer_stop(finder->loop, &finder->nameless);
	ev_timer_stop(finder->loop, &finder->ask_provider);
	aftr_names_restart(finder->names);
	finder->dhcp_dns_count = finder->ra_dns_count = 0;
	if (finder->dhcp6)
		dhcp6_client_start(finder->dhcp6, delay_ms(finder));
	if (finder->ra)
		ra_client_start(finder->ra);
	if (!finder->told.addresses)
		start_timer(finder, &finder->give_up, GIVE_UP_S);
	finder->started = true;
	unsettle(finder);
}

struct aftr_finder *aftr_finder_new(struct ev_loop *loop, const struct dslite_config *config, const char *interface,
                                    const char *state_dir, const struct aftr_callbacks *callbacks, void *arg)
{
	static const struct dhcp6_callbacks dhcp6 = { on_reply, on_trouble };
	static const struct hb46pp_callbacks provider = { provider_servers, on_provider };
	struct aftr_finder *f = xcalloc(1, sizeof(*f));

	f->loop = loop;
	snprintf(f->interface, sizeof(f->interface), "%s", interface);
	f->state_dir = xstrdup(state_dir);
	f->is_auto = config->aftr_auto;
	f->callbacks = *callbacks;
	f->arg = arg;
	f->made_ms = clock_monotonic_ms();
	ev_init(&f->settle, on_settle);
	ev_init(&f->give_up, on_give_up);
	ev_init(&f->nameless, on_nameless);
	ev_init(&f->ask_provider, on_ask_provider);
	f->settle.data = f->give_up.data = f->nameless.data = f->ask_provider.data = f;
	f->names = aftr_names_new(loop, config, interface, unsettle, f);
	/* The home has use for the line's name servers also where nobody need be asked for the AFTR. */
	if (callbacks->servers || aftr_names_need_line(f->names)) {
		f->dhcp6 = dhcp6_client_new(loop, interface, state_dir, &dhcp6, f);
		f->ra = ra_client_new(loop, interface, on_advertisement, f);
	}
	if (f->is_auto)
		f->provider = provider_new(loop, interface, state_dir, &provider, f);
	return f;
}

struct aftr_finder *aftr_finder_new_tunnel(struct ev_loop *loop, uint32_t address, const char *interface, const char *state_dir,
                                           const struct aftr_callbacks *callbacks, void *arg)
{
	static const struct dslite_config config = { .aftr_auto = true, .dns_auto = true };
	struct aftr_finder *f = aftr_finder_new(loop, &config, interface, state_dir, callbacks, arg);

	f->wants_tunnel = true;
	f->tunnel_address = address;
	return f;
}

void aftr_finder_free(struct aftr_finder *finder)
{
	if (!finder)
		return;
	dhcp6_client_free(finder->dhcp6);
	ra_client_free(finder->ra);
	provider_free(finder->provider);
	aftr_names_free(finder->names);
	ev_timer_stop(finder->loop, &finder->settle);
	ev_timer_stop(finder->loop, &finder->give_up);
	ev_timer_stop(finder->loop, &finder->nameless);
	ev_timer_stop(finder->loop, &finder->ask_provider);
	free(finder->state_dir);
	free(finder);
}
