/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random policies in the kernel: each is compiled and loaded as the daemon does it, packets are
 * sent in from the home and by the router itself, and the mark that each came out of our chains with must be the one that the
 * plainest reading of the config gives, as must the counters of the rules.  What is loaded must read
 * back as what was wanted.  And of the addresses of a name, those that are used stay, and others are forgotten.
 *
 * usage: probe_policy [POLICIES]   (40), as root; in a network namespace of its own
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/nft.h"
#include "policy/compile.h"
#include "policy/diff.h"
#include "policy/domain.h"
#include "tests/net/feeder.h"
#include "tests/net/probe_ns.h"
#include "tests/unit/random_policy.h"

#define PACKETS 120
#define ABOVE 40 /* bytes behind the IP header */
#define PACKET_SIZE (sizeof(struct iphdr) + ABOVE)
#define FEEDER "home0" /* the other end of RANDOM_LAN */

static struct flow sent[PACKETS];
static uint32_t mark[PACKETS];
static bool seen[PACKETS];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- sending ---- */

/* An IP packet into packet (PACKET_SIZE); its number is its IP identification: not 0, which
 * the kernel would replace. */
static void make_packet(uint8_t *packet, const struct flow *flow, unsigned number)
{
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = flow->protocol, .id = htons((uint16_t)number),
	                    .tos = (uint8_t)(flow->dscp << 2), .saddr = htonl(flow->src), .daddr = htonl(flow->dst) };
	uint8_t *above = packet + sizeof(ip);
	uint16_t port[2] = { htons(flow->sport), htons(flow->dport) };

	memset(packet, 0, PACKET_SIZE);
	ip.tot_len = htons(PACKET_SIZE);
	ip.check = ipv4_checksum(&ip, sizeof(ip));
	memcpy(packet, &ip, sizeof(ip));
	memcpy(above, port, sizeof(port));
	if (flow->protocol == IPPROTO_TCP) {
		above[12] = 5 << 4; /* no options */
		above[13] = 2;      /* SYN */
	} else if (flow->protocol == IPPROTO_UDP) {
		above[5] = ABOVE;
	} else {
		uint16_t sum;

		above[0] = 8; /* echo request */
		above[4] = (uint8_t)(number >> 8);
		above[5] = (uint8_t)number;
		sum = ipv4_checksum(above, ABOVE);
		memcpy(above + 2, &sum, sizeof(sum));
	}
}

static void send_flow(const struct feeder *f, const struct flow *flow, unsigned number)
{
	uint8_t frame[sizeof(struct ether_header) + PACKET_SIZE] = { 0 };
	struct ether_header *eth = (struct ether_header *)frame;

	memcpy(eth->ether_dhost, f->lan_mac, sizeof(f->lan_mac));
	memcpy(eth->ether_shost, flow->mac.byte, sizeof(flow->mac.byte));
	eth->ether_type = htons(ETHERTYPE_IP);
	make_packet(frame + sizeof(*eth), flow, number);
	if (sendto(f->fd, frame, sizeof(frame), 0, (const struct sockaddr *)&f->to, sizeof(f->to)) < 0)
		die("sendto");
}

/* From a process of the router: a socket's user is the one that opened it.  Once it is seen it is dropped, so that no
 * connection is remembered for the next policy; the sender is told. */
static void send_own(const struct flow *flow, unsigned number)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(flow->dst) };
	uint8_t packet[PACKET_SIZE];
	int fd;

	make_packet(packet, flow, number);
	setfsuid(flow->uid);
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	setfsuid(0);
	if (fd < 0 || (sendto(fd, packet, sizeof(packet), 0, (const struct sockaddr *)&to, sizeof(to)) < 0 && errno != EPERM))
		die("a packet of the router");
	close(fd);
}

/* ---- the kernel ---- */

/* As a daemon finds it that comes after: nothing to do. */
static void check_adoption(struct nft *nft, const struct nft_table *want)
{
	struct nft_table have = { 0 };
	char *objects, *text;

	nft_read(nft, &have);
	text = nft_diff_text(want, &have, &objects);
	if (text) {
		fprintf(stderr, "what was loaded is not what is read:\n%s", objects);
		exit(1);
	}
	nft_table_free(&have);
}

