/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules cost: to compile and load, to change one among many, and to a packet, against plain
 * forwarding, connection tracking alone, and the same rules one after another, written for nft and as mwan3 writes
 * them for iptables (where the package iptables is installed; otherwise that is left out, and said).  Called by
 * tests/bench/run; needs root, and runs in a network namespace of its own, on this machine's kernel.
 *
 * Packets are sent by AF_PACKET into a veth, from one processor, and forwarded to a veth
 * that is called as the tunnel: sender, veth and forwarding are all in the figure.  Rounds of all
 * settings are interleaved, and the medians of the ratios to "plain" in the same round are told.
 *
 * All times are of the processor, so that a busy machine gives the same.
 *
 * usage: bench_rules [ROUNDS]   (5)
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/nft.h"
#include "policy/compile.h"
#include "policy/diff.h"
#include "tests/net/feeder.h"
#include "tests/net/probe_ns.h"

#define LAN       "br-lan"
#define FEEDER    "home0" /* the other end of LAN */
#define OUTSIDE   0xc6336450u /* 198.51.100.80 */
#define HOME      0x0a000000u /* 10.0.0.0/8 */
#define FLOWS     30000u
#define BURST     60000u
#define ROUNDS_MAX 25

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Of this thread, which forwards what it sends: others who are at work on the machine do not count. */
static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *value, unsigned n)
{
	qsort(value, n, sizeof(*value), by_value);
	return value[n / 2];
}

/* ---- configs ---- */

static uint32_t machine(unsigned i)
{
	return HOME | i / 250 << 8 | (i % 250 + 1);
}

/* Half of them hosts, half of them a port of a host; the last host's path is moved by `other`; router: lines of [router]. */
static struct config *make_config(unsigned rules, bool other, const char *router)
{
	struct diag_list diags = { 0 };
	struct ini_file *ini;
	struct config *config;
	char *text, addr[INET_ADDRSTRLEN];
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fprintf(f, "[router]\nlan = " LAN "\n%s", router);
	fputs("[dslite]\ninterface = wan0\n[pppoe]\ninterface = wan0\nuser = u@example.jp\n"
	      "password-file = /p\naddress = 203.0.113.10\n", f);
	for (unsigned i = 0; i < rules / 2; i++) {
		ipv4_print(machine(i), addr);
		fprintf(f, "[rule p%u]\nfrom = %s\nprotocol = udp\nport = %u\npath = pppoe, dslite\n", i, addr, 1000 + i % 100);
		fprintf(f, "[host h%u]\naddress = %s\npath = %s\n", i, addr, i + 1 == rules / 2 && other ? "dslite" : "pppoe");
	}
	fclose(f);
	ini = ini_scan("bench.conf", text, size, &diags);
	config = config_parse(ini, &diags);
	if (!config)
		die("bench.conf");
	config_assign_slots(config, NULL);
	ini_free(ini);
	diag_free(&diags);
	free(text);
	return config;
}

static void make_table(const struct config *config, struct nft_table *table)
{
	struct facts facts = { .can_offload = config->router.offload };

	for (size_t i = 0; i < config->paths; i++)
		facts.path[i] = (struct path_facts){ .usable = true, .device_up = true, .mtu = 1454 };
	compile_nft(config, &facts, table);
}

static void apply(struct nft *nft, const char *text)
{
	const char *why;

	if (nft_apply(nft, text, &why) == 0)
		return;
	fprintf(stderr, "%s\n", why);
	exit(1);
}

/* Milliseconds; 0 where there is nothing to do. */
static double go_to(struct nft *nft, const struct nft_table *want, const struct nft_table *have)
{
	double begun = cpu_ms();
	char *objects, *text = nft_diff_text(want, have, &objects);

	if (!text)
		return 0;
	apply(nft, text);
	free(text);
	free(objects);
	return cpu_ms() - begun;
}

/* ---- what a change costs ---- */

