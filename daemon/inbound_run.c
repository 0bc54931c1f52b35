/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See inbound_run.h.  Beside the forwards' own ports one is called that nobody has: where that one comes in and a
 * forward's does not, it is the port that is blocked, and not the way.
 */
#include "daemon/inbound_run.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/inbound_socket.h"
#include "daemon/log.h"
#include "daemon/probe_socket.h"
#include "daemon/random.h"
#include "policy/utf8.h"

#define TICK_S 0.05
#define AT_ONCE 16     /* calls that wait for an answer: a carrier's NAT gives a home a thousand ports or so */
#define READS_AT_ONCE 64
#define PACKET_MAX 2048 /* more than the tunnel carries: a server may answer a datagram with any */
#define CONTROL SIZE_MAX /* of no forward */
#define PORT_FIRST 33000
#define PORTS 28000
#define PORT_DYNAMIC 49152

struct call {
	struct inbound_call packet;
	struct inbound_try t;
	size_t result, port; /* whose it is; result CONTROL: nobody's */
	unsigned path;       /* where it comes in */
	uint64_t first_us, last_us;
	int32_t answer_us;
	bool ended;
};

struct tap {
	struct inbound_run *run;
	ev_io io; /* fd -1: closed */
	unsigned path;
};

struct inbound_run {
	struct ev_loop *loop;
	inbound_done_fn *done;
	void *arg;
	ev_timer tick;
	struct tap tunnel, session[CONFIG_PATHS_MAX];
	char path_name[CONFIG_PATHS_MAX][CONFIG_NAME_MAX];
	uint32_t address; /* ours in the tunnel */
	struct inbound_result *result;
	size_t results;
	struct call *call;
	size_t calls;
	uint16_t port_base;
};

/* ---- packets ---- */

static void send_out(struct inbound_run *run, const uint8_t *packet, size_t len)
{
	if (send(run->tunnel.io.fd, packet, len, 0) < 0)
		log_debug("a call from outside could not be sent: %m");
}

static void take_answer(struct inbound_run *run, struct call *call, enum inbound_sign sign)
{
	uint8_t reset[INBOUND_PACKET_MAX];

	if (call->t.answer != INBOUND_NONE)
		return;
	call->t.answer = sign;
	/* That there is no such machine takes the neighbour's time, and is no figure of the way. */
	call->answer_us = sign == INBOUND_UNREACHABLE ? -1 : (int32_t)(clock_monotonic_us() - call->last_us);
	if (sign == INBOUND_ACCEPTED && call->t.protocol == IPPROTO_TCP)
		send_out(run, reset, inbound_packet_reset(&call->packet, reset));
}

static void take(const struct tap *tap, const uint8_t *packet, size_t len)
{
	struct inbound_run *run = tap->run;

	for (size_t i = 0; i < run->calls; i++) {
		struct call *call = &run->call[i];
		enum inbound_sign sign;

		if (call->ended || !call->t.sent)
			continue;
		if (tap != &run->tunnel) {
			call->t.arrived |= call->path == tap->path && inbound_packet_arrival(&call->packet, packet, len);
			continue;
		}
		sign = inbound_packet_answer(&call->packet, packet, len);
		if (sign != INBOUND_NONE)
			take_answer(run, call, sign);
	}
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	uint8_t packet[PACKET_MAX];

	(void)loop;
	(void)revents;
	for (unsigned i = 0; i < READS_AT_ONCE; i++) {
		ssize_t n = recv(io->fd, packet, sizeof(packet), 0);

		if (n < 0)
			break; /* EAGAIN, or a device that went away: then nothing answers */
		take(io->data, packet, (size_t)n);
	}
}

/* ---- the calls ---- */

static void update_ages(struct call *call, uint64_t now)
{
	call->t.age_ms = (uint32_t)((now - call->first_us) / 1000);
	call->t.last_ms = (uint32_t)((now - call->last_us) / 1000);
}

static void make_call(struct inbound_run *run, struct call *call, uint64_t now)
{
	uint8_t packet[INBOUND_PACKET_MAX];

	if (!call->t.sent++)
		call->first_us = now;
	call->last_us = now;
	send_out(run, packet, inbound_packet_call(&call->packet, packet));
}

