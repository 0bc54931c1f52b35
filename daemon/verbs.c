/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See verbs.h: one function a verb; what they answer is in ctl/ and dualpathctl(8). */
#include "daemon/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/clock.h"
#include "daemon/config_load.h"
#include "daemon/metrics.h"
#include "daemon/status.h"
#include "daemon/verbs_answer.h"
#include "daemon/verbs_doctor.h"
#include "daemon/verbs_explain.h"
#include "daemon/verbs_test.h"
#include "policy/addr.h"

#define EVENTS_SHOWN 20

static json_t *diags_json(const struct diag_list *diags)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *d = &diags->item[i];

		json_array_append_new(list, json_pack("{s:o, s:i, s:i, s:s, s:s}", "file", answer_text(d->file), "line", d->line,
		                                      "column", d->column, "level",
		                                      d->level == DIAG_ERROR ? "error" : "warning", "text", d->text));
	}
	return list;
}

static void add_text(void *list, const char *text)
{
	json_array_append_new(list, json_string(text));
}

static json_t *ops_json(const struct op_list *ops)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ops->count; i++)
		op_objects(&ops->op[i], add_text, list);
	return list;
}

static json_t *text_answer(const char *format, ...) __attribute__((format(printf, 1, 2)));

static json_t *text_answer(const char *format, ...)
{
	va_list ap;
	json_t *text;

	va_start(ap, format);
	text = json_vsprintf(format, ap);
	va_end(ap);
	return ctl_answer(0, json_pack("{s:o}", "text", text));
}

/* ---- looking ---- */

static json_t *do_status(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	bool bad;
	json_t *status = status_json(env->router, &bad);

	(void)req;
	return ctl_answer(bad ? 1 : 0, status);
}

static json_t *do_metrics(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	bool bad;
	json_t *status = status_json(env->router, &bad);
	char *text = metrics_text(status);
	json_t *data = json_pack("{s:s}", "text", text);

	(void)req;
	json_decref(status);
	free(text);
	return ctl_answer(0, data);
}

static json_t *event_json(const struct event *e)
{
	char buf[CLOCK_STRLEN];

	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s}", "seq", (json_int_t)e->seq, "time",
	                 clock_print_utc(e->time_ms, true, buf), "path", e->subject, "from", e->from, "to",
	                 e->to, "cause", e->cause);
}

/* From "since" on where it is given, else the last N. */
static json_t *do_events(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	struct events *events = router_events(env->router);
	const json_t *since = json_object_get(req->whole, "since");
	uint64_t last = events_last(events), from;
	unsigned long n = EVENTS_SHOWN;
	json_t *list;

	for (size_t i = 0; i < json_array_size(req->args); i++) {
		const char *word = ctl_word(req, i), *number;

		if (strcmp(word, "--follow") == 0)
			continue;
		number = strcmp(word, "-n") == 0 ? ctl_word(req, ++i) : NULL;
		if (!number)
			return ctl_error(2, "usage: events [-n N] [--follow]");
		if (!uint_parse(number, 0, UINT32_MAX, &n))
			return ctl_error(2, "events: '%s' is not a number of events", number);
	}
	list = json_array();
	from = since ? (uint64_t)json_integer_value(since) : last > n ? last - n : 0;
	for (uint64_t seq = from + 1; seq <= last; seq++)
		if (events_get(events, seq))
			json_array_append_new(list, event_json(events_get(events, seq)));
	return ctl_answer(0, json_pack("{s:o, s:I}", "events", list, "last", (json_int_t)last));
}

/*
 * The file that a verb is about: the argument, or the daemon's own. Root reads it, and errors tell of what is
 * in it: others may only have the daemon's own looked at. NULL: refused, and *error.
 */
static const char *file_of(const struct verbs_env *env, const struct ctl_request *req, json_t **error)
{
	const char *own = router_options(env->router)->config_file, *file = ctl_word(req, 0);

	if (!file || strcmp(file, own) == 0 || req->uid == 0)
		return file ? file : own;
	*error = ctl_error(1, "%s: only root may have another file than %s read", req->verb, own);
	return NULL;
}

static json_t *do_check(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	json_t *error, *data;
	const char *file = file_of(env, req, &error);
	struct diag_list diags = { 0 };
	struct config *config;
	int code;

	if (!file)
		return error;
	config = config_load_open(req->file, file, &diags);
	code = config ? 0 : 1;
	data = json_pack("{s:b, s:o, s:o}", "ok", config != NULL, "file", answer_text(file), "diagnostics", diags_json(&diags));
	config_free(config);
	diag_free(&diags);
	return ctl_answer(code, data);
}

static json_t *bad_config(const char *file, struct diag_list *diags, struct op_list *ops)
{
	json_t *data = json_pack("{s:b, s:o, s:o}", "ok", 0, "file", answer_text(file), "diagnostics", diags_json(diags));

	diag_free(diags);
	op_list_free(ops);
	return ctl_answer(1, data);
}

static json_t *do_diff(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	json_t *error, *data;
	const char *file = file_of(env, req, &error);
	struct diag_list diags = { 0 };
	struct op_list ops = { 0 };

	if (!file)
		return error;
	if (!router_diff(env->router, req->file, file, &diags, &ops))
		return bad_config(file, &diags, &ops);
	data = json_pack("{s:o, s:o}", "operations", ops_json(&ops), "warnings", diags_json(&diags));
	diag_free(&diags);
	op_list_free(&ops);
	return ctl_answer(0, data);
}

