/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See verbs_answer.h. */
#include "daemon/verbs_answer.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "policy/addr.h"
#include "policy/compile.h"
#include "policy/utf8.h"

void answer_line(const struct answer *a, const char *label, const char *format, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, format);
	utf8_vprint(text, sizeof(text), format, ap);
	va_end(ap);
	json_array_append_new(a->lines, json_sprintf("%-9s %s", label, text));
}

void answer_set(const struct answer *a, const char *key, json_t *value)
{
	json_object_set_new(a->data, key, value);
}

struct answer answer_new(void)
{
	return (struct answer){ json_object(), json_array() };
}

json_t *answer_of(const struct answer *a)
{
	answer_set(a, "text", a->lines);
	return ctl_answer(0, a->data);
}

json_t *answer_path(const struct config *config, int path)
{
	return path < 0 ? json_null() : json_string(config->path[path].name);
}

json_t *answer_text(const char *text)
{
	char *plain = xstrdup(text);
	json_t *json;

	utf8_mend(plain);
	json = json_string(plain);
	free(plain);
	return json;
}

void answer_forward(const struct answer *a, const struct config *config, const struct forward_config *w, uint16_t port)
{
	char to[INET_ADDRSTRLEN];

	ipv4_print(w->to, to);
	answer_set(a, "forward", json_string(w->name));
	answer_set(a, "line", json_integer(w->line));
	answer_set(a, "to", json_sprintf("%s:%u", w->to_router ? "router" : to, forward_port(w, port)));
	answer_line(a, "forward", "[forward %s], line %d of %s", w->name, w->line, config->file);
	answer_line(a, "to", "%s port %u", w->to_router ? "this router" : to, forward_port(w, port));
}
