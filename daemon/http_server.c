/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See http_server.h. */
#include "daemon/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/acceptor.h"
#include "policy/http_request.h"

#define CLIENTS_MAX 16
#define BACKLOG 16
#define LIFE_S 10.0 /* of a connection, whatever happens on it */

struct http_client {
	struct http_server *server; /* NULL: the place is free */
	ev_io io;
	ev_timer life;
	char head[HTTP_HEAD_MAX];
	size_t len;
	char *answer; /* NULL: the head is not whole */
	size_t answer_len, sent;
};

struct http_server {
	struct ev_loop *loop;
	struct acceptor acceptor;
	http_page_fn *page;
	void *arg;
	struct http_client client[CLIENTS_MAX];
};

static void drop(struct http_client *client)
{
	ev_io_stop(client->server->loop, &client->io);
	ev_timer_stop(client->server->loop, &client->life);
	close(client->io.fd);
	free(client->answer);
	client->answer = NULL;
	client->server = NULL;
}

static void on_life_over(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	drop(w->data);
}

/* ---- answers ---- */

static void set_answer(struct http_client *client, const char *status, const char *type, const char *body, bool with_body)
{
	int n = asprintf(&client->answer,
	                 "HTTP/1.0 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n"
	                 "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
	                 "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n%s\r\n%s",
	                 status, type, strlen(body), *status == '4' ? "Allow: GET, HEAD\r\n" : "", with_body ? body : "");

	if (n < 0)
		abort();
	client->answer_len = (size_t)n;
	client->sent = 0;
}

static void answer(struct http_client *client, enum http_progress progress, const struct http_request *request)
{
	const char *type = "text/plain; charset=utf-8";
	char *body = NULL;

	if (progress == HTTP_BAD)
		set_answer(client, "400 Bad Request", type, "This is no HTTP request.\n", true);
	else if (!request->get && !request->head)
		set_answer(client, "405 Method Not Allowed", type, "There is only something to GET here.\n", true);
	else if (!(body = client->server->page(client->server->arg, request->path, &type)))
		set_answer(client, "404 Not Found", type, "There is no such page.\n", request->get);
	else
		set_answer(client, "200 OK", type, body, request->get);
	free(body);
}

/* ---- clients ---- */

static bool may_pass(int error)
{
	return error == EAGAIN || error == EINTR;
}

/* False: the client is gone. */
static bool take(struct http_client *client)
{
	ssize_t n = recv(client->io.fd, client->head + client->len, sizeof(client->head) - client->len, 0);
	struct http_request request;
	enum http_progress progress;

	if (n <= 0)
		return n < 0 && may_pass(errno);
	client->len += (size_t)n;
	progress = http_request_read(client->head, client->len, &request);
	if (progress == HTTP_MORE)
		return true;
	answer(client, progress, &request);
	ev_io_stop(client->server->loop, &client->io);
	ev_io_set(&client->io, client->io.fd, EV_WRITE);
	ev_io_start(client->server->loop, &client->io);
	return true;
}

/* False: all is said, or the client is gone. */
static bool give(struct http_client *client)
{
	ssize_t n = send(client->io.fd, client->answer + client->sent, client->answer_len - client->sent, MSG_NOSIGNAL);

	if (n < 0)
		return may_pass(errno);
	client->sent += (size_t)n;
	if (client->sent < client->answer_len)
		return true;
	shutdown(client->io.fd, SHUT_WR);
	return false;
}

static void on_client(struct ev_loop *loop, ev_io *w, int revents)
{
	struct http_client *client = w->data;

	(void)loop;
	(void)revents;
	if (!(client->answer ? give(client) : take(client)))
		drop(client);
}

/* The place of the oldest is taken where all are: whoever sits on one keeps nobody out. */
static struct http_client *find_place(struct http_server *server)
{
	struct http_client *oldest = &server->client[0];

	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct http_client *client = &server->client[i];

		if (!client->server)
			return client;
		if (ev_timer_remaining(server->loop, &client->life) < ev_timer_remaining(server->loop, &oldest->life))
			oldest = client;
	}
	drop(oldest);
	return oldest;
}

static void on_connection(void *arg, int fd)
{
	struct http_server *server = arg;
	struct http_client *client = find_place(server);

	client->server = server;
	client->len = 0;
	ev_io_init(&client->io, on_client, fd, EV_READ);
	ev_timer_init(&client->life, on_life_over, LIFE_S, 0);
	client->io.data = client->life.data = client;
	ev_io_start(server->loop, &client->io);
	ev_timer_start(server->loop, &client->life);
}

/* ---- the socket ---- */

/* config_value.c has looked at the form. */
static socklen_t parse_listen(const char *listen, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	const char *colon = strrchr(listen, ':');
	char host[INET6_ADDRSTRLEN];
	bool brackets = *listen == '[';
	int n = colon ? (int)(colon - listen) - 2 * brackets : 0;
	in_port_t port = colon ? htons((uint16_t)strtoul(colon + 1, NULL, 10)) : 0;

	memset(out, 0, sizeof(*out));
	if (n <= 0 || snprintf(host, sizeof(host), "%.*s", n, listen + brackets) >= (int)sizeof(host))
		return 0;
	if (brackets) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = port;
		return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 ? sizeof(*v6) : 0;
	}
	v4->sin_family = AF_INET;
	v4->sin_port = port;
	return inet_pton(AF_INET, host, &v4->sin_addr) == 1 ? sizeof(*v4) : 0;
}

/* Free: the LAN's address may come after us, when the machine starts. */
static int listen_on(const char *address)
{
	struct sockaddr_storage at;
	socklen_t len = parse_listen(address, &at);
	int one = 1, fd, r;

	if (!len)
		return -EINVAL;
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one)) == 0 &&
	    bind(fd, (struct sockaddr *)&at, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

int http_server_new(struct ev_loop *loop, const char *listen, http_page_fn *page, void *arg, struct http_server **out)
{
	int fd = listen_on(listen);
	struct http_server *server;

	if (fd < 0)
		return fd;
	server = xcalloc(1, sizeof(*server));
	server->loop = loop;
	server->page = page;
	server->arg = arg;
	acceptor_start(&server->acceptor, loop, fd, listen, on_connection, server);
	*out = server;
	return 0;
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	acceptor_stop(&server->acceptor);
	close(server->acceptor.door.fd);
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (server->client[i].server)
			drop(&server->client[i]);
	free(server);
}
