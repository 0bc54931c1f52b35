/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon/probe*.c on a real kernel, in network namespaces of its own: two paths (veth) to one far
 * end that holds the targets.  No route leads to them, and a rule says "unreachable": what gets
 * there was bound to the path.  Needs CAP_NET_ADMIN and CAP_NET_RAW, ip and nft.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/http.h"
#include "daemon/icmp6_watch.h"
#include "daemon/icmp_watch.h"
#include "daemon/probe.h"
#include "daemon/probe_socket.h"
#include "policy/icmp_echo.h"
#include "policy/probe_rounds.h"
#include "tests/net/probe_ns.h"
#include "tests/unit/unit.h"

#define MARK 0x01000000u
#define TARGET_1 0xc6336401u /* 198.51.100.1 .. .3, at the far end */
#define TARGET_2 0xc6336402u
#define TARGET_3 0xc6336403u
#define NOBODY 0xc63364feu
#define AFTR 0xc0000001u
#define SEEN_MAX 256

/* ---- the far end's own answers, where its kernel is told to give none ---- */

enum manner { NONE, HONEST, TWICE, WRONG_ID, WRONG_COOKIE, WRONG_COOKIE_END, WRONG_SOURCE, WRONG_SUM, WRONG_TARGET, FLOOD };

static struct {
	_Atomic int manner;
	_Atomic int delay_ms;
	_Atomic int asked;
} *far_end;

static uint16_t sum_of(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Turn a request into what the far end answers to it. */
static void disguise(uint8_t *packet, size_t len, int manner)
{
	uint8_t *icmp = packet + 20;
	uint32_t source;
	uint16_t sum;

	memcpy(&source, packet + 16, 4);
	if (manner == WRONG_SOURCE)
		source = htonl(TARGET_3);
	memcpy(packet + 16, packet + 12, 4);
	memcpy(packet + 12, &source, 4);
	icmp[0] = ICMP_ECHOREPLY;
	icmp[5] ^= manner == WRONG_ID;
	icmp[8] ^= manner == WRONG_COOKIE || manner == FLOOD;
	icmp[15] ^= manner == WRONG_COOKIE_END;
	icmp[19] ^= manner == WRONG_TARGET;
	icmp[2] = icmp[3] = 0;
	sum = sum_of(icmp, len - 20);
	icmp[2] = (uint8_t)(sum >> 8);
	icmp[3] = (uint8_t)(sum ^ (manner == WRONG_SUM));
}

static void far_run(void)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), out = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	uint8_t packet[100];

	for (;;) {
		ssize_t n = recv(fd, packet, sizeof(packet), 0);
		struct sockaddr_in to = { .sin_family = AF_INET };
		int manner = far_end->manner;
		unsigned times = manner == TWICE ? 2 : manner == FLOOD ? 200 : 1;

		if (n != 20 + ICMP_ECHO_LEN || packet[20] != ICMP_ECHO || manner == NONE)
			continue;
		far_end->asked++;
		disguise(packet, (size_t)n, manner);
		memcpy(&to.sin_addr, packet + 16, 4);
		usleep((useconds_t)far_end->delay_ms * 1000);
		while (times-- > 0)
			sendto(out, packet, (size_t)n, 0, (struct sockaddr *)&to, sizeof(to));
	}
}

/* ---- the world ---- */

static pid_t far_pid;
static struct ev_loop *loop;

static void make_path(unsigned i)
{
	ns_sh("ip link add path%u type veth peer name far%u netns %d", i, i, (int)far_pid);
	ns_sh("ip addr add 10.9.%u.1/24 dev path%u && ip link set path%u up", i, i, i);
	ns_sh_in(far_pid, "ip addr add 10.9.%u.2/24 dev far%u", i, i);
	ns_sh_in(far_pid, "ip link set far%u up", i);
}

