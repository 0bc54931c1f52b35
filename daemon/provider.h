/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The provider of a line, asked by HB46PP once for all who want to know on that line: DS-Lite for its AFTR, fixed-IP
 * tunnels for their ends.  Owns an asker (daemon/hb46pp.c) for each line, from its first user to its last.  Used by
 * daemon/aftr.c.
 */
#ifndef DUALPATH_DAEMON_PROVIDER_H
#define DUALPATH_DAEMON_PROVIDER_H

#include "daemon/hb46pp.h"

/* One user's. */
struct provider;

/* As hb46pp_new(); callbacks come while it is started alone. */
struct provider *provider_new(struct ev_loop *loop, const char *interface, const char *state_dir,
                              const struct hb46pp_callbacks *callbacks, void *arg);
/* NULL is good. */
void provider_free(struct provider *provider);

/* Ask, as hb46pp_start(); where somebody else asked lately, his answer is told at once, from within this call. */
void provider_start(struct provider *provider, const struct in6_addr *local);
/* Ask no more; what was told stays. */
void provider_stop(struct provider *provider);
/* As hb46pp_recall(). */
void provider_recall(struct provider *provider);

/* What is offered to those who asked; NULL: this one has not been told anything yet. */
const struct hb46pp_ways *provider_ways(const struct provider *provider);
/* As hb46pp_trouble(). */
void provider_trouble(const struct provider *provider, bool tunnel, char *buf, size_t size);

#endif
