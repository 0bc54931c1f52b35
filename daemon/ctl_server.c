/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See ctl_server.h.  A client has one request in work at a time: while its answer
 * is not taken nothing more is read from it, so that nobody can make us hold more
 * than one line each way for him.
 */
#include "daemon/ctl_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/ctl_proto.h"
#include "common/xalloc.h"
#include "daemon/acceptor.h"
#include "daemon/ctl_receive.h"
#include "daemon/ctl_socket.h"
#include "daemon/log.h"

#define CLIENTS_MAX 32
#define ROOT_PLACES 4 /* of them are kept for root, who must get in when the group has filled the rest */
#define READ_SIZE 4096

struct ctl_client {
	struct ctl_server *server;
	ev_io watcher;
	ev_timer idle;
	struct ucred peer;
	bool eof;                /* said all it wants to say, perhaps still listens */
	int file;                /* that came with the request, or -1 */
	char *in;                /* requests, the first of them perhaps not whole */
	size_t in_len, in_cap;
	char *out;               /* the answer that is being taken, or NULL */
	size_t out_len, out_sent;
	struct ctl_later *later; /* whoever owes it an answer, or NULL */
};

struct ctl_later {
	struct ctl_client *client; /* NULL: gone */
};

struct ctl_server {
	struct ev_loop *loop;
	const struct ctl_verb *verbs;
	void *arg;
	struct ctl_socket socket;
	struct acceptor acceptor;
	struct ctl_client *client[CLIENTS_MAX];
	unsigned clients;
};

/* ---- answers ---- */

static void drop_file(struct ctl_client *client)
{
	if (client->file >= 0)
		close(client->file);
	client->file = -1;
}

/* NULL: the answer comes later. */
static json_t *answer_line(struct ctl_client *client, const char *line, size_t length)
{
	const struct ctl_request request = { .uid = client->peer.uid, .pid = client->peer.pid,
	                                     .file = client->peer.uid == 0 ? client->file : -1, .client = client };
	json_t *answer = ctl_request_answer(client->server->verbs, client->server->arg, request, line, length);

	drop_file(client);
	return answer || client->later ? answer : ctl_answer(CTL_EXIT_BAD_NEWS, NULL);
}

/* answer as a line in client->out; takes the reference. */
static void queue_answer(struct ctl_client *client, json_t *answer)
{
	/* 1.4, not 1.3999999999999999 */
	char *text = json_dumps(answer, JSON_COMPACT | JSON_REAL_PRECISION(9));

	json_decref(answer);
	if (!text || strlen(text) >= CTL_ANSWER_MAX) {
		free(text);
		answer = ctl_error(CTL_EXIT_BAD_NEWS, "the answer is too big");
		text = json_dumps(answer, JSON_COMPACT);
		json_decref(answer);
	}
	if (!text)
		abort(); /* out of memory, as in xalloc */
	client->out = text;
	client->out_len = strlen(text) + 1;
	client->out_sent = 0;
	text[client->out_len - 1] = '\n'; /* in place of the end of the string */
}

/* ---- clients ---- */

static void client_drop(struct ctl_client *client)
{
	struct ctl_server *server = client->server;

	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (server->client[i] == client)
			server->client[i] = NULL;
	if (client->later)
		client->later->client = NULL;
	server->clients--;
	ev_io_stop(server->loop, &client->watcher);
	ev_timer_stop(server->loop, &client->idle);
	close(client->watcher.fd);
	drop_file(client);
	free(client->in);
	free(client->out);
	free(client);
}

static void on_idle(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	client_drop(timer->data);
}

static bool may_pass(int error)
{
	return error == EAGAIN || error == EINTR;
}

/* False: the client is gone. */
static bool client_write(struct ctl_client *client)
{
	ssize_t n;

	if (!client->out)
		return true;
	n = send(client->watcher.fd, client->out + client->out_sent, client->out_len - client->out_sent,
	         MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0)
		return may_pass(errno);
	ev_timer_again(client->server->loop, &client->idle);
	client->out_sent += (size_t)n;
	if (client->out_sent == client->out_len) {
		free(client->out);
		client->out = NULL;
	}
	return true;
}

/* False: the client is gone, or says more in a line than it may. */
static bool client_read(struct ctl_client *client)
{
	ssize_t n;

	if (client->in_len + READ_SIZE > client->in_cap) {
		client->in_cap = client->in_len + READ_SIZE;
		client->in = xreallocarray(client->in, client->in_cap, 1);
	}
	n = ctl_receive(client->watcher.fd, client->in + client->in_len, READ_SIZE, &client->file);
	if (n < 0)
		return may_pass(errno);
	client->eof = n == 0;
	client->in_len += (size_t)n;
	return true;
}

static const char *line_end(const struct ctl_client *client)
{
	return client->in_len ? memchr(client->in, '\n', client->in_len) : NULL;
}

/* Take the first line, which ends at end, out of client->in and answer it. */
static void client_answer(struct ctl_client *client, const char *end)
{
	size_t length = (size_t)(end - client->in);
	json_t *answer;

	ev_timer_again(client->server->loop, &client->idle);
	answer = answer_line(client, client->in, length);
	if (answer)
		queue_answer(client, answer);
	else
		ev_timer_stop(client->server->loop, &client->idle); /* it is not he who keeps us waiting */
	client->in_len -= length + 1;
	memmove(client->in, client->in + length + 1, client->in_len);
	if (client->in_len == 0) { /* who only keeps the line open costs no memory */
		free(client->in);
		client->in = NULL;
		client->in_cap = 0;
	}
}

