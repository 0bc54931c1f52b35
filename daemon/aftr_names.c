/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See aftr_names.h. */
#include "daemon/aftr_names.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/name_watch.h"
#include "policy/addr6.h"
#include "policy/resolvconf.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLV_CONF_MAX 8192

struct entry {
	char name[DNAME_TEXT_MAX]; /* empty: an address, or not told yet */
	bool is_address;
	struct in6_addr address;
	struct name_watch line, other;
};

struct aftr_names {
	struct ev_loop *loop;
	char interface[IFNAMSIZ];
	char *wanted;
	void (*changed)(void *arg);
	void *arg;
	bool told_by_line; /* aftr = auto */
	bool dns_auto;
	struct dns_server dns[DNS_SERVERS_MAX]; /* dns =, unless dns_auto */
	size_t dns_count;
	struct dns_server line_dns[DNS_SERVERS_MAX];
	size_t line_dns_count;
	struct entry *entry;
	size_t entries;
};

/* ---- who is asked ---- */

static size_t read_resolv_conf(struct dns_server *out)
{
	char text[RESOLV_CONF_MAX];
	FILE *file = fopen(RESOLV_CONF, "re");
	size_t len;

	if (!file)
		return 0;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	return resolvconf_servers(text, out, DNS_SERVERS_MAX);
}

static size_t other_servers(void *arg, struct dns_server *out)
{
	const struct aftr_names *n = arg;

	if (n->dns_auto)
		return read_resolv_conf(out);
	memcpy(out, n->dns, sizeof(n->dns));
	return n->dns_count;
}

static size_t line_servers(void *arg, struct dns_server *out)
{
	const struct aftr_names *n = arg;

	memcpy(out, n->line_dns, sizeof(n->line_dns));
	return n->line_dns_count;
}

/* True where they are others than before. */
static bool set_line_servers(struct aftr_names *n, const struct in6_addr *addr, unsigned count)
{
	struct dns_server servers[DNS_SERVERS_MAX] = { 0 };
	bool same = count == n->line_dns_count;

	for (unsigned i = 0; i < count; i++) {
		servers[i].family = AF_INET6;
		servers[i].v6 = addr[i];
		strcpy(servers[i].device, n->interface);
		same = same && dns_server_equal(&servers[i], &n->line_dns[i]);
	}
	memcpy(n->line_dns, servers, sizeof(servers));
	n->line_dns_count = count;
	return !same;
}

/* ---- the watches ---- */

static bool is_fresh(const struct name_watch *w)
{
	return w->running && w->tried && !w->failed;
}

static bool is_tried(const struct name_watch *w)
{
	return w->running && w->tried;
}

static void watch(struct name_watch *w, const char *name, bool anew)
{
	if (anew || !w->running || strcmp(w->name, name) != 0)
		name_watch_start(w, name);
}

/* The line's servers are there, or others, or gone. */
static void use_line(struct aftr_names *n, bool changed)
{
	for (size_t i = 0; i < n->entries; i++) {
		struct entry *e = &n->entry[i];

		if (!*e->name)
			continue;
		if (n->dns_auto && n->line_dns_count)
			watch(&e->line, e->name, changed);
		else
			name_watch_stop(&e->line);
		if (!e->line.running)
			watch(&e->other, e->name, false);
	}
}

static void on_watch(void *arg)
{
	struct aftr_names *n = arg;

	for (size_t i = 0; i < n->entries; i++) {
		struct entry *e = &n->entry[i];

		if (is_fresh(&e->line))
			name_watch_stop(&e->other);
		else if (e->line.running && e->line.failed)
			watch(&e->other, e->name, false);
	}
	n->changed(n->arg);
}

/* ---- what it comes to ---- */

/* The answer of the line's servers, unless they lost it and the others have one now.  NULL: none. */
static const struct name_watch *best_answer(const struct entry *e)
{
	bool line = e->line.count && strcmp(e->line.name, e->name) == 0;
	bool other = e->other.count && strcmp(e->other.name, e->name) == 0;

	if (line && !(e->line.failed && other && is_fresh(&e->other)))
		return &e->line;
	return other ? &e->other : NULL;
}

static void append(struct aftr_result *r, const struct in6_addr *address, unsigned count, size_t rank)
{
	for (unsigned i = 0; i < count && r->addresses < AFTR_ADDRESSES_MAX; i++) {
		unsigned at = 0;

		while (at < r->addresses && !IN6_ARE_ADDR_EQUAL(&r->address[at], &address[i]))
			at++;
		if (at < r->addresses)
			continue;
		r->rank[at] = (uint8_t)(rank < UINT8_MAX ? rank : UINT8_MAX);
		r->address[r->addresses++] = address[i];
	}
}

bool aftr_names_answer(const struct aftr_names *names, struct aftr_result *out)
{
	struct aftr_result r = { .source = out->source };

	for (size_t i = 0; i < names->entries; i++) {
		const struct entry *e = &names->entry[i];
		const struct name_watch *w = best_answer(e);

		if (e->is_address) {
			append(&r, &e->address, 1, i);
		} else if (w) {
			if (!r.addresses)
				strcpy(r.name, e->name);
			append(&r, w->address, w->count, i);
		} else if (!r.addresses && !is_tried(&e->line) && !is_tried(&e->other)) {
			return false;
		}
	}
	if (r.addresses)
		*out = r;
	return r.addresses > 0;
}