/* ---- changing ---- */

static json_t *do_reload(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	struct diag_list diags = { 0 };
	struct op_list ops = { 0 };
	const char *option = ctl_word(req, 0), *time = ctl_word(req, 1);
	uint32_t ms = 0;
	json_t *data, *list;

	if (option && (strcmp(option, "--confirm") != 0 || !time || !duration_parse(time, &ms) || !ms || ctl_word(req, 2)))
		return ctl_error(2, "usage: reload [--confirm TIME], TIME like 60s or 5m");
	if (!router_reload(env->router, ms, &diags, &ops))
		return bad_config(router_options(env->router)->config_file, &diags, &ops);
	list = ops_json(&ops);
	data = json_pack("{s:b, s:i, s:o, s:o}", "ok", 1, "changed", (int)json_array_size(list), "operations", list,
	                 "warnings", diags_json(&diags));
	if (ms)
		json_object_set_new(data, "text", json_sprintf("It goes back by itself in %s unless 'dualpathctl confirm' "
		                                               "comes before.", time));
	diag_free(&diags);
	op_list_free(&ops);
	return ctl_answer(0, data);
}

static json_t *do_confirm(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;

	(void)req;
	if (router_confirm(env->router))
		return text_answer("the new configuration stays");
	return ctl_error(1, "confirm: no configuration is on trial (any more); 'dualpathctl status' tells which one runs");
}

/* The path that args[i] names, or NULL and *error. */
static struct path *path_of(struct verbs_env *env, const struct ctl_request *req, size_t i, json_t **error)
{
	const char *name = ctl_word(req, i), *words[CONFIG_PATHS_MAX], *near;
	struct path *path = name ? router_find_path(env->router, name) : NULL;
	size_t n = router_paths(env->router);

	if (path && router_is_torn_down(env->router)) {
		*error = ctl_error(1, "%s: " ROUTER_GOES, req->verb);
		return NULL;
	}
	if (path)
		return path;
	for (size_t k = 0; k < n; k++)
		words[k] = router_path(env->router, k)->config->name;
	near = name ? diag_nearest(name, words, n) : NULL;
	*error = name ? ctl_error(2, "%s: no path is called '%s'%s%s%s", req->verb, name,
	                          near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "")
	              : ctl_error(2, "usage: %s PATH", req->verb);
	return NULL;
}

static json_t *do_failover(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	json_t *error = NULL;
	struct path *path = path_of(env, req, 0, &error);
	const char *option = ctl_word(req, 1), *time = ctl_word(req, 2);
	uint32_t ms = 0;

	if (!path)
		return error;
	if (option && (strcmp(option, "--for") != 0 || !time || !duration_parse(time, &ms) || !ms))
		return ctl_error(2, "usage: failover PATH [--for TIME], TIME like 30s or 5m");
	path_force(path, true, ms);
	router_sync(env->router);
	return ms ? text_answer("%s is treated as lost for %s", path->config->name, time)
	          : text_answer("%s is treated as lost until 'dualpathctl failback'", path->config->name);
}

static json_t *do_failback(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	json_t *error = NULL;
	struct path *path;

	if (ctl_word(req, 0)) {
		path = path_of(env, req, 0, &error);
		if (!path)
			return error;
		path_force(path, false, 0);
		router_sync(env->router);
		return text_answer("%s is automatic again", path->config->name);
	}
	for (size_t i = 0; i < router_paths(env->router); i++)
		path_force(router_path(env->router, i), false, 0);
	router_sync(env->router);
	return text_answer("all paths are automatic again");
}

static json_t *do_reconnect(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	json_t *error = NULL;
	struct path *path = path_of(env, req, 0, &error);

	if (!path)
		return error;
	path_reconnect(path);
	return text_answer("%s: %s", path->config->name, path->pppoe ? "dialling anew" : "the tunnel is made anew");
}

struct verbs_teardown {
	struct ev_loop *loop;
	struct ctl_later *later; /* whoever asked for it */
};

/* The answer is written before the loop ends: see ctl_server_free(). */
static void on_torn_down(void *arg)
{
	struct verbs_teardown *teardown = arg;

	ctl_later_answer(teardown->later, text_answer("everything of dualpath was taken away; the daemon ends"));
	ev_break(teardown->loop, EVBREAK_ALL);
	free(teardown);
}

static json_t *do_teardown(void *arg, const struct ctl_request *req)
{
	struct verbs_env *env = arg;
	struct verbs_teardown *teardown;

	if (router_is_torn_down(env->router))
		return ctl_error(1, "teardown: it is under way already");
	teardown = xcalloc(1, sizeof(*teardown));
	*teardown = (struct verbs_teardown){ env->loop, ctl_later(req) };
	drill_stop(env->drill, ROUTER_GOES);
	router_teardown(env->router, on_torn_down, teardown);
	return NULL;
}

const struct ctl_verb *verbs_table(void)
{
	static const struct ctl_verb table[] = {
		{ "status", false, do_status },       { "events", false, do_events },
		{ "check", false, do_check },         { "diff", false, do_diff },
		{ "reload", true, do_reload },        { "failover", true, do_failover },
		{ "failback", true, do_failback },    { "reconnect", true, do_reconnect },
		{ "teardown", true, do_teardown },    { "metrics", false, do_metrics },
		{ "explain", false, verb_explain },   { "confirm", true, do_confirm },
		{ "doctor", false, verb_doctor },     { "test", true, verb_test },
		{ NULL, false, NULL },
	};

	return table;
}
