/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See tunnel.h. */
#include "daemon/tunnel.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/conntrack.h"
#include "daemon/mtu_watch.h"
#include "daemon/sysctl.h"

#define KEEP_EVERY_MS 10000

/* ---- the line ---- */

/* The line's IPv6 MTU: the device's, or less where a router advertisement said so. */
static unsigned line_mtu(const char *interface, unsigned device_mtu)
{
	char name[64];
	long mtu;

	snprintf(name, sizeof(name), "net/ipv6/conf/%s/mtu", interface);
	mtu = sysctl_number(name, 0);
	return mtu > 0 && mtu < (long)device_mtu ? (unsigned)mtu : device_mtu;
}

const char *tunnel_line_lacks(struct path *path, char *buf, size_t size)
{
	const char *interface = path->config->interface;
	struct link_info link;

	if (rtnl_link(path->env->rtnl, interface, &link) < 0) {
		snprintf(buf, size, "waiting for interface %s to appear", interface);
	} else if (!link.up) {
		snprintf(buf, size, "waiting for interface %s to be set up (it is down)", interface);
	} else if (!link.running) {
		snprintf(buf, size, "interface %s has no carrier: is the cable in?", interface);
	} else {
		path->facts.line_mtu = line_mtu(interface, link.mtu);
		return NULL;
	}
	return buf;
}

void tunnel_heard_mtu(struct path *path, uint32_t mtu)
{
	if (mtu != path->facts.line_mtu)
		path->env->changed(path->env->arg);
}

const struct addr6 *tunnel_find_address(const struct addr6 *list, size_t n, const struct in6_addr *address)
{
	for (size_t i = 0; i < n; i++)
		if (IN6_ARE_ADDR_EQUAL(&list[i].addr, address))
			return &list[i];
	return NULL;
}

/* The line's are at hand; to look further is to have the kernel list all. */
bool tunnel_own_address(struct rtnl *rtnl, const struct addr6 *list, size_t n, const struct in6_addr *address, struct addr6 *out)
{
	const struct addr6 *found = tunnel_find_address(list, n, address);

	if (!found)
		return rtnl_address6(rtnl, address, out);
	*out = *found;
	return true;
}

/* ---- the link ---- */

const struct plan_tunnel *tunnel_find(const struct path *path, const struct plan *have)
{
	for (unsigned i = 0; i < have->tunnels; i++)
		if (strcmp(have->tunnel[i].device, path->config->device) == 0)
			return &have->tunnel[i];
	return NULL;
}

static bool has_inner_address(const struct path *path, const struct plan *have)
{
	for (unsigned i = 0; i < have->addresses; i++)
		if (have->address[i].addr == path->facts.address &&
		    strcmp(have->address[i].device, path->config->device) == 0)
			return true;
	return false;
}

/* Also at its ends of before: it is about to be moved in place, and what goes over it until then needs its routes. */
static bool tunnel_is_there(const struct path *path, const struct plan *have)
{
	const struct plan_tunnel *t = tunnel_find(path, have);

	return t && t->up && has_inner_address(path, have);
}

bool tunnel_has_ends(const struct plan_tunnel *t, const struct path_facts *facts)
{
	return IN6_ARE_ADDR_EQUAL(&t->local, &facts->local) && IN6_ARE_ADDR_EQUAL(&t->remote, &facts->remote);
}

const char *tunnel_ends_taken(struct path *path, char *buf, size_t size)
{
	const struct path *other = path->env->same_ends(path->env->arg, path);
	char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];

	if (!other)
		return NULL;
	path->facts.has_ends = false;
	inet_ntop(AF_INET6, &path->facts.local, local, sizeof(local));
	inet_ntop(AF_INET6, &path->facts.remote, remote, sizeof(remote));
	snprintf(buf, size, "the tunnel of \"%s\" is between %s and %s already, and the kernel has one between two ends: "
	         "give one of them another local%s", other->config->name, local, remote,
	         path->config->kind == PATH_IPIP ? ", or the interface-id that the provider assigned" : "");
	return buf;
}

void tunnel_look(struct path *path, const struct plan *have)
{
	struct path_facts *facts = &path->facts;
	bool stood = facts->device_up;

	facts->has_ends = true;
	facts->address = compile_path_address(path->config, facts);
	facts->mtu = 0;
	facts->device_up = tunnel_is_there(path, have);
	if (!facts->device_up) {
		if (stood) /* and its ends are as good as before: the plan has it made again */
			events_add(path->env->events, path->config->name, "", "",
			           "another program deleted %s, set it down or took its address: put right", path->config->device);
		return;
	}
	facts->mtu = tunnel_find(path, have)->mtu;
	if (tunnel_has_ends(tunnel_find(path, have), facts))
		path_event(path, PATH_EV_LINK_UP, "the tunnel stands; waiting for the first answer through it");
}

void tunnel_lost(struct path *path, const char *why)
{
	path->facts.device_up = false;
	if (path->state != PATH_WAITING)
		path_event(path, PATH_EV_LINK_LOST, "%s", why);
	path_explain(path, "%s", why);
}

bool tunnel_adopt(struct path *path, const struct plan *have)
{
	const struct plan_tunnel *t = tunnel_find(path, have);

	if (!t || !t->tagged || !t->up)
		return false;
	path->facts.local = t->local;
	path->facts.remote = t->remote;
	path->facts.has_ends = true;
	mtu_watch_adopt(path->mtu, t->mtu);
	return true;
}

bool tunnel_still_goes(struct path *path, const struct plan *have)
{
	path->facts.has_ends = path->facts.device_up = false;
	return tunnel_find(path, have) != NULL;
}

void tunnel_keep(struct path *path)
{
	uint64_t now = clock_monotonic_ms();

	if (!path->facts.has_ends || now < path->keep_ms)
		return;
	path->keep_ms = now + KEEP_EVERY_MS;
	conntrack_keep_tunnel(&path->facts.local, &path->facts.remote);
}