static void bench_change(struct nft *nft, unsigned rules, unsigned rounds)
{
	static const struct nft_table nothing;
	double parse[ROUNDS_MAX], compile[ROUNDS_MAX], load[ROUNDS_MAX], change[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++) {
		struct nft_table first = { 0 }, second = { 0 };
		double begun = cpu_ms();
		struct config *config = make_config(rules, false, ""), *other = make_config(rules, true, "");

		parse[i] = (cpu_ms() - begun) / 2;
		begun = cpu_ms();
		make_table(config, &first);
		compile[i] = cpu_ms() - begun;
		load[i] = go_to(nft, &first, &nothing);
		begun = cpu_ms();
		make_table(other, &second);
		go_to(nft, &second, &first);
		change[i] = cpu_ms() - begun;
		apply(nft, "delete table inet " PLAN_TABLE "\n");
		nft_table_free(&first);
		nft_table_free(&second);
		config_free(config);
		config_free(other);
	}
	printf("%u rules: read and check|%.1f|ms|\n", rules, median(parse, rounds));
	printf("%u rules: compile|%.1f|ms|%s\n", rules, median(compile, rounds), rules == 10000 ? "100" : "");
	printf("%u rules: load all of them|%.1f|ms|%s\n", rules, median(load, rounds), rules == 10000 ? "1000" : "");
	printf("%u rules: compile and change one|%.1f|ms|%s\n", rules, median(change, rounds), rules == 10000 ? "50" : "");
}

/* What a daemon keeps between two changes: its config, and what the kernel has. */
static void bench_memory(struct nft *nft, unsigned rules)
{
	static const struct nft_table nothing;
	struct nft_table table = { 0 };
	struct config *config = make_config(rules, false, "");
	long pages = 0;
	FILE *f;

	make_table(config, &table);
	go_to(nft, &table, &nothing);
	nft_shrink(nft);
	f = fopen("/proc/self/statm", "re");
	if (!f || fscanf(f, "%*d %ld", &pages) != 1)
		die("/proc/self/statm");
	fclose(f);
	printf("%u rules: memory between two changes|%.1f|MB|%s\n", rules,
	       (double)(pages * sysconf(_SC_PAGESIZE)) / (1 << 20), rules == 10000 ? "20" : "");
	apply(nft, "delete table inet " PLAN_TABLE "\n");
	nft_table_free(&table);
	config_free(config);
}

/* ---- packets ---- */

struct end {
	uint32_t addr; /* host order, as the port */
	uint16_t port;
};

/* 46 bytes of IPv4 and UDP. */
static void send_udp(const struct feeder *f, struct end from, struct end to)
{
	uint8_t frame[sizeof(struct ether_header) + 46] = { 0 };
	struct ether_header *eth = (struct ether_header *)frame;
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .tot_len = htons(46),
	                    .saddr = htonl(from.addr), .daddr = htonl(to.addr) };
	struct udphdr udp = { .uh_sport = htons(from.port), .uh_dport = htons(to.port), .uh_ulen = htons(26) };

	memcpy(eth->ether_dhost, f->lan_mac, sizeof(f->lan_mac));
	eth->ether_shost[0] = 2;
	eth->ether_type = htons(ETHERTYPE_IP);
	ip.check = ipv4_checksum(&ip, sizeof(ip));
	memcpy(frame + sizeof(*eth), &ip, sizeof(ip));
	memcpy(frame + sizeof(*eth) + sizeof(ip), &udp, sizeof(udp));
	if (sendto(f->fd, frame, sizeof(frame), 0, (const struct sockaddr *)&f->to, sizeof(f->to)) < 0)
		die("sendto");
}

/* A machine that no rule names. */
static struct end caller(unsigned flow)
{
	return (struct end){ HOME | 200u << 16 | (flow & 0x3f), (uint16_t)(10000 + (flow >> 6)) };
}

static const struct end server = { OUTSIDE, 53 };

