/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rtnl.h: the socket, and reading.  rtnl_apply.c changes things, rtnl_ends.c knows ends of tunnels on the line, rtnl_events.c
 * hears of changes. */
#include "daemon/rtnl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/ip6_tunnel.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/ip6tnl.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/rtnl_internal.h"

#define READS_MAX 20

/* ---- errors ---- */

/* libnl folds many errnos into one code; keep the kernel's, and its words where it has some. */
static int keep_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct rtnl *rtnl = arg;
	struct nlmsghdr *nlh = (struct nlmsghdr *)((char *)err - NLMSG_HDRLEN);
	struct nlattr *attr[NLMSGERR_ATTR_MAX + 1] = { NULL };
	int offset = (int)sizeof(*err);

	(void)from;
	rtnl->error = -err->error;
	rtnl->message[0] = '\0';
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += (int)err->msg.nlmsg_len - NLMSG_HDRLEN;
	if (nlmsg_parse(nlh, offset, attr, NLMSGERR_ATTR_MAX, NULL) == 0 && attr[NLMSGERR_ATTR_MSG])
		snprintf(rtnl->message, sizeof(rtnl->message), "%s", nla_get_string(attr[NLMSGERR_ATTR_MSG]));
	return NL_STOP;
}

int rtnl_errno(const struct rtnl *rtnl, int nle)
{
	if (nle >= 0)
		return 0;
	if (rtnl->error)
		return -rtnl->error;
	if (nle == -NLE_DUMP_INTR)
		return -EINTR;
	return nle == -NLE_NOMEM ? -ENOMEM : nle == -NLE_OPNOTSUPP ? -EOPNOTSUPP : -EIO;
}

/* ---- what libnl's objects do not hold ---- */

int rtnl_dump(struct rtnl *rtnl, int type, void *hdr, size_t size, nl_recvmsg_msg_cb_t fn, void *arg)
{
	int r;

	rtnl->error = 0;
	nl_socket_modify_cb(rtnl->sock, NL_CB_VALID, NL_CB_CUSTOM, fn, arg);
	r = nl_send_simple(rtnl->sock, type, NLM_F_DUMP, hdr, size);
	if (r >= 0)
		r = nl_recvmsgs_default(rtnl->sock);
	nl_socket_modify_cb(rtnl->sock, NL_CB_VALID, NL_CB_DEFAULT, NULL, NULL);
	return rtnl_errno(rtnl, r);
}

/* ---- links ---- */

static struct rtnl_link *get_link(struct rtnl *rtnl, const char *name)
{
	struct rtnl_link *link = NULL;

	rtnl->error = 0;
	return rtnl_link_get_kernel(rtnl->sock, 0, name, &link) < 0 ? NULL : link;
}

int rtnl_link(struct rtnl *rtnl, const char *name, struct link_info *out)
{
	struct rtnl_link *link = get_link(rtnl, name);
	unsigned flags;

	if (!link)
		return -ENODEV;
	flags = rtnl_link_get_flags(link);
	*out = (struct link_info){
		.index = rtnl_link_get_ifindex(link),
		.up = flags & IFF_UP,
		.running = (flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING),
		.mtu = rtnl_link_get_mtu(link),
		.rx_bytes = rtnl_link_get_stat(link, RTNL_LINK_RX_BYTES),
		.tx_bytes = rtnl_link_get_stat(link, RTNL_LINK_TX_BYTES),
		.rx_packets = rtnl_link_get_stat(link, RTNL_LINK_RX_PACKETS),
		.tx_packets = rtnl_link_get_stat(link, RTNL_LINK_TX_PACKETS),
	};
	rtnl_link_put(link);
	return 0;
}

/* Flags that we do not set ourselves make a tunnel "not as wanted" by an impossible limit. */
static int tunnel_limit(struct rtnl_link *link)
{
	uint32_t flags = rtnl_link_ip6_tnl_get_flags(link);

	if ((flags & RTNL_TUNNEL_FLAGS_MASK & ~(uint32_t)IP6_TNL_F_IGN_ENCAP_LIMIT) != RTNL_TUNNEL_FLAGS)
		return -2;
	return flags & IP6_TNL_F_IGN_ENCAP_LIMIT ? -1 : rtnl_link_ip6_tnl_get_encaplimit(link);
}

static bool is_tagged(struct rtnl_link *link)
{
	const char *alias = rtnl_link_get_ifalias(link);

	return alias && strcmp(alias, PLAN_TAG) == 0;
}

