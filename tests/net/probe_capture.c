/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon/capture.c on a real kernel, in a network namespace of its own: frames are put on
 * one end of a veth and heard at the other.  Needs CAP_NET_ADMIN, CAP_NET_RAW and ip.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/capture.h"
#include "tests/net/probe_ns.h"
#include "tests/unit/unit.h"

#define OURS "\x02\0\0\0\0\x01"
#define THEIRS "\x02\0\0\0\0\xac"

static struct ev_loop *loop;

static struct {
	unsigned frames, gone;
	struct pppoe_disc last;
	char why[200];
	struct capture *close_at_next;
} heard;

static void on_pppoe(void *arg, const struct pppoe_disc *disc)
{
	(void)arg;
	heard.frames++;
	heard.last = *disc;
	capture_close(heard.close_at_next);
	heard.close_at_next = NULL;
}

static void on_gone(void *arg, const char *why)
{
	(void)arg;
	heard.gone++;
	snprintf(heard.why, sizeof(heard.why), "%s", why);
}

static const struct capture_callbacks callbacks = { .pppoe = on_pppoe, .gone = on_gone };

static void make_line(void)
{
	ns_sh("ip link add wan0 address 02:00:00:00:00:01 type veth peer name bras address 02:00:00:00:00:ac");
	ns_sh("ip link set wan0 up && ip link set bras up");
}

static void world(void)
{
	memset(&heard, 0, sizeof(heard));
	if (loop)
		return;
	ns_enter();
	ns_sh("ip link set lo up");
	make_line();
	loop = ev_loop_new(EVFLAG_AUTO);
}

static struct capture *listen_on(const char *interface)
{
	struct capture *capture = NULL;
	char *why = NULL;

	CHECK_INT(capture_pppoe_open(loop, interface, &callbacks, NULL, &capture, &why), 0);
	free(why);
	return capture;
}

static void send_frame(const char *interface, const void *frame, size_t len)
{
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface) };

	CHECK(sendto(fd, frame, len, 0, (struct sockaddr *)&to, sizeof(to)) == (ssize_t)len);
	close(fd);
}

/* PPPoE discovery, from one end to the other, padded as on a wire. */
static void send_pppoe(const char *interface, const char *to, const char *from, uint8_t code, uint16_t session,
                       const void *tags, uint16_t len)
{
	uint8_t frame[200] = { 0 };

	memcpy(frame, to, 6);
	memcpy(frame + 6, from, 6);
	memcpy(frame + 12, "\x88\x63\x11", 3);
	frame[15] = code;
	frame[16] = (uint8_t)(session >> 8);
	frame[17] = (uint8_t)session;
	frame[19] = (uint8_t)len;
	memcpy(frame + 20, tags, len);
	send_frame(interface, frame, len < 40 ? 60u : 20u + len);
}

static void on_limit(struct ev_loop *l, ev_timer *w, int revents)
{
	(void)w;
	(void)revents;
	ev_break(l, EVBREAK_ALL);
}

/* Returns how often the loop was woken meanwhile. */
static unsigned run_for(double seconds)
{
	unsigned before = ev_iteration(loop);
	ev_timer limit;

	ev_now_update(loop);
	ev_timer_init(&limit, on_limit, seconds, 0);
	ev_timer_start(loop, &limit);
	ev_run(loop, 0);
	ev_timer_stop(loop, &limit);
	return ev_iteration(loop) - before;
}

TEST(what_comes_in_is_told)
{
	struct capture *capture;

	world();
	capture = listen_on("wan0");
	send_pppoe("bras", OURS, THEIRS, PPPOE_PADO, 0, "\x01\x02\0\x04" "bras", 8);
	run_for(0.1);
	CHECK_INT(heard.frames, 1);
	CHECK_INT(heard.last.code, PPPOE_PADO);
	CHECK_STR(heard.last.ac_name, "bras");
	CHECK(memcmp(heard.last.from.byte, THEIRS, 6) == 0);
	send_pppoe("bras", OURS, THEIRS, PPPOE_PADS, 0, "\x02\x02\0\x04" "full", 8);
	run_for(0.1);
	CHECK_INT(heard.last.error, PPPOE_AC_SYSTEM_ERROR);
	CHECK_STR(heard.last.text, "full");
	send_pppoe("bras", OURS, THEIRS, PPPOE_PADT, 0x1234, "", 0);
	run_for(0.1);
	CHECK_INT(heard.last.code, PPPOE_PADT);
	CHECK_INT(heard.last.session, 0x1234);
	CHECK_INT(heard.frames, 3);
	capture_close(capture);
}

TEST(many_at_once)
{
	struct capture *capture;

	world();
	capture = listen_on("wan0");
	for (unsigned i = 0; i < 20; i++)
		send_pppoe("bras", OURS, THEIRS, PPPOE_PADT, (uint16_t)(i + 1), "", 0);
	run_for(0.1);
	CHECK_INT(heard.frames, 20);
	CHECK_INT(heard.last.session, 20);
	capture_close(capture);
}