static unsigned long forwarded(void)
{
	unsigned long n = 0;
	char line[256];
	FILE *f = fopen("/proc/self/net/dev", "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, " dslite0: %*u %*u %*u %*u %*u %*u %*u %*u %*u %lu", &n) == 1;
	if (!found)
		die("dslite0");
	fclose(f);
	return n;
}

/* Packets that came out in a second of the processor's time. */
static double send_burst(const struct feeder *f, unsigned packets, bool new_flows)
{
	unsigned long before = forwarded();
	double begun = cpu_ms(), took;

	for (unsigned i = 0; i < packets; i++)
		send_udp(f, caller(new_flows ? i : 0), server);
	took = cpu_ms() - begun;
	return (double)(forwarded() - before) / took * 1e3;
}

/* ---- settings ---- */

enum style { PLAIN, TRACKING, MAPS, OFFLOAD, LINEAR, IPTABLES };

struct setting {
	enum style style;
	unsigned rules;
	const char *name;
};

static const struct setting settings[] = {
	{ PLAIN, 0, "plain forwarding" },
	{ TRACKING, 0, "connection tracking alone" },
	{ MAPS, 0, "dualpath, 0 rules" },
	{ MAPS, 10, "dualpath, 10 rules" },
	{ MAPS, 1000, "dualpath, 1000 rules" },
	{ MAPS, 10000, "dualpath, 10000 rules" },
	{ OFFLOAD, 10, "dualpath, 10 rules, offload = yes" },
	{ LINEAR, 1000, "1000 rules one by one" },
	{ LINEAR, 10000, "10000 rules one by one" },
	{ IPTABLES, 1000, "1000 rules of iptables" },
	{ IPTABLES, 10000, "10000 rules of iptables" },
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

/* As a hand-made router has it: the connection's mark first, then rule by rule. */
static char *linear_text(unsigned rules)
{
	char *text, addr[INET_ADDRSTRLEN];
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs("add table inet bench\nadd chain inet bench rules\n"
	      "add chain inet bench pre { type filter hook prerouting priority -151; }\n"
	      "add chain inet bench post { type filter hook postrouting priority -149; }\n"
	      "add rule inet bench pre meta mark set ct mark\nadd rule inet bench pre meta mark 0 jump rules\n"
	      "add rule inet bench post meta mark 0 meta mark set 0x100\nadd rule inet bench post ct mark set meta mark\n", f);
	for (unsigned i = 0; i < rules / 2; i++) {
		ipv4_print(machine(i), addr);
		fprintf(f, "add rule inet bench rules ip saddr %s udp dport %u counter meta mark set 0x200 return\n"
		           "add rule inet bench rules ip saddr %s counter meta mark set 0x300 return\n", addr, 1000 + i % 100, addr);
	}
	fclose(f);
	return text;
}

/* Not iptables-restore, which may be the one that leaves its hooks behind when its rules are gone. */
#define IPTABLES_RESTORE "iptables-nft-restore"

static bool have_iptables(void)
{
	return system(IPTABLES_RESTORE " -V > /dev/null 2>&1") == 0;
}

/* As mwan3 has it: each rule looks whether one before it chose, and jumps to its policy, which sets the mark. */
static void load_iptables(unsigned rules)
{
	FILE *f = popen(IPTABLES_RESTORE, "w");
	char addr[INET_ADDRSTRLEN];

	if (!f)
		die(IPTABLES_RESTORE);
	fputs("*mangle\n:hook - [0:0]\n:rules - [0:0]\n:first - [0:0]\n:second - [0:0]\n-A PREROUTING -j hook\n"
	      "-A hook -j CONNMARK --restore-mark --nfmask 0x3f00 --ctmask 0x3f00\n"
	      "-A hook -m mark --mark 0/0x3f00 -j rules\n"
	      "-A hook -j CONNMARK --save-mark --nfmask 0x3f00 --ctmask 0x3f00\n"
	      "-A first -m mark --mark 0/0x3f00 -j MARK --set-xmark 0x100/0x3f00\n"
	      "-A second -m mark --mark 0/0x3f00 -j MARK --set-xmark 0x200/0x3f00\n", f);
	for (unsigned i = 0; i < rules / 2; i++) {
		ipv4_print(machine(i), addr);
		fprintf(f, "-A rules -s %s -p udp -m udp --dport %u -m mark --mark 0/0x3f00 -j second\n"
		           "-A rules -s %s -m mark --mark 0/0x3f00 -j second\n", addr, 1000 + i % 100, addr);
	}
	fputs("-A rules -m mark --mark 0/0x3f00 -j first\nCOMMIT\n", f);
	if (pclose(f) != 0)
		die(IPTABLES_RESTORE);
}

static void load_maps(struct nft *nft, unsigned rules, const char *router)
{
	static const struct nft_table nothing;
	struct nft_table table = { 0 };
	struct config *config = make_config(rules, false, router);

	make_table(config, &table);
	go_to(nft, &table, &nothing);
	nft_table_free(&table);
	config_free(config);
}

#define FLOWTABLE(table) "add flowtable inet " table " " PLAN_FLOWTABLE " { " PLAN_FLOWTABLE_SPEC " devices = { " LAN ", dslite0 }; }\n"

static bool have_flowtables(struct nft *nft)
{
	const char *why;

	return nft_check(nft, "add table inet bench\n" FLOWTABLE("bench"), &why) == 0;
}

/* What a setting needs and this machine lacks; NULL: nothing. */
static const char *lacks(struct nft *nft, const struct setting *s)
{
	if (s->style == IPTABLES && !have_iptables())
		return IPTABLES_RESTORE " (package iptables)";
	return s->style == OFFLOAD && !have_flowtables(nft) ? "flowtables in this kernel" : NULL;
}

static void set_up(struct nft *nft, const struct setting *s)
{
	char *text;

	switch (s->style) {
	case PLAIN:
		break;
	case TRACKING:
		apply(nft, "add table inet bench\nadd chain inet bench c { type filter hook prerouting priority -151; }\n"
		           "add rule inet bench c ct state invalid drop\n");
		break;
	case MAPS:
		load_maps(nft, s->rules, "");
		break;
	case OFFLOAD:
		load_maps(nft, s->rules, "offload = yes\n");
		apply(nft, FLOWTABLE(PLAN_TABLE));
		break;
	case LINEAR:
		text = linear_text(s->rules);
		apply(nft, text);
		free(text);
		break;
	case IPTABLES:
		load_iptables(s->rules);
		break;
	}
}

static void clear(struct nft *nft)
{
	apply(nft, "add table inet bench\ndelete table inet bench\nadd table inet " PLAN_TABLE "\ndelete table inet " PLAN_TABLE "\n"
	           "add table ip mangle\ndelete table ip mangle\n");
	ns_sh("conntrack -F > /dev/null 2>&1");
}

/* Ten thousand rules one by one take 50 us a packet: fewer then. */
static unsigned flows_of(const struct setting *s)
{
	return s->style == LINEAR || s->style == IPTABLES ? FLOWS / 6 : FLOWS;
}

/* Another order each round, the same in each run: what a setting finds is what the one before it has left of caches and memory. */
static void shuffle(size_t *order, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)rand() % i, t = order[i - 1];

		order[i - 1] = order[other];
		order[other] = t;
	}
}