/* True: there is nothing more to wait for. */
static bool go_on(struct inbound_run *run)
{
	uint64_t now = clock_monotonic_us();
	unsigned waiting = 0;
	bool all = true;

	for (size_t i = 0; i < run->calls; i++) {
		struct call *call = &run->call[i];
		enum inbound_step step;

		if (call->ended)
			continue;
		if (call->t.sent)
			update_ages(call, now);
		step = inbound_next(&call->t);
		if (step == INBOUND_CALL && (call->t.sent || waiting < AT_ONCE))
			make_call(run, call, now);
		/* Nobody has the port of that one call: that it came in is all there is to it. */
		call->ended = step == INBOUND_END || (call->result == CONTROL && call->t.arrived);
		waiting += !call->ended && call->t.sent;
		all &= call->ended;
	}
	return all;
}

/* ---- results ---- */

static bool way_open(const struct inbound_run *run, uint32_t address)
{
	for (size_t i = 0; i < run->calls; i++)
		if (run->call[i].packet.to == address && run->call[i].t.arrived)
			return true;
	return false;
}

/* The worst port speaks for the forward. */
static void judge(struct inbound_run *run, const struct call *call)
{
	struct inbound_result *result = &run->result[call->result];
	struct inbound_port *port = &result->port[call->port];

	port->t = call->t;
	port->answer_us = call->answer_us;
	port->verdict = inbound_judge(&call->t, way_open(run, call->packet.to));
	inbound_explain(&call->t, port->verdict, run->path_name[call->path], port->text, sizeof(port->text));
	if (call->port == 0 || port->verdict > result->verdict) {
		result->verdict = port->verdict;
		snprintf(result->text, sizeof(result->text), "%s", port->text);
	}
}

static void on_tick(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct inbound_run *run = w->data;
	int64_t now = clock_utc_ms();

	(void)revents;
	if (!go_on(run))
		return;
	ev_timer_stop(loop, w);
	for (size_t i = 0; i < run->calls; i++)
		if (run->call[i].result != CONTROL)
			judge(run, &run->call[i]);
	for (size_t i = 0; i < run->results; i++)
		run->result[i].checked_ms = now;
	run->done(run->arg, run->result, run->results);
}

/* ---- what is to be called ---- */

