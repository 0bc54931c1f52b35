/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See conntrack.h.  The message is built by hand around libnetfilter_conntrack's
 * filter: its own NFCT_Q_FLUSH_FILTER leaves the mark out in 1.0.9 and so forgets
 * everything.
 */
#include "daemon/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "common/xalloc.h"
#include "daemon/sysctl.h"
#include "policy/fallback.h"

/* nfgen_family is honoured from version 1 on; version 0 means all families. */
#define FAMILY_COUNTS 1
/* Of a TCP connection that is over, until its next packet comes. */
#define OVER_KEPT_S 3600

static struct nlmsghdr *put_header(char *buf, unsigned type, unsigned flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfh;

	nlh->nlmsg_type = (uint16_t)((NFNL_SUBSYS_CTNETLINK << 8) | type);
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nlh->nlmsg_seq = 1;
	nfh = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfh));
	nfh->nfgen_family = AF_INET;
	nfh->version = FAMILY_COUNTS;
	return nlh;
}

static int build(char *buf, unsigned type, unsigned flags, uint32_t value, uint32_t mask, struct nlmsghdr **out)
{
	struct nfct_filter_dump_mark mark = { .val = value, .mask = mask };
	struct nfct_filter_dump *filter = nfct_filter_dump_create();
	struct nlmsghdr *nlh = put_header(buf, type, flags);

	if (!filter)
		return -ENOMEM;
	nfct_filter_dump_set_attr(filter, NFCT_FILTER_DUMP_MARK, &mark);
	nfct_nlmsg_build_filter(nlh, filter);
	nfct_filter_dump_destroy(filter);
	*out = nlh;
	return 0;
}

/* What the kernel says goes to fn (may be NULL), until it says that this was all.  0 or -errno. */
static int talk(struct mnl_socket *sock, const struct nlmsghdr *nlh, mnl_cb_t fn, void *arg)
{
	char buf[32768]; /* what the kernel puts into one piece of a dump, at most */
	int more = MNL_CB_OK;

	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0 || mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	while (more > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(sock, buf, sizeof(buf));

		more = n < 0 ? MNL_CB_ERROR : mnl_cb_run(buf, (size_t)n, nlh->nlmsg_seq, mnl_socket_get_portid(sock), fn, arg);
	}
	return more < 0 ? -errno : 0;
}

static int exchange(const struct nlmsghdr *nlh, mnl_cb_t fn, void *arg)
{
	struct mnl_socket *sock = mnl_socket_open(NETLINK_NETFILTER);
	int r;

	if (!sock)
		return -errno;
	r = talk(sock, nlh, fn, arg);
	mnl_socket_close(sock);
	return r;
}

/* ---- looking for one ---- */

struct search {
	uint8_t protocol;
	uint32_t src, dst;     /* network order, as the ports */
	uint16_t sport, dport; /* 0: any */
	bool found;
	uint32_t mark;
};

static bool is_it(const struct search *s, const struct nf_conntrack *ct)
{
	return nfct_get_attr_u8(ct, ATTR_L4PROTO) == s->protocol && nfct_get_attr_u32(ct, ATTR_IPV4_SRC) == s->src &&
	       nfct_get_attr_u32(ct, ATTR_IPV4_DST) == s->dst &&
	       (!s->sport || nfct_get_attr_u16(ct, ATTR_PORT_SRC) == s->sport) &&
	       (!s->dport || nfct_get_attr_u16(ct, ATTR_PORT_DST) == s->dport);
}

static int on_entry(const struct nlmsghdr *nlh, void *arg)
{
	struct search *s = arg;
	struct nf_conntrack *ct = nfct_new();

	if (ct && !s->found && nfct_nlmsg_parse(nlh, ct) >= 0 && is_it(s, ct)) {
		s->found = true;
		s->mark = nfct_get_attr_u32(ct, ATTR_MARK);
	}
	if (ct)
		nfct_destroy(ct);
	return MNL_CB_OK;
}

int conntrack_mark(uint8_t protocol, uint32_t src, uint16_t sport, uint32_t dst, uint16_t dport, uint32_t *mark)
{
	struct search s = { protocol, htonl(src), htonl(dst), htons(sport), htons(dport), false, 0 };
	char buf[256];
	int r = exchange(put_header(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP), on_entry, &s);

	*mark = s.mark;
	return r < 0 ? r : s.found ? 0 : -ENOENT;
}

/* ---- counting ---- */