/* Nobody else's: it counts as tagged, or one that we were killed over would be left. */
static bool is_name_of_drain(const char *name)
{
	return strncmp(name, DRAIN_DEVICE, strlen(DRAIN_DEVICE)) == 0;
}

static void read_tunnel(struct rtnl_link *link, struct plan *have)
{
	struct plan_tunnel *t = &have->tunnel[have->tunnels++];

	*t = (struct plan_tunnel){ .mtu = rtnl_link_get_mtu(link),
	                           .encap_limit = tunnel_limit(link),
	                           .up = rtnl_link_get_flags(link) & IFF_UP,
	                           .tagged = is_tagged(link) || is_name_of_drain(rtnl_link_get_name(link)) };
	snprintf(t->device, sizeof(t->device), "%s", rtnl_link_get_name(link));
	if_indextoname(rtnl_link_ip6_tnl_get_link(link), t->line);
	rtnl_link_ip6_tnl_get_local(link, &t->local);
	rtnl_link_ip6_tnl_get_remote(link, &t->remote);
}

static bool is_name_of(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->paths; i++)
		if (config->path[i].kind != PATH_PPPOE && strcmp(config->path[i].device, name) == 0)
			return true;
	return false;
}

static bool is_ours(struct rtnl_link *link, const struct config *config)
{
	const char *alias = rtnl_link_get_ifalias(link);

	if (!rtnl_link_is_ip6_tnl(link))
		return false;
	if (alias && *alias)
		return is_tagged(link);
	if (is_name_of_drain(rtnl_link_get_name(link)))
		return true;
	return !(rtnl_link_get_flags(link) & IFF_UP) && is_name_of(config, rtnl_link_get_name(link));
}

static int read_tunnels(struct rtnl *rtnl, const struct config *config, struct plan *have)
{
	struct nl_cache *cache;
	int r = rtnl_link_alloc_cache(rtnl->sock, AF_UNSPEC, &cache);

	if (r < 0)
		return rtnl_errno(rtnl, r);
	for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o))
		if (have->tunnels < PLAN_TUNNELS_MAX && is_ours((struct rtnl_link *)o, config))
			read_tunnel((struct rtnl_link *)o, have);
	nl_cache_free(cache);
	return 0;
}

/* ---- addresses ---- */

struct nl_cache *rtnl_all_addresses(struct rtnl *rtnl)
{
	struct nl_cache *cache;

	rtnl->error = 0;
	return rtnl_addr_alloc_cache(rtnl->sock, &cache) < 0 ? NULL : cache;
}

static uint32_t address_ipv4(struct rtnl_addr *addr)
{
	struct nl_addr *local = rtnl_addr_get_local(addr);
	uint32_t be;

	if (!local || nl_addr_get_family(local) != AF_INET)
		return 0;
	memcpy(&be, nl_addr_get_binary_addr(local), sizeof(be));
	return ntohl(be);
}

uint32_t rtnl_address4(struct rtnl *rtnl, const char *name)
{
	int index = (int)if_nametoindex(name);
	struct nl_cache *cache = index ? rtnl_all_addresses(rtnl) : NULL;
	uint32_t found = 0;

	if (!cache)
		return 0;
	for (struct nl_object *o = nl_cache_get_first(cache); o && !found; o = nl_cache_get_next(o))
		if (rtnl_addr_get_ifindex((struct rtnl_addr *)o) == index)
			found = address_ipv4((struct rtnl_addr *)o);
	nl_cache_free(cache);
	return found;
}

bool rtnl_read_addr6(struct rtnl_addr *addr, struct addr6 *out)
{
	struct nl_addr *local = rtnl_addr_get_local(addr);

	if (!local || nl_addr_get_family(local) != AF_INET6)
		return false;
	memcpy(&out->addr, nl_addr_get_binary_addr(local), sizeof(out->addr));
	out->prefix_len = (uint8_t)rtnl_addr_get_prefixlen(addr);
	out->flags = rtnl_addr_get_flags(addr);
	out->preferred_s = rtnl_addr_get_preferred_lifetime(addr);
	out->valid_s = rtnl_addr_get_valid_lifetime(addr);
	return true;
}

