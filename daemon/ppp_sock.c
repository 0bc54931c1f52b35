/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ppp_sock.h. */
#include "daemon/ppp_sock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/acceptor.h"
#include "daemon/file_id.h"
#include "daemon/log.h"

#define BACKLOG 8
#define MESSAGES_AT_ONCE 16

struct client {
	struct ppp_sock *sock;
	ev_io watcher;
	pid_t pid;
	bool greeted; /* said HELLO, which must come first */
	bool ignored; /* said something strange: hung up on, it would call again for ever */
};

struct ppp_sock {
	struct ev_loop *loop;
	struct ppp_sock_callbacks callbacks;
	void *arg;
	struct acceptor acceptor;
	struct file_id id; /* of the socket that we made */
	struct client *client[PPP_SOCK_CLIENTS_MAX];
};

/* ---- what is said ---- */

/* Ends within its room, and is printable ASCII without blanks and slashes: fit for a log and for a name. */
static bool name_is_sound(const char *name, size_t room, bool may_be_empty)
{
	size_t length = strnlen(name, room);

	if (length == room || (length == 0 && !may_be_empty))
		return false;
	for (size_t i = 0; i < length; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
			return false;
	return true;
}

static bool type_is_plugins(uint32_t type)
{
	return type >= PPP_MSG_HELLO && type <= PPP_MSG_ALIVE && type != PPP_MSG_SECRET;
}

bool ppp_report_is_sound(const void *message, size_t size, pid_t peer)
{
	struct ppp_report report;

	if (size != sizeof(report))
		return false;
	memcpy(&report, message, sizeof(report));
	return report.magic == PPP_PROTO_MAGIC && type_is_plugins(report.type) && report.pid == peer &&
	       report.phase <= PPP_PHASE_MASTER && report.ip_up <= 1 && report.mtu <= UINT16_MAX &&
	       report.exit_status <= UINT8_MAX && name_is_sound(report.ifname, sizeof(report.ifname), true) &&
	       name_is_sound(report.path, sizeof(report.path), false);
}

/* ---- clients ---- */

static void client_drop(struct client *client)
{
	struct ppp_sock *sock = client->sock;

	for (unsigned i = 0; i < PPP_SOCK_CLIENTS_MAX; i++)
		if (sock->client[i] == client)
			sock->client[i] = NULL;
	ev_io_stop(sock->loop, &client->watcher);
	close(client->watcher.fd);
	free(client);
}

/* A plugin that calls again has given up its older connection: what still lies there is older than its HELLO. */
static void drop_older(const struct client *client)
{
	struct ppp_sock *sock = client->sock;

	for (unsigned i = 0; i < PPP_SOCK_CLIENTS_MAX; i++)
		if (sock->client[i] && sock->client[i] != client && sock->client[i]->pid == client->pid)
			client_drop(sock->client[i]);
}

/* false: the client is as good as gone. */
static bool answer_hello(struct client *client, const struct ppp_report *hello)
{
	struct ppp_sock *sock = client->sock;
	struct ppp_secret secret = { .magic = PPP_PROTO_MAGIC, .type = PPP_MSG_SECRET };
	int result = sock->callbacks.secret(sock->arg, hello, &secret);
	bool sent = true;

	if (result < 0)
		log_warn("pppoe %s: no secret for pppd: %s", hello->path, strerror(-result));
	else
		sent = send(client->watcher.fd, &secret, sizeof(secret), MSG_DONTWAIT | MSG_NOSIGNAL) ==
		       (ssize_t)sizeof(secret);
	explicit_bzero(&secret, sizeof(secret));
	return sent;
}

static bool take_report(struct client *client, const struct ppp_report *report, size_t size)
{
	struct ppp_sock *sock = client->sock;

	if (!ppp_report_is_sound(report, size, client->pid) || (!client->greeted && report->type != PPP_MSG_HELLO)) {
		log_warn("pppd %d: its plugin and this daemon do not understand each other", client->pid);
		client->ignored = true;
		return true;
	}
	client->greeted = true;
	if (report->type == PPP_MSG_HELLO) {
		drop_older(client);
		if (!answer_hello(client, report))
			return false;
	}
	sock->callbacks.report(sock->arg, report);
	return true;
}

static void on_client(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct client *client = watcher->data;
	struct ppp_report report;

	(void)loop;
	(void)events;
	for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
		ssize_t size = recv(watcher->fd, &report, sizeof(report), MSG_DONTWAIT | MSG_TRUNC);

		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		/* The plugin ended with a secret of ours unread.  That is told first; what it said before lies behind it. */
		if (size < 0 && errno == ECONNRESET)
			continue;
		if (size <= 0 || (!client->ignored && !take_report(client, &report, (size_t)size))) {
			client_drop(client);
			return;
		}
	}
}

