/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is particular to a fixed-IP tunnel (transix, Xpass, OCX): the provider's end is given by address or name, or told by the
 * provider with the rest (HB46PP), ours is an address that the provider assigned within the line's prefix, and the provider is
 * told of it (daemon/registration.c).  Tunnel and address are made by the plan.  Called by daemon/link.c, and by
 * daemon/status.c and verbs_doctor.c for what is shown.
 */
#ifndef DUALPATH_DAEMON_IPIP_H
#define DUALPATH_DAEMON_IPIP_H

#include "daemon/path.h"
#include "daemon/registration.h"

struct ipip *ipip_new(struct path *path);
void ipip_free(struct ipip *ipip);
void ipip_refresh(struct ipip *ipip, const struct plan *have);
/* Take over the ends of the tunnel that stands.  False where there is none. */
bool ipip_adopt(struct ipip *ipip, const struct plan *have);
void ipip_reconfigure(struct ipip *ipip, const struct path_config *old);
void ipip_rebuild(struct ipip *ipip);
/* Nothing comes back any more: has the provider forgotten our end? */
void ipip_silent(struct ipip *ipip);
/* Nobody is told of our end any more; that it goes the provider finds out by itself. */
void ipip_stop(struct ipip *ipip);
/* False: there is no update-url. */
bool ipip_registration(const struct ipip *ipip, struct registration_info *info);

/* Who says what: "configured", "hb46pp" (the provider), "line" (a stable address of it), "" (nobody yet). */
struct ipip_sources {
	const char *remote, *local, *address;
};
void ipip_sources(const struct ipip *ipip, struct ipip_sources *out);

#endif