size_t rtnl_addresses6(struct rtnl *rtnl, const char *name, struct addr6 *list, size_t max)
{
	int index = (int)if_nametoindex(name);
	struct nl_cache *cache = index ? rtnl_all_addresses(rtnl) : NULL;
	size_t n = 0;

	if (!cache)
		return 0;
	for (struct nl_object *o = nl_cache_get_first(cache); o && n < max; o = nl_cache_get_next(o))
		if (rtnl_addr_get_ifindex((struct rtnl_addr *)o) == index)
			n += rtnl_read_addr6((struct rtnl_addr *)o, &list[n]);
	nl_cache_free(cache);
	return n;
}

bool rtnl_address6(struct rtnl *rtnl, const struct in6_addr *address, struct addr6 *out)
{
	struct nl_cache *cache = rtnl_all_addresses(rtnl);
	bool found = false;
	struct addr6 a;

	if (!cache)
		return false;
	for (struct nl_object *o = nl_cache_get_first(cache); o && !found; o = nl_cache_get_next(o))
		found = rtnl_read_addr6((struct rtnl_addr *)o, &a) && IN6_ARE_ADDR_EQUAL(&a.addr, address);
	nl_cache_free(cache);
	if (found)
		*out = a;
	return found;
}

static void read_address(struct rtnl_addr *addr, struct plan *have)
{
	char name[IFNAMSIZ];
	uint32_t ipv4 = address_ipv4(addr);

	if (!ipv4 || !if_indextoname((unsigned)rtnl_addr_get_ifindex(addr), name))
		return;
	for (unsigned i = 0; i < have->tunnels; i++) {
		struct plan_address *a = &have->address[have->addresses];

		if (strcmp(have->tunnel[i].device, name) != 0 || have->addresses == PLAN_TUNNELS_MAX)
			continue;
		a->addr = ipv4;
		memcpy(a->device, name, sizeof(name));
		have->addresses++;
	}
}

static int read_addresses(struct rtnl *rtnl, struct plan *have)
{
	struct nl_cache *cache = rtnl_all_addresses(rtnl);

	if (!cache)
		return -EIO;
	for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o))
		read_address((struct rtnl_addr *)o, have);
	nl_cache_free(cache);
	return 0;
}

/* ---- neighbours ---- */

static bool is_ipv4(struct nl_addr *addr, uint32_t wanted)
{
	uint32_t be = htonl(wanted);

	return addr && nl_addr_get_family(addr) == AF_INET && nl_addr_get_len(addr) == sizeof(be) &&
	       memcmp(nl_addr_get_binary_addr(addr), &be, sizeof(be)) == 0;
}

bool rtnl_neighbour(struct rtnl *rtnl, uint32_t addr, struct mac *mac, char device[IFNAMSIZ])
{
	struct nl_cache *cache;
	bool found = false;

	rtnl->error = 0;
	if (rtnl_neigh_alloc_cache(rtnl->sock, &cache) < 0)
		return false;
	for (struct nl_object *o = nl_cache_get_first(cache); o && !found; o = nl_cache_get_next(o)) {
		struct rtnl_neigh *neigh = (struct rtnl_neigh *)o;
		struct nl_addr *link = rtnl_neigh_get_lladdr(neigh);

		found = is_ipv4(rtnl_neigh_get_dst(neigh), addr) && link &&
		        nl_addr_get_len(link) == sizeof(mac->byte) &&
		        if_indextoname((unsigned)rtnl_neigh_get_ifindex(neigh), device);
		if (found)
			memcpy(mac->byte, nl_addr_get_binary_addr(link), sizeof(mac->byte));
	}
	nl_cache_free(cache);
	return found;
}

size_t rtnl_macs(struct rtnl *rtnl, struct mac **list)
{
	struct nl_cache *cache;
	size_t n = 0;

	*list = NULL;
	rtnl->error = 0;
	if (rtnl_neigh_alloc_cache(rtnl->sock, &cache) < 0)
		return 0;
	*list = xcalloc((size_t)nl_cache_nitems(cache), sizeof(**list));
	for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o)) {
		struct nl_addr *link = rtnl_neigh_get_lladdr((struct rtnl_neigh *)o);

		if (link && nl_addr_get_len(link) == sizeof((*list)[n].byte))
			memcpy((*list)[n++].byte, nl_addr_get_binary_addr(link), sizeof((*list)[n].byte));
	}
	nl_cache_free(cache);
	return n;
}

/* ---- routes ---- */

/* The answer does not tell the table that it is from; the device does as well. */
static enum rtnl_whither whither_of(struct rtnl_route *route, char device[IFNAMSIZ])
{
	struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, 0);

	device[0] = '\0';
	if (hop)
		if_indextoname((unsigned)rtnl_route_nh_get_ifindex(hop), device);
	if (rtnl_route_get_type(route) == RTN_LOCAL || rtnl_route_get_type(route) == RTN_BROADCAST)
		return RTNL_LOCAL;
	return *device ? RTNL_ROUTED : RTNL_NOWHERE;
}