struct ends {
	struct feeder home, outside;
};

/* Packets a second: of new flows, and of one that is established. */
struct speed {
	double new_flows, one_flow;
};

static struct speed measure(struct nft *nft, const struct ends *ends, const struct setting *s)
{
	struct speed speed;

	set_up(nft, s);
	speed.new_flows = send_burst(&ends->home, flows_of(s), true);
	send_udp(&ends->home, caller(0), server);
	send_udp(&ends->outside, server, caller(0)); /* answered: it is established */
	send_burst(&ends->home, 1000, false);
	speed.one_flow = send_burst(&ends->home, BURST, false);
	clear(nft);
	return speed;
}

/* Those that this machine can have, to there[]; says which it cannot. */
static size_t find_settings(struct nft *nft, const struct setting **there)
{
	size_t count = 0;

	for (size_t i = 0; i < SETTINGS; i++) {
		const char *missing = lacks(nft, &settings[i]);

		if (missing)
			printf("%s: there is no %s|-||\n", settings[i].name, missing);
		else
			there[count++] = &settings[i];
	}
	return count;
}

/* One setting's, in all rounds; to: those of another. */
static void tell(const char *name, const struct speed *speed, const struct speed *to, unsigned rounds)
{
	double one[ROUNDS_MAX], new[ROUNDS_MAX], one_ratio[ROUNDS_MAX], new_ratio[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++) {
		one[i] = speed[i].one_flow;
		new[i] = speed[i].new_flows;
		one_ratio[i] = one[i] / to[i].one_flow;
		new_ratio[i] = new[i] / to[i].new_flows;
	}
	printf("%s: packets of one flow|%.0f|/s|\n", name, median(one, rounds));
	printf("%s: ratio to plain|%.2f||\n", name, median(one_ratio, rounds));
	printf("%s: new flows|%.0f|/s|\n", name, median(new, rounds));
	printf("%s: new flows, ratio to plain|%.2f||\n", name, median(new_ratio, rounds));
}