/* As dnsmasq does it, an element a time. */
static void fill_sets(struct nft *nft, const struct random_policy *p)
{
	char text[128 + DOMAIN_SET_STRLEN], set[DOMAIN_SET_STRLEN], addr[INET_ADDRSTRLEN];
	const char *why;

	for (unsigned i = 0; i < RANDOM_DOMAINS; i++)
		for (unsigned n = 0; n < RANDOM_ADDRESSES; n++) {
			if (!p->in_domain[n][i])
				continue;
			snprintf(text, sizeof(text), "add element inet " PLAN_TABLE " %s { %s }\n", domain_set_name(p->domain[i], set),
			         ipv4_print(random_destination(n), addr));
			if (nft_apply(nft, text, &why) < 0) {
				fprintf(stderr, "%s\n%s\n", why, text);
				exit(1);
			}
		}
}

static void load(struct nft *nft, const struct random_policy *p)
{
	static const struct nft_table nothing;
	struct nft_table want = { 0 };
	const char *why;
	char *text, *objects;

	compile_nft(&p->config, &p->facts, &want);
	text = nft_diff_text(&want, &nothing, &objects);
	if (nft_apply(nft, text, &why) < 0) {
		fprintf(stderr, "%s\n%s\n", why, text);
		exit(1);
	}
	free(text);
	free(objects);
	fill_sets(nft, p);
	check_adoption(nft, &want);
	nft_table_free(&want);
}

static void unload(struct nft *nft)
{
	const char *why;

	if (nft_apply(nft, "delete table inet " PLAN_TABLE "\nflush set inet probe seen\n", &why) < 0) {
		fprintf(stderr, "%s\n", why);
		exit(1);
	}
}

/* "elements = { 12 . 0x01000000, ... }" */
static void read_marks(void)
{
	FILE *f = popen("nft list set inet probe seen", "r");
	unsigned number, value;
	char c;

	memset(seen, 0, sizeof(seen));
	while (f && (c = (char)getc(f)) != EOF && !feof(f)) {
		if (c != '{' && c != ',')
			continue;
		if (fscanf(f, " %u . 0x%x", &number, &value) == 2 && number > 0 && number <= PACKETS) {
			seen[number - 1] = true;
			mark[number - 1] = value;
		}
	}
	if (!f || pclose(f) != 0)
		die("nft list set");
}

/* ---- holding the two against each other ---- */

struct sums {
	const struct random_policy *policy;
	uint64_t wanted[RANDOM_RULES_MAX];
	unsigned wrong;
};

static void on_counter(void *arg, const char *name, uint64_t packets, uint64_t bytes)
{
	struct sums *sums = arg;

	(void)bytes;
	for (size_t i = 0; i < sums->policy->config.rules; i++)
		if (strncmp(name, "rule_", 5) == 0 && strcmp(name + 5, sums->policy->rule[i].name) == 0 &&
		    packets != sums->wanted[i]) {
			printf("counter %s: %llu, wanted %llu\n", name, (unsigned long long)packets,
			       (unsigned long long)sums->wanted[i]);
			sums->wrong++;
		}
}

static unsigned compare(struct nft *nft, const struct random_policy *p)
{
	struct sums sums = { .policy = p };

	for (unsigned n = 0; n < PACKETS; n++) {
		const struct rule_config *rule = plain_reading(p, &sent[n]);
		uint32_t wanted = mark_by_reading(p, &sent[n]);

		if (rule)
			sums.wanted[rule - p->rule]++;
		if (seen[n] && mark[n] == wanted)
			continue;
		sums.wrong++;
		printf("packet %u, by %s: mark 0x%08x, wanted 0x%08x%s\n", n, rule ? rule->name : "default", mark[n], wanted,
		       seen[n] ? "" : " (not seen)");
	}
	nft_counters(nft, on_counter, &sums);
	return sums.wrong;
}

/* ---- what a name once meant ---- */

#define NAMES_CONF                                                                                         \
	"[router]\nlan = " RANDOM_LAN "\n[dslite]\ninterface = wan0\n[pppoe]\ninterface = wan0\nuser = u\n"    \
	"password-file = /p\n[rule names]\nto = *.example.com\npath = pppoe\n"
#define NAMES_SET "dom_example.com"
#define USED      0xc6336401u /* 198.51.100.1 */
#define UNUSED    0xc6336402u
#define LASTS_MS  2000

/* As the daemon loads it, but that a day is two seconds. */
static void load_names(struct nft *nft)
{
	static const char text[] = NAMES_CONF;
	static const struct nft_table nothing;
	struct nft_table want = { 0 };
	struct facts facts = { 0 };
	struct diag_list diags = { 0 };
	struct ini_file *ini = ini_scan("names", text, strlen(text), &diags);
	struct config *config = config_parse(ini, &diags);
	char *objects, *loaded, *lasts;
	const char *why;

	config_assign_slots(config, NULL);
	compile_nft(config, &facts, &want);
	loaded = nft_diff_text(&want, &nothing, &objects);
	lasts = strstr(loaded, "timeout 1d");
	if (!lasts)
		die("a set with a timeout");
	memcpy(lasts, "timeout 2s", strlen("timeout 2s"));
	if (nft_apply(nft, loaded, &why) < 0)
		die(why);
	free(loaded);
	free(objects);
	nft_table_free(&want);
	config_free(config);
	ini_free(ini);
	diag_free(&diags);
}

