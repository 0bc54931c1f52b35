/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See aftr_store.h.  The file:
 *
 *   wanted auto
 *   name gw.example.jp
 *   address 2001:db8::1
 */
#include "daemon/aftr_store.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/kept_file.h"
#include "daemon/state_file.h"
#include "policy/addr6.h"

#define FILE_MAX 8192

static int file_name(const char *interface, char *buf, size_t size)
{
	int len = snprintf(buf, size, "aftr-%s", interface);

	return len < (int)size && !strchr(interface, '/') ? 0 : -EINVAL;
}

/* The value of the line at *text, which must have this key; *text goes on to the next line.  NULL: it has not. */
static char *take(char **text, const char *key)
{
	size_t len = strlen(key);
	char *value = *text, *end = strchr(value, '\n');

	if (!end || strncmp(value, key, len) != 0 || value[len] != ' ')
		return NULL;
	*end = '\0';
	*text = end + 1;
	return value + len + 1;
}

static int parse(char *text, const char *wanted, struct aftr_memory *out)
{
	const char *for_what = take(&text, "wanted");
	const char *name = for_what ? take(&text, "name") : NULL;
	const char *address = name ? take(&text, "address") : NULL;
	struct aftr_memory memory;

	if (!address || *text || (*name && !dname_is_valid(name)) ||
	    inet_pton(AF_INET6, address, &memory.address) != 1 || !addr6_may_be_remote(&memory.address))
		return -EBADMSG;
	if (strcmp(for_what, wanted) != 0)
		return -ENOENT;
	strcpy(memory.name, name);
	*out = memory;
	return 0;
}

int aftr_store_read(const char *state_dir, const char *interface, const char *wanted, struct aftr_memory *out)
{
	char file[64], text[FILE_MAX];
	int r = file_name(interface, file, sizeof(file));

	if (r == 0)
		r = state_file_read(state_dir, file, text, sizeof(text));
	if (r == -EINVAL || r == -EFBIG)
		return -EBADMSG;
	return r < 0 ? r : parse(text, wanted, out);
}

void aftr_store_write(const char *state_dir, const char *interface, const char *wanted, const struct aftr_memory *memory)
{
	char file[64], text[FILE_MAX], address[INET6_ADDRSTRLEN];
	int len;

	if (file_name(interface, file, sizeof(file)) < 0)
		return;
	inet_ntop(AF_INET6, &memory->address, address, sizeof(address));
	len = snprintf(text, sizeof(text), "wanted %s\nname %s\naddress %s\n", wanted, memory->name, address);
	if (len < (int)sizeof(text))
		kept_file_write(state_dir, file, text);
}