/* Once for all tests: each leaves it as it was. */
static void world(void)
{
	if (loop)
		return;
	far_end = mmap(NULL, sizeof(*far_end), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ns_enter();
	far_pid = ns_spawn(far_run);
	ns_sh("ip link set lo up && ip rule add priority 100 to 198.51.100.0/24 unreachable");
	ns_sh_in(far_pid, "ip link set lo up");
	for (unsigned i = 1; i <= 3; i++)
		ns_sh_in(far_pid, "ip addr add 198.51.100.%u/32 dev lo", i);
	ns_sh_in(far_pid, "ip addr add 192.0.0.1/32 dev lo");
	make_path(0);
	make_path(1);
	loop = ev_loop_new(EVFLAG_AUTO);
}

static void lose(const char *what)
{
	ns_sh_in(far_pid, "nft 'table ip lossy { chain in { type filter hook input priority 0; %s; }; }'", what);
}

static void heal(void)
{
	ns_sh_in(far_pid, "nft delete table ip lossy");
}

/* From now on far_run() answers, in this manner, and the kernel does not. */
static void answer_by_hand(enum manner manner, unsigned delay_ms)
{
	far_end->manner = (int)manner;
	far_end->delay_ms = (int)delay_ms;
	ns_sh_in(far_pid, "sysctl -qw net.ipv4.icmp_echo_ignore_all=1");
}

static void answer_by_kernel(void)
{
	far_end->manner = NONE;
	usleep((useconds_t)far_end->delay_ms * 1000 + 20000); /* the answer that it is about to give */
	far_end->delay_ms = 0;
	ns_sh_in(far_pid, "sysctl -qw net.ipv4.icmp_echo_ignore_all=0");
}

/* ---- a prober and what it reports ---- */

struct watched {
	struct prober *prober;
	struct health_round round[SEEN_MAX];
	double at[SEEN_MAX]; /* seconds after it was started */
	unsigned rounds;
	unsigned want; /* the loop ends at so many */
	double started;
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void on_round(void *arg, const struct health_round *round)
{
	struct watched *w = arg;

	if (w->rounds < SEEN_MAX) {
		w->at[w->rounds] = now_s() - w->started;
		w->round[w->rounds++] = *round;
	}
	if (w->rounds == w->want)
		ev_break(loop, EVBREAK_ALL);
}

static void on_limit(struct ev_loop *l, ev_timer *w, int revents)
{
	(void)w;
	(void)revents;
	ev_break(l, EVBREAK_ALL);
}

static void run_for(double seconds)
{
	ev_timer limit;

	ev_now_update(loop);
	ev_timer_init(&limit, on_limit, seconds, 0);
	ev_timer_start(loop, &limit);
	ev_run(loop, 0);
	ev_timer_stop(loop, &limit);
}

/* Until n more rounds are reported; false after ten seconds. */
static bool run_rounds(struct watched *w, unsigned n)
{
	w->want = w->rounds + n;
	run_for(10);
	return w->rounds >= w->want;
}

static const struct health_round *last(const struct watched *w)
{
	static const struct health_round none;

	return w->rounds ? &w->round[w->rounds - 1] : &none;
}

static unsigned rounds_until_answer(struct watched *w)
{
	unsigned n = 0;

	while (n++ < 30 && run_rounds(w, 1))
		if (last(w)->answered)
			return n;
	return n;
}

static struct probe_target icmp_target[] = {
	{ .kind = PROBE_ICMP, .addr = TARGET_1 },
	{ .kind = PROBE_ICMP, .addr = TARGET_2 },
};

static struct probe_config two_targets(void)
{
	return (struct probe_config){ .target = icmp_target, .targets = 2, .interval_ms = 100, .timeout_ms = 90,
		                      .down_after = 3, .up_after = 5, .quorum = 1 };
}

static struct probe_config one_target(void)
{
	struct probe_config config = two_targets();

	config.targets = 1;
	return config;
}

static const struct probe_other_end no_end;

static void start(struct watched *w, struct probe_credit *credit, const struct probe_config *config,
                  const char *device, uint32_t fallback)
{
	const struct probe_other_end end = { .address = fallback };

	memset(w, 0, sizeof(*w));
	w->prober = prober_new(loop, credit, on_round, w);
	w->started = now_s();
	CHECK_INT(prober_start(w->prober, config, device, MARK, &end, false), 0);
}

/* What a test begins with: the world, and targets of which nobody knows anything.  For finish(). */
static struct probe_credit *begin(void)
{
	world();
	return probe_credit_new();
}

static void finish(struct watched *w, struct probe_credit *credit)
{
	prober_free(w->prober);
	probe_credit_free(credit);
}

TEST(answers_over_a_path_that_no_route_names)
{
	static struct watched w;
	struct probe_credit *credit = begin();
	struct probe_config config = two_targets();

	config.quorum = 2;
	start(&w, credit, &config, "path0", AFTR);
	CHECK(run_rounds(&w, 5));
	CHECK_INT(last(&w)->credible, 2);
	CHECK_INT(last(&w)->answered, 2);
	CHECK(last(&w)->fallback_answered);
	CHECK_INT(last(&w)->sent, 3);
	CHECK_INT(last(&w)->lost, 0);
	CHECK(last(&w)->best_rtt_us > 0 && last(&w)->best_rtt_us < 90000);
	CHECK(w.at[0] < 0.08); /* the first round is at once */
	finish(&w, credit);
}

TEST(every_packet_has_the_mark)
{
	static struct watched w;
	struct probe_target both[] = { { .kind = PROBE_ICMP, .addr = TARGET_1 },
		                       { .kind = PROBE_TCP, .addr = TARGET_2, .port = 9 } };
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();

	config.target = both;
	config.quorum = 2;
	ns_sh("nft 'table ip marked { chain out { type filter hook output priority 0; meta mark != %u drop; }; }'", MARK);
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 2));
	CHECK_INT(last(&w)->answered, 2);
	prober_free(w.prober);
	ns_sh("nft delete table ip marked");
	probe_credit_free(credit);
}

TEST(rounds_come_at_the_interval_and_jitter)
{
	static struct watched w;
	struct probe_credit *credit = begin();
	struct probe_config config = one_target();
	unsigned apart = 0;

	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 40));
	for (unsigned i = 1; i < w.rounds; i++) {
		double gap = w.at[i] - w.at[i - 1];

		CHECK(gap > 0.09);
		apart += gap < 0.098 || gap > 0.102;
	}
	/* Evenly spread over 95 to 105 ms, six of ten are so far from the middle: not in step. */
	CHECK(apart >= 13);
	CHECK(w.at[39] > 39 * 0.095 && w.at[39] < 39 * 0.2);
	finish(&w, credit);
}

TEST(one_dead_target_delays_nothing)
{
	static struct watched w;
	struct probe_target targets[] = { { .kind = PROBE_ICMP, .addr = NOBODY }, { .kind = PROBE_ICMP, .addr = TARGET_1 } };
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();

	config.target = targets;
	config.interval_ms = config.timeout_ms = 500;
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 1));
	CHECK_INT(last(&w)->credible, 1);
	CHECK_INT(last(&w)->answered, 1);
	CHECK(w.at[0] < 0.2);
	CHECK(run_rounds(&w, 2));
	CHECK_INT(last(&w)->sent, 1); /* who never answered is not told of */
	CHECK_INT(last(&w)->lost, 0);
	finish(&w, credit);
}

static unsigned until(struct watched *w, struct health *h, const struct probe_config *config, enum health_verdict want,
                      bool was_up)
{
	for (unsigned n = 1; n < 20; n++)
		if (!run_rounds(w, 1) || health_round(h, config, last(w), was_up, false) == want)
			return n;
	return 0;
}

TEST(silent_loss_is_down_after_three_rounds_and_back_after_five)
{
	static struct watched w;
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();
	struct health h = { 0 };
	double lost_at;

	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 2));
	lose("ip protocol icmp drop");
	lost_at = now_s();
	CHECK(until(&w, &h, &config, HEALTH_DOWN, true) <= 5); /* one or two answers may have been on their way */
	CHECK(now_s() - lost_at < 2);
	CHECK(health_loss_percent(&h) >= 50);
	CHECK_INT(last(&w)->credible, 2);
	CHECK_INT(last(&w)->answered, 0);
	CHECK(last(&w)->best_rtt_us == UINT32_MAX);
	heal();
	CHECK(until(&w, &h, &config, HEALTH_UP, false) >= 5);
	finish(&w, credit);
}

/* ---- bursts ---- */

