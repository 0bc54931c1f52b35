/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pppoe_left.h.  The file is one line: "wan0 02:00:5e:00:00:01 4711". */
#include "daemon/pppoe_left.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/kept_file.h"
#include "daemon/pppoe_send.h"
#include "policy/pppoe_disc.h"

static void file_name(const char *path, char *buf, size_t size)
{
	snprintf(buf, size, "pppoe-%s", path);
}

void pppoe_left_write(const char *state_dir, const char *path, const struct pppoe_left *left)
{
	char file[64], text[64], mac[MAC_STRLEN];

	file_name(path, file, sizeof(file));
	snprintf(text, sizeof(text), "%s %s %u\n", left->interface, mac_print(left->ac, mac), left->session);
	kept_file_write(state_dir, file, text);
}

void pppoe_left_forget(const char *state_dir, const char *path)
{
	char file[64];

	file_name(path, file, sizeof(file));
	kept_file_remove(state_dir, file);
}

static int read_left(const char *state_dir, const char *path, struct pppoe_left *out)
{
	char file[64], text[64], mac[18];
	struct pppoe_left left;
	unsigned session;
	int end = 0, r;

	file_name(path, file, sizeof(file));
	r = kept_file_read(state_dir, file, text, sizeof(text));
	if (r < 0)
		return r;
	if (sscanf(text, "%15s %17s %5u\n%n", left.interface, mac, &session, &end) != 3 || text[end] ||
	    !mac_parse(mac, &left.ac) || session == 0 || session > UINT16_MAX)
		return -EBADMSG;
	left.session = (uint16_t)session;
	*out = left;
	return 0;
}

int pppoe_left_tell(const char *state_dir, const char *path, struct pppoe_left *left)
{
	uint8_t frame[PPPOE_DISC_SEND_MAX];
	int r = read_left(state_dir, path, left);

	if (r < 0 && r != -ENOENT)
		pppoe_left_forget(state_dir, path); /* it says nothing that could be used, now or later */
	if (r == 0)
		r = pppoe_send(left->interface, &left->ac, frame, pppoe_disc_padt(left->session, frame));
	return r;
}

int pppoe_left_end(const char *state_dir, const char *path, struct pppoe_left *left)
{
	int r = pppoe_left_tell(state_dir, path, left);

	if (r == 0)
		pppoe_left_forget(state_dir, path);
	return r;
}
