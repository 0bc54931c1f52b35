/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See show.h: status, for somebody who wants to know whether the internet works, and why not. */
#include <stdlib.h>
#include <string.h>

#include "ctl/show.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static enum style style_of(const char *state)
{
	if (strcmp(state, "up") == 0)
		return STYLE_GOOD;
	if (strcmp(state, "down") == 0)
		return STYLE_BAD;
	return strcmp(state, "disabled") == 0 ? STYLE_PLAIN : STYLE_WARNING;
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void bytes_cell(struct table *table, const json_t *object, const char *key)
{
	char buf[UNIT_SIZE];

	table_cell(table, STYLE_PLAIN, "%s", unit_bytes(json_integer_value(json_object_get(object, key)), buf));
}

/* ---- paths ---- */

/* "up for 3 h 12 min" */
static void state_cell(struct table *table, const struct screen *screen, const json_t *path)
{
	const char *state = json_text(path, "state");
	time_t since = unit_time(json_text(path, "since"));
	char buf[UNIT_SIZE];

	if (since < 0 || strcmp(state, "disabled") == 0)
		table_cell(table, style_of(state), "%s", or_dash(state));
	else
		table_cell(table, style_of(state), "%s for %s", state, unit_duration(screen->now - since, buf));
}

static void mtu_cell(struct table *table, const json_t *path)
{
	json_int_t mtu = json_integer_value(json_object_get(path, "mtu"));

	if (mtu > 0)
		table_cell(table, STYLE_PLAIN, "%" JSON_INTEGER_FORMAT, mtu);
	else
		table_cell(table, STYLE_PLAIN, "-");
}

/* What was not measured is no zero. */
static void probe_cells(struct table *table, const json_t *probe)
{
	const json_t *loss = json_object_get(probe, "loss_percent"), *rtt = json_object_get(probe, "rtt_ms");
	double percent = json_number_value(loss);

	if (json_is_number(loss) && json_integer_value(json_object_get(probe, "sent")) > 0)
		table_cell(table, percent > 0 ? STYLE_WARNING : STYLE_PLAIN,
		           percent > 0 && percent < 9.95 ? "%.1f %%" : "%.0f %%", percent);
	else
		table_cell(table, STYLE_PLAIN, "-");
	if (json_is_number(rtt))
		table_cell(table, STYLE_PLAIN, "%.1f ms", json_number_value(rtt));
	else
		table_cell(table, STYLE_PLAIN, "-");
}

/* Who told the AFTR, in words; "" where the owner did. */
static const char *told_by(const char *source)
{
	static const char *const words[][2] = {
		{ "dhcpv6", ", told by DHCPv6" },
		{ "hb46pp", ", told by the provider (HB46PP)" },
		{ "known", ", known by the line's prefix" },
		{ "remembered", ", the last that worked" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(source, words[i][0]) == 0)
			return words[i][1];
	return "";
}

static void tunnel_notes(struct table *table, const json_t *path)
{
	const char *aftr = json_text(path, "aftr"), *remote = json_text(path, "remote");
	const char *local = json_text(path, "local"), *line = json_text(path, "line");
	const char *label = strcmp(json_text(path, "kind"), "dslite") == 0 ? "AFTR" : "far end";
	const char *told = told_by(json_text(path, "aftr_source"));

	if (*aftr && *remote && strcmp(aftr, remote) != 0)
		table_note(table, label, "%s (%s)%s", aftr, remote, told);
	else if (*aftr || *remote)
		table_note(table, label, "%s%s", *aftr ? aftr : remote, told);
	if (*local)
		table_note(table, "tunnel", "%s%s%s, from %s%s", json_text(path, "interface"), *line ? " on " : "", line, local,
		           told_by(json_text(path, "local_source")));
	told = told_by(json_text(path, "address_source"));
	if (*told && *json_text(path, "address"))
		table_note(table, "address", "%s%s", json_text(path, "address"), told);
}

static void registration_note(struct table *table, const json_t *path)
{
	const json_t *registration = json_object_get(path, "registration");
	const char *state = json_text(registration, "state"), *reason = json_text(registration, "reason");

	if (*state)
		table_note(table, "registered", "%s%s%s", strcmp(state, "ok") == 0 ? "yes" : state, *reason ? ": " : "", reason);
}

/* Only where the owner said how many there are. */
static void ports_note(struct table *table, const json_t *path)
{
	json_int_t ports = json_integer_value(json_object_get(path, "ports"));
	const json_t *use = json_object_get(path, "connections");

	if (ports > 0)
		table_note(table, "ports",
		           "tcp %" JSON_INTEGER_FORMAT ", udp %" JSON_INTEGER_FORMAT ", icmp %" JSON_INTEGER_FORMAT
		           " of %" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(use, "tcp")),
		           json_integer_value(json_object_get(use, "udp")), json_integer_value(json_object_get(use, "icmp")), ports);
}

static void session_note(struct table *table, const json_t *path)
{
	json_int_t session = json_integer_value(json_object_get(path, "session"));
	const char *line = json_text(path, "line"), *mac = json_text(path, "access_concentrator");
	const char *peer = json_text(path, "remote");

	if (session > 0)
		table_note(table, "session", "%" JSON_INTEGER_FORMAT " as %s%s%s%s%s%s%s%s", session,
		           json_text(path, "interface"), *line ? " on " : "", line, *mac ? ", with " : "", mac,
		           *peer ? " (" : "", peer, *peer ? ")" : "");
}

static void path_row(struct table *table, const struct screen *screen, const json_t *path)
{
	const char *name = json_text(path, "name");

	table_cell(table, STYLE_PLAIN, "%s", name);
	state_cell(table, screen, path);
	table_cell(table, STYLE_PLAIN, "%s", or_dash(json_text(path, "address")));
	mtu_cell(table, path);
	probe_cells(table, json_object_get(path, "probe"));
	bytes_cell(table, path, "rx_bytes");
	bytes_cell(table, path, "tx_bytes");
	if (*json_text(path, "reason"))
		table_note(table, "why", "%s", json_text(path, "reason"));
	if (json_is_true(json_object_get(path, "forced")))
		table_note(table, "forced", "treated as lost until 'dualpathctl failback %s'", name);
	if (strcmp(json_text(path, "kind"), "pppoe") == 0)
		session_note(table, path);
	else
		tunnel_notes(table, path);
	registration_note(table, path);
	ports_note(table, path);
}

static void show_paths(const struct screen *screen, const json_t *paths)
{
	static const char *const headings[] = { "PATH", "STATE", "ADDRESS", "MTU", "LOSS", "RTT", "IN", "OUT" };
	struct table *table;
	json_t *path;
	size_t i;

	if (json_array_size(paths) == 0) {
		fputs("No path is configured.\n", screen->f);
		return;
	}
	table = table_new(COUNT(headings), headings);
	json_array_foreach(paths, i, path)
		path_row(table, screen, path);
	table_end(table, screen);
}

static void show_default(const struct screen *screen, const json_t *order)
{
	const char *active = json_text(order, "active");
	char *words = json_list_text(json_object_get(order, "order"));

	fputs("\nEverything else goes ", screen->f);
	if (*active)
		screen_print(screen, STYLE_HEADING, "over %s", active);
	else
		screen_print(screen, STYLE_BAD, "nowhere: no path is up");
	fprintf(screen->f, " (order: %s).\n", words);
	free(words);
}

/* ---- forwards and rules ---- */

static void counter_cells(struct table *table, const json_t *object)
{
	table_cell(table, STYLE_PLAIN, "%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(object, "packets")));
	bytes_cell(table, object, "bytes");
}

/* What the last call from outside found out, where that is no good. */
static void outside_note(struct table *table, const json_t *inbound)
{
	if (json_is_true(json_object_get(inbound, "bad")))
		table_note(table, "outside", "%s", json_text(inbound, "text"));
}

static void forward_row(struct table *table, const json_t *forward)
{
	const char *state = json_text(forward, "state");

	table_cell(table, STYLE_PLAIN, "%s", json_text(forward, "name"));
	table_cell(table, style_of(state), "%s", or_dash(state));
	table_cell(table, STYLE_PLAIN, "%s", or_dash(json_text(forward, "path")));
	table_cell(table, STYLE_PLAIN, "%s", or_dash(json_text(forward, "to")));
	counter_cells(table, forward);
	if (*json_text(forward, "reason"))
		table_note(table, strcmp(state, "up") == 0 ? "but" : "why not", "%s", json_text(forward, "reason"));
	outside_note(table, json_object_get(forward, "inbound"));
}

static void show_forwards(const struct screen *screen, const json_t *forwards)
{
	static const char *const headings[] = { "FORWARD", "STATE", "COMES IN", "GOES TO", "PACKETS", "TRAFFIC" };
	struct table *table;
	json_t *forward;
	size_t i;

	if (json_array_size(forwards) == 0)
		return;
	fputc('\n', screen->f);
	table = table_new(COUNT(headings), headings);
	json_array_foreach(forwards, i, forward)
		forward_row(table, forward);
	table_end(table, screen);
}

static void set_notes(struct table *table, const json_t *sets)
{
	json_t *set;
	size_t i;

	json_array_foreach(sets, i, set)
		table_note(table, "name", "%s, by the set %s that dnsmasq fills", json_text(set, "domain"),
		           json_text(set, "set"));
}

static void rule_row(struct table *table, const json_t *rule)
{
	const char *active = json_text(rule, "active"), *state = json_text(rule, "state"), *reason = json_text(rule, "reason");
	char *order = json_list_text(json_object_get(rule, "order"));
	bool asleep = strcmp(state, "waiting") == 0 || json_is_false(json_object_get(rule, "in_time"));

	table_cell(table, STYLE_PLAIN, "%s", json_text(rule, "name"));
	table_cell(table, STYLE_PLAIN, "%s", or_dash(json_text(rule, "kind")));
	if (asleep)
		table_cell(table, STYLE_PLAIN, "not now");
	else if (strcmp(state, "missing") == 0)
		table_cell(table, STYLE_BAD, "missing");
	else
		table_cell(table, *active ? STYLE_PLAIN : STYLE_BAD, "%s", *active ? active : "nowhere");
	table_cell(table, STYLE_PLAIN, "%s", or_dash(order));
	counter_cells(table, rule);
	if (*reason)
		table_note(table, "why", "%s", reason);
	set_notes(table, json_object_get(rule, "sets"));
	free(order);
}

static void show_rules(const struct screen *screen, const json_t *rules)
{
	static const char *const headings[] = { "RULE", "KIND", "GOES OVER", "ORDER", "PACKETS", "TRAFFIC" };
	struct table *table;
	json_t *rule;
	size_t i;

	if (json_array_size(rules) == 0)
		return;
	fputc('\n', screen->f);
	table = table_new(COUNT(headings), headings);
	json_array_foreach(rules, i, rule)
		rule_row(table, rule);
	table_end(table, screen);
}

/* Where it works there is nothing to say. */
static void show_offload(const struct screen *screen, const json_t *offload)
{
	const char *reason = json_text(offload, "reason");

	if (*reason)
		fprintf(screen->f, "Nothing is offloaded: %s\n", reason);
}

void show_status(const struct screen *screen, const json_t *data)
{
	char buf[UNIT_SIZE];
	const char *config = json_text(data, "config"), *trouble = json_text(data, "trouble");

	screen_print(screen, STYLE_HEADING, "dualpath %s", json_text(data, "version"));
	fprintf(screen->f, ", running for %s%s%s\n",
	        unit_duration(json_integer_value(json_object_get(data, "uptime_s")), buf), *config ? ", with " : "",
	        config);
	if (json_object_get(data, "confirm_in_s"))
		fprintf(screen->f, "On trial: goes back to the configuration before in %" JSON_INTEGER_FORMAT
		        " s unless 'dualpathctl confirm' comes before.\n",
		        json_integer_value(json_object_get(data, "confirm_in_s")));
	if (*trouble) {
		screen_print(screen, STYLE_BAD, "Trouble: ");
		fprintf(screen->f, "%s\n", trouble);
	}
	show_offload(screen, json_object_get(data, "offload"));
	fputc('\n', screen->f);
	show_paths(screen, json_object_get(data, "paths"));
	show_default(screen, json_object_get(data, "default"));
	show_forwards(screen, json_object_get(data, "forwards"));
	show_rules(screen, json_object_get(data, "rules"));
}
