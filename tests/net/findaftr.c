/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the AFTR finder alone and prints what it tells, each line with the milliseconds since the start:
 *
 *   findaftr INTERFACE STATE_DIR SECONDS AFTR[,AFTR...] DNS[,DNS...] [LOCAL [ADDRESS]]     (auto for either)
 *
 *   12 progress asking for the address of gw.example
 *   15 found configured gw.example 2001:db8::a 2001:db8::b
 *   5000 turns 9          how often the loop woke up, from start to end
 *
 * LOCAL: our address on the line.  ADDRESS: the provider is asked for a fixed-IP tunnel, too, that of this address or, with "any", of
 * whichever, and what is found for it begins with "tunnel":
 *
 *   40 tunnel hb46pp 2001:db8::1 local 2001:db8:1::7 ipv4 203.0.113.0/29 address 0.0.0.0
 *
 * SIGUSR1: the line changed.  SIGUSR2: somebody sets the machine's clock, JUMP_S seconds forward.  Environment: that, and FETCH_FILE,
 * dualpath-fetch.  Every result counts as one that worked.  Called by tests/net/run.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "daemon/aftr.h"
#include "daemon/clock.h"
#include "daemon/http.h"
#include "daemon/log.h"

static struct aftr_finder *finder, *tunnel; /* tunnel: NULL, where none is asked for */
static uint64_t began_ms;

static unsigned now_ms(void)
{
	return (unsigned)(clock_monotonic_ms() - began_ms);
}

/* ---- the clock ---- */

static time_t jumped_s;

/* In place of libc's, for this program and its libraries. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_REALTIME)
		now->tv_sec += jumped_s;
	return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &t);
	*now = (struct timeval){ .tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000 };
	return 0;
}

static void on_jump(struct ev_loop *loop, ev_signal *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	jumped_s += atol(getenv("JUMP_S"));
	printf("%u jump\n", now_ms());
}

/* ---- the finder ---- */

static void on_found(void *arg, const struct aftr_result *result)
{
	char text[INET6_ADDRSTRLEN];

	(void)arg;
	printf("%u found %s %s", now_ms(), aftr_source_name(result->source), *result->name ? result->name : "-");
	for (unsigned i = 0; i < result->addresses; i++)
		printf(" %s", inet_ntop(AF_INET6, &result->address[i], text, sizeof(text)));
	printf("\n");
	aftr_finder_worked(finder, &result->address[0]);
}

static void on_progress(void *arg, const char *text)
{
	(void)arg;
	printf("%u progress %s\n", now_ms(), text);
}

static void on_tunnel(void *arg, const struct aftr_result *result)
{
	char remote[INET6_ADDRSTRLEN], local[INET6_ADDRSTRLEN], ipv4[PREFIX4_STRLEN], address[INET_ADDRSTRLEN];

	(void)arg;
	printf("%u tunnel %s %s local %s ipv4 %s address %s\n", now_ms(), aftr_source_name(result->source),
	       inet_ntop(AF_INET6, &result->address[0], remote, sizeof(remote)),
	       inet_ntop(AF_INET6, &result->tunnel.local, local, sizeof(local)), hb46pp_tunnel_ipv4(&result->tunnel, ipv4),
	       ipv4_print(hb46pp_tunnel_address(&result->tunnel), address));
}

static void on_tunnel_progress(void *arg, const char *text)
{
	(void)arg;
	printf("%u tunnel-progress %s\n", now_ms(), text);
}

static void start_tunnel(struct ev_loop *loop, char *const *argv, const struct in6_addr *local)
{
	static const struct aftr_callbacks callbacks = { on_tunnel, on_tunnel_progress, NULL, NULL };
	uint32_t address = 0;

	ipv4_parse(argv[7], &address);
	tunnel = aftr_finder_new_tunnel(loop, address, argv[1], argv[2], &callbacks, NULL);
	aftr_finder_address(tunnel, local);
	aftr_finder_restart(tunnel);
}

static void on_line(struct ev_loop *loop, ev_signal *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
	printf("%u restart\n", now_ms());
	aftr_finder_restart(finder);
	if (tunnel)
		aftr_finder_restart(tunnel);
}

static void on_end(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)w;
	(void)revents;
	printf("%u turns %u\n", now_ms(), ev_iteration(loop));
	ev_break(loop, EVBREAK_ALL);
}

/* Cuts text into its parts; true for auto. */
static bool split(char *text, char **list, size_t max, size_t *count)
{
	*count = 0;
	if (strcmp(text, "auto") == 0)
		return true;
	for (char *part = strtok(text, ","); part && *count < max; part = strtok(NULL, ","))
		list[(*count)++] = part;
	return false;
}

int main(int argc, char **argv)
{
	static const struct aftr_callbacks callbacks = { on_found, on_progress, NULL, NULL };
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	char *aftr[16], *dns[8];
	struct dslite_config config = { .aftr = aftr, .dns = dns };
	ev_signal line, jump;
	ev_timer end;
	struct in6_addr local;

	if (argc < 6 || argc > 8 || !loop) {
		fprintf(stderr, "usage: findaftr INTERFACE STATE_DIR SECONDS AFTR[,AFTR...] DNS[,DNS...] [LOCAL [ADDRESS]]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	log_set_level(LOG_LEVEL_DEBUG);
	config.aftr_auto = split(argv[4], aftr, 16, &config.aftrs);
	config.dns_auto = split(argv[5], dns, 8, &config.dns_count);
	began_ms = clock_monotonic_ms();
	ev_signal_init(&line, on_line, SIGUSR1);
	ev_signal_start(loop, &line);
	ev_signal_init(&jump, on_jump, SIGUSR2);
	ev_signal_start(loop, &jump);
	ev_timer_init(&end, on_end, atof(argv[3]), 0);
	ev_timer_start(loop, &end);
	finder = aftr_finder_new(loop, &config, argv[1], argv[2], &callbacks, NULL);
	if (argc >= 7 && inet_pton(AF_INET6, argv[6], &local) == 1)
		aftr_finder_address(finder, &local);
	if (getenv("FETCH_FILE"))
		http_use_program(getenv("FETCH_FILE"));
	aftr_finder_restart(finder);
	if (argc == 8)
		start_tunnel(loop, argv, &local);
	ev_run(loop, 0);
	aftr_finder_free(finder);
	aftr_finder_free(tunnel);
	ev_signal_stop(loop, &line);
	ev_signal_stop(loop, &jump);
	ev_loop_destroy(loop);
	return 0;
}
