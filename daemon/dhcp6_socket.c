/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See dhcp6_socket.h.  Section numbers without an RFC are RFC 8415's. */
#include "daemon/dhcp6_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policy/dhcp6.h"

/* ---- the interface ---- */

static bool parse_line(const char *line, const char *interface, unsigned *flags, struct in6_addr *addr)
{
	char digits[33], name[IFNAMSIZ];

	if (sscanf(line, "%32[0-9a-f] %*x %*x %*x %x %15s", digits, flags, name) != 3 || strlen(digits) != 32)
		return false;
	for (unsigned i = 0; i < 16; i++)
		if (sscanf(digits + (size_t)2 * i, "%2hhx", &addr->s6_addr[i]) != 1)
			return false;
	return strcmp(name, interface) == 0 && IN6_IS_ADDR_LINKLOCAL(addr);
}

static int link_local(const char *interface, struct in6_addr *out)
{
	FILE *file = fopen("/proc/net/if_inet6", "re");
	char line[128];
	int r = -EADDRNOTAVAIL;

	if (!file)
		return -errno;
	while (r != 0 && fgets(line, sizeof(line), file)) {
		struct in6_addr addr;
		unsigned flags;

		if (!parse_line(line, interface, &flags, &addr) || (flags & IFA_F_DADFAILED))
			continue;
		r = flags & IFA_F_TENTATIVE ? -EAGAIN : 0;
		if (r == 0)
			*out = addr;
	}
	fclose(file);
	return r;
}

int dhcp6_link_find(const char *interface, struct dhcp6_link *out)
{
	struct dhcp6_link link = { .ifindex = if_nametoindex(interface) };
	int r;

	if (!link.ifindex)
		return -ENODEV;
	snprintf(link.interface, sizeof(link.interface), "%s", interface);
	r = link_local(interface, &link.address);
	if (r == 0)
		*out = link;
	return r;
}

int dhcp6_link_ethernet(const char *interface, uint8_t out[6])
{
	struct ifreq ifr = { .ifr_ifindex = 0 };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

	if (fd < 0)
		return -errno;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", interface);
	if (ioctl(fd, SIOCGIFHWADDR, &ifr) < 0)
		r = -errno;
	else if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		r = -EAFNOSUPPORT;
	else
		memcpy(out, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	close(fd);
	return r;
}

/* ---- the tap ---- */

/*
 * IPv6, UDP, to port 546.  The source port is left open: section 7.2 binds the port that servers listen
 * on, and ordinary clients take what comes from any.  Offsets are from the IPv6 header.
 */
static int attach_filter(int fd)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, DHCP6_CLIENT_PORT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, DHCP6_PACKET_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno : 0;
}

/* Of no protocol until the filter is on: nothing comes before that. */
static int open_tap(unsigned ifindex, int *out)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET,
		                    .sll_protocol = htons(ETH_P_IPV6),
		                    .sll_ifindex = (int)ifindex };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, r;

	if (fd < 0)
		return -errno;
	r = attach_filter(fd);
	if (r == 0 && (setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0 ||
	               bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0))
		r = -errno;
	if (r < 0)
		close(fd);
	else
		*out = fd;
	return r;
}

/* A packet that never left this machine (a bridge's or a veth's) has no checksum yet.  That a network card calls one
 * good (TP_STATUS_CSUM_VALID) is not asked for: older kernels set it without having looked. */
static bool sum_is_good(struct msghdr *msg)
{
	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		struct tpacket_auxdata aux;

		if (cmsg->cmsg_level != SOL_PACKET || cmsg->cmsg_type != PACKET_AUXDATA ||
		    cmsg->cmsg_len < CMSG_LEN(sizeof(aux)))
			continue;
		memcpy(&aux, CMSG_DATA(cmsg), sizeof(aux));
		return aux.tp_status & TP_STATUS_CSUMNOTREADY;
	}
	return false;
}

