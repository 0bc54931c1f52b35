/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config_print() of config.h: the config in its normal form, which parses back to the same. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/config.h"
#include "policy/domain.h"
#include "policy/value.h"

static const char *yes_no(bool b)
{
	return b ? "yes" : "no";
}

/*
 * In quotes only what would be read differently without: a backslash may not be between
 * quotes, and what has one was written without any.  Likewise for both kinds of quotes.
 */
static bool needs_quotes(const char *text)
{
	size_t length = strlen(text);

	return !length || strpbrk(text, ";#") || strchr("\"' \t", text[0]) || strchr(" \t", text[length - 1]);
}

static void print_text(FILE *f, const char *key, const char *text)
{
	const char *quote = !needs_quotes(text) ? "" : strchr(text, '"') ? "'" : "\"";

	fprintf(f, "%s = %s%s%s\n", key, quote, text, quote);
}

/* ---- lists: one line, with blanks between where it stays short enough for the reader ---- */

struct list {
	FILE *f;
	char *text;
	size_t size;
};

static void list_open(struct list *list)
{
	*list = (struct list){ 0 };
	list->f = open_memstream(&list->text, &list->size);
	if (!list->f)
		abort();
}

static void list_add(struct list *list, const char *entry)
{
	fprintf(list->f, "%s%s", ftell(list->f) > 0 ? "," : "", entry);
}

/* Nothing at all for an empty list. */
static void list_close(struct list *list, FILE *f, const char *key, bool not)
{
	const char *quote;
	bool tight;

	if (fclose(list->f) != 0)
		abort();
	tight = list->size * 2 > INI_LINE_MAX;
	quote = strpbrk(list->text, ";#") ? "\"" : ""; /* in URLs */
	if (list->size)
		fprintf(f, "%s = %s%s", key, quote, not ? "!" : "");
	for (const char *c = list->text; *c; c++) {
		fputc(*c, f);
		if (*c == ',' && !tight)
			fputc(' ', f);
	}
	if (list->size)
		fprintf(f, "%s\n", quote);
	free(list->text);
}

static void print_order(FILE *f, const char *key, const struct config *c, const struct path_list *order)
{
	struct list list;

	list_open(&list);
	for (unsigned i = 0; i < order->count; i++)
		list_add(&list, c->path[order->path[i]].name);
	list_close(&list, f, key, false);
}

static void print_strings(FILE *f, const char *key, char *const *list, size_t n)
{
	struct list line;

	list_open(&line);
	for (size_t i = 0; i < n; i++)
		list_add(&line, list[i]);
	list_close(&line, f, key, false);
}

static void print_interfaces(FILE *f, const char *key, bool not, char (*list)[IFNAMSIZ], size_t n)
{
	struct list line;

	list_open(&line);
	for (size_t i = 0; i < n; i++)
		list_add(&line, list[i]);
	list_close(&line, f, key, not);
}

static void print_prefixes(FILE *f, const char *key, bool not, const struct prefix4 *list, size_t n)
{
	char buf[PREFIX4_STRLEN];
	struct list line;

	list_open(&line);
	for (size_t i = 0; i < n; i++)
		list_add(&line, prefix4_print(list[i], buf));
	list_close(&line, f, key, not);
}

static void print_ports(FILE *f, const char *key, bool not, const struct port_range *list, size_t n)
{
	char buf[PORT_RANGE_STRLEN];
	struct list line;

	list_open(&line);
	for (size_t i = 0; i < n; i++)
		list_add(&line, port_range_print(list[i], buf));
	list_close(&line, f, key, not);
}

static void print_on_return(FILE *f, const struct path_list *order)
{
	char buf[16];

	if (order->on_return != ON_RETURN_DRAIN)
		fputs("on-return = keep\n", f);
	else if (!order->drain_s)
		fputs("on-return = cut\n", f);
	else
		fprintf(f, "on-return = drain %s\n", duration_print(order->drain_s * 1000, buf, sizeof(buf)));
}

static void print_duration_or_off(FILE *f, const char *key, uint32_t ms)
{
	char buf[16];

	fprintf(f, "%s = %s\n", key, ms ? duration_print(ms, buf, sizeof(buf)) : "off");
}

