/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See inbound_socket.h. */
#include "daemon/inbound_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/packet_socket.h"
#include "policy/inbound_packet.h"

#define IP_PROTOCOL_OFFSET 9
#define IP_DESTINATION_OFFSET 16
#define TCP_FLAGS_OFFSET 13
#define UDP_DATA_OFFSET 8
#define SYN 0x02
#define ACK 0x10

int inbound_socket_tunnel(const char *device, uint32_t address)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, IP_DESTINATION_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, address, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	return packet_socket(ETH_P_IP, device, code, sizeof(code) / sizeof(code[0]));
}

int inbound_socket_session(const char *device)
{
	static const char hello[] = INBOUND_DATAGRAM_HELLO;
	uint32_t first;
	/* X is the length of the IP header. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IP_PROTOCOL_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, TCP_FLAGS_OFFSET),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, SYN | ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 3, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, UDP_DATA_OFFSET),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0 /* first */, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	memcpy(&first, hello, sizeof(first));
	code[8].k = ntohl(first);
	return packet_socket(ETH_P_IP, device, code, sizeof(code) / sizeof(code[0]));
}