/* Two targets that have answered, and rounds that come seldom. */
static void start_known(struct watched *w, struct probe_credit *credit, struct probe_config *config)
{
	*config = two_targets();
	config->interval_ms = config->timeout_ms = 1000;
	start(w, credit, config, "path0", 0);
	CHECK(run_rounds(w, 2));
}

/* Suspects the path, and waits for what comes of it: how long that took, seconds. */
static double burst(struct watched *w)
{
	double asked_at = now_s();

	prober_suspect(w->prober, clock_monotonic_us());
	CHECK(run_rounds(w, 1));
	CHECK(last(w)->burst);
	return now_s() - asked_at;
}

TEST(a_late_round_is_asked_about_and_three_timeouts_are_not_waited_for)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	struct health h = { 0 };
	double lost_at;

	start_known(&w, credit, &config);
	lose("ip protocol icmp drop");
	lost_at = now_s();
	CHECK_INT(until(&w, &h, &config, HEALTH_DOWN, true), 1);
	CHECK(last(&w)->burst);
	CHECK(now_s() - lost_at < 2.2);
	heal();
	finish(&w, credit);
}

TEST(a_word_of_suspicion_costs_a_path_that_works_nothing)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();

	start_known(&w, credit, &config);
	for (unsigned i = 0; i < 20; i++) {
		CHECK(burst(&w) < 0.7);
		CHECK(last(&w)->answered >= 1);
	}
	finish(&w, credit);
}

TEST(one_that_does_not_is_lost_within_the_silence)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	double took;

	start_known(&w, credit, &config);
	lose("ip protocol icmp drop");
	took = burst(&w);
	CHECK_INT(last(&w)->answered, 0);
	CHECK(took > 0.7 && took < 2);
	heal();
	finish(&w, credit);
}

static void hears(void *arg)
{
	prober_heard(((struct watched *)arg)->prober);
}

/* Packets are counted now and then: what came since the last count is looked at before the verdict. */
TEST(what_came_just_before_the_verdict_counts)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();

	start_known(&w, credit, &config);
	prober_set_look(w.prober, hears, &w);
	lose("ip protocol icmp drop");
	CHECK(burst(&w) > 0.95); /* the whole timeout, in place of the silence */
	CHECK_INT(last(&w)->answered, 0);
	heal();
	finish(&w, credit);
}

static void hears_once(void *arg)
{
	struct watched *w = arg;

	prober_set_look(w->prober, NULL, NULL);
	prober_heard(w->prober);
}

/* A path that has just gone silent: the last that came is not taken for something that came since it was asked. */
TEST(what_came_just_before_a_burst_does_not_count)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	double lost_at;

	start_known(&w, credit, &config);
	prober_set_look(w.prober, hears_once, &w);
	lose("ip protocol icmp drop");
	lost_at = now_s();
	CHECK(run_rounds(&w, 1));
	CHECK(last(&w)->burst);
	CHECK(now_s() - lost_at < 1.95); /* an interval and the silence; it was an interval and more than the timeout */
	heal();
	finish(&w, credit);
}

/* Who says that something cannot be delivered says so a few times a second: one question is enough for him. */
TEST(where_the_line_says_so_one_is_asked_first)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	uint64_t sent;

	start_known(&w, credit, &config);
	lose("ip protocol icmp drop");
	sent = prober_traffic(w.prober).sent;
	prober_told(w.prober);
	CHECK_INT(prober_traffic(w.prober).sent - sent, 1);
	CHECK(run_rounds(&w, 1));
	CHECK(last(&w)->burst);
	CHECK_INT(last(&w)->answered, 0);
	CHECK_INT(last(&w)->credible, 2);
	CHECK(prober_traffic(w.prober).sent - sent > 10); /* he does not say it again: all are asked */
	heal();
	finish(&w, credit);
}

/* Somebody within the path says so, twice, of each target. */
TEST(what_is_said_to_be_unreachable_is_not_waited_for)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	double took;

	start_known(&w, credit, &config);
	lose("ip protocol icmp reject with icmp host-unreachable");
	took = burst(&w);
	CHECK_INT(last(&w)->answered, 0);
	CHECK(took > 0.009 && took < 0.7); /* the second question comes ten milliseconds after the first */
	heal();
	finish(&w, credit);
}

/* The counters are read now and then: what they find is what came before, or was under way. */
TEST(what_came_before_the_line_said_so_is_no_life)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	double told_at;

	start_known(&w, credit, &config);
	lose("ip protocol icmp reject with icmp host-unreachable");
	told_at = now_s();
	prober_told(w.prober);
	prober_alive(w.prober);
	CHECK(run_rounds(&w, 1));
	CHECK(last(&w)->burst);
	CHECK_INT(last(&w)->answered, 0);
	CHECK(now_s() - told_at < 0.5);
	heal();
	finish(&w, credit);
}

/* A home that sends much uses up what the line may say: its second word is about a packet of the home's. */
TEST(a_second_word_may_be_about_a_packet_of_the_home)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	double told_at;

	start_known(&w, credit, &config);
	lose("ip protocol icmp limit rate 1/minute burst 1 packets reject with icmp host-unreachable; ip protocol icmp drop");
	told_at = now_s();
	prober_line_told(w.prober);
	run_for(0.03);
	prober_line_told(w.prober);
	CHECK(now_s() - told_at < 0.5);
	CHECK(last(&w)->burst);
	CHECK_INT(last(&w)->answered, 0);
	heal();
	finish(&w, credit);
}

/* But not the first one, which others may forge. */
TEST(words_about_packets_of_the_home_alone_are_no_verdict)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	unsigned rounds;

	start_known(&w, credit, &config);
	lose("ip protocol icmp drop");
	rounds = w.rounds;
	for (unsigned i = 0; i < 10; i++) {
		prober_line_told(w.prober);
		run_for(0.02);
	}
	CHECK_INT(w.rounds, rounds);
	CHECK(run_rounds(&w, 1));
	CHECK_INT(last(&w)->answered, 0);
	heal();
	finish(&w, credit);
}

/* Where what comes in does not end, the word was wrong, or of something else. */
TEST(life_that_goes_on_ends_a_burst_that_somebody_began)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	unsigned rounds;

	start_known(&w, credit, &config);
	lose("ip protocol icmp drop");
	rounds = w.rounds;
	prober_told(w.prober);
	for (unsigned i = 0; i < 20; i++) {
		run_for(0.1);
		prober_alive(w.prober);
	}
	CHECK_INT(w.rounds, rounds);
	heal();
	finish(&w, credit);
}