ssize_t dhcp6_socket_read(const struct dhcp6_socket *sockets, uint8_t *packet, bool *good)
{
	struct iovec iov = { .iov_base = packet, .iov_len = DHCP6_PACKET_MAX };
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))] __attribute__((aligned(8)));
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
		              .msg_controllen = sizeof(control) };
	ssize_t len = recvmsg(sockets->tap, &msg, 0);

	if (len < 0)
		return -errno;
	*good = sum_is_good(&msg);
	return len;
}

/* ---- the port ---- */

/*
 * Port 546, where nobody else has it; *out stays as it is where somebody has.  Sharing is allowed only after the
 * bind: so that it fails beside another client, and another client's does not fail beside us.  Not
 * bound to the interface: that would put us before a later client's socket that is not either.
 */
static int hold_port(int *out)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(DHCP6_CLIENT_PORT) };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, least = 0, r = 0;

	if (fd < 0)
		return -errno;
	/* Nobody reads it: as little memory as the kernel lets it have. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)) < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		r = -errno;
	if (r == 0)
		*out = fd;
	else
		close(fd);
	return r == -EADDRINUSE ? 0 : r;
}

/* ---- sending ---- */

#define UDP_HEADER 8

/* The kernel writes the checksum. */
static size_t put_udp(const uint8_t *message, size_t len, uint8_t *out)
{
	const uint16_t header[] = { htons(DHCP6_CLIENT_PORT), htons(DHCP6_SERVER_PORT),
		                    htons((uint16_t)(UDP_HEADER + len)), 0 };

	memcpy(out, header, UDP_HEADER);
	memcpy(out + UDP_HEADER, message, len);
	return UDP_HEADER + len;
}

/* To all servers and relays (7.1), from the address at which the answer is expected. */
static int send_raw(const struct dhcp6_link *link, int fd, const uint8_t *message, size_t len)
{
	struct sockaddr_in6 servers = { .sin6_family = AF_INET6, .sin6_scope_id = link->ifindex };
	struct in6_pktinfo from = { .ipi6_addr = link->address, .ipi6_ifindex = link->ifindex };
	char control[CMSG_SPACE(sizeof(from))] __attribute__((aligned(8))) = { 0 };
	uint8_t packet[UDP_HEADER + DHCP6_REQUEST_MAX];
	struct iovec iov = { .iov_base = packet, .iov_len = put_udp(message, len, packet) };
	struct msghdr msg = { .msg_name = &servers, .msg_namelen = sizeof(servers), .msg_iov = &iov, .msg_iovlen = 1,
		              .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	inet_pton(AF_INET6, "ff02::1:2", &servers.sin6_addr);
	cmsg->cmsg_level = IPPROTO_IPV6;
	cmsg->cmsg_type = IPV6_PKTINFO;
	cmsg->cmsg_len = CMSG_LEN(sizeof(from));
	memcpy(CMSG_DATA(cmsg), &from, sizeof(from));
	return sendmsg(fd, &msg, 0) < 0 ? -errno : 0;
}

static int send_request(const struct dhcp6_link *link, const uint8_t *message, size_t len)
{
	int fd, r, sum_at = 6;

	if (len > DHCP6_REQUEST_MAX)
		return -EMSGSIZE;
	fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_CHECKSUM, &sum_at, sizeof(sum_at)) < 0)
		r = -errno;
	else
		r = send_raw(link, fd, message, len);
	close(fd);
	return r;
}

int dhcp6_socket_send(const struct dhcp6_link *link, const uint8_t *message, size_t len, struct dhcp6_socket *out)
{
	struct dhcp6_socket sockets = { .port = -1, .tap = -1 };
	int r = hold_port(&sockets.port);

	if (r == 0)
		r = open_tap(link->ifindex, &sockets.tap); /* before the message: the answer may come at once */
	if (r == 0)
		r = send_request(link, message, len);
	if (r == 0)
		*out = sockets;
	else
		dhcp6_socket_close(&sockets);
	return r;
}

void dhcp6_socket_close(struct dhcp6_socket *sockets)
{
	if (sockets->port >= 0)
		close(sockets->port);
	if (sockets->tap >= 0)
		close(sockets->tap);
	sockets->port = sockets->tap = -1;
}
