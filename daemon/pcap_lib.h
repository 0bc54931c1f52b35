/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libpcap, there only while somebody listens: with D-Bus, systemd and libgcrypt behind it it is a fifth of the
 * daemon's resident memory, and is needed for the second in which a session is dialled.  Used by
 * daemon/capture.c, which calls the library's functions as members of what pcap_lib_take() gives.
 */
#ifndef DUALPATH_DAEMON_PCAP_LIB_H
#define DUALPATH_DAEMON_PCAP_LIB_H

#include <pcap/pcap.h>

/* What is used of it. */
#define PCAP_LIB_FUNCTIONS(each)                                                                                         \
	each(create) each(activate) each(close) each(compile) each(datalink) each(dispatch) each(freecode) each(geterr)  \
	each(get_required_select_timeout) each(get_selectable_fd) each(set_buffer_size) each(setdirection) each(setfilter) \
	each(set_immediate_mode) each(setnonblock) each(set_promisc) each(set_snaplen) each(fileno)

#define PCAP_LIB_MEMBER(name) __typeof__(pcap_##name) *name;
struct pcap_lib {
	PCAP_LIB_FUNCTIONS(PCAP_LIB_MEMBER)
};

/* The library, loaded where nobody has it yet; to be given back.  NULL and *why (borrowed, until the next call): it cannot be. */
const struct pcap_lib *pcap_lib_take(const char **why);
void pcap_lib_give_back(void);

#endif
