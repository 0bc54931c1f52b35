/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See hb46pp_store.h.  The file, where "-" is nothing:
 *
 *   prefix 2001:db8:1:2::
 *   aftr gw.example.jp
 *   token -
 */
#include "daemon/hb46pp_store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/state_file.h"

static int file_name(const char *interface, char *buf, size_t size)
{
	int len = snprintf(buf, size, "hb46pp-%s", interface);

	return len < (int)size && !strchr(interface, '/') ? 0 : -EINVAL;
}

int hb46pp_store_read(const char *state_dir, const char *interface, struct hb46pp_memory *out)
{
	char file[64], text[1024], prefix[64], aftr[DNAME_TEXT_MAX], token[HB46PP_TOKEN_LEN + 2];
	struct hb46pp_memory memory = { .aftr = "" };
	int end = 0, r = file_name(interface, file, sizeof(file));

	if (r == 0)
		r = state_file_read(state_dir, file, text, sizeof(text));
	if (r < 0)
		return r == -EINVAL || r == -EFBIG ? -EBADMSG : r;
	if (sscanf(text, "prefix %63s aftr %255s token %65s%n", prefix, aftr, token, &end) != 3 || strcmp(text + end, "\n") != 0 ||
	    inet_pton(AF_INET6, prefix, &memory.prefix) != 1)
		return -EBADMSG;
	if (strcmp(aftr, "-") != 0 && !hb46pp_is_aftr(aftr))
		return -EBADMSG;
	if (strcmp(token, "-") != 0 && !hb46pp_is_token(token))
		return -EBADMSG;
	strcpy(memory.aftr, strcmp(aftr, "-") == 0 ? "" : aftr);
	if (strcmp(token, "-") != 0)
		memcpy(memory.token, token, HB46PP_TOKEN_LEN);
	*out = memory;
	return 0;
}

int hb46pp_store_write(const char *state_dir, const char *interface, const struct hb46pp_memory *memory)
{
	char file[64], text[1024], prefix[INET6_ADDRSTRLEN];
	int r = file_name(interface, file, sizeof(file));

	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "prefix %s\naftr %s\ntoken %s\n", inet_ntop(AF_INET6, &memory->prefix, prefix, sizeof(prefix)),
	         *memory->aftr ? memory->aftr : "-", *memory->token ? memory->token : "-");
	return state_file_write(state_dir, file, text);
}