static size_t find_maps(const struct setting *const *there, unsigned rules)
{
	size_t i = 0;

	while (there[i]->style != MAPS || there[i]->rules != rules)
		i++;
	return i;
}

/* What a thousand times as many rules cost a packet. */
static void tell_growth(const struct speed *many, const struct speed *few, unsigned rounds)
{
	double one[ROUNDS_MAX], new[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++) {
		one[i] = many[i].one_flow / few[i].one_flow;
		new[i] = many[i].new_flows / few[i].new_flows;
	}
	printf("10000 rules against 10: packets of one flow|%.3f||at least 0.97\n", median(one, rounds));
	printf("10000 rules against 10: new flows|%.3f||at least 0.97\n", median(new, rounds));
}

static void bench_packets(struct nft *nft, unsigned rounds)
{
	static struct speed speed[SETTINGS][ROUNDS_MAX];
	const struct setting *there[SETTINGS];
	size_t order[SETTINGS], count = find_settings(nft, there);
	struct ends ends;

	feeder_open(&ends.home, LAN, FEEDER);
	feeder_open(&ends.outside, "dslite0", "sink0");
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (unsigned round = 0; round < rounds; round++) {
		shuffle(order, count);
		for (size_t i = 0; i < count; i++)
			speed[order[i]][round] = measure(nft, &ends, there[order[i]]);
	}
	for (size_t i = 0; i < count; i++)
		tell(there[i]->name, speed[i], speed[0], rounds);
	tell_growth(speed[find_maps(there, 10000)], speed[find_maps(there, 10)], rounds);
	close(ends.home.fd);
	close(ends.outside.fd);
}

/* The second processor, as the first has the interrupts; where there is one. */
static void pin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(1, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 5;
	struct nft *nft;

	rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
	ns_enter();
	ns_sh("ip link add " LAN " type veth peer name " FEEDER " && ip link set " LAN " up && ip link set " FEEDER " up");
	ns_sh("ip link add dslite0 type veth peer name sink0 && ip link set sink0 up && ip link set dslite0 arp off up");
	ns_sh("ip addr add 10.255.255.254/8 dev " LAN " && ip route add default dev dslite0");
	ns_sh("sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0");
	pin();
	nft = nft_new(NULL);
	bench_change(nft, 10, rounds);
	bench_change(nft, 10000, rounds);
	bench_memory(nft, 10000);
	bench_packets(nft, rounds);
	nft_free(nft);
	return 0;
}
