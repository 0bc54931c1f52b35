/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the policy makes of a config and a state of the world: every operation
 * and the whole nftables transaction, as text.  For golden tests and for people.
 *
 * usage: plandump CONFIG [PATH=up|down|lost|hopeless|full|moved|ADDRESS ...] [time=DAY:MINUTE] [offload=yes]
 *   PATH=up      usable, its device there, with its configured address
 *   PATH=down    its device is there, but it is not usable
 *   PATH=full    as up, but few of the carrier's ports are left
 *   PATH=lost    as down, but it was up before
 *   PATH=moved   as up, its tunnel has just left other ends
 *   PATH=hopeless  as lost, for longer than reset-after
 *   PATH=ADDRESS as up, with this address
 *   offload=yes  the kernel has flowtables, and all interfaces of [router] lan are there
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/conf_file.h"
#include "policy/compile.h"
#include "policy/diff.h"

static void set_path(const struct config *config, struct facts *facts, const char *name, const char *value)
{
	int i = config_path_index(config, name);
	struct path_facts *p;

	if (i < 0) {
		fprintf(stderr, "plandump: no path %s\n", name);
		exit(2);
	}
	p = &facts->path[i];
	p->device_up = true;
	p->hopeless = strcmp(value, "hopeless") == 0;
	p->lost = p->hopeless || strcmp(value, "lost") == 0;
	p->full = strcmp(value, "full") == 0;
	p->usable = !p->lost && strcmp(value, "down") != 0;
	p->address = compile_path_address(&config->path[i], p);
	ipv4_parse(value, &p->address);
	if (config->path[i].kind == PATH_PPPOE)
		return;
	p->has_ends = true;
	ipv6_parse("2001:db8:1::b4", &p->local);
	ipv6_parse("2001:db8:2::af", &p->remote);
	p->drains = strcmp(value, "moved") == 0;
	ipv6_parse("2001:db8:1::17", &p->drain_local);
	p->drain_remote = p->remote;
	p->line_mtu = 1500;
	p->has_assigned = config->path[i].kind == PATH_IPIP && (config->path[i].ipip.has_interface_id || config->path[i].ipip.local_told);
	p->local_assigned = p->has_assigned;
	p->assigned = p->local;
}

static void set_fact(const struct config *config, struct facts *facts, char *word)
{
	char *value = strchr(word, '=');

	if (!value) {
		fprintf(stderr, "plandump: %s: NAME=VALUE\n", word);
		exit(2);
	}
	*value++ = '\0';
	if (strcmp(word, "time") == 0)
		sscanf(value, "%u:%u", &facts->weekday, &facts->minute);
	else if (strcmp(word, "offload") == 0)
		facts->lan_there = (facts->can_offload = strcmp(value, "yes") == 0) ? UINT32_MAX : 0;
	else
		set_path(config, facts, word, value);
}

static struct config *read_config(const char *file)
{
	struct diag_list diags = { 0 };
	struct ini_file *ini = conf_file_read(file, &diags);
	struct config *config = ini ? config_parse(ini, &diags) : NULL;

	for (size_t i = 0; i < diags.count; i++) {
		char *text = diag_format(&diags.item[i]);

		fprintf(stderr, "%s\n", text);
		free(text);
	}
	ini_free(ini);
	diag_free(&diags);
	return config;
}

static void print_plan(const struct plan *want)
{
	struct plan nothing = { 0 };
	struct op_list ops = { 0 };

	diff(want, &nothing, &ops);
	for (size_t i = 0; i < ops.count; i++) {
		char *text = ops.op[i].kind == OP_NFT ? strdup(ops.op[i].text) : op_print(&ops.op[i]);

		printf("%s%s", text, ops.op[i].kind == OP_NFT ? "" : "\n");
		free(text);
	}
	op_list_free(&ops);
}

int main(int argc, char **argv)
{
	struct config *config = argc > 1 ? read_config(argv[1]) : NULL;
	struct facts facts = { 0 };
	struct plan want = { 0 };

	if (!config)
		return 1;
	config_assign_slots(config, NULL);
	for (int i = 2; i < argc; i++)
		set_fact(config, &facts, argv[i]);
	compile(config, &facts, &want);
	print_plan(&want);
	plan_free(&want);
	config_free(config);
	return 0;
}
