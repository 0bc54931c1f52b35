/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See metrics_http.h. */
#include "daemon/metrics_http.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/http_server.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "daemon/status.h"
#include "daemon/status_page.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* One address and who listens on it. */
struct listener {
	const char *section; /* of the config, for people */
	http_page_fn *page;
	char *at; /* NULL: nowhere */
	struct http_server *server; /* NULL: it could not be listened there */
};

struct metrics_http {
	struct ev_loop *loop;
	struct router *router;
	struct listener metrics, web;
};

static char *metrics_page(void *arg, const char *path, const char **type)
{
	struct metrics_http *http = arg;
	json_t *status;
	char *text;
	bool bad;

	if (strcmp(path, "/") == 0)
		return xstrdup("dualpath: /metrics has what Prometheus reads.\n");
	if (strcmp(path, "/metrics") != 0)
		return NULL;
	status = status_json(http->router, &bad);
	text = metrics_text(status);
	json_decref(status);
	*type = METRICS_TYPE;
	return text;
}

static char *web_page(void *arg, const char *path, const char **type)
{
	struct metrics_http *http = arg;
	bool page = strcmp(path, "/") == 0, bad;
	json_t *status;
	char *text;

	if (!page && strcmp(path, "/status.json") != 0)
		return NULL;
	status = status_json(http->router, &bad);
	text = page ? status_page(status) : json_dumps(status, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(status);
	*type = page ? "text/html; charset=utf-8" : "application/json";
	return text;
}

static void stop(struct listener *l)
{
	http_server_free(l->server);
	l->server = NULL;
	free(l->at);
	l->at = NULL;
}

static void listen_at(struct metrics_http *http, struct listener *l, const char *at)
{
	int r;

	if (l->server && at && strcmp(l->at, at) == 0)
		return;
	stop(l);
	if (!at)
		return;
	l->at = xstrdup(at);
	r = http_server_new(http->loop, l->at, l->page, http, &l->server);
	if (r < 0)
		log_error("[%s] listen: nobody can be let in at %s: %s", l->section, at, strerror(-r));
}

void metrics_http_reconfigure(struct metrics_http *http)
{
	const struct config *config = router_config(http->router);

	listen_at(http, &http->metrics, config->metrics_listen);
	listen_at(http, &http->web, config->web_listen);
}

struct metrics_http *metrics_http_new(struct ev_loop *loop, struct router *router)
{
	struct metrics_http *http = xcalloc(1, sizeof(*http));

	http->loop = loop;
	http->router = router;
	http->metrics = (struct listener){ .section = "metrics", .page = metrics_page };
	http->web = (struct listener){ .section = "web", .page = web_page };
	metrics_http_reconfigure(http);
	return http;
}

void metrics_http_free(struct metrics_http *http)
{
	if (!http)
		return;
	stop(&http->metrics);
	stop(&http->web);
	free(http);
}
