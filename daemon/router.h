/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The middle of the daemon: owns the active config and the paths, and brings the
 * kernel to what they add up to (read, compile, diff, apply, read again).  Everything
 * that happens ends in router_changed(), which does that soon; main.c makes one of
 * these, verbs.c lets the owner talk to it.
 */
#ifndef DUALPATH_DAEMON_ROUTER_H
#define DUALPATH_DAEMON_ROUTER_H

#include <ev.h>
#include <stdbool.h>

#include "daemon/events.h"
#include "daemon/nft.h"
#include "daemon/path.h"
#include "policy/config.h"
#include "policy/diag.h"
#include "policy/diff.h"

struct router_options {
	const char *config_file, *run_dir, *state_dir, *plugin_file, *pppd_file;
};

struct router;
struct inbound;

/*
 * Take config (owned from here on) and whatever an earlier daemon left in the kernel.
 * 0 and *out, or -errno with *why (allocated).
 */
int router_new(struct ev_loop *loop, const struct router_options *options, struct config *config,
               struct router **out, char **why);
/* Stop looking after things.  The kernel's objects and pppd go on as they are. */
void router_free(struct router *router);

/*
 * Read the file, check it, and take it if it is good; trial_ms not 0: go back by itself after that
 * time unless router_confirm() comes before.  True: taken.
 */
bool router_reload(struct router *router, uint32_t trial_ms, struct diag_list *diags, struct op_list *ops);
/* Keep what is on trial.  False: nothing is. */
bool router_confirm(struct router *router);
/* Until the config on trial is given up, milliseconds; 0: none is. */
int64_t router_trial_left_ms(const struct router *router);
/* What a reload of file would do to the kernel; fd: where it is open, or -1.  False: the file is not good. */
bool router_diff(struct router *router, int fd, const char *file, struct diag_list *diags, struct op_list *ops);
/* Bring the kernel to what should be, now; otherwise it happens before the loop next sleeps. */
void router_sync(struct router *router);
/*
 * Take away everything of ours, and look after nothing any more; once.  pppd needs a moment for its farewell: done is called from the
 * loop, to end that.
 */
void router_teardown(struct router *router, void (*done)(void *arg), void *arg);
/* Also on the way to it; who asks for something then is told ROUTER_GOES. */
bool router_is_torn_down(const struct router *router);
#define ROUTER_GOES "everything of dualpath is being taken away (teardown)"
/* Make anew what is ours in the run folder and is not there; all: nothing is.  0 or -errno. */
int router_restore_run_dir(struct router *router, bool all);

const struct router_options *router_options(const struct router *router);
const struct config *router_config(const struct router *router);
size_t router_paths(const struct router *router);
struct path *router_path(const struct router *router, size_t index);
/* NULL: no path of that name. */
struct path *router_find_path(const struct router *router, const char *name);
void router_facts(const struct router *router, struct facts *facts);
struct events *router_events(const struct router *router);
struct nft *router_nft(const struct router *router);
struct rtnl *router_rtnl(const struct router *router);
/* What calls the forwards from outside. */
struct inbound *router_inbound(const struct router *router);
/* Whether the kernel forwards on the shorter way. */
const struct offload *router_offload(const struct router *router);
/* What the last attempt to change the kernel failed on; NULL: nothing. */
const char *router_trouble(const struct router *router);
/* What others have deleted of our rules and routes since the start. */
const struct rtnl_deleted *router_deleted(const struct router *router);

#endif