/*
 * Wait for what is needed next.  A whole request that waits is taken up when the socket
 * can be written to, which is to say in the loop's next round: others come in between.
 * Until an answer that comes later is there, nothing is.
 */
static void client_wait(struct ctl_client *client)
{
	int events = client->later ? 0 : client->out || line_end(client) ? EV_WRITE : EV_READ;

	if ((client->watcher.events & (EV_READ | EV_WRITE)) == events)
		return;
	ev_io_stop(client->server->loop, &client->watcher);
	ev_io_set(&client->watcher, client->watcher.fd, events);
	if (events)
		ev_io_start(client->server->loop, &client->watcher);
}

static void refuse_long_request(struct ctl_client *client)
{
	queue_answer(client, ctl_error(CTL_EXIT_USAGE, "a request has at most %d bytes", CTL_REQUEST_MAX));
	client_write(client);
}

/* One round: at most one read, one request, and as much of its answer as goes.  False: close it. */
static bool client_turn(struct ctl_client *client, int revents)
{
	const char *end;

	if ((revents & EV_READ) && !client_read(client))
		return false;
	if (!client_write(client))
		return false;
	end = line_end(client);
	if ((end ? (size_t)(end - client->in) : client->in_len) >= CTL_REQUEST_MAX) {
		if (!client->out)
			refuse_long_request(client);
		return false;
	}
	if (!client->out && end) {
		client_answer(client, end);
		if (!client_write(client))
			return false;
	}
	return client->later || client->out || line_end(client) || !client->eof;
}

static void on_client(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct ctl_client *client = watcher->data;

	(void)loop;
	if (client_turn(client, revents))
		client_wait(client);
	else
		client_drop(client);
}

/* ---- answers that come later ---- */

struct ctl_later *ctl_later(const struct ctl_request *req)
{
	struct ctl_later *later = xcalloc(1, sizeof(*later));

	later->client = req->client;
	req->client->later = later;
	return later;
}

void ctl_later_answer(struct ctl_later *later, json_t *answer)
{
	struct ctl_client *client = later->client;

	free(later);
	if (!client) {
		json_decref(answer);
		return;
	}
	client->later = NULL;
	ev_timer_again(client->server->loop, &client->idle);
	queue_answer(client, answer);
	client_wait(client);
}

/* ---- accepting ---- */

/* True: there is a place for him. */
static bool place_for(const struct ctl_server *server, const struct ucred *peer)
{
	return server->clients < (peer->uid == 0 ? CLIENTS_MAX : CLIENTS_MAX - ROOT_PLACES);
}

static void client_new(struct ctl_server *server, int fd, const struct ucred *peer)
{
	struct ctl_client *client = xcalloc(1, sizeof(*client));
	unsigned i = 0;

	while (server->client[i])
		i++;
	server->client[i] = client;
	server->clients++;
	client->server = server;
	client->peer = *peer;
	client->file = -1;
	ev_io_init(&client->watcher, on_client, fd, EV_READ);
	client->watcher.data = client;
	ev_io_start(server->loop, &client->watcher);
	ev_timer_init(&client->idle, on_idle, 0, CTL_IDLE_S);
	client->idle.data = client;
	ev_timer_again(server->loop, &client->idle);
}

static void refuse_client(int fd)
{
	static const char text[] = "{\"exit\":1,\"error\":\"too many ask at once; try again\"}\n";

	if (send(fd, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("control: refused somebody who was gone already");
	close(fd);
}

static void on_connection(void *arg, int fd)
{
	struct ctl_server *server = arg;
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		close(fd);
	else if (place_for(server, &peer))
		client_new(server, fd, &peer);
	else
		refuse_client(fd);
}

/* ---- the server ---- */

int ctl_server_restore(struct ctl_server *server)
{
	int r = ctl_socket_restore(&server->socket);

	if (r <= 0)
		return r;
	log_info("control: %s was removed, and is there again", server->socket.path);
	acceptor_move(&server->acceptor, server->socket.fd);
	return 0;
}

int ctl_server_new(struct ev_loop *loop, const char *path, const struct ctl_verb *verbs, void *arg,
                   struct ctl_server **out)
{
	struct ctl_server *server;
	struct ctl_socket sock;
	int r = ctl_socket_open(&sock, path);

	if (r < 0)
		return r;
	server = xcalloc(1, sizeof(*server));
	server->loop = loop;
	server->verbs = verbs;
	server->arg = arg;
	server->socket = sock;
	acceptor_start(&server->acceptor, loop, sock.fd, "control", on_connection, server);
	*out = server;
	return 0;
}

void ctl_server_free(struct ctl_server *server)
{
	if (!server)
		return;
	acceptor_stop(&server->acceptor);
	ctl_socket_close(&server->socket);
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (server->client[i]) {
			client_write(server->client[i]); /* what "teardown" answered, if it did not all go yet */
			client_drop(server->client[i]);
		}
	free(server);
}
