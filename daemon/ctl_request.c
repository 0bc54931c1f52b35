/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ctl_request.h. */
#include "daemon/ctl_request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ctl_proto.h"
#include "daemon/log.h"
#include "policy/diag.h"
#include "policy/utf8.h"

#define VERBS_MAX 64

const char *ctl_word(const struct ctl_request *request, size_t i)
{
	return json_string_value(json_array_get(request->args, i));
}

/* ---- answers ---- */

json_t *ctl_answer(int code, json_t *data)
{
	/* NULL is what jansson makes of a string that is not UTF-8. */
	return data ? json_pack("{s:i, s:o}", "exit", code, "data", data)
	            : ctl_error(CTL_EXIT_BAD_NEWS, "the answer cannot be written down: this is a bug in dualpathd");
}

json_t *ctl_error(int code, const char *format, ...)
{
	va_list ap;
	char *text;
	json_t *answer;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		abort();
	va_end(ap);
	utf8_mend(text); /* file names and words of others may be in it */
	answer = json_pack("{s:i, s:s}", "exit", code, "error", text);
	free(text);
	return answer;
}

/* ---- requests ---- */

static const struct ctl_verb *find_verb(const struct ctl_verb *verbs, const char *name)
{
	for (; verbs->name; verbs++)
		if (strcmp(verbs->name, name) == 0)
			return verbs;
	return NULL;
}

static json_t *unknown_verb(const struct ctl_verb *verbs, const char *name)
{
	const char *words[VERBS_MAX], *near;
	size_t n = 0;

	for (; verbs[n].name && n < VERBS_MAX; n++)
		words[n] = verbs[n].name;
	near = diag_nearest(name, words, n);
	return near ? ctl_error(CTL_EXIT_USAGE, "unknown verb '%s'; did you mean '%s'?", name, near)
	            : ctl_error(CTL_EXIT_USAGE, "unknown verb '%s'", name);
}

static bool all_strings(const json_t *list)
{
	size_t i;
	json_t *word;

	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, word)
		if (!json_is_string(word))
			return false;
	return true;
}

static json_t *run_verb(const struct ctl_verb *verb, void *arg, const struct ctl_request *request)
{
	if (verb->changes && request->uid != 0)
		return ctl_error(CTL_EXIT_BAD_NEWS, "only root may %s", verb->name);
	if (verb->changes)
		log_info("control: %s, asked for by process %d of root", verb->name, request->pid);
	return verb->handle(arg, request);
}

static json_t *answer_object(const struct ctl_verb *verbs, void *arg, struct ctl_request *request, json_t *whole)
{
	const struct ctl_verb *verb;

	request->whole = whole;
	request->verb = json_string_value(json_object_get(whole, "verb"));
	if (!request->verb)
		return ctl_error(CTL_EXIT_USAGE, "a request is a JSON object with a \"verb\"");
	if (json_is_object(whole) && !json_object_get(whole, "args"))
		json_object_set_new(whole, "args", json_array());
	request->args = json_object_get(whole, "args");
	if (!all_strings(request->args))
		return ctl_error(CTL_EXIT_USAGE, "\"args\" is a list of strings");
	verb = find_verb(verbs, request->verb);
	return verb ? run_verb(verb, arg, request) : unknown_verb(verbs, request->verb);
}

json_t *ctl_request_answer(const struct ctl_verb *verbs, void *arg, struct ctl_request request, const char *line,
                            size_t length)
{
	json_error_t error;
	json_t *whole = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	json_t *answer;

	/* jansson's text quotes the request: it goes back to who wrote it, and nowhere else. */
	answer = whole ? answer_object(verbs, arg, &request, whole)
	               : ctl_error(CTL_EXIT_USAGE, "the request is not JSON: %s at byte %d", error.text,
	                           error.position);
	json_decref(whole);
	return answer;
}
