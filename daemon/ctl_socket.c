/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ctl_socket.h. */
#include "daemon/ctl_socket.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/ctl_proto.h"
#include "common/xalloc.h"
#include "daemon/log.h"

#define BACKLOG 16

static int make_address(const char *path, struct sockaddr_un *addr)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!*path)
		return -EINVAL;
	if (strlen(path) >= sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	memcpy(addr->sun_path, path, strlen(path));
	return 0;
}

/* Remove a socket that nobody listens on.  -EADDRINUSE: somebody does, or it is not a socket. */
static int remove_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, result = 0;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EADDRINUSE;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 || errno != ECONNREFUSED)
		result = -EADDRINUSE;
	else if (unlink(addr->sun_path) < 0)
		result = -errno;
	close(fd);
	return result;
}

/* The group before the mode: at no time may another group write to it. */
static int open_to_group(const char *path)
{
	const struct group *group = getgrnam(CTL_GROUP);

	if (group && chown(path, (uid_t)-1, group->gr_gid) < 0)
		log_warn("cannot give %s to group " CTL_GROUP ": %s", path, strerror(errno));
	return chmod(path, 0660) < 0 ? -errno : 0;
}

/* bind() knows no mode, so the umask has to say that nobody else may connect yet. */
static int bind_private(int fd, const struct sockaddr_un *addr)
{
	mode_t old = umask(0177);
	int result = bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 ? -errno : 0;

	umask(old);
	return result;
}

/* A listening descriptor, or -errno. */
static int listen_on(const char *path)
{
	struct sockaddr_un addr;
	int fd, result = make_address(path, &addr);

	if (result == 0)
		result = remove_stale(&addr);
	if (result < 0)
		return result;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	result = bind_private(fd, &addr);
	if (result == 0) {
		result = open_to_group(path);
		if (result == 0 && listen(fd, BACKLOG) < 0)
			result = -errno;
		if (result < 0)
			unlink(path);
	}
	if (result < 0) {
		close(fd);
		return result;
	}
	return fd;
}

static bool has_file(const struct ctl_socket *sock)
{
	return file_id_same(file_id_at(sock->path), sock->id);
}

int ctl_socket_open(struct ctl_socket *sock, const char *path)
{
	int fd = listen_on(path);

	if (fd < 0)
		return fd;
	*sock = (struct ctl_socket){ .fd = fd, .path = xstrdup(path), .id = file_id_at(path) };
	return 0;
}

int ctl_socket_restore(struct ctl_socket *sock)
{
	int fd = has_file(sock) ? sock->fd : listen_on(sock->path);

	if (fd < 0)
		return fd;
	if (fd == sock->fd)
		return 0;
	close(sock->fd);
	sock->fd = fd;
	sock->id = file_id_at(sock->path);
	return 1;
}

int ctl_socket_remove(const char *path)
{
	struct sockaddr_un addr;
	int r = make_address(path, &addr);

	return r < 0 ? r : remove_stale(&addr);
}

/* Not somebody else's socket that has taken our name since. */
static void remove_own(const struct ctl_socket *sock)
{
	if (has_file(sock))
		unlink(sock->path);
}

void ctl_socket_close(struct ctl_socket *sock)
{
	remove_own(sock);
	close(sock->fd);
	free(sock->path);
}