static void print_router(FILE *f, const struct config *c)
{
	const struct router_config *r = &c->router;

	fputs("[router]\n", f);
	print_interfaces(f, "lan", false, r->lan, r->lans);
	print_order(f, "default", c, &r->order);
	print_on_return(f, &r->order);
	fprintf(f, "firewall = %s\noffload = %s\n", yes_no(r->firewall), yes_no(r->offload));
	print_duration_or_off(f, "inbound-check", r->inbound_check_ms);
	print_duration_or_off(f, "reset-after", r->reset_after_ms);
	fprintf(f, "mark-mask = 0x%08" PRIx32 "\nrule-priority = %" PRIu32 "\ntable = %" PRIu32 "\nroute-protocol = %u\n",
	        r->mark_mask, r->rule_priority, r->table_base, r->route_protocol);
}

static void print_mtu(FILE *f, unsigned mtu)
{
	if (mtu)
		fprintf(f, "mtu = %u\n", mtu);
	else
		fputs("mtu = auto\n", f);
}

static void print_dslite(FILE *f, const struct path_config *path)
{
	const struct dslite_config *d = &path->dslite;
	char buf[INET6_ADDRSTRLEN];

	fprintf(f, "\n[dslite]\ninterface = %s\ndevice = %s\n", path->interface, path->device);
	if (d->aftr_auto)
		fputs("aftr = auto\n", f);
	else
		print_strings(f, "aftr", d->aftr, d->aftrs);
	if (d->aftr_return == AFTR_RETURN_AFTER)
		fprintf(f, "aftr-return = %s\n", duration_print(d->aftr_return_ms, buf, sizeof(buf)));
	else
		fprintf(f, "aftr-return = %s\n", d->aftr_return == AFTR_RETURN_NO ? "no" : "idle");
	if (d->dns_auto)
		fputs("dns = auto\n", f);
	else
		print_strings(f, "dns", d->dns, d->dns_count);
	fprintf(f, "local = %s\n", d->local_auto ? "auto" : inet_ntop(AF_INET6, &d->local, buf, sizeof(buf)));
	fprintf(f, "address = %s\n", ipv4_print(d->address, buf));
	print_mtu(f, path->mtu);
	if (d->encap_limit_none)
		fputs("encapsulation-limit = none\n", f);
	else
		fprintf(f, "encapsulation-limit = %u\n", d->encap_limit);
	fprintf(f, "ports = %u\n", d->ports);
}

static void print_pppoe(FILE *f, const struct path_config *path)
{
	const struct pppoe_config *c = &path->pppoe;
	char buf[PREFIX4_STRLEN];

	fprintf(f, strcmp(path->name, "pppoe") == 0 ? "\n[pppoe]\n" : "\n[pppoe %s]\n", path->name);
	fprintf(f, "interface = %s\ndevice = %s\n", path->interface, path->device);
	print_text(f, "user", c->user);
	print_text(f, "password-file", c->password_file);
	if (c->has_address)
		fprintf(f, "address = %s\n", ipv4_print(c->address, buf));
	print_mtu(f, path->mtu);
	if (c->service_name)
		print_text(f, "service-name", c->service_name);
	if (c->access_concentrator)
		print_text(f, "access-concentrator", c->access_concentrator);
	if (c->has_block)
		fprintf(f, "block = %s\n", prefix4_print(c->block, buf));
}

/* The URL has no secret in it: config_ipip.c lets none in. */
static void print_registration(FILE *f, const struct ipip_config *c)
{
	char interval[32];

	if (!c->update_url)
		return;
	print_text(f, "update-url", c->update_url);
	if (c->update_user)
		print_text(f, "update-user", c->update_user);
	if (c->password_file)
		print_text(f, "password-file", c->password_file);
	fprintf(f, "basic-auth = %s\n", yes_no(c->basic_auth));
	if (c->update_answer)
		print_text(f, "update-answer", c->update_answer);
	fprintf(f, "update-interval = %s\n", duration_print(c->update_interval_ms, interval, sizeof(interval)));
}

/* "::feed:1", as the provider wrote it: inet_ntop() would make an IPv4 address of the end. */
static void print_interface_id(FILE *f, const struct in6_addr *id)
{
	bool begun = false;

	fputs("interface-id = :", f);
	for (unsigned i = 8; i < 16; i += 2) {
		unsigned group = (unsigned)id->s6_addr[i] << 8 | id->s6_addr[i + 1];

		begun |= group || i == 14;
		if (begun)
			fprintf(f, ":%x", group);
	}
	fputc('\n', f);
}

