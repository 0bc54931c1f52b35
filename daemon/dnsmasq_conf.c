/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See dnsmasq_conf.h. */
#include "daemon/dnsmasq_conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "daemon/kept_file.h"
#include "daemon/state_file.h"
#include "policy/domain.h"

#define NAME "dnsmasq.conf"

/* 0: dir has this text; -ENOENT: it has none; else another. */
static int compare(const char *dir, const char *text)
{
	size_t size = strlen(text) + 2;
	char *old = xcalloc(size, 1);
	int r = state_file_read(dir, NAME, old, size);

	if (r == 0 && strcmp(old, text) != 0)
		r = -ESTALE;
	free(old);
	return r;
}

void dnsmasq_conf_write(const char *run_dir, const struct config *config)
{
	char *text = domain_dnsmasq_conf(config);

	kept_file_publish(run_dir, NAME, text);
	free(text);
}

void dnsmasq_conf_update(const char *run_dir, const struct config *config, struct events *events)
{
	char *text = domain_dnsmasq_conf(config);
	int was = compare(run_dir, text), r = was ? kept_file_publish(run_dir, NAME, text) : 0;

	if (r == 0 && was && (config->domains || was != -ENOENT))
		events_add(events, "router", "", "",
		           "the names of the rules are others than before: start dnsmasq anew, so that it reads %s/" NAME, run_dir);
	free(text);
}
