/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The router's ear for pppd's plugins: the socket in the run folder, and whose pppd it is that speaks there.  Called by router.c; see
 * router_internal.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/ppp_sock.h"
#include "daemon/pppoe.h"
#include "daemon/router_internal.h"

static struct pppoe *pppoe_of_pid(const struct router *router, pid_t pid)
{
	for (size_t i = 0; i < router->paths; i++)
		if (router->path[i]->pppoe && pppoe_pid(router->path[i]->pppoe) == pid)
			return router->path[i]->pppoe;
	return NULL;
}

static bool is_ours(void *arg, pid_t pid)
{
	return pppoe_of_pid(arg, pid) != NULL;
}

static int secret_for(void *arg, const struct ppp_report *hello, struct ppp_secret *secret)
{
	struct pppoe *pppoe = pppoe_of_pid(arg, hello->pid);

	return pppoe ? pppoe_secret(pppoe, secret) : -ESRCH;
}

static void on_report(void *arg, const struct ppp_report *report)
{
	struct pppoe *pppoe = pppoe_of_pid(arg, report->pid);

	if (pppoe)
		pppoe_report(pppoe, report);
}

/* buf: PATH_MAX; returns it. */
static char *path_of_sock(const struct router *router, char *buf)
{
	snprintf(buf, PATH_MAX, "%s/ppp.sock", router->options.run_dir);
	return buf;
}

int router_ppp_open(struct router *router)
{
	static const struct ppp_sock_callbacks callbacks = { is_ours, secret_for, on_report };
	char path[PATH_MAX];

	return ppp_sock_new(router->loop, path_of_sock(router, path), &callbacks, router, &router->ppp_sock);
}

int router_ppp_restore(struct router *router)
{
	char path[PATH_MAX];

	return ppp_sock_restore(router->ppp_sock, path_of_sock(router, path));
}

void router_ppp_forget(const struct router *router)
{
	char path[PATH_MAX];

	unlink(path_of_sock(router, path));
}
