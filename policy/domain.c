/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See domain.h. */
#include "policy/domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/plan.h"

const char *domain_set_name(const char *domain, char *buf)
{
	snprintf(buf, DOMAIN_SET_STRLEN, DOMAIN_SET_PREFIX "%s", domain);
	return buf;
}

bool domain_covers(const char *domain, const char *name)
{
	size_t outer = strlen(domain), inner = strlen(name);

	if (inner < outer || strcmp(name + inner - outer, domain) != 0)
		return false;
	return inner == outer || name[inner - outer - 1] == '.';
}

/* dnsmasq takes the line of the longest name that fits, and no other: it must have the sets of the shorter ones as well. */
static void print_line(FILE *f, const struct config *config, const char *name)
{
	char set[DOMAIN_SET_STRLEN];
	const char *between = "";

	fprintf(f, "nftset=/%s/", name);
	for (size_t i = 0; i < config->domains; i++) {
		if (!domain_covers(config->domain[i], name))
			continue;
		fprintf(f, "%s4#inet#" PLAN_TABLE "#%s", between, domain_set_name(config->domain[i], set));
		between = ",";
	}
	fputc('\n', f);
}

char *domain_dnsmasq_conf(const struct config *config)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort();
	fputs("# For dnsmasq, by dualpathd: the names of \"to =\" in its rules.  Do not edit: it is written anew.\n"
	      "# dnsmasq reads it by conf-file=, when it starts.\n", f);
	for (size_t i = 0; i < config->domains; i++)
		print_line(f, config, config->domain[i]);
	if (fclose(f) != 0)
		abort();
	return text;
}
