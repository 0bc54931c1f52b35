/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two generations of pppd's plugin interface (2.4.9: globals; 2.5: functions)
 * behind one set of names.  Owns every #if for it, and is the only file that
 * includes <pppd/...>.  Used by dualpath.c alone.
 *
 * The generation is told by what pppd.h brings: 2.5 defines PPPD_VERSION, 2.4.9
 * VERSION.  A plugin fits only the exact version that it was built for: pppd
 * compares the stamp.
 */
#ifndef DUALPATH_PPPD_COMPAT_H
#define DUALPATH_PPPD_COMPAT_H

/* 2.4.9's headers use u_char and friends without including this. */
#include <sys/types.h>

#include <stdint.h>

/* Debian's pppd 2.4.9 is built with INET6, which changes the layout of what its headers declare. */
#define INET6 1
/* 2.4.9 has its own "typedef unsigned char bool": no <stdbool.h> before this line. */
#include <pppd/pppd.h>
#include <pppd/fsm.h>
#include <pppd/ipcp.h>

#ifdef PPPD_VERSION
#include <pppd/chap.h>
#include <pppd/options.h>
#include <pppd/upap.h>
#define COMPAT_STAMP PPPD_VERSION
#else
#define COMPAT_STAMP VERSION
#endif

/* pppd's buffer for the user name, in both generations. */
#define COMPAT_USER_MAX 256

typedef void compat_event_fn(void *context, int argument);

#ifdef PPPD_VERSION

static inline void compat_add_options(struct option *options)
{
	ppp_add_options(options);
}

static inline void compat_notify(compat_event_fn *phase, compat_event_fn *auth_up, compat_event_fn *ip_up,
                                 compat_event_fn *ip_down, compat_event_fn *end)
{
	ppp_add_notify(NF_PHASE_CHANGE, phase, NULL);
	ppp_add_notify(NF_AUTH_UP, auth_up, NULL);
	ppp_add_notify(NF_IP_UP, ip_up, NULL);
	ppp_add_notify(NF_IP_DOWN, ip_down, NULL);
	ppp_add_notify(NF_EXIT, end, NULL);
}

static inline void compat_timeout(void (*fn)(void *), unsigned ms)
{
	ppp_timeout(fn, NULL, (int)(ms / 1000), (int)(ms % 1000 * 1000));
}

static inline const char *compat_ifname(void)
{
	return ppp_ifname();
}

/* With PPPoE: the access concentrator's Ethernet address as text, or "". */
static inline const char *compat_remote_number(void)
{
	const char *number = ppp_get_remote_number();

	return number ? number : "";
}

static inline int compat_session(void)
{
	return ppp_get_session_number();
}

/* Asks the kernel; complains in pppd's log where the interface is gone. */
static inline int compat_mtu(void)
{
	return ppp_get_mtu(0);
}

#else

static inline void compat_add_options(option_t *options)
{
	add_options(options);
}

static inline void compat_notify(compat_event_fn *phase_change, compat_event_fn *auth_up, compat_event_fn *ip_up,
                                 compat_event_fn *ip_down, compat_event_fn *end)
{
	add_notifier(&phasechange, phase_change, NULL);
	add_notifier(&auth_up_notifier, auth_up, NULL);
	add_notifier(&ip_up_notifier, ip_up, NULL);
	add_notifier(&ip_down_notifier, ip_down, NULL);
	add_notifier(&exitnotify, end, NULL);
}

static inline void compat_timeout(void (*fn)(void *), unsigned ms)
{
	timeout(fn, NULL, (int)(ms / 1000), (int)(ms % 1000 * 1000));
}

static inline const char *compat_ifname(void)
{
	return ifname;
}

/* With PPPoE: the access concentrator's Ethernet address as text, or "". */
static inline const char *compat_remote_number(void)
{
	return remote_number;
}

static inline int compat_session(void)
{
	return ppp_session_number;
}

/* Asks the kernel; complains in pppd's log where the interface is gone. */
static inline int compat_mtu(void)
{
	return netif_get_mtu(0);
}

#endif

/* Network byte order; meaningful while IPCP is up. */
static inline uint32_t compat_local_address(void)
{
	return ipcp_gotoptions[0].ouraddr;
}

static inline uint32_t compat_peer_address(void)
{
	return ipcp_hisoptions[0].hisaddr;
}

/* Ask the provider for its name servers.  From ip_choose_hook: later than pppd's own idea of it is set, and earlier than the
 * request is made.  "usepeerdns" would write files and have scripts change /etc/resolv.conf. */
static inline void compat_ask_dns(void)
{
	ipcp_gotoptions[0].req_dns1 = ipcp_gotoptions[0].req_dns2 = 1;
}

static inline uint32_t compat_dns(unsigned which)
{
	return ipcp_gotoptions[0].dnsaddr[which];
}

#endif
