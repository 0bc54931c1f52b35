/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon/rtnl.c on a real kernel, in a network namespace of its own, while what it reads changes.  Needs CAP_NET_ADMIN and ip.
 */
#include <arpa/inet.h>
#include <ev.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/rtnl.h"
#include "tests/net/probe_ns.h"
#include "tests/unit/unit.h"

#define PROTOCOL 170
#define ADDRESSES 600 /* more than the kernel tells in one piece */
#define READS 50
#define APART_US 3000

static void on_changed(void *arg)
{
	(void)arg;
}

/* An address of "many", until this is killed. */
static void come_and_go(void)
{
	struct in6_ifreq request = { .ifr6_prefixlen = 128, .ifr6_ifindex = (int)if_nametoindex("many") };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	inet_pton(AF_INET6, "2001:db8::ffff", &request.ifr6_addr);
	for (;;) {
		ioctl(fd, SIOCSIFADDR, &request);
		usleep(APART_US);
		ioctl(fd, SIOCDIFADDR, &request);
		usleep(APART_US);
	}
}

static pid_t begin_coming_and_going(void)
{
	pid_t pid = fork();

	if (pid == 0)
		come_and_go();
	return pid;
}

/* Whoever cannot read what there is adopts nothing at a start. */
TEST(what_changes_meanwhile_is_read_all_the_same)
{
	static const struct config config;
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	unsigned failed = 0, incomplete = 0;
	struct rtnl *rtnl;
	pid_t pid;

	ns_enter();
	ns_sh("ip link add many type veth peer name far && ip link set many up");
	ns_sh("for i in $(seq %d); do printf 'addr add 2001:db8::1:%%x/128 dev many nodad\n' $i; done | ip -batch -", ADDRESSES);
	ns_sh("for i in 1 2 3; do ip rule add priority 1000$i table 1000$i protocol %d; done", PROTOCOL);
	CHECK_INT(rtnl_new(loop, PROTOCOL, on_changed, NULL, &rtnl), 0);
	pid = begin_coming_and_going();
	for (unsigned i = 0; i < READS; i++) {
		struct plan have = { 0 };

		failed += rtnl_read(rtnl, &config, &have) != 0;
		incomplete += have.rules != 3;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK_INT(failed, 0);
	CHECK_INT(incomplete, 0);
	rtnl_free(rtnl);
	ev_loop_destroy(loop);
}
