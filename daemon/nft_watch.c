/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See nft_watch.h.  Each transaction ends in a NEWGEN message that names the
 * process: ours are passed over.
 */
#include "daemon/nft_watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "policy/domain.h"
#include "policy/plan.h"

/* A firewall that is loaded in several steps: look once, after the last. */
#define SETTLE_S 0.1
#define BUFFER (16 * 1024 * 1024) /* one map of ten thousand elements is told element by element */

struct nft_watch {
	struct ev_loop *loop;
	struct mnl_socket *sock;
	ev_io io;
	ev_timer settle;
	nft_watch_fn *fn;
	void *arg;
	bool foreign;
	bool ours;             /* and rules of our table were among it */
	bool elements, others; /* seen in the transaction that is being told: of the names' sets, of all else */
	bool rules, table;     /* of our table, likewise; that table itself, deleted */
};

struct author {
	bool foreign; /* another process; in a namespace of processes so are we, by the number that the kernel tells */
	bool stranger; /* another program */
};

static bool is_our_name(const char *program)
{
	char name[16] = ""; /* TASK_COMM_LEN */

	prctl(PR_GET_NAME, name);
	return strcmp(program, name) == 0;
}

static int on_attr(const struct nlattr *attr, void *data)
{
	struct author *author = data;

	if (mnl_attr_get_type(attr) == NFTA_GEN_PROC_PID && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
		author->foreign = ntohl(mnl_attr_get_u32(attr)) != (uint32_t)getpid();
	if (mnl_attr_get_type(attr) == NFTA_GEN_PROC_NAME && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		author->stranger = !is_our_name(mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

struct element_names {
	const char *table, *set;
};

static int on_element_attr(const struct nlattr *attr, void *data)
{
	struct element_names *names = data;

	if (mnl_attr_get_type(attr) == NFTA_SET_ELEM_LIST_TABLE && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		names->table = mnl_attr_get_str(attr);
	if (mnl_attr_get_type(attr) == NFTA_SET_ELEM_LIST_SET && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		names->set = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

/* dnsmasq puts an answer into the set of a name: what should be does not change by that. */
static bool is_answer(const struct nlmsghdr *nlh)
{
	struct element_names names = { "", "" };

	if (nlh->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM))
		return false;
	mnl_attr_parse(nlh, sizeof(struct nfgenmsg), on_element_attr, &names);
	return strcmp(names.table, PLAN_TABLE) == 0 && strncmp(names.set, DOMAIN_SET_PREFIX, strlen(DOMAIN_SET_PREFIX)) == 0;
}

/* Of a rule and of a table alike. */
static int on_table_name(const struct nlattr *attr, void *data)
{
	bool *ours = data;

	if (mnl_attr_get_type(attr) == NFTA_RULE_TABLE && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		*ours = strcmp(mnl_attr_get_str(attr), PLAN_TABLE) == 0;
	return MNL_CB_OK;
}

static bool is_ours(const struct nlmsghdr *nlh)
{
	bool ours = false;

	mnl_attr_parse(nlh, sizeof(struct nfgenmsg), on_table_name, &ours);
	return ours;
}

static void look_for_ours(struct nft_watch *w, const struct nlmsghdr *nlh)
{
	switch (NFNL_MSG_TYPE(nlh->nlmsg_type)) {
	case NFT_MSG_NEWRULE:
	case NFT_MSG_DELRULE:
		w->rules |= is_ours(nlh);
		return;
	case NFT_MSG_DELTABLE:
		w->table |= is_ours(nlh);
		return;
	default:
		return;
	}
}

static int on_message(const struct nlmsghdr *nlh, void *data)
{
	struct nft_watch *w = data;
	struct author author = { .foreign = true, .stranger = true };

	if (nlh->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN)) {
		*(is_answer(nlh) ? &w->elements : &w->others) = true;
		look_for_ours(w, nlh);
		return MNL_CB_OK;
	}
	mnl_attr_parse(nlh, sizeof(struct nfgenmsg), on_attr, &author);
	w->foreign |= author.foreign && (w->others || !w->elements);
	w->ours |= author.foreign && author.stranger && w->rules;
	if (author.foreign && w->table) /* every packet goes its own way until it is back */
		ev_feed_event(w->loop, &w->settle, EV_TIMER);
	w->elements = w->others = w->rules = w->table = false;
	return MNL_CB_OK;
}

static void on_settled(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct nft_watch *w = timer->data;
	bool ours;

	(void)revents;
	ev_timer_stop(loop, timer);
	ours = w->ours;
	w->foreign = w->ours = false;
	w->fn(w->arg, ours);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct nft_watch *w = io->data;
	char buf[16384];
	ssize_t n;

	(void)revents;
	while ((n = recv(io->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		mnl_cb_run(buf, (size_t)n, 0, 0, on_message, w);
	if (n < 0 && errno == ENOBUFS)
		w->foreign = w->ours = true; /* missed some: may have been anybody's, and about anything */
	if (w->foreign && !ev_is_active(&w->settle))
		ev_timer_start(loop, &w->settle);
}

static int open_socket(struct nft_watch *w)
{
	int group = NFNLGRP_NFTABLES, size = BUFFER;

	w->sock = mnl_socket_open(NETLINK_NETFILTER);
	if (!w->sock)
		return -errno;
	if (mnl_socket_bind(w->sock, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(w->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return -errno;
	setsockopt(mnl_socket_get_fd(w->sock), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return 0;
}

int nft_watch_new(struct ev_loop *loop, nft_watch_fn *fn, void *arg, struct nft_watch **out)
{
	struct nft_watch *w = xcalloc(1, sizeof(*w));
	int r;

	*w = (struct nft_watch){ .loop = loop, .fn = fn, .arg = arg };
	r = open_socket(w);
	if (r < 0) {
		nft_watch_free(w);
		return r;
	}
	ev_io_init(&w->io, on_readable, mnl_socket_get_fd(w->sock), EV_READ);
	ev_timer_init(&w->settle, on_settled, SETTLE_S, 0);
	w->io.data = w->settle.data = w;
	ev_io_start(loop, &w->io);
	*out = w;
	return 0;
}

void nft_watch_free(struct nft_watch *w)
{
	if (!w)
		return;
	if (w->sock && ev_is_active(&w->io))
		ev_io_stop(w->loop, &w->io);
	if (ev_is_active(&w->settle))
		ev_timer_stop(w->loop, &w->settle);
	if (w->sock)
		mnl_socket_close(w->sock);
	free(w);
}