enum rtnl_whither rtnl_whither(struct rtnl *rtnl, uint32_t addr, char device[IFNAMSIZ])
{
	uint32_t be = htonl(addr);
	struct nl_addr *dst = nl_addr_build(AF_INET, &be, sizeof(be));
	enum rtnl_whither whither = RTNL_NOWHERE;
	struct rtnl_route *route;

	device[0] = '\0';
	rtnl->error = 0;
	if (dst && rtnl_route_lookup(rtnl->sock, dst, &route) == 0) {
		whither = whither_of(route, device);
		rtnl_route_put(route);
	}
	nl_addr_put(dst);
	return whither;
}

static void read_route(struct rtnl_route *route, struct plan *have)
{
	struct nl_addr *dst = rtnl_route_get_dst(route), *src = rtnl_route_get_pref_src(route);
	struct plan_route *r = &have->route[have->routes];
	uint32_t be = 0;

	if (have->routes == PLAN_ROUTES_MAX)
		return;
	*r = (struct plan_route){ .table = rtnl_route_get_table(route), .metric = rtnl_route_get_priority(route) };
	if (dst && nl_addr_get_len(dst) == sizeof(be)) {
		memcpy(&be, nl_addr_get_binary_addr(dst), sizeof(be));
		r->dst = (struct prefix4){ ntohl(be), (uint8_t)nl_addr_get_prefixlen(dst) };
	}
	if (src) {
		memcpy(&be, nl_addr_get_binary_addr(src), sizeof(be));
		r->source = ntohl(be);
	}
	r->blackhole = rtnl_route_get_type(route) == RTN_BLACKHOLE;
	if (rtnl_route_get_type(route) == RTN_UNICAST && rtnl_route_get_nnexthops(route) > 0)
		if_indextoname((unsigned)rtnl_route_nh_get_ifindex(rtnl_route_nexthop_n(route, 0)), r->device);
	have->routes++;
}

static int read_routes(struct rtnl *rtnl, struct plan *have)
{
	struct nl_cache *cache;
	int r = rtnl_route_alloc_cache(rtnl->sock, AF_INET, 0, &cache);

	if (r < 0)
		return rtnl_errno(rtnl, r);
	for (struct nl_object *o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o))
		if (rtnl_route_get_protocol((struct rtnl_route *)o) == rtnl->protocol)
			read_route((struct rtnl_route *)o, have);
	nl_cache_free(cache);
	return 0;
}

/* ---- rules: libnl's objects lose suppress_prefixlength, so the attributes themselves ---- */

struct rule_reader {
	struct rtnl *rtnl;
	struct plan *have;
};

static uint32_t attr_u32(struct nlattr *attr, uint32_t missing)
{
	return attr ? nla_get_u32(attr) : missing;
}

static int read_rule(struct nl_msg *msg, void *arg)
{
	struct rule_reader *reader = arg;
	struct fib_rule_hdr *hdr = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attr[FRA_MAX + 1];
	struct plan_rule *r = &reader->have->rule[reader->have->rules];

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*hdr), attr, FRA_MAX, NULL) < 0 || hdr->family != AF_INET)
		return NL_OK;
	if (!attr[FRA_PROTOCOL] || nla_get_u8(attr[FRA_PROTOCOL]) != reader->rtnl->protocol)
		return NL_OK;
	if (reader->have->rules == PLAN_RULES_MAX)
		return NL_OK;
	*r = (struct plan_rule){ .priority = attr_u32(attr[FRA_PRIORITY], 0),
	                         .table = attr_u32(attr[FRA_TABLE], hdr->table),
	                         .mark = attr_u32(attr[FRA_FWMARK], 0),
	                         .mask = attr_u32(attr[FRA_FWMASK], 0),
	                         .action = PLAN_LOOKUP };
	if (hdr->action == FR_ACT_UNREACHABLE || hdr->action == FR_ACT_BLACKHOLE) {
		r->action = hdr->action == FR_ACT_UNREACHABLE ? PLAN_UNREACHABLE : PLAN_BLACKHOLE;
		r->table = 0;
	} else if (attr_u32(attr[FRA_SUPPRESS_PREFIXLEN], UINT32_MAX) == 0) {
		r->action = PLAN_LOOKUP_SPECIFIC;
	}
	if (attr[FRA_SRC])
		r->from = (struct prefix4){ ntohl(nla_get_u32(attr[FRA_SRC])), hdr->src_len };
	r->own = attr[FRA_IIFNAME] && strcmp(nla_get_string(attr[FRA_IIFNAME]), "lo") == 0;
	reader->have->rules++;
	return NL_OK;
}

