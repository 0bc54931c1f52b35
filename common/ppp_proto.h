/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between dualpath.so (inside pppd) and dualpathd.
 *
 * Transport: AF_UNIX SOCK_SEQPACKET, one struct per packet, host byte order
 * (both ends run on one machine, and are built from this file).  The plugin
 * connects, says PPP_MSG_HELLO with everything it knows, and then one message
 * for each thing that happens.  The daemon answers a HELLO with PPP_MSG_SECRET.
 * When the daemon goes away the plugin connects again and says HELLO again: that
 * is how a new daemon adopts a running session.
 *
 * This header is included by the plugin beside pppd's own headers, which claim
 * hundreds of plain names: keep everything here prefixed.
 */
#ifndef DUALPATH_COMMON_PPP_PROTO_H
#define DUALPATH_COMMON_PPP_PROTO_H

#include <stdint.h>

#define PPP_PROTO_MAGIC 0x44505032u /* "DPP2": changes with the layout */
#define PPP_ALIVE_MS 4000
#define PPP_SECRET_MAX 256          /* pppd cuts secrets here */

enum ppp_msg_type {
	PPP_MSG_HELLO = 1, /* plugin -> daemon: I am here, this is my state */
	PPP_MSG_SECRET,    /* daemon -> plugin: user and password */
	PPP_MSG_PHASE,     /* the phase changed */
	PPP_MSG_AUTH_UP,   /* the peer let us in (or asked for nothing) */
	PPP_MSG_IP_UP,     /* IPv4 is configured: addresses, MTU, interface */
	PPP_MSG_IP_DOWN,   /* IPv4 is gone; the first news of a lost session */
	PPP_MSG_EXIT,      /* pppd ends, with its exit status */
	PPP_MSG_ALIVE,     /* every PPP_ALIVE_MS: pppd's loop still turns */
};

/* Mirrors pppd's phases, the same numbers in all its versions (2.5 has the tag ppp_phase for itself). */
enum ppp_link_phase {
	PPP_PHASE_DEAD = 0,
	PPP_PHASE_INITIALIZE = 1,
	PPP_PHASE_SERIALCONN = 2, /* PPPoE discovery */
	PPP_PHASE_DORMANT = 3,
	PPP_PHASE_ESTABLISH = 4, /* LCP */
	PPP_PHASE_AUTHENTICATE = 5,
	PPP_PHASE_CALLBACK = 6,
	PPP_PHASE_NETWORK = 7,
	PPP_PHASE_RUNNING = 8,
	PPP_PHASE_TERMINATE = 9,
	PPP_PHASE_DISCONNECT = 10,
	PPP_PHASE_HOLDOFF = 11,
	PPP_PHASE_MASTER = 12,
};

/* Plugin to daemon.  Addresses in network byte order, 0 where unknown. */
struct ppp_report {
	uint32_t magic;
	uint32_t type;        /* enum ppp_msg_type */
	int32_t pid;          /* pppd's */
	uint32_t phase;       /* enum ppp_link_phase */
	uint32_t ip_up;       /* 1 while IPv4 is configured */
	uint32_t local;       /* our IPv4 address */
	uint32_t peer;        /* the concentrator's IPv4 address */
	uint32_t mtu;         /* of the interface, bytes */
	uint32_t dns[2];      /* name servers that the provider gave */
	uint32_t exit_status; /* pppd's, only with PPP_MSG_EXIT */
	uint16_t session;     /* PPPoE session id, 0: none */
	uint8_t ac_mac[6];    /* the access concentrator's Ethernet address */
	char ifname[16];
	char path[32]; /* the path's name, as given to the plugin's option */
};

/* Daemon to plugin.  Wiped by both ends after use. */
struct ppp_secret {
	uint32_t magic;
	uint32_t type; /* PPP_MSG_SECRET */
	char user[PPP_SECRET_MAX];
	char password[PPP_SECRET_MAX];
};

#endif