/* And nobody had to be suspicious: the round itself fails, and is asked about. */
TEST(the_first_bad_round_is_asked_about)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	unsigned rounds;
	double lost_at;

	start_known(&w, credit, &config);
	rounds = w.rounds;
	lose("ip protocol icmp reject with icmp host-unreachable");
	lost_at = now_s();
	CHECK(run_rounds(&w, 1));
	CHECK(last(&w)->burst);
	CHECK_INT(last(&w)->answered, 0);
	CHECK(now_s() - lost_at < 2.5);
	CHECK_INT(w.rounds, rounds + 1);
	heal();
	finish(&w, credit);
}

TEST(a_sign_of_life_puts_the_next_round_off)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();
	uint64_t sent;

	start_known(&w, credit, &config);
	sent = prober_traffic(w.prober).sent;
	for (unsigned i = 0; i < 20; i++) {
		prober_alive(w.prober);
		run_for(0.15);
	}
	CHECK_INT(prober_traffic(w.prober).sent, sent);
	finish(&w, credit);
}

TEST(who_measures_goes_on_asking)
{
	static struct watched w;
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();
	uint64_t sent;

	config.max_loss_percent = 10;
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 2));
	sent = prober_traffic(w.prober).sent;
	for (unsigned i = 0; i < 20; i++) {
		prober_alive(w.prober);
		run_for(0.05);
	}
	CHECK(prober_traffic(w.prober).sent >= sent + 10);
	finish(&w, credit);
}

/* In whatever order the two words come, and though nobody has answered in between. */
TEST(suspicion_and_life_by_turns)
{
	static struct watched w;
	struct probe_config config;
	struct probe_credit *credit = begin();

	start_known(&w, credit, &config);
	for (unsigned i = 0; i < 3 * PROBE_ROUNDS_MAX; i++) {
		prober_suspect(w.prober, clock_monotonic_us());
		prober_alive(w.prober);
	}
	CHECK(run_rounds(&w, 2));
	CHECK(last(&w)->answered >= 1);
	finish(&w, credit);
}

/* The other path being fine is no help, and nothing leaks there. */
TEST(bound_to_its_device)
{
	static struct watched w;
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();

	lose("iifname far0 ip protocol icmp drop");
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 2));
	CHECK_INT(last(&w)->credible, 0);
	CHECK_INT(last(&w)->sent, 2);
	CHECK_INT(last(&w)->lost, 2);
	prober_free(w.prober);
	start(&w, credit, &config, "path1", 0);
	CHECK(run_rounds(&w, 2));
	CHECK(last(&w)->answered >= 1);
	heal();
	finish(&w, credit);
}

TEST(credit_is_shared_over_paths)
{
	static struct watched mute, fine;
	struct probe_config config = one_target();
	struct probe_credit *credit = begin();

	lose("iifname far0 ip protocol icmp drop");
	start(&mute, credit, &config, "path0", AFTR);
	CHECK(run_rounds(&mute, 1));
	CHECK_INT(last(&mute)->credible, 0);
	start(&fine, credit, &config, "path1", 0);
	CHECK(run_rounds(&fine, 1));
	CHECK(run_rounds(&mute, 3));
	CHECK_INT(last(&mute)->credible, 1);
	CHECK_INT(last(&mute)->answered, 0);
	prober_free(mute.prober);
	prober_free(fine.prober);
	heal();
	probe_credit_free(credit);
}

TEST(fallback_alone)
{
	static struct watched w;
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();

	lose("ip daddr 198.51.100.0/24 drop");
	start(&w, credit, &config, "path0", AFTR);
	CHECK(run_rounds(&w, 3));
	CHECK_INT(last(&w)->credible, 0);
	CHECK(last(&w)->fallback_answered);
	CHECK(last(&w)->best_rtt_us < 90000);
	CHECK(w.at[0] < 0.08);
	heal();
	finish(&w, credit);
}

/* ---- answers that are none ---- */

/* How many of these rounds take such answers for theirs; of delayed ones, those that seem to be quicker than that. */
static unsigned answered_in(enum manner manner, unsigned delay_ms, unsigned rounds)
{
	static struct watched w;
	struct probe_config config = one_target();
	struct probe_credit *credit = begin();
	unsigned answered = 0;

	config.timeout_ms = 500; /* the far end is a process that has to have its turn */
	config.interval_ms = 250 + 2 * delay_ms;
	answer_by_hand(manner, delay_ms);
	far_end->asked = 0;
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, rounds));
	prober_free(w.prober);
	CHECK(far_end->asked >= (int)rounds / 2); /* the disguised answers were really sent */
	answer_by_kernel();
	for (unsigned i = 0; i < w.rounds; i++)
		answered += w.round[i].answered && (!delay_ms || w.round[i].best_rtt_us < delay_ms * 1000);
	probe_credit_free(credit);
	return answered;
}

TEST(honest_answers_by_hand_count)
{
	CHECK_INT(answered_in(HONEST, 0, 4), 4);
}

TEST(late_answers_count_for_no_round)
{
	CHECK_INT(answered_in(HONEST, 800, 3), 0);
}

TEST(an_answer_counts_once)
{
	CHECK_INT(answered_in(TWICE, 0, 4), 4);
}

TEST(forged_answers_do_not_count)
{
	for (int manner = WRONG_ID; manner <= WRONG_TARGET; manner++)
		CHECK_INT(answered_in((enum manner)manner, 0, 3), 0);
}

/* ---- wake-ups ---- */

static unsigned wakeups_in(double seconds)
{
	unsigned before = ev_iteration(loop);

	run_for(seconds);
	return ev_iteration(loop) - before;
}

TEST(no_wakeup_beyond_the_round_and_its_answers)
{
	static struct watched w;
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();
	unsigned wakeups, rounds;

	start(&w, credit, &config, "path0", AFTR);
	CHECK(run_rounds(&w, 1));
	rounds = w.rounds;
	wakeups = wakeups_in(3);
	rounds = w.rounds - rounds;
	CHECK(rounds > 10);
	CHECK(wakeups <= rounds * 4 + 3); /* asking, and three answers at most */
	printf("# %u rounds of 3 probes: %u wake-ups\n", rounds, wakeups);
	finish(&w, credit);
}