static void print_ipip(FILE *f, const struct path_config *path)
{
	const struct ipip_config *c = &path->ipip;
	char buf[INET6_ADDRSTRLEN];

	fprintf(f, "\n[ipip %s]\ninterface = %s\ndevice = %s\n", path->name, path->interface, path->device);
	print_text(f, "remote", c->remote ? c->remote : "auto");
	if (c->has_interface_id)
		print_interface_id(f, &c->local);
	else if (!c->local_told)
		fprintf(f, "local = %s\n", c->local_auto ? "auto" : inet_ntop(AF_INET6, &c->local, buf, sizeof(buf)));
	if (c->address)
		fprintf(f, "address = %s\n", ipv4_print(c->address, buf));
	print_mtu(f, path->mtu);
	print_registration(f, c);
}

/* Our own choice stands there as a comment: that nobody chose it is part of the config. */
static void print_targets(FILE *f, const struct probe_config *p)
{
	struct list line;

	list_open(&line);
	for (size_t i = 0; i < p->targets; i++)
		list_add(&line, p->target[i].spec);
	list_close(&line, f, p->own_targets ? "targets" : "; default: targets", false);
}

static void print_probe(FILE *f, const struct path_config *path)
{
	const struct probe_config *p = &path->probe;
	char interval[32], timeout[32], rtt[32] = "0";

	fprintf(f, "\n[probe %s]\n", path->name);
	print_targets(f, p);
	if (p->max_rtt_ms)
		duration_print(p->max_rtt_ms, rtt, sizeof(rtt));
	fprintf(f, "interval = %s\ntimeout = %s\ndown-after = %u\nup-after = %u\nquorum = %u\nmax-loss = %u\nmax-rtt = %s\n",
	        duration_print(p->interval_ms, interval, sizeof(interval)),
	        duration_print(p->timeout_ms, timeout, sizeof(timeout)), p->down_after, p->up_after, p->quorum,
	        p->max_loss_percent, rtt);
}

static void add_one_from(struct list *line, const struct match_from *from)
{
	char buf[PREFIX4_STRLEN > MAC_STRLEN ? PREFIX4_STRLEN : MAC_STRLEN];

	if (from->kind == MATCH_ROUTER)
		list_add(line, "router");
	else
		list_add(line, from->kind == MATCH_MAC ? mac_print(from->mac, buf) : prefix4_print(from->prefix, buf));
}

/* A host stands by its name, once, whatever number of addresses it has. */
static void print_froms(FILE *f, const struct rule_config *r)
{
	const char *host = "";
	struct list line;

	list_open(&line);
	for (size_t i = 0; i < r->froms; i++) {
		if (*r->from[i].name && strcmp(host, r->from[i].name) == 0)
			continue;
		host = r->from[i].name;
		if (*host)
			list_add(&line, host);
		else
			add_one_from(&line, &r->from[i]);
	}
	list_close(&line, f, "from", r->not_from);
}

static void print_host(FILE *f, const struct config *c, const struct host_config *h)
{
	struct list address, mac;

	fprintf(f, "\n[host %s]\n", h->name);
	list_open(&address);
	list_open(&mac);
	for (size_t i = 0; i < h->whats; i++)
		add_one_from(h->what[i].kind == MATCH_MAC ? &mac : &address, &h->what[i]);
	list_close(&address, f, "address", false);
	list_close(&mac, f, "mac", false);
	if (h->has_path) {
		print_order(f, "path", c, &h->path);
		print_on_return(f, &h->path);
		fprintf(f, "spill = %s\n", yes_no(h->path.spill));
	}
	if (h->public) {
		char buf[INET_ADDRSTRLEN];

		fprintf(f, "public = %s\n", ipv4_print(h->public, buf));
	}
}

/* By name, but where it is a long list of numbers names could make it longer than a line. */
static void print_protocols(FILE *f, const struct rule_config *r)
{
	char buf[PROTOCOL_STRLEN];
	struct list line;

	list_open(&line);
	for (size_t i = 0; i < r->protocols; i++) {
		snprintf(buf, sizeof(buf), "%u", r->protocol[i]);
		list_add(&line, r->protocols > 64 ? buf : protocol_print(r->protocol[i], buf));
	}
	list_close(&line, f, "protocol", r->not_protocol);
}

static void print_dscps(FILE *f, const struct rule_config *r)
{
	char buf[DSCP_STRLEN];
	struct list line;

	list_open(&line);
	for (size_t i = 0; i < r->dscps; i++)
		list_add(&line, dscp_print(r->dscp[i], buf));
	list_close(&line, f, "dscp", r->not_dscp);
}

