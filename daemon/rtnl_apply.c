/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rtnl.h: rtnl_apply(), one function for each kind of operation. */
#include <net/if.h> /* before linux/if.h, which then leaves its names alone */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/link/ip6tnl.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <netlink/route/rule.h>
#include <string.h>

#include "daemon/rtnl_internal.h"

#define TUNNEL_TTL 64 /* RFC 2473 section 6.3: independent of the inner one */
#define ADDR_GEN_NONE 1 /* IN6_ADDR_GEN_MODE_NONE */

static struct nl_addr *make_addr(uint32_t addr, int prefix_len)
{
	uint32_t be = htonl(addr);
	struct nl_addr *a = nl_addr_build(AF_INET, &be, sizeof(be));

	if (a)
		nl_addr_set_prefixlen(a, prefix_len);
	return a;
}

/* ---- tunnel ---- */

/* All of them, always: the kernel sets to zero what a change does not name. */
static struct rtnl_link *make_tunnel(const struct plan_tunnel *t)
{
	struct rtnl_link *link = rtnl_link_ip6_tnl_alloc();
	struct in6_addr local = t->local, remote = t->remote;
	uint32_t flags = RTNL_TUNNEL_FLAGS;

	if (!link)
		return NULL;
	if (t->encap_limit < 0)
		flags |= IP6_TNL_F_IGN_ENCAP_LIMIT;
	else
		rtnl_link_ip6_tnl_set_encaplimit(link, (uint8_t)t->encap_limit);
	rtnl_link_set_name(link, t->device);
	rtnl_link_ip6_tnl_set_local(link, &local);
	rtnl_link_ip6_tnl_set_remote(link, &remote);
	rtnl_link_ip6_tnl_set_flags(link, flags);
	rtnl_link_ip6_tnl_set_ttl(link, TUNNEL_TTL);
	rtnl_link_ip6_tnl_set_proto(link, IPPROTO_IPIP);
	if (*t->line)
		rtnl_link_ip6_tnl_set_link(link, if_nametoindex(t->line));
	rtnl_link_set_mtu(link, t->mtu);
	return link;
}

static int get_and_change(struct rtnl *rtnl, const char *device, struct rtnl_link *changes)
{
	struct rtnl_link *link = NULL;
	int r = rtnl_link_get_kernel(rtnl->sock, 0, device, &link);

	if (r < 0)
		return r;
	r = rtnl_link_change(rtnl->sock, link, changes, 0);
	rtnl_link_put(link);
	return r;
}

static int raise_device(struct rtnl *rtnl, const char *device)
{
	struct rtnl_link *changes = rtnl_link_alloc();
	int r;

	if (!changes)
		return -NLE_NOMEM;
	rtnl_link_set_flags(changes, IFF_UP);
	r = get_and_change(rtnl, device, changes);
	rtnl_link_put(changes);
	return r;
}

int rtnl_set_up(struct rtnl *rtnl, const char *name)
{
	return raise_device(rtnl, name) < 0 ? -ENODEV : 0;
}

/* A tag, and no link-local address that nobody needs. */
static int tag_device(struct rtnl *rtnl, const char *device)
{
	struct rtnl_link *changes = rtnl_link_alloc();
	int r;

	if (!changes)
		return -NLE_NOMEM;
	rtnl_link_set_ifalias(changes, PLAN_TAG);
	rtnl_link_inet6_set_addr_gen_mode(changes, ADDR_GEN_NONE);
	r = get_and_change(rtnl, device, changes);
	rtnl_link_put(changes);
	return r;
}

static int apply_tunnel(struct rtnl *rtnl, const struct plan_tunnel *t, bool add)
{
	struct rtnl_link *link = make_tunnel(t);
	int r;

	if (!link)
		return -NLE_NOMEM;
	if (add)
		r = rtnl_link_add(rtnl->sock, link, NLM_F_CREATE | NLM_F_EXCL);
	else
		r = get_and_change(rtnl, t->device, link);
	rtnl_link_put(link);
	if (r >= 0)
		r = tag_device(rtnl, t->device);
	return r >= 0 && t->up ? raise_device(rtnl, t->device) : r;
}