TEST(others_icmp_wakes_nobody)
{
	static struct watched w;
	struct probe_config config = one_target();
	struct probe_credit *credit = begin();
	unsigned wakeups;

	config.interval_ms = 60000;
	config.timeout_ms = 30000;
	answer_by_hand(FLOOD, 0); /* 200 replies with our id and another's cookie */
	start(&w, credit, &config, "path0", 0);
	wakeups = wakeups_in(0.5);
	CHECK_INT(far_end->asked > 0, 1);
	CHECK(wakeups <= 3); /* the round, and the end of the waiting */
	answer_by_kernel();
	/* And somebody's ping from this very machine. */
	ns_sh("ip route add 203.0.113.1/32 via 10.9.0.2");
	ns_sh_in(far_pid, "ip addr add 203.0.113.1/32 dev lo");
	ns_sh("ping -q -c 300 -i 0.001 203.0.113.1 > /dev/null");
	wakeups = wakeups_in(0.5);
	CHECK(wakeups <= 2);
	ns_sh("ip route del 203.0.113.1/32");
	ns_sh_in(far_pid, "ip addr del 203.0.113.1/32 dev lo");
	finish(&w, credit);
}

TEST(a_stopped_prober_is_silent)
{
	static struct watched w;
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();
	unsigned rounds;

	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 1));
	prober_stop(w.prober);
	rounds = w.rounds;
	CHECK(wakeups_in(0.4) <= 2);
	CHECK_INT(w.rounds, rounds);
	finish(&w, credit);
}

/* ---- time that is not as planned ---- */

TEST(quick_and_back)
{
	static struct watched w;
	struct probe_config config = one_target();
	struct probe_credit *credit = begin();

	config.interval_ms = 2000;
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 1));
	prober_quick(w.prober, true);
	CHECK(run_rounds(&w, 5));
	CHECK(w.at[1] - w.at[0] < 0.15); /* at once */
	CHECK(w.at[5] - w.at[1] > 4 * 0.18 && w.at[5] - w.at[1] < 4 * 0.4);
	prober_quick(w.prober, false);
	CHECK(run_rounds(&w, 1));
	CHECK(w.at[6] - w.at[5] > 1.85 && w.at[6] - w.at[5] < 2.6);
	finish(&w, credit);
}

/* Quick rounds on a line whose answers take longer than a quick round. */
TEST(overlapping_rounds_get_their_own_answers)
{
	static struct watched w;
	struct probe_config config = one_target();
	struct probe_credit *credit = begin();

	config.timeout_ms = 5000;
	config.interval_ms = 120;
	answer_by_hand(HONEST, 150);
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 3));
	for (unsigned i = 0; i < w.rounds; i++) {
		CHECK_INT(w.round[i].answered, 1);
		CHECK(w.round[i].best_rtt_us > 140000);
	}
	answer_by_kernel();
	finish(&w, credit);
}

/* The daemon was busy while the answer lay there: not the line's fault. */
TEST(an_answer_that_waited_for_us_is_not_late)
{
	static struct watched w;
	struct probe_config config = one_target();
	struct probe_credit *credit = begin();

	start(&w, credit, &config, "path0", 0);
	for (unsigned i = 0; i < 10; i++) {
		run_for(0.11);
		usleep(200000);
	}
	CHECK(w.rounds >= 8);
	for (unsigned i = 0; i < w.rounds; i++)
		CHECK_INT(w.round[i].answered, 1);
	finish(&w, credit);
}

/* ---- the device ---- */

TEST(device_down_fails_without_waiting)
{
	static struct watched w;
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();

	config.interval_ms = config.timeout_ms = 1000;
	ns_sh("ip link set path0 down");
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 1));
	CHECK(w.at[0] < 0.2);
	CHECK_INT(last(&w)->lost, 2);
	prober_free(w.prober);
	ns_sh("ip link set path0 up");
	probe_credit_free(credit);
}

TEST(device_gone_and_back_by_the_same_name)
{
	static struct watched w;
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();

	start(&w, credit, &config, "path1", 0);
	CHECK(run_rounds(&w, 2));
	CHECK(last(&w)->answered >= 1);
	ns_sh("ip link del path1");
	CHECK(run_rounds(&w, 3));
	CHECK_INT(last(&w)->credible, 2);
	CHECK_INT(last(&w)->answered, 0);
	make_path(1);
	CHECK(rounds_until_answer(&w) <= 10);
	finish(&w, credit);
}

TEST(device_that_is_not_there_yet)
{
	static struct watched w;
	struct probe_config config = one_target();
	struct probe_credit *credit = begin();

	memset(&w, 0, sizeof(w));
	w.prober = prober_new(loop, credit, on_round, &w);
	CHECK_INT(prober_start(w.prober, &config, "path2", MARK, &no_end, false), -ENODEV);
	CHECK(run_rounds(&w, 2));
	CHECK_INT(last(&w)->answered, 0);
	make_path(2);
	CHECK(rounds_until_answer(&w) <= 10);
	prober_free(w.prober);
	ns_sh("ip link del path2");
	probe_credit_free(credit);
}

/* ---- TCP ---- */

/* What a target of TCP alone gives, and when its second round was reported (seconds). */
static struct health_round tcp_round(uint16_t port, double *took)
{
	static struct watched w;
	struct probe_target target = { .kind = PROBE_TCP, .addr = TARGET_1, .port = port };
	struct probe_config config = one_target();
	struct probe_credit *credit = probe_credit_new();

	config.target = &target;
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 2));
	*took = w.at[0];
	finish(&w, credit);
	return *last(&w);
}