static bool peer_is_welcome(struct ppp_sock *sock, int fd, pid_t *pid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	if (peer.uid != 0 || !sock->callbacks.is_ours(sock->arg, peer.pid)) {
		log_warn("process %d of user %u is no pppd of ours, hanging up", peer.pid, peer.uid);
		return false;
	}
	*pid = peer.pid;
	return true;
}

static struct client **free_place(struct ppp_sock *sock)
{
	for (unsigned i = 0; i < PPP_SOCK_CLIENTS_MAX; i++)
		if (!sock->client[i])
			return &sock->client[i];
	return NULL;
}

static bool client_add(struct ppp_sock *sock, int fd)
{
	struct client **place = free_place(sock);
	struct client *client = NULL;
	pid_t pid;

	if (place && peer_is_welcome(sock, fd, &pid))
		client = calloc(1, sizeof(*client));
	if (!client)
		return false;
	client->sock = sock;
	client->pid = pid;
	ev_io_init(&client->watcher, on_client, fd, EV_READ);
	client->watcher.data = client;
	ev_io_start(sock->loop, &client->watcher);
	*place = client;
	return true;
}

/* ---- the listener ---- */

static void on_connection(void *arg, int fd)
{
	if (!client_add(arg, fd))
		close(fd);
}

/* 0600 from its first moment: the mask, as bind() has no mode. */
static int bind_private(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int result;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	mask = umask(0177);
	result = bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	umask(mask);
	return result;
}

static int open_listener(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int result;

	if (fd < 0)
		return -errno;
	result = bind_private(fd, path);
	if (result == 0 && listen(fd, BACKLOG) < 0)
		result = -errno;
	if (result == 0)
		return fd;
	close(fd);
	return result;
}

int ppp_sock_restore(struct ppp_sock *sock, const char *path)
{
	int fd, old = sock->acceptor.door.fd;

	if (file_id_same(file_id_at(path), sock->id))
		return 0;
	fd = open_listener(path);
	if (fd < 0)
		return fd;
	acceptor_move(&sock->acceptor, fd);
	close(old);
	sock->id = file_id_at(path);
	return 1;
}

int ppp_sock_new(struct ev_loop *loop, const char *path, const struct ppp_sock_callbacks *callbacks, void *arg,
                 struct ppp_sock **out)
{
	struct ppp_sock *sock;
	int fd = open_listener(path);

	if (fd < 0)
		return fd;
	sock = calloc(1, sizeof(*sock));
	if (!sock) {
		close(fd);
		return -ENOMEM;
	}
	sock->loop = loop;
	sock->callbacks = *callbacks;
	sock->arg = arg;
	acceptor_start(&sock->acceptor, loop, fd, "the plugin's socket", on_connection, sock);
	sock->id = file_id_at(path);
	*out = sock;
	return 0;
}

void ppp_sock_free(struct ppp_sock *sock)
{
	if (!sock)
		return;
	for (unsigned i = 0; i < PPP_SOCK_CLIENTS_MAX; i++)
		if (sock->client[i])
			client_drop(sock->client[i]);
	acceptor_stop(&sock->acceptor);
	close(sock->acceptor.door.fd);
	free(sock);
}
