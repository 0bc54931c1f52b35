/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See verbs_doctor.h: one function a check. */
#include "daemon/verbs_doctor.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/conntrack.h"
#include "daemon/inbound.h"
#include "daemon/ipip.h"
#include "daemon/kept_file.h"
#include "daemon/offload.h"
#include "daemon/sysctl.h"
#include "daemon/verbs.h"
#include "policy/block.h"
#include "policy/compile.h"
#include "policy/srcaddr.h"
#include "policy/utf8.h"

#define ADDRESSES6_MAX 32
#define PPP_OPTIONS "/etc/ppp/options"
#define CONNTRACK_FULL_PERCENT 80
#define CONNTRACK_ADVICE "raise net.netfilter.nf_conntrack_max, or look for a machine that opens too many (conntrack -L)"
#define LINE_MTU 1500u

enum verdict { GOOD, WARNING, BAD, UNKNOWN };

struct round {
	struct router *router;
	json_t *checks;
	bool bad;
	unsigned found; /* by the check that is running, where it counts */
};

static void say(struct round *r, const char *name, enum verdict verdict, const char *advice, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

static void say(struct round *r, const char *name, enum verdict verdict, const char *advice, const char *format, ...)
{
	static const char *const state[] = { "good", "warning", "bad", "unknown" };
	char text[512];
	va_list ap;

	va_start(ap, format);
	utf8_vprint(text, sizeof(text), format, ap); /* programs and files of others are named as they like */
	va_end(ap);
	r->bad |= verdict == BAD;
	json_array_append_new(r->checks, json_pack("{s:s, s:s, s:s, s:s}", "name", name, "state", state[verdict], "text",
	                                           text, "advice", advice));
}

/* ---- the machine ---- */

static void check_kernel(struct round *r)
{
	const char *trouble = router_trouble(r->router);

	if (trouble)
		say(r, "kernel", BAD, "'journalctl -u dualpath' has more; it is tried again by itself", "%s", trouble);
	else
		say(r, "kernel", GOOD, "", "every table, rule, route and tunnel of ours is as it should be");
}

static void check_offload(struct round *r)
{
	const char *why_not = offload_why_not(router_offload(r->router));

	if (!router_config(r->router)->router.offload)
		return;
	if (why_not)
		say(r, "offload", WARNING, "'modprobe nft_flow_offload' and 'dualpathctl reload', or [router] offload = no",
		    "everything works, but nothing is offloaded: %s", why_not);
	else
		say(r, "offload", GOOD, "", "the kernel forwards long connections on its shorter way");
}

static void check_forwarding(struct round *r)
{
	if (sysctl_number("net/ipv4/ip_forward", 0) == 0)
		say(r, "forwarding", BAD, "something sets net.ipv4.ip_forward to 0 after us: look through /etc/sysctl.d and "
		                          "the network's own configuration", "the kernel does not forward IPv4");
	else
		say(r, "forwarding", GOOD, "", "the kernel forwards IPv4");
}

static long device_sysctl(const char *family, const char *device, const char *key)
{
	char name[96];

	snprintf(name, sizeof(name), "net/%s/conf/%s/%s", family, device, key);
	return sysctl_number(name, -1);
}

/* The kernel takes the greater of "all" and the device's own; 1 is strict. */
static void check_rp_filter(struct round *r)
{
	long all = sysctl_number("net/ipv4/conf/all/rp_filter", 0);
	unsigned strict = 0;

	for (size_t i = 0; i < router_paths(r->router); i++) {
		const char *device = router_path(r->router, i)->config->device;
		long own = device_sysctl("ipv4", device, "rp_filter");

		if (own < 0 || (own > all ? own : all) != 1)
			continue;
		strict++;
		say(r, "rp_filter", BAD, "set net.ipv4.conf.all.rp_filter to 2 or 0 in /etc/sysctl.d",
		    "it is strict on %s, and drops what comes in while that is not the default's path", device);
	}
	if (!strict)
		say(r, "rp_filter", GOOD, "", "not strict on any path");
}

static void check_conntrack(struct round *r)
{
	long max = sysctl_number("net/netfilter/nf_conntrack_max", 0);
	long count = sysctl_number("net/netfilter/nf_conntrack_count", 0);

	if (conntrack_is_full())
		say(r, "connections", BAD, CONNTRACK_ADVICE, "%ld of %ld: the table is full, and new ones are refused on every path; those "
		    "that run go on", count, max);
	else if (max > 0 && count * 100 >= max * CONNTRACK_FULL_PERCENT)
		say(r, "connections", WARNING, CONNTRACK_ADVICE,
		    "%ld of %ld: new ones are refused once it is full", count, max);
	else
		say(r, "connections", GOOD, "", "%ld of %ld", count, max);
}

static void on_waiting(void *arg, const char *dir, const char *name, const char *why)
{
	struct round *r = arg;

	r->found++;
	say(r, "files", BAD, "make room there, or mount it anew: it is tried again every few seconds",
	    "cannot write %s/%s: %s; after a restart or a crash it would be missed", dir, name, why);
}

static void check_files(struct round *r)
{
	r->found = 0;
	kept_file_waiting(on_waiting, r);
	if (!r->found)
		say(r, "files", GOOD, "", "all that the next start needs is written down");
}

/* ---- what others left in the kernel ---- */

static void on_foreign_rule(void *arg, uint32_t priority, const char *words)
{
	struct round *r = arg;
	uint32_t ours = router_config(r->router)->router.rule_priority;

	if (priority == 0 || priority >= ours + 100)
		return;
	r->found++;
	say(r, "rules", WARNING, "if it is not meant to go before dualpath's, move it behind, or set [router] rule-priority",
	    "another's rule has priority %u, before or among ours (%u to %u): %s", priority, ours, ours + 99, words);
}

static void check_rules(struct round *r)
{
	r->found = 0;
	rtnl_foreign_rules(router_rtnl(r->router), on_foreign_rule, r);
	if (!r->found)
		say(r, "rules", GOOD, "", "no rule of others comes before ours");
}

/* They are put back at once, but each time some packets find no way. */
static void check_deleted(struct round *r)
{
	const struct rtnl_deleted *deleted = router_deleted(r->router);

	if (!deleted->rules && !deleted->routes)
		say(r, "deletions", GOOD, "", "nobody has deleted rules or routes of ours");
	else
		say(r, "deletions", WARNING, "systemd-networkd does so unless ManageForeignRoutingPolicyRules=no and "
		    "ManageForeignRoutes=no stand in /etc/systemd/networkd.conf.d: the file that dualpath installs says so, once "
		    "systemd-networkd was restarted", "%u rules and %u routes of ours were deleted since the start, last by %s: they are "
		    "back", deleted->rules, deleted->routes, *deleted->who ? deleted->who : "a program that has ended");
}

static void on_foreign_drop(void *arg, const char *table, const char *chain)
{
	struct round *r = arg;

	r->found++;
	say(r, "firewall", WARNING, "let the home's traffic through there, too: a packet must pass every such chain",
	    "chain %s of table %s drops what it does not name, of all that is forwarded", chain, table);
}

static void check_firewalls(struct round *r)
{
	r->found = 0;
	nft_foreign_drops(router_nft(r->router), on_foreign_drop, r);
	if (!r->found)
		say(r, "firewall", GOOD, "", "no other firewall drops what is forwarded");
}

/* Words that pppd takes from there for our session as well, and that break it; of others its command line says the contrary. */
static void check_ppp_options(struct round *r)
{
	static const char *const words[] = { "demand", "password" };
	FILE *f = fopen(PPP_OPTIONS, "re");
	char line[256], word[32];
	unsigned found = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %31[a-z]", word) != 1)
			continue;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strcmp(word, words[i]) == 0) {
				found++;
				say(r, "pppd", WARNING, "take it out of " PPP_OPTIONS ", or move it into /etc/ppp/peers/NAME",
				    PPP_OPTIONS " says '%s', which pppd takes for our session, too", word);
			}
	}
	if (f)
		fclose(f);
	if (!found)
		say(r, "pppd", GOOD, "", "nothing in " PPP_OPTIONS " disturbs our session");
}