static void answer(struct nft *nft)
{
	const char *why;

	if (nft_apply(nft, "add element inet " PLAN_TABLE " " NAMES_SET " { 198.51.100.1, 198.51.100.2 }\n", &why) < 0)
		die(why);
}

/* Calls USED for twice the time that an address lasts.  False: this machine had no time for us, it proves nothing. */
static bool use(const struct feeder *feeder, struct flow *flow)
{
	uint64_t begun = clock_monotonic_ms(), last = begun;

	while (clock_monotonic_ms() - begun < 2 * LASTS_MS) {
		if (clock_monotonic_ms() - last > LASTS_MS / 2)
			return false;
		last = clock_monotonic_ms();
		flow->sport++; /* a connection of its own: rules see only its first packet */
		send_flow(feeder, flow, flow->sport);
		usleep(LASTS_MS * 1000 / 20);
	}
	return true;
}

static bool names_are_forgotten(struct nft *nft, const struct feeder *feeder)
{
	struct flow flow = { .src = 0xc0a80114u, .dst = USED, .protocol = IPPROTO_UDP, .sport = 1000, .dport = 53 };
	bool stays, goes, ends = false;

	load_names(nft);
	do {
		answer(nft);
	} while (!use(feeder, &flow));
	stays = nft_set_has(nft, NAMES_SET, USED);
	goes = !nft_set_has(nft, NAMES_SET, UNUSED);
	for (unsigned i = 0; !ends && i < 100; i++) {
		usleep(LASTS_MS * 1000 / 20);
		ends = !nft_set_has(nft, NAMES_SET, USED);
	}
	printf("# used: %s, not used: %s, used no more: %s\n", stays ? "stays" : "gone", goes ? "gone" : "stays",
	       ends ? "gone" : "stays");
	unload(nft);
	return stays && goes && ends;
}

static void judge(const char *what, bool good, unsigned passed[2])
{
	printf("%s %s\n", good ? "ok" : "FAIL", what);
	passed[good]++;
}

int main(int argc, char **argv)
{
	unsigned policies = argc > 1 ? (unsigned)atoi(argv[1]) : 40, wrong = 0, passed[2] = { 0 };
	struct feeder feeder;
	struct nft *nft;

	ns_enter();
	random_seed();
	ns_sh("ip link add " RANDOM_LAN " type veth peer name " FEEDER " && ip link set " RANDOM_LAN " up && ip link set " FEEDER
	      " up && ip addr add 192.168.1.254/24 dev " RANDOM_LAN);
	ns_sh("for i in 0 1 2; do ip link add dev$i type veth peer name far$i && ip link set dev$i arp off up || exit; done; "
	      "ip route add default dev dev0");
	ns_sh("nft 'table inet probe { set seen { typeof ip id . meta mark; flags dynamic; size 65535; }; "
	      "chain c { type filter hook prerouting priority -140; iifname " RANDOM_LAN " update @seen { ip id . meta mark }; }; "
	      "chain o { type filter hook output priority -140; oifname \"dev*\" update @seen { ip id . meta mark } drop; }; }'");
	feeder_open(&feeder, RANDOM_LAN, FEEDER);
	nft = nft_new(NULL);
	for (unsigned i = 0; i < policies; i++) {
		struct random_policy *p = random_policy_new();

		load(nft, p);
		for (unsigned n = 0; n < PACKETS; n++) {
			random_flow(p, &sent[n], n);
			if (sent[n].from_router)
				send_own(&sent[n], n + 1);
			else
				send_flow(&feeder, &sent[n], n + 1);
		}
		read_marks();
		wrong += compare(nft, p);
		unload(nft);
		random_policy_free(p);
	}
	printf("# %u policies, %u packets each, %u wrong\n", policies, PACKETS, wrong);
	judge("the kernel reads the policy as the file does", !wrong, passed);
	judge("an address of a name lasts as long as it is used", names_are_forgotten(nft, &feeder), passed);
	nft_free(nft);
	printf("%u passed, %u failed\n", passed[true], passed[false]);
	return passed[false] != 0;
}
