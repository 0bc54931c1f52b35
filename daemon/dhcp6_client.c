/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See dhcp6_client.h.  Section numbers without an RFC are RFC 8415's. */
#include "daemon/dhcp6_client.h"

#include <errno.h>
#include <net/if_arp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/dhcp6_socket.h"
#include "daemon/kept_file.h"
#include "daemon/log.h"
#include "daemon/random.h"
#include "policy/udp6.h"
#include "policy/utf8.h"

#define DUID_FILE "duid"
#define READ_AT_ONCE 32      /* packets, before others on the loop have their turn */
#define LISTEN_S 10.0        /* after a message; a later answer is waited for with the next message */
#define LINK_POLL_S 0.1      /* while the link-local address is being checked for doubles (1 s as a rule) */
#define LINK_POLLS 50        /* so often; then more and more seldom, up to */
#define LINK_POLL_MOST_S 60.0
#define SILENCE_TOLD_AFTER 2 /* messages without an answer: the first may be lost */

struct dhcp6_client {
	struct ev_loop *loop;
	char interface[IFNAMSIZ];
	char *state_dir;
	struct dhcp6_callbacks callbacks;
	void *arg;
	struct dhcp6_duid duid; /* len 0: not known yet */
	uint32_t inf_max_rt_s;  /* as the last server wished */

	/* this exchange */
	bool asking; /* else: waiting for the answer's end */
	uint32_t xid;
	uint64_t began_ms; /* when its first message left */
	unsigned sent, polls;
	uint32_t timeout_ms;
	const char *ignored; /* why the last packet was not the answer; static text, or NULL */
	char told[200];

	struct dhcp6_link link;
	struct dhcp6_socket sockets; /* open while we listen */
	ev_io packet;
	ev_timer deaf; /* stop listening */
	ev_timer act;  /* send, look again for an address, or begin a new exchange */
};