TEST(tcp_accepted_refused_silent_and_unreachable)
{
	struct health_round round;
	double took;

	world();
	ns_sh_in(far_pid, "sh -c 'timeout 4 socat -u TCP4-LISTEN:443,fork,reuseaddr OPEN:/dev/null > /dev/null 2>&1 & "
	                  "for i in $(seq 100); do [ -z \"$(ss -Hltn sport = :443)\" ] || exit 0; sleep 0.05; done; exit 1'");
	round = tcp_round(443, &took);
	CHECK_INT(round.answered, 1);
	CHECK(took < 0.08);
	round = tcp_round(9, &took);
	CHECK_INT(round.answered, 1); /* the reset came back from there */
	CHECK(took < 0.08);
	lose("tcp dport 9 drop");
	round = tcp_round(9, &took);
	CHECK_INT(round.credible + round.answered, 0);
	CHECK(took > 0.085);
	heal();
	lose("tcp dport 9 reject with icmp host-unreachable");
	round = tcp_round(9, &took);
	CHECK_INT(round.credible + round.answered, 0);
	CHECK(took < 0.08);
	heal();
}

TEST(tcp_leaves_no_descriptors_behind)
{
	static struct watched w;
	struct probe_target target = { .kind = PROBE_TCP, .addr = TARGET_1, .port = 9 };
	struct probe_config config = one_target();
	struct probe_credit *credit;
	int before = dup(0), after;

	world();
	close(before);
	credit = probe_credit_new();
	lose("tcp dport 9 drop");
	config.target = &target;
	config.interval_ms = config.timeout_ms = 20;
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 100));
	after = dup(0);
	CHECK(after - before < 10); /* one round's, and the ICMP socket */
	close(after);
	prober_free(w.prober);
	after = dup(0);
	CHECK_INT(after, before);
	close(after);
	heal();
	probe_credit_free(credit);
}

/* ---- DNS ---- */

/* Nobody has the port there, and says so: that came back over the path.  Dropped, it did not. */
TEST(dns_is_asked_over_the_path)
{
	static struct watched w;
	char name[] = "example.com";
	struct probe_target target = { .kind = PROBE_DNS, .addr = TARGET_1, .port = 53, .text = name };
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();

	config.target = &target;
	config.targets = 1;
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 3));
	CHECK_INT(last(&w)->answered, 1);
	lose("udp dport 53 drop");
	CHECK(run_rounds(&w, 6));
	CHECK_INT(last(&w)->answered, 0);
	heal();
	finish(&w, credit);
}

/* ---- HTTP ---- */

/* What a page alone gives; status: what is wanted of it. */
static struct health_round http_round(char *page, uint16_t status)
{
	static struct watched w;
	struct probe_target target = { .kind = PROBE_HTTP, .addr = TARGET_1, .port = 80, .text = page, .status = status };
	struct probe_config config = one_target();
	struct probe_credit *credit = probe_credit_new();

	config.target = &target;
	config.timeout_ms = 300;
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 2));
	finish(&w, credit);
	return *last(&w);
}

/* A server on TARGET_1 that says this, in two parts, to whoever asks, for some seconds. */
static void serve(unsigned port, const char *first, const char *pause, const char *then)
{
	ns_sh_in(far_pid, "sh -c 'timeout 5 socat TCP4-LISTEN:%u,fork,reuseaddr SYSTEM:\"printf %s; sleep %s; echo %s; sleep 1\" "
	                  "> /dev/null 2>&1 & for i in $(seq 100); do [ -z \"$(ss -Hltn sport = :%u)\" ] || exit 0; "
	                  "sleep 0.05; done; exit 1'", port, first, pause, then, port);
}

TEST(http_by_its_status)
{
	char page[] = "198.51.100.1/x";

	world();
	CHECK_INT(http_round(page, 0).answered, 0); /* refused: no web server said a word */
	serve(80, "HTTP/1", "0.05", ".1 204 No Content");
	CHECK_INT(http_round(page, 0).answered, 1);
	CHECK_INT(http_round(page, 204).answered, 1);
	CHECK_INT(http_round(page, 200).answered, 0);
}

/* A ping made the path's usual answer a quick one; then the web server alone is left, and it is slow. */
TEST(http_that_is_slow_is_not_lost)
{
	static struct watched w;
	char page[] = "198.51.100.1:81/x";
	struct probe_target both[] = { { .kind = PROBE_ICMP, .addr = TARGET_2 },
		                       { .kind = PROBE_HTTP, .addr = TARGET_1, .port = 81, .text = page } };
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();

	config.target = both;
	config.interval_ms = config.timeout_ms = 4000;
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 1));
	serve(81, "HTTP/1", "1.5", ".1 204 No Content");
	lose("ip protocol icmp drop");
	CHECK(burst(&w) > 1.4);
	CHECK_INT(last(&w)->answered, 1);
	heal();
	finish(&w, credit);
}

/* ---- HTTPS ---- */

#define TLS "/tmp/probe_net.tls" /* of a file system of this process' own */
#define PORT_GOOD 443
#define PORT_STRANGER 444 /* somebody else's certificate */
#define PORT_BROKEN 445   /* 503 */
#define PORT_SLOW 446     /* answers as late as be_slow() says */
#define PORT_MUTE 447     /* takes connections, and says nothing */

static void wait_for_port(unsigned port)
{
	ns_sh_in(far_pid, "sh -c 'for i in $(seq 100); do [ -z \"$(ss -Hltn sport = :%u)\" ] || exit 0; sleep 0.05; done; exit 1'", port);
}

static void certificate(const char *name, const char *of)
{
	ns_sh("cd " TLS " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s.key -out %s.crt -days 2 "
	      "-subj /CN=%s -addext subjectAltName=%s 2> /dev/null && cat %s.crt %s.key > %s.pem",
	      name, name, name, of, name, name, name);
}

static void serve_tls(unsigned port, const char *listen, const char *status, const char *pause)
{
	ns_sh("printf '#!/bin/bash\\nwhile read -r line && [ \"${#line}\" -gt 1 ]; do :; done\\nsleep %s\\n"
	      "printf \"HTTP/1.1 %s\\\\r\\\\nConnection: close\\\\r\\\\n\\\\r\\\\n\"\\n' > " TLS "/web.%u && chmod +x " TLS "/web.%u",
	      pause, status, port, port);
	ns_sh_in(far_pid, "sh -c 'timeout 60 socat %s,fork,reuseaddr EXEC:" TLS "/web.%u > /dev/null 2>&1 &'", listen, port);
	wait_for_port(port);
}

static void be_slow(const char *seconds)
{
	ns_sh("echo %s > " TLS "/pause", seconds);
}