static int delete_tunnel(struct rtnl *rtnl, const char *device)
{
	struct rtnl_link *link = rtnl_link_alloc();
	int r;

	if (!link)
		return -NLE_NOMEM;
	rtnl_link_set_name(link, device);
	r = rtnl_link_delete(rtnl->sock, link);
	rtnl_link_put(link);
	return r;
}

/* ---- addresses ---- */

static int apply_address(struct rtnl *rtnl, const struct plan_address *a, bool add)
{
	struct rtnl_addr *addr = rtnl_addr_alloc();
	struct nl_addr *local = make_addr(a->addr, 32);
	int r = -NLE_NOMEM;

	if (addr && local) {
		rtnl_addr_set_ifindex(addr, (int)if_nametoindex(a->device));
		rtnl_addr_set_local(addr, local);
		r = add ? rtnl_addr_add(rtnl->sock, addr, NLM_F_CREATE | NLM_F_EXCL)
		        : rtnl_addr_delete(rtnl->sock, addr, 0);
	}
	nl_addr_put(local);
	rtnl_addr_put(addr);
	return r;
}

/* ---- routes ---- */

static int set_nexthop(struct rtnl_route *route, const struct plan_route *r)
{
	struct rtnl_nexthop *nh;

	if (!*r->device) {
		rtnl_route_set_scope(route, RT_SCOPE_UNIVERSE);
		return rtnl_route_set_type(route, r->blackhole ? RTN_BLACKHOLE : RTN_UNREACHABLE);
	}
	nh = rtnl_route_nh_alloc();
	if (!nh)
		return -NLE_NOMEM;
	rtnl_route_nh_set_ifindex(nh, (int)if_nametoindex(r->device));
	rtnl_route_set_scope(route, RT_SCOPE_LINK);
	rtnl_route_add_nexthop(route, nh);
	return 0;
}

static struct rtnl_route *make_route(const struct rtnl *rtnl, const struct plan_route *r)
{
	struct rtnl_route *route = rtnl_route_alloc();
	struct nl_addr *dst = make_addr(r->dst.addr, r->dst.len);
	struct nl_addr *src = r->source ? make_addr(r->source, 32) : NULL;

	if (route && dst) {
		rtnl_route_set_family(route, AF_INET);
		rtnl_route_set_table(route, r->table);
		rtnl_route_set_protocol(route, rtnl->protocol);
		rtnl_route_set_priority(route, r->metric);
		rtnl_route_set_dst(route, dst);
		if (src)
			rtnl_route_set_pref_src(route, src);
		set_nexthop(route, r);
	}
	nl_addr_put(dst);
	nl_addr_put(src);
	return route;
}

static int apply_route(struct rtnl *rtnl, const struct plan_route *r, enum op_kind kind)
{
	struct rtnl_route *route = make_route(rtnl, r);
	int result;

	if (!route)
		return -NLE_NOMEM;
	if (kind == OP_ROUTE_DELETE) {
		result = rtnl_route_delete(rtnl->sock, route, 0);
		if (result == -NLE_OBJ_NOTFOUND || result == -NLE_NODEV) /* went with its device, while we came to it */
			result = 0;
	} else {
		result = rtnl_route_add(rtnl->sock, route,
		                        NLM_F_CREATE | (kind == OP_ROUTE_ADD ? NLM_F_EXCL : NLM_F_REPLACE));
	}
	rtnl_route_put(route);
	return result;
}

/* ---- rules ---- */

static uint8_t action_of(const struct plan_rule *r)
{
	switch (r->action) {
	case PLAN_UNREACHABLE: return FR_ACT_UNREACHABLE;
	case PLAN_BLACKHOLE: return FR_ACT_BLACKHOLE;
	default: return FR_ACT_TO_TBL;
	}
}

static struct rtnl_rule *make_rule(const struct rtnl *rtnl, const struct plan_rule *r)
{
	struct rtnl_rule *rule = rtnl_rule_alloc();
	struct nl_addr *from;