static void tell(struct dhcp6_client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Not the same twice in a row. */
static void tell(struct dhcp6_client *c, const char *format, ...)
{
	char text[sizeof(c->told)];
	va_list args;

	va_start(args, format);
	utf8_vprint(text, sizeof(text), format, args);
	va_end(args);
	if (strcmp(text, c->told) == 0)
		return;
	strcpy(c->told, text);
	c->callbacks.trouble(c->arg, text);
}

static void act_after(struct dhcp6_client *c, ev_tstamp seconds)
{
	ev_timer_stop(c->loop, &c->act);
	ev_timer_set(&c->act, seconds, 0);
	ev_timer_start(c->loop, &c->act);
}

/* ---- who we are (section 11) ---- */

/* The interface's own address makes an identity that lasts even where the state folder does not. */
static void make_duid(struct dhcp6_client *c)
{
	uint8_t ethernet[6], uuid[16];

	if (dhcp6_link_ethernet(c->interface, ethernet) == 0) {
		dhcp6_duid_of_link(ARPHRD_ETHER, ethernet, sizeof(ethernet), &c->duid);
		return;
	}
	random_bytes(uuid, sizeof(uuid));
	uuid[6] = (uuid[6] & 0x0f) | 0x40; /* RFC 9562 section 5.4: version 4, */
	uuid[8] = (uuid[8] & 0x3f) | 0x80; /* and its variant */
	dhcp6_duid_of_uuid(uuid, &c->duid);
}

static void need_duid(struct dhcp6_client *c)
{
	char text[DHCP6_DUID_STRLEN + 1]; /* and a line's end */
	int r;

	if (c->duid.len)
		return;
	r = kept_file_read(c->state_dir, DUID_FILE, text, sizeof(text));
	if (r == 0) {
		text[strcspn(text, "\n")] = '\0';
		if (dhcp6_duid_parse(text, &c->duid))
			return;
	}
	if (r != -ENOENT)
		log_warn("%s/%s is no DHCPv6 identity: making a new one", c->state_dir, DUID_FILE);
	make_duid(c);
	dhcp6_duid_print(&c->duid, text);
	strcat(text, "\n");
	kept_file_write(c->state_dir, DUID_FILE, text);
}

/* ---- listening ---- */

static void stop_listening(struct dhcp6_client *c)
{
	ev_io_stop(c->loop, &c->packet);
	ev_timer_stop(c->loop, &c->deaf);
	dhcp6_socket_close(&c->sockets);
}

static void start_listening(struct dhcp6_client *c)
{
	ev_io_set(&c->packet, c->sockets.tap, EV_READ);
	ev_io_start(c->loop, &c->packet);
	ev_timer_set(&c->deaf, LISTEN_S, 0);
	ev_timer_start(c->loop, &c->deaf);
}

/* A tap costs a little of every IPv6 packet that comes in: it is not left open for the hour between two messages. */
static void on_deaf(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	stop_listening(w->data);
}

/*
 * NULL, or why this is not what we wait for.  It has to be to our link-local address: no router lets such a
 * packet through, so only a neighbour (the server or its relay) can have sent it.
 */
static const char *accept_packet(const struct dhcp6_client *c, const uint8_t *packet, size_t len, bool sum_is_good,
                                 struct dhcp6_reply *reply)
{
	struct udp6_message message;
	const char *fault = udp6_unwrap(packet, len, sum_is_good, &message);

	if (fault)
		return fault;
	if (message.dest_port != DHCP6_CLIENT_PORT || !IN6_ARE_ADDR_EQUAL(&message.dest, &c->link.address))
		return "it is not addressed to us";
	if (IN6_IS_ADDR_MULTICAST(&message.source) || IN6_IS_ADDR_UNSPECIFIED(&message.source) ||
	    IN6_IS_ADDR_LOOPBACK(&message.source) || IN6_IS_ADDR_V4MAPPED(&message.source))
		return "its sender has no proper address";
	return dhcp6_parse_reply(message.data, message.len, c->xid, &c->duid, reply);
}

static void take_reply(struct dhcp6_client *c, const struct dhcp6_reply *reply)
{
	stop_listening(c);
	c->asking = false;
	ev_timer_stop(c->loop, &c->act);
	if (reply->inf_max_rt_s)
		c->inf_max_rt_s = reply->inf_max_rt_s;
	if (reply->refresh_s != DHCP6_REFRESH_NEVER)
		act_after(c, reply->refresh_s);
	log_debug("dhcp6 on %s: answered after %u messages: AFTR \"%s\"%s%s, %u name servers, good for %u s", c->interface,
	          c->sent, reply->aftr, reply->aftr_fault ? " not valid: " : "",
	          reply->aftr_fault ? reply->aftr_fault : "", reply->dns_count, reply->refresh_s);
	c->callbacks.reply(c->arg, reply);
}

static void on_packet(struct ev_loop *loop, ev_io *w, int revents)
{
	struct dhcp6_client *c = w->data;
	uint8_t packet[DHCP6_PACKET_MAX];

	(void)loop;
	(void)revents;
	for (unsigned i = 0; i < READ_AT_ONCE; i++) {
		struct dhcp6_reply reply;
		bool sum_is_good;
		ssize_t len = dhcp6_socket_read(&c->sockets, packet, &sum_is_good);

		if (len == -EAGAIN || len == -EINTR)
			return;
		if (len < 0) { /* the interface went down or away: the next message will tell */
			stop_listening(c);
			return;
		}
		c->ignored = accept_packet(c, packet, (size_t)len, sum_is_good, &reply);
		if (!c->ignored) {
			take_reply(c, &reply);
			return;
		}
		log_debug("dhcp6 on %s: ignored a packet: %s", c->interface, c->ignored);
	}
}

/* ---- the exchange ---- */

/* Sockets are new for each message: the interface may be another one, and the other client gone or there. */
static int transmit(struct dhcp6_client *c)
{
	uint8_t request[DHCP6_REQUEST_MAX];
	size_t len;
	int r;

	need_duid(c);
	if (c->sent == 0)
		c->began_ms = clock_monotonic_ms();
	len = dhcp6_build_request(c->xid, &c->duid, clock_monotonic_ms() - c->began_ms, request);
	stop_listening(c);
	r = dhcp6_socket_send(&c->link, request, len, &c->sockets);
	if (r == 0)
		start_listening(c);
	return r;
}

/* A link-local address comes about a second after the carrier; where none comes, looking is not hurried. */
static void wait_for_link(struct dhcp6_client *c, int why)
{
	ev_tstamp wait = LINK_POLL_S;

	for (unsigned i = LINK_POLLS; i < c->polls && wait < LINK_POLL_MOST_S; i++)
		wait *= 2;
	act_after(c, wait < LINK_POLL_MOST_S ? wait : LINK_POLL_MOST_S);
	if (wait < LINK_POLL_MOST_S)
		c->polls++;
	switch (why) {
	case -ENODEV: tell(c, "cannot ask DHCPv6: there is no interface %s", c->interface); break;
	case -EADDRNOTAVAIL: tell(c, "cannot ask DHCPv6: %s has no link-local address", c->interface); break;
	case -EAGAIN: tell(c, "waiting for %s's link-local address to be checked", c->interface); break;
	default: tell(c, "cannot ask DHCPv6 on %s: %s", c->interface, strerror(-why));
	}
}

/* Section 15: each message is waited for about twice as long as the one before. */
static void wait_for_answer(struct dhcp6_client *c)
{
	c->sent++;
	c->timeout_ms = dhcp6_next_timeout_ms(c->timeout_ms, c->inf_max_rt_s, random_number());
	act_after(c, c->timeout_ms / 1000.0);
	if (c->sent > SILENCE_TOLD_AFTER)
		tell(c, "no DHCPv6 server answers on %s%s%s", c->interface,
		     c->ignored ? "; the last packet that came was ignored: " : "", c->ignored ? c->ignored : "");
}

static void on_act(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct dhcp6_client *c = w->data;
	int r;

	(void)loop;
	(void)revents;
	if (!c->asking) { /* the answer is old: anew, with a delay like the first time (21.23) */
		dhcp6_client_start(c, DHCP6_INF_MAX_DELAY_MS);
		return;
	}
	r = dhcp6_link_find(c->interface, &c->link);
	if (r == 0)
		r = transmit(c);
	if (r < 0)
		wait_for_link(c, r);
	else
		wait_for_answer(c);
}

void dhcp6_client_start(struct dhcp6_client *c, unsigned max_delay_ms)
{
	stop_listening(c);
	c->asking = true;
	c->xid = random_number() & 0xffffff;
	c->sent = c->polls = 0;
	c->timeout_ms = 0;
	c->ignored = NULL;
	c->told[0] = '\0';
	if (max_delay_ms > DHCP6_INF_MAX_DELAY_MS)
		max_delay_ms = DHCP6_INF_MAX_DELAY_MS;
	act_after(c, random_number() % (max_delay_ms + 1) / 1000.0);
}

struct dhcp6_client *dhcp6_client_new(struct ev_loop *loop, const char *interface, const char *state_dir,
                                      const struct dhcp6_callbacks *callbacks, void *arg)
{
	struct dhcp6_client *c = xcalloc(1, sizeof(*c));

	c->loop = loop;
	snprintf(c->interface, sizeof(c->interface), "%s", interface);
	c->state_dir = xstrdup(state_dir);
	c->callbacks = *callbacks;
	c->arg = arg;
	c->inf_max_rt_s = DHCP6_INF_MAX_RT_S;
	c->sockets = (struct dhcp6_socket){ .tap = -1, .port = -1 };
	ev_init(&c->packet, on_packet);
	ev_init(&c->act, on_act);
	ev_init(&c->deaf, on_deaf);
	c->packet.data = c->act.data = c->deaf.data = c;
	return c;
}

void dhcp6_client_free(struct dhcp6_client *client)
{
	if (!client)
		return;
	stop_listening(client);
	ev_timer_stop(client->loop, &client->act);
	free(client->state_dir);
	free(client);
}