static void print_times(FILE *f, const struct rule_config *r)
{
	struct list line;
	char buf[128];

	list_open(&line);
	for (size_t i = 0; i < r->times; i++)
		list_add(&line, rule_time_print(r->time[i], buf, sizeof(buf)));
	list_close(&line, f, "time", r->not_time);
}

static void print_destinations(FILE *f, const struct config *c, const struct rule_config *r)
{
	char prefix[PREFIX4_STRLEN], name[DOMAIN_MAX + 3];
	struct list line;

	list_open(&line);
	for (size_t i = 0; i < r->tos; i++)
		list_add(&line, prefix4_print(r->to[i], prefix));
	for (size_t i = 0; i < r->domains; i++) {
		snprintf(name, sizeof(name), "*.%s", c->domain[r->domain[i]]);
		list_add(&line, name);
	}
	list_close(&line, f, "to", r->not_to);
}

static void print_users(FILE *f, const struct rule_config *r)
{
	struct list line;

	list_open(&line);
	for (size_t i = 0; i < r->users; i++)
		list_add(&line, r->user[i].name);
	list_close(&line, f, "user", r->not_user);
}

static void print_rule(FILE *f, const struct config *c, const struct rule_config *r)
{
	fprintf(f, "\n[rule %s]\n", r->name);
	print_froms(f, r);
	print_users(f, r);
	print_destinations(f, c, r);
	print_protocols(f, r);
	print_ports(f, "port", r->not_port, r->port, r->ports);
	print_ports(f, "source-port", r->not_source_port, r->source_port, r->source_ports);
	print_dscps(f, r);
	print_times(f, r);
	print_interfaces(f, "interface", r->not_interface, r->interface, r->interfaces);
	print_order(f, "path", c, &r->path);
	print_on_return(f, &r->path);
	fprintf(f, "spill = %s\n", yes_no(r->path.spill));
}

static void print_forward(FILE *f, const struct config *c, const struct forward_config *w)
{
	char buf[INET_ADDRSTRLEN], port[PORT_RANGE_STRLEN];

	fprintf(f, "\n[forward %s]\nprotocol = %s\n", w->name, w->tcp && w->udp ? "both" : w->tcp ? "tcp" : "udp");
	print_ports(f, "port", false, w->port, w->ports);
	fprintf(f, "to = %s", w->to_router ? "router" : ipv4_print(w->to, buf));
	if (w->to_port.lo)
		fprintf(f, ":%s", port_range_print(w->to_port, port));
	fputc('\n', f);
	print_prefixes(f, "from", false, w->from, w->froms);
	fprintf(f, "path = %s\n", c->path[w->path].name);
}

/* [host] and [rule] by their lines: the first match wins over both alike. */
static void print_rules(FILE *f, const struct config *c)
{
	size_t host = 0;

	for (size_t i = 0; i < c->rules; i++) {
		for (; host < c->hosts && c->host[host].line < c->rule[i].line; host++)
			print_host(f, c, &c->host[host]);
		if (c->rule[i].kind == RULE_RULE)
			print_rule(f, c, &c->rule[i]);
	}
	for (; host < c->hosts; host++)
		print_host(f, c, &c->host[host]);
}

static void print_rest(FILE *f, const struct config *c)
{
	if (c->hook_on_change) {
		fputs("\n[hooks]\n", f);
		print_text(f, "on-change", c->hook_on_change);
	}
	if (c->metrics_listen)
		fprintf(f, "\n[metrics]\nlisten = %s\n", c->metrics_listen);
	if (c->web_listen)
		fprintf(f, "\n[web]\nlisten = %s\n", c->web_listen);
}

char *config_print(const struct config *c)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	print_router(f, c);
	for (size_t i = 0; i < c->paths; i++) {
		if (c->path[i].kind == PATH_DSLITE)
			print_dslite(f, &c->path[i]);
		else if (c->path[i].kind == PATH_IPIP)
			print_ipip(f, &c->path[i]);
		else
			print_pppoe(f, &c->path[i]);
		print_probe(f, &c->path[i]);
	}
	print_rules(f, c);
	for (size_t i = 0; i < c->forwards; i++)
		print_forward(f, c, &c->forward[i]);
	print_rest(f, c);
	if (fclose(f) != 0)
		abort();
	return text;
}