/* ---- lines and paths ---- */

/* The tunnel carries the home's own addresses, and only such as can be nobody else's (the chain GUARD). */
static bool dslite_refuses(const struct config *config, uint32_t addr)
{
	for (size_t i = 0; i < config->paths; i++)
		if (config->path[i].kind == PATH_DSLITE)
			return !compile_is_home_source(addr) && block_path(config, addr) < 0;
	return false;
}

static void check_lan(struct round *r, const char *name)
{
	struct link_info link;
	char addr[INET_ADDRSTRLEN];
	uint32_t own;

	if (rtnl_link(router_rtnl(r->router), name, &link) < 0) {
		say(r, "lan", BAD, "name the home's interface in [router] lan, or make it", "there is no interface %s", name);
		return;
	}
	own = rtnl_address4(router_rtnl(r->router), name);
	if (!link.up)
		say(r, "lan", BAD, "ip link set it up", "%s is down", name);
	else if (!own)
		say(r, "lan", BAD, "give it the home's address; dualpath leaves that to the system", "%s has no IPv4 address", name);
	else if (dslite_refuses(router_config(r->router), own))
		say(r, "lan", WARNING, "give the home private addresses, like 192.168.1.0/24",
		    "%s has %s, which is not private: DS-Lite carries nothing from there", name, ipv4_print(own, addr));
	else
		say(r, "lan", GOOD, "", "%s is up with %s", name, ipv4_print(own, addr));
}