static void describe(const struct entry *e, char *buf, size_t size)
{
	const struct name_watch *w = is_tried(&e->line) ? &e->line : &e->other;
	int used;

	if (!is_tried(w))
		used = snprintf(buf, size, "asking for the address of %s", e->name);
	else if (*w->asked)
		used = snprintf(buf, size, "no server knows %s (asked %s): %s", e->name, w->asked, w->why);
	else
		used = snprintf(buf, size, "nobody is known who could be asked for the address of %s", e->name);
	if (used >= (int)size && size > 3) /* a long name; the end is the reason */
		strcpy(buf + size - 4, "...");
}

bool aftr_names_describe(const struct aftr_names *names, char *buf, size_t size)
{
	for (size_t i = 0; i < names->entries; i++) {
		const struct entry *e = &names->entry[i];

		if (e->is_address || best_answer(e))
			continue;
		if (*e->name)
			describe(e, buf, size);
		return *e->name;
	}
	snprintf(buf, size, "aftr = %s names nothing that can be an AFTR", names->wanted);
	return true;
}

/* ---- from outside ---- */

const char *aftr_names_wanted(const struct aftr_names *names)
{
	return names->wanted;
}

bool aftr_names_need_line(const struct aftr_names *names)
{
	for (size_t i = 0; i < names->entries; i++)
		if (!names->entry[i].is_address && names->dns_auto)
			return true;
	return names->told_by_line;
}

void aftr_names_restart(struct aftr_names *names)
{
	names->line_dns_count = 0;
	for (size_t i = 0; i < names->entries; i++) {
		struct entry *e = &names->entry[i];

		name_watch_stop(&e->line);
		if (*e->name && !names->told_by_line)
			watch(&e->other, e->name, true);
	}
}

bool aftr_names_line(struct aftr_names *names, const struct in6_addr *servers, unsigned count)
{
	bool changed = set_line_servers(names, servers, count);

	use_line(names, changed);
	return changed;
}

void aftr_names_told(struct aftr_names *names, const char *aftr)
{
	struct entry *e = &names->entry[0];

	e->is_address = inet_pton(AF_INET6, aftr, &e->address) == 1;
	snprintf(e->name, sizeof(e->name), "%s", e->is_address ? "" : aftr);
	if (e->is_address) {
		name_watch_stop(&e->line);
		name_watch_stop(&e->other);
	}
	use_line(names, false);
}

size_t aftr_names_servers(const struct aftr_names *names, struct dns_server *out)
{
	const struct dns_server *servers = names->dns_auto ? names->line_dns : names->dns;
	size_t count = names->dns_auto ? names->line_dns_count : names->dns_count;

	memcpy(out, servers, count * sizeof(*out));
	return count;
}

/* ---- from the config ---- */

/* False for what can be neither; the config's own check should not have let it through. */
static bool entry_init(struct aftr_names *n, struct entry *e, const char *text)
{
	static const struct name_watch_callbacks line = { line_servers, on_watch };
	static const struct name_watch_callbacks other = { other_servers, on_watch };

	name_watch_init(&e->line, n->loop, &line, n);
	name_watch_init(&e->other, n->loop, &other, n);
	e->is_address = inet_pton(AF_INET6, text, &e->address) == 1;
	if (e->is_address ? !addr6_may_be_remote(&e->address) : *text && !dname_is_valid(text)) {
		log_error("%s can be no AFTR", text);
		return false;
	}
	if (!e->is_address)
		strcpy(e->name, text);
	return true;
}

static void take_entries(struct aftr_names *n, const struct dslite_config *config)
{
	size_t len = sizeof("auto");

	for (size_t i = 0; i < config->aftrs; i++)
		len += strlen(config->aftr[i]) + 1;
	n->wanted = xcalloc(len, 1);
	n->entry = xcalloc(config->aftrs + 1, sizeof(*n->entry));
	if (config->aftr_auto) {
		strcpy(n->wanted, "auto");
		n->entries = entry_init(n, &n->entry[0], "");
		return;
	}
	for (size_t i = 0; i < config->aftrs; i++) {
		strcat(strcat(n->wanted, i ? "," : ""), config->aftr[i]);
		n->entries += entry_init(n, &n->entry[n->entries], config->aftr[i]);
	}
}

static void take_dns(struct aftr_names *n, const struct dslite_config *config)
{
	n->dns_auto = config->dns_auto;
	for (size_t i = 0; i < config->dns_count && n->dns_count < DNS_SERVERS_MAX; i++)
		if (dns_server_parse(config->dns[i], &n->dns[n->dns_count]))
			n->dns_count++;
		else
			log_error("%s can be no name server", config->dns[i]);
}


struct aftr_names *aftr_names_new(struct ev_loop *loop, const struct dslite_config *config, const char *interface,
                                  void (*changed)(void *arg), void *arg)
{
	struct aftr_names *n = xcalloc(1, sizeof(*n));

	n->loop = loop;
	snprintf(n->interface, sizeof(n->interface), "%s", interface);
	n->changed = changed;
	n->arg = arg;
	n->told_by_line = config->aftr_auto;
	take_entries(n, config);
	take_dns(n, config);
	return n;
}

void aftr_names_free(struct aftr_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < names->entries; i++) {
		name_watch_stop(&names->entry[i].line);
		name_watch_stop(&names->entry[i].other);
	}
	free(names->entry);
	free(names->wanted);
	free(names);
}
