/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rtnl.h: hears from the kernel that something changed, and wakes whoever listens. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "common/fnv.h"
#include "daemon/rtnl_internal.h"

/* Changes come in bursts (an interface brings its addresses and routes): look once. */
#define COALESCE_S 0.01
/* Who tries a setting of the kernel by hand, or asks doctor what it does, shall see it; nobody wants to do without for long. */
#define SETTINGS_S 5.0
#define EVENT_BUFFER (1024 * 1024)

/* The IPv6 addresses and what can be done with them: whose, flags, and whether they are at their end; not how long they last. */
static uint64_t fingerprint_of_ends(struct rtnl *rtnl)
{
	struct nl_cache *cache = rtnl_all_addresses(rtnl);
	uint64_t sum = 0; /* of a hash each: the order of a dump means nothing */
	struct addr6 a;

	for (struct nl_object *o = cache ? nl_cache_get_first(cache) : NULL; o; o = nl_cache_get_next(o)) {
		struct rtnl_addr *addr = (struct rtnl_addr *)o;
		char text[INET6_ADDRSTRLEN], line[128];

		if (!rtnl_read_addr6(addr, &a))
			continue;
		inet_ntop(AF_INET6, &a.addr, text, sizeof(text));
		snprintf(line, sizeof(line), "%d %s/%u %x %d %d", rtnl_addr_get_ifindex(addr), text, a.prefix_len,
		         (unsigned)a.flags, a.preferred_s == 0, a.valid_s == 0);
		sum += fnv_add(FNV_START, line);
	}
	nl_cache_free(cache);
	return sum;
}

static void on_settled(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct rtnl *rtnl = w->data;

	(void)revents;
	ev_timer_stop(loop, w);
	rtnl->fn(rtnl->arg);
}

static bool is_address6(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == RTM_NEWADDR && nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifaddrmsg)) &&
	       ((const struct ifaddrmsg *)nlmsg_data(nlh))->ifa_family == AF_INET6;
}

/* ---- who deletes what is ours ---- */

static bool is_our_rule(const struct rtnl *rtnl, struct nlmsghdr *nlh)
{
	struct nlattr *attr[FRA_MAX + 1];

	return nlmsg_parse(nlh, sizeof(struct fib_rule_hdr), attr, FRA_MAX, NULL) >= 0 && attr[FRA_PROTOCOL] &&
	       nla_get_u8(attr[FRA_PROTOCOL]) == rtnl->protocol;
}

static bool is_our_route(const struct rtnl *rtnl, const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg)) &&
	       ((const struct rtmsg *)nlmsg_data(nlh))->rtm_protocol == rtnl->protocol;
}

/* By a netlink port, which is the number of the process unless it has several; "" where that is gone. */
static void name_of_port(uint32_t port, char *name, size_t size)
{
	char path[32];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/comm", port);
	f = fopen(path, "re");
	if (!f || !fgets(name, (int)size, f))
		name[0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	if (f)
		fclose(f);
}

/* The kernel says whose request it was: ours, or its own (0) where an interface went. */
static void note_deletion(struct rtnl *rtnl, struct nlmsghdr *nlh)
{
	bool rule = nlh->nlmsg_type == RTM_DELRULE && is_our_rule(rtnl, nlh);
	bool route = nlh->nlmsg_type == RTM_DELROUTE && is_our_route(rtnl, nlh);

	if ((!rule && !route) || !nlh->nlmsg_pid || nlh->nlmsg_pid == nl_socket_get_local_port(rtnl->sock))
		return;
	rtnl->deleted.rules += rule;
	rtnl->deleted.routes += route;
	name_of_port(nlh->nlmsg_pid, rtnl->deleted.who, sizeof(rtnl->deleted.who));
}

bool rtnl_deleted(struct rtnl *rtnl, struct rtnl_deleted *out)
{
	*out = rtnl->deleted;
	memset(&rtnl->deleted, 0, sizeof(rtnl->deleted));
	return out->rules || out->routes;
}

/* ---- events ---- */

static bool is_setting(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == RTM_NEWNETCONF || nlh->nlmsg_type == RTM_DELNETCONF;
}

/*
 * Takes all that is there; is any of it more than an IPv6 address told again, or a setting (*settings)?  An overflow (ENOBUFS) may
 * hide anything.
 */
static bool take_events(struct rtnl *rtnl, bool *settings)
{
	alignas(struct nlmsghdr) char buf[16384];
	bool more = false;
	ssize_t n;

	errno = 0;
	while ((n = recv(rtnl->io.fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0 || errno == ENOBUFS) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)buf;

		more |= n <= 0;
		for (int left = (int)n; left > 0 && nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
			more |= !is_address6(nlh) && !is_setting(nlh);
			*settings |= is_setting(nlh);
			note_deletion(rtnl, nlh);
		}
		errno = 0;
	}
	return more;
}

/*
 * What it was does not matter: whoever listens reads all again.  But a router advertisement has the kernel tell each of
 * its addresses anew, on some lines every few seconds: where only their time has changed, nobody has to look.
 */
static void on_event(struct ev_loop *loop, ev_io *w, int revents)
{
	struct rtnl *rtnl = w->data;
	bool settings = false, more = take_events(rtnl, &settings);
	uint64_t ends = fingerprint_of_ends(rtnl);

	(void)revents;
	more |= ends != rtnl->ends;
	rtnl->ends = ends;
	if (more && !ev_is_active(&rtnl->settle))
		ev_timer_start(loop, &rtnl->settle);
	if (settings && !ev_is_active(&rtnl->settings))
		ev_timer_start(loop, &rtnl->settings);
}

int rtnl_events_open(struct rtnl *rtnl)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_RULE,
		                      RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_NETCONF /* forwarding, rp_filter */ };
	int r;

	rtnl->events = nl_socket_alloc();
	if (!rtnl->events)
		return -ENOMEM;
	nl_socket_disable_seq_check(rtnl->events);
	r = nl_connect(rtnl->events, NETLINK_ROUTE);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]) && r >= 0; i++)
		r = nl_socket_add_memberships(rtnl->events, groups[i], 0);
	if (r < 0)
		return -EIO;
	nl_socket_set_buffer_size(rtnl->events, EVENT_BUFFER, 0);
	if (nl_socket_set_nonblocking(rtnl->events) < 0)
		return -EIO;
	ev_io_init(&rtnl->io, on_event, nl_socket_get_fd(rtnl->events), EV_READ);
	ev_timer_init(&rtnl->settle, on_settled, COALESCE_S, 0);
	ev_timer_init(&rtnl->settings, on_settled, SETTINGS_S, 0);
	rtnl->io.data = rtnl->settle.data = rtnl->settings.data = rtnl;
	ev_io_start(rtnl->loop, &rtnl->io);
	return 0;
}

void rtnl_events_close(struct rtnl *rtnl)
{
	if (ev_is_active(&rtnl->io))
		ev_io_stop(rtnl->loop, &rtnl->io);
	if (ev_is_active(&rtnl->settle))
		ev_timer_stop(rtnl->loop, &rtnl->settle);
	if (ev_is_active(&rtnl->settings))
		ev_timer_stop(rtnl->loop, &rtnl->settings);
	nl_socket_free(rtnl->events);
}