static int on_protocol(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == CTA_PROTO_NUM && mnl_attr_get_payload_len(attr))
		*(uint8_t *)arg = mnl_attr_get_u8(attr);
	return MNL_CB_OK;
}

static int on_tuple(const struct nlattr *attr, void *arg)
{
	return mnl_attr_get_type(attr) == CTA_TUPLE_PROTO ? mnl_attr_parse_nested(attr, on_protocol, arg) : MNL_CB_OK;
}

static int on_attribute(const struct nlattr *attr, void *arg)
{
	return mnl_attr_get_type(attr) == CTA_TUPLE_ORIG ? mnl_attr_parse_nested(attr, on_tuple, arg) : MNL_CB_OK;
}

/* Only this is looked at: there can be ten thousand.  0: not told. */
static uint8_t protocol_of(const struct nlmsghdr *nlh)
{
	uint8_t protocol = 0;

	mnl_attr_parse(nlh, sizeof(struct nfgenmsg), on_attribute, &protocol);
	return protocol;
}

static int on_counted(const struct nlmsghdr *nlh, void *arg)
{
	struct budget_use *use = arg;

	switch (protocol_of(nlh)) {
	case IPPROTO_TCP:
		use->tcp++;
		break;
	case IPPROTO_UDP:
		use->udp++;
		break;
	case IPPROTO_ICMP:
		use->icmp++;
		break;
	default:
		use->rest++;
	}
	return MNL_CB_OK;
}

int conntrack_count(uint32_t value, uint32_t mask, struct budget_use *use)
{
	char buf[8192];
	struct nlmsghdr *nlh;
	struct budget_use n = { 0 };
	int r = build(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, value, mask, &nlh);

	if (r == 0)
		r = exchange(nlh, on_counted, &n);
	if (r == 0)
		*use = n;
	return r;
}

/* ---- ending those that fell back ---- */

struct ending {
	conntrack_over_fn *over;
	void *arg;
	struct nf_conntrack **list;
	size_t count, room;
};

static uint32_t label_of(const struct nf_conntrack *ct)
{
	const struct nfct_bitmask *label = nfct_get_attr(ct, ATTR_CONNLABELS);
	uint32_t bits = 0;

	for (unsigned i = 0; label && i < FALLBACK_LABEL_BITS && FALLBACK_LABEL + i <= nfct_bitmask_maxbit(label); i++)
		bits |= (uint32_t)nfct_bitmask_test_bit(label, FALLBACK_LABEL + i) << i;
	return bits;
}

static void keep_for_ending(struct ending *e, struct nf_conntrack *ct)
{
	if (e->count == e->room) {
		e->room = e->room ? e->room * 2 : 64;
		e->list = xreallocarray(e->list, e->room, sizeof(struct nf_conntrack *));
	}
	e->list[e->count++] = ct;
}

static int on_fallen_back(const struct nlmsghdr *nlh, void *arg)
{
	struct nf_conntrack *ct = nfct_new();
	struct ending *e = arg;

	if (ct && nfct_nlmsg_parse(nlh, ct) >= 0 && e->over(e->arg, label_of(ct)))
		keep_for_ending(e, ct);
	else if (ct)
		nfct_destroy(ct);
	return MNL_CB_OK;
}

/* So that a reset can be sent when its next packet comes: TCP closed, or a new one of the same ports would be reset too. */
static void set_over(struct nf_conntrack *change, const struct nf_conntrack *ct, uint32_t over)
{
	nfct_set_attr_u32(change, ATTR_MARK, nfct_get_attr_u32(ct, ATTR_MARK) | over);
	nfct_set_attr_u8(change, ATTR_TCP_STATE, TCP_CONNTRACK_CLOSE);
	nfct_set_attr_u32(change, ATTR_TIMEOUT, OVER_KEPT_S);
}

/* over 0: forgotten, also where it is TCP. */
static int end_one(const struct nf_conntrack *ct, uint32_t over)
{
	bool change_it = over && nfct_get_attr_u8(ct, ATTR_L4PROTO) == IPPROTO_TCP;
	struct nf_conntrack *change = nfct_new();
	char buf[8192];
	struct nlmsghdr *nlh = put_header(buf, change_it ? IPCTNL_MSG_CT_NEW : IPCTNL_MSG_CT_DELETE, NLM_F_ACK);
	int r = -ENOMEM;

	if (!change)
		return r;
	nfct_copy(change, ct, NFCT_CP_ORIG);
	if (change_it)
		set_over(change, ct, over);
	if (nfct_nlmsg_build(nlh, change) >= 0)
		r = exchange(nlh, NULL, NULL);
	nfct_destroy(change);
	return r == -ENOENT ? 0 : r;
}

