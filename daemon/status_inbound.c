/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See status_inbound.h. */
#include "daemon/status_inbound.h"

#include <netinet/in.h>

#include "daemon/clock.h"

static json_t *port_json(const struct inbound_port *port)
{
	json_t *ms = port->answer_us < 0 ? json_null() : json_real(port->answer_us / 1000.0);

	return json_pack("{s:s, s:i, s:s, s:o, s:s}", "protocol", port->t.protocol == IPPROTO_TCP ? "tcp" : "udp", "port",
	                 port->t.port, "verdict", inbound_verdict_name(port->verdict), "ms", ms, "text", port->text);
}

json_t *status_inbound_result(const struct inbound_result *result)
{
	json_t *ports = json_array();
	char checked[CLOCK_STRLEN];

	for (size_t i = 0; i < result->ports; i++)
		json_array_append_new(ports, port_json(&result->port[i]));
	return json_pack("{s:s, s:b, s:s, s:s, s:o}", "verdict", inbound_verdict_name(result->verdict), "bad",
	                 inbound_is_bad(result->verdict), "text", result->text, "checked",
	                 clock_print_utc(result->checked_ms, false, checked), "ports", ports);
}

json_t *status_inbound_json(const struct router *router, const char *forward)
{
	const struct inbound_result *known = inbound_known(router_inbound(router), forward);

	return known ? status_inbound_result(known) : json_null();
}
