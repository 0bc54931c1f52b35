/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See verbs_test.h. */
#include "daemon/verbs_test.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/xalloc.h"
#include "daemon/inbound.h"
#include "daemon/status_inbound.h"
#include "daemon/verbs.h"

#define USAGE_INBOUND "test inbound [FORWARD]"
#define USAGE_FAILOVER "test failover PATH [--for TIME] [--force], TIME from 1s to 10m"
#define FOR_MS 5000
#define FOR_MIN_MS 1000
#define FOR_MAX_MS 600000

/* ---- inbound ---- */

static void add_lines(json_t *lines, const struct inbound_result *result)
{
	if (!result->ports)
		json_array_append_new(lines, json_sprintf("%-9s %s: %s", inbound_verdict_name(result->verdict), result->forward,
		                                          result->text));
	for (size_t i = 0; i < result->ports; i++) {
		const struct inbound_port *port = &result->port[i];
		const char *verdict = inbound_verdict_name(port->verdict);

		json_array_append_new(lines, port->answer_us < 0
		                                     ? json_sprintf("%-9s %s: %s", verdict, result->forward, port->text)
		                                     : json_sprintf("%-9s %s: %s (%.1f ms)", verdict, result->forward,
		                                                    port->text, port->answer_us / 1000.0));
	}
}

static json_t *result_json(const struct inbound_result *result)
{
	json_t *o = status_inbound_result(result);

	json_object_set_new(o, "name", json_string(result->forward));
	return o;
}

static void on_inbound(void *arg, const struct inbound_result *result, size_t results)
{
	json_t *forwards = json_array(), *lines = json_array();
	bool bad = false;

	for (size_t i = 0; i < results; i++) {
		json_array_append_new(forwards, result_json(&result[i]));
		add_lines(lines, &result[i]);
		bad |= inbound_is_bad(result[i].verdict);
	}
	ctl_later_answer(arg, result ? ctl_answer(bad ? 1 : 0, json_pack("{s:o, s:o}", "forwards", forwards, "text", lines))
	                             : ctl_error(1, "test: the daemon ends"));
	if (!result) {
		json_decref(forwards);
		json_decref(lines);
	}
}

/* NULL: there is such a forward. */
static json_t *check_forward(const struct config *config, const char *name)
{
	const char **words = xcalloc(config->forwards + 1, sizeof(*words)), *near;
	bool found = false;

	for (size_t i = 0; i < config->forwards; i++) {
		words[i] = config->forward[i].name;
		found |= strcasecmp(words[i], name) == 0;
	}
	near = diag_nearest(name, words, config->forwards);
	free(words);
	return found ? NULL : ctl_error(2, "test inbound: no forward is called '%s'%s%s%s", name, near ? "; did you mean '" : "",
	                 near ? near : "", near ? "'?" : "");
}

static json_t *test_inbound(const struct verbs_env *env, const struct ctl_request *req)
{
	const struct config *config = router_config(env->router);
	const char *name = ctl_word(req, 1);
	json_t *error = name ? check_forward(config, name) : NULL;

	if (error)
		return error;
	if (!config->forwards)
		return ctl_error(1, "test inbound: there is no [forward] to call");
	if (inbound_busy(router_inbound(env->router)))
		return ctl_error(1, "test inbound: others are at it already; try again in a moment");
	inbound_test(router_inbound(env->router), name, on_inbound, ctl_later(req));
	return NULL;
}

/* ---- failover ---- */

static double ms(int64_t us)
{
	return (double)us / 1000.0;
}

static json_t *leg_json(const struct drill_leg *leg)
{
	return json_pack("{s:o, s:o, s:o}", "commit_ms", leg->commit_us < 0 ? json_null() : json_real(ms(leg->commit_us)),
	                 "works_ms", leg->works_us < 0 ? json_null() : json_real(ms(leg->works_us)), "over",
	                 *leg->over ? json_string(leg->over) : json_null());
}

static json_t *leg_line(const char *what, const struct drill_leg *leg)
{
	if (leg->works_us >= 0)
		return json_sprintf("%-6s in the kernel after %.1f ms, the first answer over %s after %.1f ms", what,
		                    ms(leg->commit_us), leg->over, ms(leg->works_us));
	if (leg->unmeasured)
		return json_sprintf("%-6s in the kernel after %.1f ms; not measured over %s: an LCP echo does not go where connections go",
		                    what, ms(leg->commit_us), leg->over);
	return json_sprintf("%-6s in the kernel after %.1f ms, no answer over %s", what, ms(leg->commit_us),
	                    *leg->over ? leg->over : "any path");
}

static bool leg_good(const struct drill_leg *leg)
{
	return leg->works_us >= 0 || leg->unmeasured || !*leg->over; /* to nowhere was by --force */
}

static void on_failover(void *arg, const struct drill_report *r)
{
	json_t *lines = json_array(), *data;

	json_array_append_new(lines, leg_line("away:", &r->away));
	if (r->back.commit_us >= 0)
		json_array_append_new(lines, leg_line("back:", &r->back));
	json_array_append_new(lines, json_sprintf("Of %u connections on %s %u were forgotten, to begin anew on another path.",
	                                          r->connections, r->path, r->forgotten));
	if (r->trouble)
		json_array_append_new(lines, json_sprintf("Not gone through with: %s.", r->trouble));
	data = json_pack("{s:s, s:i, s:o, s:o, s:i, s:i, s:o, s:o}", "path", r->path, "for_ms", (int)r->for_ms, "away",
	                 leg_json(&r->away), "back", leg_json(&r->back), "connections", (int)r->connections, "forgotten",
	                 (int)r->forgotten, "trouble", r->trouble ? json_string(r->trouble) : json_null(), "text", lines);
	ctl_later_answer(arg, ctl_answer(!r->trouble && leg_good(&r->away) && leg_good(&r->back) && *r->back.over ? 0 : 1,
	                                 data));
}

/* The words behind PATH.  False: not as they should be. */
static bool failover_options(const struct ctl_request *req, uint32_t *for_ms, bool *force)
{
	for (size_t i = 2; i < json_array_size(req->args); i++) {
		const char *time = ctl_word(req, i + 1);

		if (strcmp(ctl_word(req, i), "--force") == 0)
			*force = true;
		else if (strcmp(ctl_word(req, i), "--for") == 0 && time && duration_parse(time, for_ms) &&
		         *for_ms >= FOR_MIN_MS && *for_ms <= FOR_MAX_MS)
			i++;
		else
			return false;
	}
	return true;
}

static json_t *test_failover(const struct verbs_env *env, const struct ctl_request *req)
{
	const char *name = ctl_word(req, 1), *why;
	struct path *path = name ? router_find_path(env->router, name) : NULL;
	uint32_t for_ms = FOR_MS;
	bool force = false;

	if (!name || !failover_options(req, &for_ms, &force))
		return ctl_error(2, "usage: " USAGE_FAILOVER);
	if (!path)
		return ctl_error(2, "test failover: no path is called '%s'", name);
	why = drill_refuses(env->drill, path, force);
	if (why)
		return ctl_error(1, "test failover %s: %s", name, why);
	drill_start(env->drill, path, for_ms, on_failover, ctl_later(req));
	return NULL;
}

json_t *verb_test(void *arg, const struct ctl_request *req)
{
	const char *what = ctl_word(req, 0);

	if (what && strcmp(what, "inbound") == 0 && json_array_size(req->args) <= 2)
		return test_inbound(arg, req);
	if (what && strcmp(what, "failover") == 0)
		return test_failover(arg, req);
	return ctl_error(2, "usage: " USAGE_INBOUND ", or " USAGE_FAILOVER);
}