int conntrack_end(uint32_t value, uint32_t mask, uint32_t over, conntrack_over_fn *fn, void *arg)
{
	struct ending e = { .over = fn, .arg = arg };
	char buf[8192];
	struct nlmsghdr *nlh;
	int r = build(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, value, mask, &nlh);

	if (r == 0)
		r = exchange(nlh, on_fallen_back, &e);
	for (size_t i = 0; i < e.count; i++) {
		int failed = r < 0 ? 0 : end_one(e.list[i], over);

		r = failed < 0 ? failed : r;
		nfct_destroy(e.list[i]);
	}
	free(e.list);
	return r < 0 ? r : (int)e.count;
}

/* ---- forgetting ---- */

int conntrack_forget(uint32_t value, uint32_t mask)
{
	char buf[8192];
	struct nlmsghdr *nlh;
	int r = build(buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, value, mask, &nlh);

	if (r == 0)
		r = exchange(nlh, NULL, NULL);
	/* Nothing to forget is what was wanted. */
	return r == -ENOENT ? 0 : r;
}

/* ---- keeping the paths' own ---- */

/* Who is asked seldom is known until the next time, too. */
#define KEPT_S 180

struct ends {
	uint8_t family, protocol;
	const void *src, *dst; /* network order */
	uint16_t id;           /* of an echo */
};

static void put_addresses(struct nlmsghdr *nlh, const struct ends *ends)
{
	const bool six = ends->family == AF_INET6;
	const size_t length = six ? sizeof(struct in6_addr) : sizeof(struct in_addr);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);

	mnl_attr_put(nlh, six ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, length, ends->src);
	mnl_attr_put(nlh, six ? CTA_IP_V6_DST : CTA_IP_V4_DST, length, ends->dst);
	mnl_attr_nest_end(nlh, nest);
}

static void put_protocol(struct nlmsghdr *nlh, const struct ends *ends)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_TUPLE_PROTO);

	mnl_attr_put_u8(nlh, CTA_PROTO_NUM, ends->protocol);
	if (ends->protocol == IPPROTO_ICMP) {
		mnl_attr_put_u16(nlh, CTA_PROTO_ICMP_ID, htons(ends->id));
		mnl_attr_put_u8(nlh, CTA_PROTO_ICMP_TYPE, ICMP_ECHO);
		mnl_attr_put_u8(nlh, CTA_PROTO_ICMP_CODE, 0);
	}
	mnl_attr_nest_end(nlh, nest);
}

/* The kernel makes room of what is not "assured": for TCP and UDP it finds that out by itself, other protocols never are.
 * libnetfilter_conntrack builds no message about a protocol that it does not know, like a tunnel's. */
static int keep(const struct ends *ends)
{
	char buf[512];
	struct nlmsghdr *nlh = put_header(buf, IPCTNL_MSG_CT_NEW, NLM_F_ACK);
	struct nfgenmsg *nfh = mnl_nlmsg_get_payload(nlh);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_TUPLE_ORIG);

	nfh->nfgen_family = ends->family;
	put_addresses(nlh, ends);
	put_protocol(nlh, ends);
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_put_u32(nlh, CTA_STATUS, htonl(IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED));
	mnl_attr_put_u32(nlh, CTA_TIMEOUT, htonl(KEPT_S));
	return exchange(nlh, NULL, NULL);
}

int conntrack_keep_tunnel(const struct in6_addr *local, const struct in6_addr *remote)
{
	const struct ends ends = { .family = AF_INET6, .protocol = IPPROTO_IPIP, .src = local, .dst = remote };

	return keep(&ends);
}

int conntrack_keep_echo(uint32_t src, uint32_t dst, uint16_t id)
{
	const uint32_t from = htonl(src), to = htonl(dst);
	const struct ends ends = { .family = AF_INET, .protocol = IPPROTO_ICMP, .src = &from, .dst = &to, .id = id };

	return keep(&ends);
}

/* ---- is there room? ---- */

bool conntrack_is_full(void)
{
	long max = sysctl_number("net/netfilter/nf_conntrack_max", 0);

	return max > 0 && sysctl_number("net/netfilter/nf_conntrack_count", 0) >= max;
}