/* The program of this build, and one certificate that it believes, for the server's address and one name. */
static void tls_world(void)
{
	static char program[PATH_MAX];
	ssize_t n;

	world();
	if (*program)
		return;
	n = readlink("/proc/self/exe", program, sizeof(program) - 64);
	CHECK(n > 0);
	snprintf(strrchr(program, '/'), 64, "/../../fetch/dualpath-fetch");
	http_use_program(program);
	CHECK_INT(unshare(CLONE_NEWNS), 0);
	ns_sh("mount --make-rprivate / && mount -t tmpfs tls /tmp && mkdir " TLS);
	certificate("good", "IP:198.51.100.1,DNS:www.example.jp");
	certificate("stranger", "IP:198.51.100.1,DNS:www.example.jp");
	ns_sh("mount --bind " TLS "/good.crt /etc/ssl/certs/ca-certificates.crt");
	serve_tls(PORT_GOOD, "OPENSSL-LISTEN:443,pf=ip4,verify=0,cert=" TLS "/good.pem", "204 No Content", "0");
	serve_tls(PORT_STRANGER, "OPENSSL-LISTEN:444,pf=ip4,verify=0,cert=" TLS "/stranger.pem", "204 No Content", "0");
	serve_tls(PORT_BROKEN, "OPENSSL-LISTEN:445,pf=ip4,verify=0,cert=" TLS "/good.pem", "503 Not Today", "0");
	serve_tls(PORT_SLOW, "OPENSSL-LISTEN:446,pf=ip4,verify=0,cert=" TLS "/good.pem", "204 No Content", "$(cat " TLS "/pause)");
	serve_tls(PORT_MUTE, "TCP4-LISTEN:447", "204 No Content", "60");
}

/* Of ours, besides the far end. */
static unsigned children(void)
{
	char file[64], pids[256] = "";
	unsigned count = 0;
	FILE *f;

	snprintf(file, sizeof(file), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(file, "r");
	CHECK(f != NULL);
	for (char *pid = fgets(pids, sizeof(pids), f) ? strtok(pids, " ") : NULL; pid; pid = strtok(NULL, " "))
		count += atoi(pid) != far_pid;
	fclose(f);
	return count;
}

static int next_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static struct probe_config tls_target(struct probe_target *target, uint16_t port, char *page, uint16_t status)
{
	struct probe_config config = one_target();

	*target = (struct probe_target){ .kind = PROBE_HTTPS, .addr = TARGET_1, .port = port, .text = page, .status = status };
	config.target = target;
	config.interval_ms = config.timeout_ms = 5000;
	return config;
}

static unsigned https_answered(uint16_t port, const char *text, uint16_t status)
{
	static struct watched w;
	struct probe_target target;
	char page[64];
	struct probe_config config = tls_target(&target, port, page, status);
	struct probe_credit *credit = probe_credit_new();

	snprintf(page, sizeof(page), "%s", text);
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 1));
	CHECK(w.at[0] < 4.5); /* what is refused is not waited for */
	finish(&w, credit);
	return last(&w)->answered;
}

TEST(https_by_certificate_and_status)
{
	int before;

	tls_world();
	before = next_descriptor();
	CHECK_INT(https_answered(PORT_GOOD, "198.51.100.1/x", 0), 1);
	CHECK_INT(https_answered(PORT_GOOD, "www.example.jp/x", 204), 1);
	CHECK_INT(https_answered(PORT_GOOD, "198.51.100.1/x", 200), 0);
	CHECK_INT(https_answered(PORT_GOOD, "www.example.com/x", 0), 0);
	CHECK_INT(https_answered(PORT_STRANGER, "198.51.100.1:444/x", 0), 0);
	CHECK_INT(https_answered(PORT_BROKEN, "198.51.100.1:445", 0), 0);
	serve(80, "HTTP/1", "0.05", ".1 204 No Content"); /* without TLS */
	CHECK_INT(https_answered(80, "198.51.100.1:80/", 0), 0);
	CHECK_INT(https_answered(9, "198.51.100.1:9/", 0), 0);
	CHECK_INT(children(), 0);
	CHECK_INT(next_descriptor(), before);
}

/* Rounds that ask while the program runs get what it gets. */
TEST(https_has_one_program_at_a_time)
{
	static struct watched w;
	char page[] = "198.51.100.1:446/";
	struct probe_target target;
	struct probe_config config;
	struct probe_credit *credit = probe_credit_new();

	tls_world();
	be_slow("0.3");
	config = tls_target(&target, PORT_SLOW, page, 204);
	config.interval_ms = 100;
	start(&w, credit, &config, "path0", 0);
	for (unsigned i = 0; i < 60 && w.rounds < 12; i++) {
		run_for(0.05);
		CHECK(children() <= 1);
	}
	CHECK(w.rounds >= 12);
	for (unsigned i = 0; i < w.rounds; i++)
		CHECK_INT(w.round[i].answered, 1);
	prober_free(w.prober);
	CHECK_INT(children(), 0);
	probe_credit_free(credit);
}

/* A burst hears that the server takes connections, and waits for what it says. */
TEST(https_that_is_slow_is_not_lost)
{
	static struct watched w;
	char page[] = "198.51.100.1:446/";
	struct probe_target target;
	struct probe_config config;
	struct probe_credit *credit = probe_credit_new();

	tls_world();
	be_slow("0");
	config = tls_target(&target, PORT_SLOW, page, 204);
	config.interval_ms = config.timeout_ms = 8000;
	start(&w, credit, &config, "path0", 0);
	CHECK(run_rounds(&w, 1));
	be_slow("3");
	CHECK(burst(&w) > 3);
	CHECK_INT(last(&w)->answered, 1);
	finish(&w, credit);
}

