/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See rtnl.h: ends of tunnels that we set on a line (struct plan_address6).  libnl's objects lose who set an address, so
 * the attributes themselves.
 */
#include <net/if.h> /* before linux/if.h, which then leaves its names alone */

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "daemon/rtnl_internal.h"

/* IFA_PROTO, which headers from before Linux 5.18 do not have. */
#define RTNL_IFA_PROTO 11

/* ---- reading ---- */

struct end_reader {
	struct rtnl *rtnl;
	const struct config *config;
	struct plan *have;
	bool keeps_protocol; /* the kernel does: seen at the first of all, lo's own */
};

/* Is it one that we would set, by its line and its low half, or, where the provider tells the end, may it be?  Another's is
 * then worth knowing of, too. */
static bool is_wanted(const struct config *config, const struct plan_address6 *a)
{
	for (size_t i = 0; i < config->paths; i++) {
		const struct path_config *path = &config->path[i];

		if (path->kind != PATH_IPIP || strcmp(path->interface, a->device) != 0)
			continue;
		if (path->ipip.local_told ||
		    (path->ipip.has_interface_id && memcmp(&a->addr.s6_addr[8], &path->ipip.local.s6_addr[8], 8) == 0))
			return true;
	}
	return false;
}

/* Where the kernel keeps no protocol of addresses (before 5.18), one of ours is known by all that we set at once. */
static bool is_our_end(const struct end_reader *reader, const struct ifaddrmsg *hdr, struct nlattr **attr, bool wanted)
{
	const uint32_t flags = IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE | IFA_F_DEPRECATED;

	if (attr[RTNL_IFA_PROTO])
		return nla_get_u8(attr[RTNL_IFA_PROTO]) == reader->rtnl->protocol;
	if (reader->keeps_protocol)
		return false;
	return wanted && hdr->ifa_prefixlen == 128 && attr[IFA_FLAGS] && (nla_get_u32(attr[IFA_FLAGS]) & flags) == flags;
}

static int read_end(struct nl_msg *msg, void *arg)
{
	struct end_reader *reader = arg;
	struct ifaddrmsg *hdr = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attr[RTNL_IFA_PROTO + 1];
	struct plan_address6 a = { .device = "" };
	bool wanted;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*hdr), attr, RTNL_IFA_PROTO, NULL) < 0 || hdr->ifa_family != AF_INET6 ||
	    !attr[IFA_ADDRESS] || nla_len(attr[IFA_ADDRESS]) != sizeof(a.addr) || !if_indextoname(hdr->ifa_index, a.device))
		return NL_OK;
	memcpy(&a.addr, nla_data(attr[IFA_ADDRESS]), sizeof(a.addr));
	reader->keeps_protocol |= attr[RTNL_IFA_PROTO] != NULL;
	wanted = is_wanted(reader->config, &a);
	a.ours = is_our_end(reader, hdr, attr, wanted);
	if ((a.ours || wanted) &&
	    reader->have->addresses6 < sizeof(reader->have->address6) / sizeof(reader->have->address6[0]))
		reader->have->address6[reader->have->addresses6++] = a;
	return NL_OK;
}

int rtnl_read_ends(struct rtnl *rtnl, const struct config *config, struct plan *have)
{
	struct end_reader reader = { rtnl, config, have, false };
	struct ifaddrmsg hdr = { .ifa_family = AF_INET6 };

	return rtnl_dump(rtnl, RTM_GETADDR, &hdr, sizeof(hdr), read_end, &reader);
}

/* ---- writing ---- */

/* libnl 3.7 knows no IFA_PROTO.  Where the kernel does not know it either it passes over it. */
static int put_end(struct nl_msg *msg, const struct rtnl *rtnl, const struct plan_address6 *a)
{
	struct ifaddrmsg hdr = { .ifa_family = AF_INET6, .ifa_prefixlen = 128, .ifa_index = if_nametoindex(a->device) };
	struct ifa_cacheinfo life = { .ifa_prefered = 0, .ifa_valid = UINT32_MAX };
	int r = nlmsg_append(msg, &hdr, sizeof(hdr), NLMSG_ALIGNTO);

	if (r >= 0)
		r = nla_put(msg, IFA_LOCAL, sizeof(a->addr), &a->addr);
	if (r >= 0)
		r = nla_put(msg, IFA_ADDRESS, sizeof(a->addr), &a->addr);
	if (r >= 0)
		r = nla_put_u32(msg, IFA_FLAGS, IFA_F_NOPREFIXROUTE);
	if (r >= 0)
		r = nla_put(msg, IFA_CACHEINFO, sizeof(life), &life);
	return r < 0 ? r : nla_put_u8(msg, RTNL_IFA_PROTO, rtnl->protocol);
}

int rtnl_apply_end(struct rtnl *rtnl, const struct plan_address6 *a, bool add)
{
	struct nl_msg *msg = nlmsg_alloc_simple(add ? RTM_NEWADDR : RTM_DELADDR, add ? NLM_F_CREATE | NLM_F_EXCL : 0);
	int r = msg ? put_end(msg, rtnl, a) : -NLE_NOMEM;

	if (r < 0) {
		nlmsg_free(msg);
		return r;
	}
	r = nl_send_sync(rtnl->sock, msg);
	if (!add && (rtnl->error == EADDRNOTAVAIL || rtnl->error == ENODEV)) /* went with its interface, while we came to it */
		r = 0;
	return r;
}