	if (!rule)
		return NULL;
	rtnl_rule_set_family(rule, AF_INET);
	rtnl_rule_set_prio(rule, r->priority);
	rtnl_rule_set_protocol(rule, rtnl->protocol);
	rtnl_rule_set_action(rule, action_of(r));
	if (r->table)
		rtnl_rule_set_table(rule, r->table);
	if (r->own)
		rtnl_rule_set_iif(rule, "lo");
	if (r->mask) {
		rtnl_rule_set_mark(rule, r->mark);
		rtnl_rule_set_mask(rule, r->mask);
	}
	if (r->from.len) {
		from = make_addr(r->from.addr, r->from.len);
		rtnl_rule_set_src(rule, from);
		nl_addr_put(from);
	}
	return rule;
}

/* All attributes on a delete too: the kernel takes the first rule that fits what it is told. */
static int apply_rule(struct rtnl *rtnl, const struct plan_rule *r, bool add)
{
	struct rtnl_rule *rule = make_rule(rtnl, r);
	struct nl_msg *msg = NULL;
	int result;

	if (!rule)
		return -NLE_NOMEM;
	if (add)
		result = rtnl_rule_build_add_request(rule, NLM_F_CREATE | NLM_F_EXCL, &msg);
	else
		result = rtnl_rule_build_delete_request(rule, 0, &msg);
	rtnl_rule_put(rule);
	if (result < 0)
		return result;
	if (r->action == PLAN_LOOKUP_SPECIFIC)
		nla_put_u32(msg, FRA_SUPPRESS_PREFIXLEN, 0);
	return nl_send_sync(rtnl->sock, msg);
}

static int apply(struct rtnl *rtnl, const struct op *op)
{
	switch (op->kind) {
	case OP_TUNNEL_ADD:
	case OP_TUNNEL_CHANGE:
		return apply_tunnel(rtnl, &op->tunnel, op->kind == OP_TUNNEL_ADD);
	case OP_TUNNEL_DELETE:
		return delete_tunnel(rtnl, op->tunnel.device);
	case OP_ADDRESS_ADD:
	case OP_ADDRESS_DELETE:
		return apply_address(rtnl, &op->address, op->kind == OP_ADDRESS_ADD);
	case OP_ADDRESS6_ADD:
	case OP_ADDRESS6_DELETE:
		return rtnl_apply_end(rtnl, &op->address6, op->kind == OP_ADDRESS6_ADD);
	case OP_ROUTE_ADD:
	case OP_ROUTE_REPLACE:
	case OP_ROUTE_DELETE:
		return apply_route(rtnl, &op->route, op->kind);
	case OP_RULE_ADD:
	case OP_RULE_DELETE:
		return apply_rule(rtnl, &op->rule, op->kind == OP_RULE_ADD);
	default:
		return -NLE_INVAL;
	}
}

static const char *explain(const struct rtnl *rtnl, const struct op *op, int error)
{
	static const char ends_taken[] = "a tunnel that is not ours stands between these two ends, and the kernel has one: remove it "
	                                 "(ip -6 tunnel show)";

	if (error == -EOPNOTSUPP && op->kind == OP_TUNNEL_ADD)
		return "this kernel has no IPv4-in-IPv6 tunnels: load the module ip6_tunnel (modprobe ip6_tunnel), "
		       "or boot a kernel that has it";
	if (error == -EEXIST && op->kind == OP_TUNNEL_ADD && *op->tunnel.line)
		return "this kernel (older than Linux 5.6) has no second tunnel between two ends: what is under way is lost";
	if (error == -EEXIST && op->kind == OP_TUNNEL_CHANGE)
		return ends_taken;
	if (error == -EEXIST && op->kind == OP_TUNNEL_ADD && !if_nametoindex(op->tunnel.device))
		return ends_taken;
	if (error == -EEXIST && op->kind == OP_TUNNEL_ADD)
		return "an interface of that name exists and is not ours; remove it, or name another with device =";
	return *rtnl->message ? rtnl->message : strerror(-error);
}

int rtnl_apply(struct rtnl *rtnl, const struct op *op, const char **why)
{
	int r;

	rtnl->error = 0;
	rtnl->message[0] = '\0';
	r = rtnl_errno(rtnl, apply(rtnl, op));
	if (r < 0)
		*why = explain(rtnl, op, r);
	return r;
}