static void cannot(struct inbound_result *result, enum inbound_verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void cannot(struct inbound_result *result, enum inbound_verdict verdict, const char *format, ...)
{
	va_list ap;

	result->verdict = verdict;
	va_start(ap, format);
	utf8_vprint(result->text, sizeof(result->text), format, ap);
	va_end(ap);
}

static void add_call(struct inbound_run *run, unsigned path, uint32_t to, const struct inbound_try *t, size_t result,
                     size_t port)
{
	struct call *call;

	run->call = xreallocarray(run->call, run->calls + 1, sizeof(*run->call));
	call = &run->call[run->calls];
	*call = (struct call){ .t = *t, .result = result, .port = port, .path = path, .answer_us = -1 };
	call->packet = (struct inbound_call){ .protocol = t->protocol, .from = run->address, .to = to, .to_port = t->port,
		                              .tag = random_number() };
	call->packet.from_port = (uint16_t)(PORT_FIRST + (run->port_base + run->calls++) % PORTS);
}

static bool open_tap(struct inbound_run *run, struct tap *tap, int fd)
{
	if (fd < 0)
		return false;
	ev_io_init(&tap->io, on_readable, fd, EV_READ);
	ev_set_priority(&tap->io, PROBE_IO_PRIORITY);
	tap->io.data = tap;
	ev_io_start(run->loop, &tap->io);
	return true;
}

/* The call to nobody, once an address. */
static void add_control(struct inbound_run *run, unsigned path, uint32_t address)
{
	struct inbound_try nobody = { .protocol = IPPROTO_TCP,
		                      .port = (uint16_t)(PORT_DYNAMIC + random_number() % (65536 - PORT_DYNAMIC)) };

	for (size_t i = 0; i < run->calls; i++)
		if (run->call[i].packet.to == address)
			return;
	add_call(run, path, address, &nobody, CONTROL, 0);
}

/* The session's end of it. */
static bool open_session(struct inbound_run *run, const struct path *path, unsigned index)
{
	struct tap *tap = &run->session[index];

	if (tap->io.fd >= 0)
		return true;
	if (!open_tap(run, tap, inbound_socket_session(path->config->device)))
		return false;
	snprintf(run->path_name[index], sizeof(run->path_name[index]), "%s", path->config->name);
	return true;
}

/* The tunnel through which all calls go, or why there is none. */
static const char *open_tunnel(struct inbound_run *run, const struct router *router)
{
	const struct path *path = NULL;

	for (size_t i = 0; i < router_paths(router) && !path; i++)
		if (router_path(router, i)->dslite && path_facts(router_path(router, i)).usable)
			path = router_path(router, i);
	if (!path)
		return "the call goes out over DS-Lite, which does not work now";
	run->address = path->config->dslite.address;
	if (!open_tap(run, &run->tunnel, inbound_socket_tunnel(path->config->device, run->address)))
		return "the DS-Lite tunnel cannot be listened to";
	return NULL;
}

static void add_forward(struct inbound_run *run, const struct router *router, const struct forward_config *w,
                        const char *no_tunnel)
{
	const struct path *path = router_path(router, w->path);
	struct inbound_result *result = &run->result[run->results++];
	struct inbound_try ports[INBOUND_PORTS_MAX];
	struct path_facts facts = path_facts(path);
	uint32_t address = w->at ? w->at : facts.address;

	snprintf(result->forward, sizeof(result->forward), "%s", w->name);
	if (w->froms)
		cannot(result, INBOUND_LIMITED, "lets in only whom 'from' names, and the carrier's address is not for us to tell");
	else if (!facts.usable || !facts.address)
		cannot(result, INBOUND_UNTESTED, "cannot be called now: %s is %s: %s", path->config->name,
		       path_view_name(path_view(path)), path_reason(path));
	else if (no_tunnel)
		cannot(result, INBOUND_UNTESTED, "cannot be called now: %s", no_tunnel);
	else if (!open_session(run, path, w->path))
		cannot(result, INBOUND_UNTESTED, "cannot be called now: %s cannot be listened to", path->config->device);
	else
		result->ports = inbound_ports(w, ports);
	if (result->ports)
		add_control(run, w->path, address);
	for (size_t i = 0; i < result->ports; i++)
		add_call(run, w->path, address, &ports[i], run->results - 1, i);
}

struct inbound_run *inbound_run_new(struct ev_loop *loop, const struct router *router, const char *only,
                                    inbound_done_fn *done, void *arg)
{
	const struct config *config = router_config(router);
	struct inbound_run *run = xcalloc(1, sizeof(*run));
	const char *no_tunnel;

	run->loop = loop;
	run->done = done;
	run->arg = arg;
	run->port_base = (uint16_t)random_number();
	run->result = xcalloc(config->forwards + 1, sizeof(*run->result));
	run->tunnel.run = run;
	run->tunnel.io.fd = -1;
	for (unsigned i = 0; i < CONFIG_PATHS_MAX; i++) {
		run->session[i].run = run;
		run->session[i].path = i;
		run->session[i].io.fd = -1;
	}
	no_tunnel = open_tunnel(run, router);
	for (size_t i = 0; i < config->forwards; i++)
		if (!only || strcasecmp(config->forward[i].name, only) == 0)
			add_forward(run, router, &config->forward[i], no_tunnel);
	ev_timer_init(&run->tick, on_tick, 0, TICK_S);
	run->tick.data = run;
	ev_timer_start(loop, &run->tick);
	return run;
}

static void close_tap(struct inbound_run *run, struct tap *tap)
{
	if (tap->io.fd < 0)
		return;
	ev_io_stop(run->loop, &tap->io);
	close(tap->io.fd);
}

void inbound_run_free(struct inbound_run *run)
{
	ev_timer_stop(run->loop, &run->tick);
	close_tap(run, &run->tunnel);
	for (unsigned i = 0; i < CONFIG_PATHS_MAX; i++)
		close_tap(run, &run->session[i]);
	free(run->call);
	free(run->result);
	free(run);
}