static int dump_rules(struct rtnl *rtnl, nl_recvmsg_msg_cb_t fn, void *arg)
{
	struct fib_rule_hdr hdr = { .family = AF_INET };

	return rtnl_dump(rtnl, RTM_GETRULE, &hdr, sizeof(hdr), fn, arg);
}

static int read_rules(struct rtnl *rtnl, struct plan *have)
{
	struct rule_reader reader = { rtnl, have };

	return dump_rules(rtnl, read_rule, &reader);
}

struct foreign_reader {
	struct rtnl *rtnl;
	rtnl_rule_fn *fn;
	void *arg;
};

static int read_foreign_rule(struct nl_msg *msg, void *arg)
{
	struct foreign_reader *reader = arg;
	struct fib_rule_hdr *hdr = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attr[FRA_MAX + 1];
	char words[96];

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*hdr), attr, FRA_MAX, NULL) < 0 || hdr->family != AF_INET)
		return NL_OK;
	if (attr[FRA_PROTOCOL] && nla_get_u8(attr[FRA_PROTOCOL]) == reader->rtnl->protocol)
		return NL_OK;
	if (hdr->action == FR_ACT_TO_TBL)
		snprintf(words, sizeof(words), "%slookup %u", attr[FRA_FWMARK] ? "by mark, " : "",
		         attr_u32(attr[FRA_TABLE], hdr->table));
	else
		snprintf(words, sizeof(words), "%sno lookup (action %u)", attr[FRA_FWMARK] ? "by mark, " : "", hdr->action);
	reader->fn(reader->arg, attr_u32(attr[FRA_PRIORITY], 0), words);
	return NL_OK;
}

int rtnl_foreign_rules(struct rtnl *rtnl, rtnl_rule_fn *fn, void *arg)
{
	struct foreign_reader reader = { rtnl, fn, arg };

	return dump_rules(rtnl, read_foreign_rule, &reader);
}

static int read_once(struct rtnl *rtnl, const struct config *config, struct plan *have)
{
	int r;

	rtnl->error = 0;
	r = read_tunnels(rtnl, config, have);
	if (!r)
		r = read_addresses(rtnl, have);
	if (!r)
		r = rtnl_read_ends(rtnl, config, have);
	if (!r)
		r = read_routes(rtnl, have);
	if (!r)
		r = read_rules(rtnl, have);
	return r;
}

/* What changed while the kernel told of it may be missing or double: it is read anew, as libnl does with its own lists. */
int rtnl_read(struct rtnl *rtnl, const struct config *config, struct plan *have)
{
	int r = read_once(rtnl, config, have);

	for (unsigned times = 1; r == -EINTR && times < READS_MAX; times++) {
		memset(have, 0, sizeof(*have));
		r = read_once(rtnl, config, have);
	}
	return r;
}

/* ---- open and close ---- */

static int open_requests(struct rtnl *rtnl)
{
	int on = 1;

	rtnl->sock = nl_socket_alloc();
	if (!rtnl->sock)
		return -ENOMEM;
	if (nl_connect(rtnl->sock, NETLINK_ROUTE) < 0)
		return -EIO;
	setsockopt(nl_socket_get_fd(rtnl->sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	nl_socket_modify_err_cb(rtnl->sock, NL_CB_CUSTOM, keep_error, rtnl);
	return 0;
}

int rtnl_new(struct ev_loop *loop, uint8_t protocol, rtnl_changed_fn *fn, void *arg, struct rtnl **out)
{
	struct rtnl *rtnl = xcalloc(1, sizeof(*rtnl));
	int r;

	*rtnl = (struct rtnl){ .loop = loop, .protocol = protocol, .fn = fn, .arg = arg };
	r = open_requests(rtnl);
	if (!r)
		r = rtnl_events_open(rtnl);
	if (r) {
		rtnl_free(rtnl);
		return r;
	}
	*out = rtnl;
	return 0;
}

void rtnl_free(struct rtnl *rtnl)
{
	if (!rtnl)
		return;
	rtnl_events_close(rtnl);
	nl_socket_free(rtnl->sock);
	free(rtnl);
}
