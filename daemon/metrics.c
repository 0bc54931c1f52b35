/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See metrics.h.  One table says which member of the status becomes which metric,
 * so that the two cannot drift apart.
 */
#include "daemon/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct metric {
	const char *list, *member, *inner; /* status.LIST[].MEMBER(.INNER) */
	const char *name, *type, *help;
	const char *is; /* where not NULL: 1 if the member is this word, else 0 */
};

static const struct metric metrics[] = {
	{ "paths", "state", NULL, "path_up", "gauge", "1 while the path is up as asked", "up" },
	{ "paths", "state", NULL, "path_degraded", "gauge", "1 while the path works below what was asked", "degraded" },
	{ "paths", "forced", NULL, "path_forced", "gauge", "1 while the path is treated as lost on request", NULL },
	{ "paths", "mtu", NULL, "path_mtu_bytes", "gauge", "MTU of the path's interface", NULL },
	{ "paths", "line_mtu", NULL, "path_line_mtu_bytes", "gauge", "what the line below a tunnel says that it carries", NULL },
	{ "paths", "line_carries", NULL, "path_line_carries_bytes", "gauge", "what it was measured to carry", NULL },
	{ "paths", "registration", "state", "path_registered", "gauge", "1 while the provider knows the tunnel's end", "ok" },
	{ "paths", "registration", "good_ago_s", "path_registration_age_seconds", "gauge", "since the provider last took it", NULL },
	{ "paths", "rx_bytes", NULL, "path_receive_bytes_total", "counter", "bytes that came in", NULL },
	{ "paths", "tx_bytes", NULL, "path_transmit_bytes_total", "counter", "bytes that went out", NULL },
	{ "paths", "transitions", NULL, "path_transitions_total", "counter", "changes of state", NULL },
	{ "paths", "probe", "sent", "path_probes_total", "counter", "probes sent", NULL },
	{ "paths", "probe", "lost", "path_probes_lost_total", "counter", "probes without an answer", NULL },
	{ "paths", "probe", "rtt_ms", "path_probe_rtt_milliseconds", "gauge", "mean round trip of late", NULL },
	{ "paths", "ports", NULL, "path_ports", "gauge", "ports of the carrier's NAT, for each protocol", NULL },
	{ "paths", "connections", "tcp", "path_connections_tcp", "gauge", "live TCP connections", NULL },
	{ "paths", "connections", "udp", "path_connections_udp", "gauge", "live UDP connections", NULL },
	{ "paths", "connections", "icmp", "path_connections_icmp", "gauge", "live ICMP questions", NULL },
	{ "forwards", "state", NULL, "forward_up", "gauge", "1 while the forward can be reached", "up" },
	{ "forwards", "packets", NULL, "forward_packets_total", "counter", "packets that matched", NULL },
	{ "forwards", "bytes", NULL, "forward_bytes_total", "counter", "bytes that matched", NULL },
	{ "rules", "packets", NULL, "rule_packets_total", "counter", "packets that matched", NULL },
	{ "rules", "bytes", NULL, "rule_bytes_total", "counter", "bytes that matched", NULL },
};

static const json_t *member_of(const json_t *item, const struct metric *m)
{
	const json_t *value = json_object_get(item, m->member);

	return m->inner ? json_object_get(value, m->inner) : value;
}

static void print_value(FILE *f, const json_t *value, const struct metric *m)
{
	if (m->is)
		fprintf(f, "%d\n", json_is_string(value) && strcmp(json_string_value(value), m->is) == 0);
	else if (json_is_boolean(value))
		fprintf(f, "%d\n", json_is_true(value));
	else if (json_is_integer(value))
		fprintf(f, "%" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
	else
		fprintf(f, "%.3f\n", json_real_value(value));
}

static void print_metric(FILE *f, const json_t *status, const struct metric *m)
{
	const json_t *item;
	size_t i;

	fprintf(f, "# HELP dualpath_%s %s\n# TYPE dualpath_%s %s\n", m->name, m->help, m->name, m->type);
	json_array_foreach(json_object_get(status, m->list), i, item) {
		const json_t *value = member_of(item, m);

		if (!value || json_is_null(value))
			continue;
		/* Names are letters, digits, '-', '_' and '.': nothing to escape. */
		fprintf(f, "dualpath_%s{name=\"%s\"} ", m->name,
		        json_string_value(json_object_get(item, "name")));
		print_value(f, value, m);
	}
}

char *metrics_text(const json_t *status)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	fprintf(f, "# HELP dualpath_info version\n# TYPE dualpath_info gauge\ndualpath_info{version=\"%s\"} 1\n",
	        json_string_value(json_object_get(status, "version")));
	fprintf(f, "# HELP dualpath_uptime_seconds since the daemon's start\n# TYPE dualpath_uptime_seconds gauge\n"
	           "dualpath_uptime_seconds %" JSON_INTEGER_FORMAT "\n",
	        json_integer_value(json_object_get(status, "uptime_s")));
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		print_metric(f, status, &metrics[i]);
	if (fclose(f) != 0)
		abort();
	return text;
}