TEST(https_that_is_silent_is_ended_at_the_timeout)
{
	static struct watched w;
	char page[] = "198.51.100.1:447/";
	struct probe_target target;
	struct probe_config config;
	struct probe_credit *credit = probe_credit_new();
	unsigned seen = 0;
	int before;

	tls_world();
	before = next_descriptor();
	config = tls_target(&target, PORT_MUTE, page, 0);
	config.interval_ms = 1000;
	config.timeout_ms = 300;
	start(&w, credit, &config, "path0", 0);
	for (unsigned i = 0; i < 30; i++) {
		run_for(0.1);
		CHECK(children() <= 1);
		seen += children();
	}
	CHECK(seen >= 3 && seen <= 15); /* three tenths of the time */
	CHECK_INT(last(&w)->answered, 0);
	config.interval_ms = 100;
	config.timeout_ms = 5000;
	prober_free(w.prober);
	start(&w, credit, &config, "path0", 0);
	run_for(0.5);
	CHECK_INT(children(), 1);
	prober_free(w.prober); /* in the middle of it */
	CHECK_INT(children(), 0);
	CHECK_INT(next_descriptor(), before);
	probe_credit_free(credit);
}

/* More targets than there are bits: the rest is told of, nothing is overwritten. */
TEST(too_many_targets)
{
	static struct watched w;
	struct probe_target targets[40];
	struct probe_config config = two_targets();
	struct probe_credit *credit = begin();

	for (unsigned i = 0; i < 40; i++)
		targets[i] = (struct probe_target){ .kind = PROBE_ICMP, .addr = TARGET_1 };
	config.target = targets;
	config.targets = 40;
	config.quorum = 31;
	start(&w, credit, &config, "path0", AFTR);
	CHECK(run_rounds(&w, 2));
	CHECK_INT(last(&w)->answered, 31);
	CHECK(last(&w)->fallback_answered);
	finish(&w, credit);
}

/* ---- a callback that turns the prober round ---- */

static struct probe_config again;
static unsigned restarts;

static void restart_in_round(void *arg, const struct health_round *round)
{
	struct watched *w = arg;

	on_round(arg, round);
	if (restarts++ < 3)
		CHECK_INT(prober_start(w->prober, &again, restarts % 2 ? "path1" : "path0", MARK, &no_end, true), 0);
	else
		prober_stop(w->prober);
}

TEST(a_callback_may_start_and_stop)
{
	static struct watched w;
	struct probe_target both[] = { { .kind = PROBE_TCP, .addr = TARGET_2, .port = 9 },
		                       { .kind = PROBE_ICMP, .addr = TARGET_1 } };
	struct probe_credit *credit = begin();

	again = two_targets();
	again.target = both;
	memset(&w, 0, sizeof(w));
	w.prober = prober_new(loop, credit, restart_in_round, &w);
	CHECK_INT(prober_start(w.prober, &again, "path0", MARK, &no_end, false), 0);
	run_for(1);
	CHECK_INT(w.rounds, 4);
	finish(&w, credit);
}

/* ---- a callback that closes whom it was told by ---- */

static const struct in6_addr tunnel_local = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
static const struct in6_addr tunnel_remote = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 } };
static struct icmp6_watch *watch;
static unsigned errors;
static int letterbox[2], taken;

/* As a path that is lost by this does it; what is opened next has the number of the socket. */
static void close_in_error(void *arg, const struct icmp6_error *error)
{
	(void)arg;
	(void)error;
	errors++;
	icmp6_watch_close(watch);
	watch = NULL;
	taken = dup(letterbox[0]);
}

/* "No route" about a packet of the tunnel. */
static void send_error(void)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	uint8_t packet[8 + 40 + 20] = { ICMP6_DST_UNREACH };

	packet[8] = 0x60;
	packet[ICMP6_ERROR_NEXT_HEADER_OFFSET] = IPPROTO_IPIP;
	memcpy(packet + 16, &tunnel_local, 16);
	memcpy(packet + ICMP6_ERROR_DST_OFFSET, &tunnel_remote, 16);
	packet[48] = 0x45;
	CHECK_INT(sendto(fd, packet, sizeof(packet), 0, (const struct sockaddr *)&to, sizeof(to)), sizeof(packet));
	close(fd);
}

TEST(an_error_may_close_the_watch)
{
	char letter;

	world();
	ns_sh("ip link set lo up");
	errors = 0;
	CHECK_INT(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, letterbox), 0);
	CHECK_INT(send(letterbox[1], "x", 1, 0), 1);
	CHECK_INT(icmp6_watch_open(loop, "lo", &tunnel_local, &tunnel_remote, close_in_error, NULL, &watch), 0);
	send_error();
	send_error();
	run_for(0.2);
	CHECK_INT(errors, 1);
	CHECK_INT(recv(letterbox[0], &letter, 1, 0), 1); /* nobody else has read it */
	close(taken);
	close(letterbox[0]);
	close(letterbox[1]);
}

/* ---- what routers behind a path say ---- */

static unsigned told;

static void count_told(void *arg)
{
	(void)arg;
	told++;
}

/* Datagrams to a port where nobody listens. */
static void call_out(uint32_t address, unsigned times)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(address), .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	while (times-- > 0) {
		sendto(fd, "", 1, 0, (const struct sockaddr *)&to, sizeof(to));
		probe_socket_error(fd); /* what the datagram before has brought */
	}
	close(fd);
}

static void expect_told(struct icmp_watch *w, unsigned times, unsigned count)
{
	run_for(0.3);
	CHECK_INT(told, times);
	CHECK_INT(icmp_watch_count(w), count);
}

TEST(errors_of_routers_behind_a_path)
{
	struct icmp_watch *w;

	world();
	ns_sh("ip route add 203.0.113.0/24 via 10.9.0.2");
	ns_sh_in(far_pid, "sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0");
	ns_sh_in(far_pid, "ip addr add 203.0.113.1/32 dev lo");
	ns_sh_in(far_pid, "ip route add unreachable 203.0.113.2");
	ns_sh_in(far_pid, "ip route add prohibit 203.0.113.3");
	told = 0;
	CHECK_INT(icmp_watch_open(loop, "path0", count_told, NULL, &w), 0);
	call_out(0xcb007102, 3);
	expect_told(w, 1, 3);
	call_out(0xcb007103, 1);
	expect_told(w, 2, 4);
	call_out(0xcb007101, 3); /* no such port: an answer */
	expect_told(w, 2, 4);
	icmp_watch_close(w);
	ns_sh("ip route del 203.0.113.0/24");
	ns_sh_in(far_pid, "ip addr del 203.0.113.1/32 dev lo");
	ns_sh_in(far_pid, "ip route del unreachable 203.0.113.2");
	ns_sh_in(far_pid, "ip route del prohibit 203.0.113.3");
}