/* One that a tunnel can have: not one for this site alone. */
static bool has_global6(const struct round *r, const char *interface)
{
	static const struct in6_addr anywhere = { .s6_addr = { 0x20 } };
	struct addr6 list[ADDRESSES6_MAX];
	size_t n = rtnl_addresses6(router_rtnl(r->router), interface, list, ADDRESSES6_MAX);

	return srcaddr_choose(list, n, &anywhere, NULL) != NULL;
}

/* What is configured by hand may be on another interface. */
static bool has_own_end(const struct round *r, const struct path_config *config)
{
	struct addr6 own;

	return config->kind == PATH_DSLITE && !config->dslite.local_auto &&
	       rtnl_address6(router_rtnl(r->router), &config->dslite.local, &own);
}

static void check_ipv6(struct round *r, const struct path_config *config)
{
	const char *name = config->interface;
	bool forwards = device_sysctl("ipv6", name, "forwarding") == 1;
	long accept = device_sysctl("ipv6", name, "accept_ra");

	if (has_global6(r, name))
		say(r, "IPv6", GOOD, "", "%s has an address of the line", name);
	else if (has_own_end(r, config))
		say(r, "IPv6", GOOD, "", "an interface has the configured local address");
	else
		say(r, "IPv6", BAD, "without IPv6 there is no tunnel: is the cable in, does the line have IPv6 (IPoE), are router "
		                    "advertisements let in?", "%s has no address of the line", name);
	if (forwards ? accept != 2 : accept == 0)
		say(r, "IPv6", WARNING, "where the system's network service does not take them itself: "
		                        "sysctl net.ipv6.conf.INTERFACE.accept_ra=2",
		    "the kernel takes no router advertisement on %s (accept_ra %ld, forwarding %d)", name, accept, forwards);
}

static void check_mtu(struct round *r, const struct path *path)
{
	unsigned line = path->facts.line_mtu, mtu = path->facts.mtu;
	const char *measured = mtu_watch_measured(path->mtu) ? "measured" : "not measured: nobody answers such large pings";

	if (path->facts.carries)
		say(r, "MTU", WARNING, "the tunnel and the MSS follow it; where the line should carry more, something between here and "
		                       "the AFTR is too narrow (a switch, a VLAN, a home gateway)",
		    "%s promises %u bytes, but packets of more than %u are lost: the tunnel's MTU is %u", path->config->interface,
		    line, path->facts.carries, mtu);
	else if (line && line < LINE_MTU)
		say(r, "MTU", WARNING, "set the interface's MTU to 1500 where the line carries that",
		    "%s has an IPv6 MTU of %u: the tunnel's is %u", path->config->interface, line, mtu);
	else if (mtu && path->facts.has_ends)
		say(r, "MTU", GOOD, "", "%s: %u (%s)", path->config->device, mtu, measured);
	else if (mtu)
		say(r, "MTU", GOOD, "", "%s: %u", path->config->device, mtu);
}

/* Only where the owner told how many there are. */
static void check_ports(struct round *r, const struct path *path)
{
	const struct budget *budget = &path->budget;
	unsigned used = budget_most(&budget->use);

	if (!budget->ports)
		return;
	say(r, "ports", budget->tight ? WARNING : GOOD,
	    budget->tight ? "see who has so many (conntrack -L), and let hosts go to PPPoE: spill = yes, or path = of theirs" : "",
	    "%s: %u of the carrier's %u ports are in use", path->config->name, used, budget->ports);
}

