/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A path: owns its state (by policy/path_fsm.c), its reason, its health and its
 * prober, whatever its kind.  What is below it by kind is daemon/link.c.  router.c
 * owns the paths.
 */
#ifndef DUALPATH_DAEMON_PATH_H
#define DUALPATH_DAEMON_PATH_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/budget.h"
#include "daemon/events.h"
#include "daemon/evidence.h"
#include "daemon/loss.h"
#include "daemon/mtu_watch.h"
#include "daemon/probe.h"
#include "daemon/rtnl.h"
#include "policy/compile.h"
#include "policy/config.h"
#include "policy/damping.h"
#include "policy/health.h"
#include "policy/path_fsm.h"
#include "policy/resolvconf.h"

struct path;

/* What all paths share; owned by the router, outlives them. */
struct path_env {
	struct ev_loop *loop;
	struct rtnl *rtnl;
	struct events *events;
	struct probe_credit *credit;
	const char *run_dir, *state_dir, *plugin_file, *pppd_file;
	uint32_t mark_mask;
	uint32_t reset_after_ms; /* of [router] */
	bool guarded; /* the rules that keep wrong sources in are in the kernel */
	/* Something that the plan depends on changed: compile and apply soon. */
	void (*changed)(void *arg);
	/* Does any path but this one work? */
	bool (*others_work)(void *arg, const struct path *path);
	/* The path that comes before this one and has its tunnel between the same two ends; NULL: none. */
	const struct path *(*same_ends)(void *arg, const struct path *path);
	void *arg;
};

/* What can keep a path that works from being what was asked for. */
enum path_flaw { PATH_FLAW_ADDRESS, PATH_FLAW_MTU, PATH_FLAW_QUALITY, PATH_FLAWS };

struct path {
	const struct path_env *env;
	const struct path_config *config; /* in the active config */
	enum path_state state;
	bool forced;      /* by "failover" */
	ev_timer force_end;
	char reason[256]; /* of the state, for people */
	char aside[256];  /* what was last said while it was up, so as not to say it twice */
	char flaw[PATH_FLAWS][160]; /* why it is degraded; all empty: it is not */
	int64_t since_ms; /* the shown state began, clock_boot_ms() */
	unsigned transitions;
	struct path_facts facts; /* what is said of its state is left to path_facts() */
	struct budget budget; /* DS-Lite alone */
	struct loss loss; /* of the path itself: to be forced away from is none */
	struct health health;
	struct prober *prober;
	struct evidence *evidence;
	struct mtu_watch *mtu; /* measures only where there is a tunnel */
	bool proven; /* was up since its link came */
	uint64_t keep_ms; /* a tunnel: when conntrack is told next that it lives, monotonic */
	struct damping damping;
	bool standing; /* works again, and is held back by damping */
	uint64_t good_since_ms; /* the good rounds in a row began, monotonic */
	struct dns_server line_dns[DNS_SERVERS_MAX]; /* name servers of the line itself, beside a tunnel */
	unsigned line_dns_count;
	struct dslite *dslite; /* one of the three, by kind: link.c */
	struct pppoe *pppoe;
	struct ipip *ipip;
};

struct path *path_new(const struct path_env *env, const struct path_config *config);
/* Leaves the kernel's objects and pppd alone: that is the next daemon's. */
void path_free(struct path *path);

/* The same path under a new config (same name and kind). */
void path_reconfigure(struct path *path, const struct path_config *config);
/* End what runs for it outside the kernel's tables (pppd); before it is freed for good. */
void path_stop(struct path *path);
/* Has it?  Else pppd is still on its way. */
bool path_has_ended(const struct path *path);
/* The same for a path that the config has no more, before that is freed: only pppd's end is waited for, then it is to be freed. */
void path_leave(struct path *path);

/* The run folder was removed: what stands in it of the path. */
void path_note_all(struct path *path);

/* Look at the world, update facts, raise events.  have: what the kernel has of ours now. */
void path_refresh(struct path *path, const struct plan *have);
/* At start: the kernel's rules led to this path before we came. */
void path_adopt(struct path *path, const struct plan *have, bool carried_traffic);

/* Treat as lost, or no longer; for_ms: until then by itself (0: until told otherwise). */
void path_force(struct path *path, bool forced, uint32_t for_ms);
void path_reconnect(struct path *path);

/* facts with all that is said of its state. */
struct path_facts path_facts(const struct path *path);
enum path_view path_view(const struct path *path);
const char *path_reason(const struct path *path);

/* For dslite.c, pppoe*.c, ipip.c and tunnel.c. */
void path_event(struct path *path, enum path_event event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The link now leads elsewhere: what its probes said before does not count, and rounds come quickly. */
void path_prove_again(struct path *path);
/* Why it stands as it does, without a change of state: "waiting for wan0". */
void path_explain(struct path *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, and worth an event: the cause of a change that came out only afterwards. */
void path_note(struct path *path, const char *text);
/* NULL: no flaw of this kind. */
void path_set_flaw(struct path *path, enum path_flaw which, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
