/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ctl_receive.h. */
#include "daemon/ctl_receive.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* There is room for one; what else comes is closed by the kernel. */
static void take_file(struct msghdr *message, int *file)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(message);

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(*file)))
		return;
	if (*file >= 0)
		close(*file);
	memcpy(file, CMSG_DATA(c), sizeof(*file));
}

ssize_t ctl_receive(int fd, char *buf, size_t size, int *file)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec bytes = { .iov_base = buf, .iov_len = size };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control,
	                          .msg_controllen = CMSG_LEN(sizeof(int)) };
	ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n >= 0)
		take_file(&message, file);
	return n;
}
