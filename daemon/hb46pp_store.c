/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See hb46pp_store.h.  The file, where "-" is nothing, and with a line for each tunnel, if there are any:
 *
 *   prefix 2001:db8:1:2::
 *   aftr gw.example.jp
 *   token -
 *   tunnel 2001:db8:7::1 2001:db8:1:2::7 203.0.113.30/32       the provider's end, ours, and the address
 */
#include "daemon/hb46pp_store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/kept_file.h"
#include "daemon/state_file.h"

#define FILE_MAX 4096

static int file_name(const char *interface, char *buf, size_t size)
{
	int len = snprintf(buf, size, "hb46pp-%s", interface);

	return len < (int)size && !strchr(interface, '/') ? 0 : -EINVAL;
}

bool hb46pp_memory_equal(const struct hb46pp_memory *a, const struct hb46pp_memory *b)
{
	bool same = IN6_ARE_ADDR_EQUAL(&a->prefix, &b->prefix) && strcmp(a->ways.aftr, b->ways.aftr) == 0 &&
	            strcmp(a->token, b->token) == 0 && a->ways.tunnels == b->ways.tunnels;

	for (unsigned i = 0; same && i < a->ways.tunnels; i++)
		same = hb46pp_tunnel_equal(&a->ways.tunnel[i], &b->ways.tunnel[i]);
	return same;
}

/* ---- reading ---- */

static const char *or_null(const char *text)
{
	return strcmp(text, "-") == 0 ? NULL : text;
}

static bool read_tunnels(const char *text, struct hb46pp_ways *ways)
{
	char remote[64], local[64], ipv4[32];

	while (*text) {
		int end = 0;

		if (sscanf(text, "tunnel %63s %63s %31s%n", remote, local, ipv4, &end) != 3 || text[end] != '\n' ||
		    !hb46pp_tunnel_add(ways, remote, or_null(local), or_null(ipv4)))
			return false;
		text += end + 1;
	}
	return true;
}

static bool parse(const char *text, struct hb46pp_memory *memory)
{
	char prefix[64], aftr[DNAME_TEXT_MAX], token[HB46PP_TOKEN_LEN + 2];
	int end = 0;

	if (sscanf(text, "prefix %63s aftr %255s token %65s%n", prefix, aftr, token, &end) != 3 || text[end] != '\n' ||
	    inet_pton(AF_INET6, prefix, &memory->prefix) != 1)
		return false;
	if ((or_null(aftr) && !hb46pp_is_aftr(aftr)) || (or_null(token) && !hb46pp_is_token(token)))
		return false;
	strcpy(memory->ways.aftr, or_null(aftr) ? aftr : "");
	if (or_null(token))
		memcpy(memory->token, token, HB46PP_TOKEN_LEN);
	return read_tunnels(text + end + 1, &memory->ways);
}

int hb46pp_store_read(const char *state_dir, const char *interface, struct hb46pp_memory *out)
{
	struct hb46pp_memory memory = { .token = "" };
	char file[64], text[FILE_MAX];
	int r = file_name(interface, file, sizeof(file));

	if (r == 0)
		r = state_file_read(state_dir, file, text, sizeof(text));
	if (r < 0)
		return r == -EINVAL || r == -EFBIG ? -EBADMSG : r;
	if (!parse(text, &memory))
		return -EBADMSG;
	*out = memory;
	return 0;
}

/* ---- writing ---- */

static void print_tunnel(FILE *f, const struct hb46pp_tunnel *t)
{
	char remote[INET6_ADDRSTRLEN], local[INET6_ADDRSTRLEN], ipv4[PREFIX4_STRLEN];

	fprintf(f, "tunnel %s %s %s\n", inet_ntop(AF_INET6, &t->remote, remote, sizeof(remote)),
	        IN6_IS_ADDR_UNSPECIFIED(&t->local) ? "-" : inet_ntop(AF_INET6, &t->local, local, sizeof(local)),
	        t->length ? hb46pp_tunnel_ipv4(t, ipv4) : "-");
}

void hb46pp_store_write(const char *state_dir, const char *interface, const struct hb46pp_memory *memory)
{
	char file[64], prefix[INET6_ADDRSTRLEN], *text = NULL;
	size_t size;
	FILE *f;

	if (file_name(interface, file, sizeof(file)) < 0)
		return;
	f = open_memstream(&text, &size);
	if (!f)
		abort();
	fprintf(f, "prefix %s\naftr %s\ntoken %s\n", inet_ntop(AF_INET6, &memory->prefix, prefix, sizeof(prefix)),
	        *memory->ways.aftr ? memory->ways.aftr : "-", *memory->token ? memory->token : "-");
	for (unsigned i = 0; i < memory->ways.tunnels; i++)
		print_tunnel(f, &memory->ways.tunnel[i]);
	if (fclose(f) != 0)
		abort();
	kept_file_write(state_dir, file, text);
	free(text);
}
