/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See status_page.h.  Every text in it is quoted: names and reasons came from the line. */
#include "daemon/status_page.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFRESH_S 5

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>dualpath</title>\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<style>body{font-family:sans-serif;margin:1em}table{border-collapse:collapse;margin:1em 0}"
	"td,th{padding:.3em .8em;border-bottom:1px solid #bbb;text-align:left;vertical-align:top}"
	".up{color:#070}.down{color:#b00}.degraded,.starting{color:#a60}</style>\n";

/* One column of a table; inner: of an object within. */
struct column {
	const char *heading, *member, *inner;
};

static bool is_ports(const struct column *c)
{
	return strcmp(c->member, "ports") == 0;
}

static void quote(FILE *f, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<': fputs("&lt;", f); break;
		case '>': fputs("&gt;", f); break;
		case '&': fputs("&amp;", f); break;
		case '"': fputs("&quot;", f); break;
		default: fputc(*text, f);
		}
}

static void print_value(FILE *f, const json_t *value)
{
	if (json_is_string(value))
		quote(f, json_string_value(value));
	else if (json_is_integer(value))
		fprintf(f, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		fprintf(f, "%.1f", json_real_value(value));
	else
		fputs("&ndash;", f);
}

/* "tcp 3, udp 12, icmp 0 of 1024" */
static void print_ports(FILE *f, const json_t *path)
{
	static const char *const protocols[] = { "tcp", "udp", "icmp" };
	const json_t *ports = json_object_get(path, "ports");

	if (!json_is_integer(ports)) {
		print_value(f, NULL);
		return;
	}
	for (unsigned i = 0; i < 3; i++) {
		fprintf(f, "%s%s ", i ? ", " : "", protocols[i]);
		print_value(f, json_object_get(json_object_get(path, "connections"), protocols[i]));
	}
	fputs(" of ", f);
	print_value(f, ports);
}

static void print_cell(FILE *f, const json_t *item, const struct column *c)
{
	const json_t *value = json_object_get(item, c->member);
	const char *text = json_string_value(value);

	fputs("<td", f);
	if (text && strcmp(c->member, "state") == 0) {
		fputs(" class=\"", f);
		quote(f, text);
		fputc('"', f);
	}
	fputc('>', f);
	if (is_ports(c))
		print_ports(f, item);
	else
		print_value(f, c->inner ? json_object_get(value, c->inner) : value);
	fputs("</td>", f);
}

/* Ports where the owner said of a path how many there are. */
static bool is_shown(const json_t *list, const struct column *column)
{
	const json_t *item;
	size_t i;

	if (!is_ports(column))
		return true;
	json_array_foreach(list, i, item)
		if (json_is_integer(json_object_get(item, column->member)))
			return true;
	return false;
}

static void print_table(FILE *f, const json_t *list, const struct column *column, size_t columns)
{
	const json_t *item;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	fputs("<table><tr>", f);
	for (i = 0; i < columns; i++)
		if (is_shown(list, &column[i]))
			fprintf(f, "<th>%s</th>", column[i].heading);
	fputs("</tr>\n", f);
	json_array_foreach(list, i, item) {
		fputs("<tr>", f);
		for (size_t k = 0; k < columns; k++)
			if (is_shown(list, &column[k]))
				print_cell(f, item, &column[k]);
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
}

static void print_default(FILE *f, const json_t *order)
{
	const char *active = json_string_value(json_object_get(order, "active"));

	fputs("<p>Everything that no rule names goes ", f);
	if (active) {
		fputs("over <b>", f);
		quote(f, active);
		fputs("</b>.</p>\n", f);
	} else {
		fputs("<b class=\"down\">nowhere: no path is up</b>.</p>\n", f);
	}
}

char *status_page(const json_t *status)
{
	static const struct column paths[] = {
		{ "Path", "name", NULL },       { "State", "state", NULL },         { "Since", "since", NULL },
		{ "Why", "reason", NULL },      { "Address", "address", NULL },     { "MTU", "mtu", NULL },
		{ "Loss %", "probe", "loss_percent" }, { "RTT ms", "probe", "rtt_ms" },
		{ "Ports", "ports", NULL },
		{ "Bytes in", "rx_bytes", NULL }, { "Bytes out", "tx_bytes", NULL },
	};
	static const struct column forwards[] = {
		{ "Forward", "name", NULL },    { "State", "state", NULL },   { "Why not", "reason", NULL },
		{ "Comes in", "path", NULL },   { "Goes to", "to", NULL },    { "From outside", "inbound", "text" },
		{ "Packets", "packets", NULL },
	};
	static const struct column rules[] = {
		{ "Rule", "name", NULL }, { "Goes over", "active", NULL }, { "Packets", "packets", NULL },
	};
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	fputs(head, f);
	fprintf(f, "<meta http-equiv=\"refresh\" content=\"%d\"></head><body><h1>dualpath</h1>\n", REFRESH_S);
	print_table(f, json_object_get(status, "paths"), paths, sizeof(paths) / sizeof(paths[0]));
	print_default(f, json_object_get(status, "default"));
	print_table(f, json_object_get(status, "forwards"), forwards, sizeof(forwards) / sizeof(forwards[0]));
	print_table(f, json_object_get(status, "rules"), rules, sizeof(rules) / sizeof(rules[0]));
	fputs("</body></html>\n", f);
	if (fclose(f) != 0)
		abort();
	return text;
}
