/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets of our DHCPv6 client, and the address that they use.  Called by daemon/dhcp6_client.c
 * alone, which decides what is sent and what is believed.
 *
 * Reading.  Of several UDP sockets on port 546 the kernel gives a packet to one; which one is a matter of
 * how and when they were bound, so a second one takes answers away from the first or gets none.
 * A packet socket (the tap) gets its own copy, whoever else listens.  It sees packets before anybody has
 * looked at them: headers, checksum and addresses are the caller's to check.
 *
 * Sending.  Through a raw socket, with a UDP header of our own: nothing has to be bound for that, not even for a
 * moment in which an answer could come to us instead of to another client.
 *
 * The port.  While we listen, and only where nobody else has port 546, a UDP socket holds it that nobody reads: without
 * one the kernel would tell the server that nobody is there ("port unreachable").  It lets others bind
 * after it, and those are served before it.
 */
#ifndef DUALPATH_DAEMON_DHCP6_SOCKET_H
#define DUALPATH_DAEMON_DHCP6_SOCKET_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DHCP6_PACKET_MAX 4096

struct dhcp6_socket {
	int tap, port; /* -1: closed; port: or somebody else has it */
};

struct dhcp6_link {
	char interface[IFNAMSIZ];
	unsigned ifindex;
	struct in6_addr address; /* link-local */
};

/*
 * The interface with the link-local address that it may use now (RFC 4862 section 5.4: not before it is
 * known to be no double).  0 and *out; -ENODEV: there is no such interface; -EAGAIN: the address is
 * still being checked; -EADDRNOTAVAIL: it has none; -errno.
 */
int dhcp6_link_find(const char *interface, struct dhcp6_link *out);
/* The interface's Ethernet address.  0, -ENODEV, or -EAFNOSUPPORT where it is not of that kind. */
int dhcp6_link_ethernet(const char *interface, uint8_t out[6]);

/* Open both and send message to all servers and relays of the link.  0 and *out (to be closed), or -errno. */
int dhcp6_socket_send(const struct dhcp6_link *link, const uint8_t *message, size_t len, struct dhcp6_socket *out);
/* One packet from the tap, from its IPv6 header on, into packet (DHCP6_PACKET_MAX).  Returns its length, or -errno
 * (-EAGAIN: no more).  *sum_is_good: as udp6_unwrap() wants it. */
ssize_t dhcp6_socket_read(const struct dhcp6_socket *sockets, uint8_t *packet, bool *sum_is_good);
void dhcp6_socket_close(struct dhcp6_socket *sockets);

#endif