/* Anybody may send anything: it wakes us, but is no event. */
TEST(bad_frames_are_no_events)
{
	struct capture *capture;

	world();
	capture = listen_on("wan0");
	send_pppoe("bras", OURS, THEIRS, PPPOE_PADO, 0, "\x01\x02\xff\xff", 4);
	send_pppoe("bras", OURS, THEIRS, 0x09, 0, "", 0);
	send_frame("bras", OURS THEIRS "\x88\x63", 14);
	run_for(0.1);
	CHECK_INT(heard.frames, 0);
	CHECK_INT(heard.gone, 0);
	capture_close(capture);
}

/* Other traffic, and what we send ourselves, stays in the kernel. */
TEST(an_idle_capture_wakes_nobody)
{
	struct capture *capture;
	unsigned wakeups = 0;

	world();
	capture = listen_on("wan0");
	run_for(0.1);
	for (unsigned i = 0; i < 50; i++) {
		send_frame("bras", OURS THEIRS "\x88\x64\x11\0\0\x01\0\0", 20);
		send_pppoe("wan0", THEIRS, OURS, 0x09, 0, "", 0);
		wakeups += run_for(0.01) - 1; /* the end of the time is one */
	}
	wakeups += run_for(0.5) - 1;
	CHECK(wakeups <= 1);
	printf("# 50 foreign frames in, 50 discovery frames out, 1 s: %u wake-ups\n", wakeups);
	CHECK_INT(heard.frames, 0);
	capture_close(capture);
}

TEST(an_interface_that_is_not_there)
{
	struct capture *capture = NULL;
	char *why = NULL;

	world();
	CHECK_INT(capture_pppoe_open(loop, "wan9", &callbacks, NULL, &capture, &why), -ENODEV);
	CHECK(why && strstr(why, "wan9"));
	CHECK(!capture);
	free(why);
}

TEST(an_interface_without_ethernet)
{
	struct capture *capture = NULL;
	char *why = NULL;

	world();
	ns_sh("ip tuntap add dev tun9 mode tun && ip link set tun9 up");
	CHECK_INT(capture_pppoe_open(loop, "tun9", &callbacks, NULL, &capture, &why), -EPFNOSUPPORT);
	CHECK(why && strstr(why, "Ethernet"));
	free(why);
	ns_sh("ip link del tun9");
}

TEST(down_and_up_again_is_not_gone)
{
	struct capture *capture;
	unsigned wakeups;

	world();
	capture = listen_on("wan0");
	ns_sh("ip link set wan0 down");
	wakeups = run_for(0.5);
	printf("# set down, 0.5 s: %u wake-ups\n", wakeups);
	CHECK(wakeups < 20); /* no busy loop */
	CHECK_INT(heard.gone, 0);
	ns_sh("ip link set wan0 up");
	wakeups = run_for(2);
	printf("# set up again, 2 s: %u wake-ups\n", wakeups);
	send_pppoe("bras", OURS, THEIRS, PPPOE_PADT, 7, "", 0);
	run_for(0.1);
	CHECK_INT(heard.frames, 1);
	CHECK_INT(heard.gone, 0);
	capture_close(capture);
}

TEST(gone_is_said_once)
{
	struct capture *capture;

	world();
	capture = listen_on("wan0");
	ns_sh("ip link del wan0");
	run_for(0.5);
	CHECK_INT(heard.gone, 1);
	CHECK(heard.why[0]);
	printf("# gone: %s\n", heard.why);
	make_line();
	CHECK(run_for(0.5) <= 2);
	CHECK_INT(heard.gone, 1);
	capture_close(capture);
	capture = listen_on("wan0");
	send_pppoe("bras", OURS, THEIRS, PPPOE_PADT, 8, "", 0);
	run_for(0.1);
	CHECK_INT(heard.frames, 1);
	capture_close(capture);
}

/* The kernel says nothing when what is down already goes away. */
TEST(down_first_and_gone_later)
{
	struct capture *capture;

	world();
	capture = listen_on("wan0");
	ns_sh("ip link set wan0 down");
	run_for(0.3);
	CHECK_INT(heard.gone, 0);
	ns_sh("ip link del wan0");
	run_for(1);
	CHECK_INT(heard.gone, 1);
	capture_close(capture);
	make_line();
}

TEST(a_callback_may_close_it)
{
	world();
	heard.close_at_next = listen_on("wan0");
	for (unsigned i = 0; i < 5; i++)
		send_pppoe("bras", OURS, THEIRS, PPPOE_PADT, 9, "", 0);
	run_for(0.1);
	CHECK_INT(heard.frames, 1);
}

TEST(closing_nothing)
{
	capture_close(NULL);
}
