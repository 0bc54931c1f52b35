/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See provider.h. */
#include "daemon/provider.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

struct line {
	char interface[IFNAMSIZ];
	struct hb46pp *asker;
	struct provider *users;
	struct line *next;
};

struct provider {
	struct line *line;
	struct provider *next;
	struct hb46pp_callbacks callbacks;
	void *arg;
	bool running;
	bool told; /* an answer, or that there is none: what is known counts for this one */
};

/* Paths know nothing of one another, and a line has one provider: it is found by the line's name. */
static struct line *lines;

/* ---- the asker's ---- */

static size_t on_servers(void *arg, struct dns_server *out)
{
	const struct line *line = arg;
	size_t n = 0;

	for (const struct provider *p = line->users; p && !n; p = p->next)
		if (p->running)
			n = p->callbacks.servers(p->arg, out);
	return n;
}

static void on_changed(void *arg)
{
	const struct line *line = arg;

	for (struct provider *p = line->users; p; p = p->next) {
		if (!p->running)
			continue;
		p->told = true;
		p->callbacks.changed(p->arg);
	}
}

static struct line *find_line(struct ev_loop *loop, const char *interface, const char *state_dir)
{
	static const struct hb46pp_callbacks callbacks = { on_servers, on_changed };
	struct line *line = lines;

	while (line && strcmp(line->interface, interface) != 0)
		line = line->next;
	if (line)
		return line;
	line = xcalloc(1, sizeof(*line));
	snprintf(line->interface, sizeof(line->interface), "%s", interface);
	line->asker = hb46pp_new(loop, interface, state_dir, &callbacks, line);
	line->next = lines;
	lines = line;
	return line;
}

static void drop_line(struct line *line)
{
	struct line **at = &lines;

	while (*at != line)
		at = &(*at)->next;
	*at = line->next;
	hb46pp_free(line->asker);
	free(line);
}

/* ---- the users' ---- */

void provider_start(struct provider *p, const struct in6_addr *local)
{
	p->running = true;
	hb46pp_start(p->line->asker, local);
	if (hb46pp_is_asking(p->line->asker))
		return;
	p->told = true;
	p->callbacks.changed(p->arg);
}

void provider_stop(struct provider *p)
{
	p->running = false;
	for (const struct provider *each = p->line->users; each; each = each->next)
		if (each->running)
			return;
	hb46pp_stop(p->line->asker);
}

void provider_recall(struct provider *p)
{
	hb46pp_recall(p->line->asker);
	p->told = true;
}

const struct hb46pp_ways *provider_ways(const struct provider *p)
{
	return p->told ? hb46pp_ways(p->line->asker) : NULL;
}

void provider_trouble(const struct provider *p, bool tunnel, char *buf, size_t size)
{
	hb46pp_trouble(p->line->asker, tunnel, buf, size);
}

struct provider *provider_new(struct ev_loop *loop, const char *interface, const char *state_dir,
                              const struct hb46pp_callbacks *callbacks, void *arg)
{
	struct provider *p = xcalloc(1, sizeof(*p));

	p->line = find_line(loop, interface, state_dir);
	p->callbacks = *callbacks;
	p->arg = arg;
	p->next = p->line->users;
	p->line->users = p;
	return p;
}

void provider_free(struct provider *p)
{
	struct provider **at;

	if (!p)
		return;
	provider_stop(p);
	for (at = &p->line->users; *at != p; at = &(*at)->next)
		;
	*at = p->next;
	if (!p->line->users)
		drop_line(p->line);
	free(p);
}