static const char *advice_for(const struct path *path, enum path_view view)
{
	if (path->forced)
		return "'dualpathctl failback' ends that";
	if (view == PATH_VIEW_UP)
		return "";
	if (path->ipip)
		return "'dualpathctl events' tells since when; compare remote, interface-id and address with what the provider wrote; "
		       "'dualpathctl reconnect' makes the tunnel anew";
	return path->dslite ? "'dualpathctl events' tells since when; 'ping' the AFTR; 'dualpathctl reconnect' makes the tunnel anew"
	                    : "'dualpathctl events' tells since when; 'dualpathctl reconnect' dials at once";
}

/* Without it the provider may send what is for us nowhere. */
static void check_registration(struct round *r, const struct path *path)
{
	struct registration_info info;

	if (!path->ipip || !ipip_registration(path->ipip, &info))
		return;
	if (info.state == REGISTRATION_OK)
		say(r, "registration", GOOD, "", "%s: the provider knows our end", path->config->name);
	else
		say(r, "registration", info.state == REGISTRATION_WAITING ? WARNING : BAD,
		    info.state == REGISTRATION_IS_REFUSED
		    ? "compare update-user, the password's file and update-answer with what the provider wrote"
		    : "is update-url right, and does the server answer over IPv6? it is asked again by itself",
		    "%s: %s", path->config->name, info.reason);
}

/* On its line, which is looked at once. */
static bool is_first_tunnel(const struct round *r, const struct path *path)
{
	for (size_t i = 0; i < router_paths(r->router); i++) {
		const struct path *other = router_path(r->router, i);

		if (!other->pppoe && strcmp(other->config->interface, path->config->interface) == 0)
			return other == path;
	}
	return false;
}

static void check_path(struct round *r, const struct path *path)
{
	enum path_view view = path_view(path);
	enum verdict verdict = view == PATH_VIEW_UP ? GOOD : view == PATH_VIEW_DOWN ? BAD : WARNING;

	if (is_first_tunnel(r, path))
		check_ipv6(r, path->config);
	say(r, path->config->name, verdict, advice_for(path, view), "%s: %s", path_view_name(view), path_reason(path));
	check_mtu(r, path);
	check_ports(r, path);
	check_registration(r, path);
}

static const char *inbound_advice(enum inbound_verdict verdict)
{
	switch (verdict) {
	case INBOUND_UNTESTED: return "'dualpathctl test inbound' calls it again";
	case INBOUND_REFUSED: return "start the server there, or correct the forward's port; then 'dualpathctl test inbound'";
	case INBOUND_SILENT: return "look at the machine and at its own firewall; then 'dualpathctl test inbound'";
	case INBOUND_BLOCKED: return "take another port for it, or ask the provider; then 'dualpathctl test inbound'";
	default: return "";
	}
}

/* What the last calls from outside found out.  Those take seconds, and packets: not for a look. */
static void check_inbound(struct round *r)
{
	const struct config *config = router_config(r->router);
	size_t unknown = 0;

	for (size_t i = 0; i < config->forwards; i++) {
		const struct inbound_result *known = inbound_known(router_inbound(r->router), config->forward[i].name);
		enum verdict verdict;

		unknown += !known;
		if (!known)
			continue;
		verdict = !inbound_is_bad(known->verdict) ? GOOD : known->verdict == INBOUND_UNTESTED ? UNKNOWN : BAD;
		say(r, "inbound", verdict, inbound_advice(known->verdict), "forward %s: %s", known->forward, known->text);
	}
	if (unknown)
		say(r, "inbound", UNKNOWN, "'dualpathctl test inbound' calls them; [router] inbound-check does so regularly",
		    "whether %zu of %zu forwards answer the outside was not tried yet", unknown, config->forwards);
}

json_t *verb_doctor(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	struct round r = { .router = env->router, .checks = json_array() };
	const struct router_config *config = &router_config(env->router)->router;

	(void)req;
	check_kernel(&r);
	check_forwarding(&r);
	check_offload(&r);
	check_rp_filter(&r);
	check_rules(&r);
	check_deleted(&r);
	check_firewalls(&r);
	check_conntrack(&r);
	check_files(&r);
	check_ppp_options(&r);
	for (size_t i = 0; i < config->lans; i++)
		check_lan(&r, config->lan[i]);
	for (size_t i = 0; i < router_paths(env->router); i++)
		check_path(&r, router_path(env->router, i));
	check_inbound(&r);
	return ctl_answer(r.bad ? 1 : 0, json_pack("{s:o}", "checks", r.checks));
}
