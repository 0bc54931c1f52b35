/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See client.h. */
#include "ctl/client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/ctl_proto.h"
#include "common/xalloc.h"

#define READ_SIZE 16384

static void set_why(struct client *client, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void set_why(struct client *client, const char *format, ...)
{
	va_list ap;

	free(client->why);
	va_start(ap, format);
	if (vasprintf(&client->why, format, ap) < 0)
		abort();
	va_end(ap);
}

void client_init(struct client *client, const char *path)
{
	*client = (struct client){ .path = path, .fd = -1, .file = -1, .patience_s = CLIENT_TIMEOUT_S };
}

static void hang_up(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	client->len = 0;
}

void client_close(struct client *client)
{
	hang_up(client);
	free(client->in);
	free(client->why);
	client_init(client, client->path);
}

/* ---- connecting ---- */

static void explain_connect(struct client *client, int error)
{
	client->forbidden = error == EACCES || error == EPERM;
	if (client->forbidden)
		set_why(client, "%s may not be used by you: you must be root or in group " CTL_GROUP, client->path);
	else if (error == ENOENT)
		set_why(client, "dualpathd does not answer: there is no %s. Is it running? 'systemctl status dualpath' "
		        "tells; another socket is named with -s", client->path);
	else if (error == ECONNREFUSED)
		set_why(client, "dualpathd does not answer: nobody listens on %s any more. 'systemctl status dualpath' "
		        "tells why it ended, 'systemctl start dualpath' starts it", client->path);
	else
		set_why(client, "dualpathd does not answer on %s: %s", client->path, strerror(error));
}

static int connect_to(const char *path, int patience_s)
{
	const struct timeval patience = { .tv_sec = patience_s };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, error;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
	    connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

static bool get_connected(struct client *client)
{
	int fd;

	if (client->fd >= 0)
		return true;
	fd = connect_to(client->path, client->patience_s);
	if (fd < 0) {
		explain_connect(client, -fd);
		return false;
	}
	client->fd = fd;
	return true;
}

/* ---- one question ---- */

/* send() of a question's first bytes: the file goes with them. */
static ssize_t send_with_file(const struct client *client, char *line, size_t length)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec bytes = { .iov_base = line, .iov_len = length };
	const struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control,
	                                .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.head), &client->file, sizeof(client->file));
	return sendmsg(client->fd, &message, MSG_NOSIGNAL);
}

/* Errors show when the answer is waited for. */
static void send_line(struct client *client, char *line, size_t length)
{
	bool has_file = client->file >= 0;

	while (length > 0) {
		ssize_t n = has_file ? send_with_file(client, line, length) : send(client->fd, line, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		has_file = false;
		line += n;
		length -= (size_t)n;
	}
}

static ssize_t receive(struct client *client)
{
	ssize_t n;

	if (client->len + READ_SIZE > client->cap) {
		client->cap = client->cap ? 2 * client->cap : READ_SIZE;
		client->in = xreallocarray(client->in, client->cap, 1);
	}
	do
		n = recv(client->fd, client->in + client->len, READ_SIZE, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

/* The end of the first line in client->in, or NULL and client->why. */
static char *receive_line(struct client *client)
{
	size_t seen = 0;

	while (client->len < CTL_ANSWER_MAX) {
		ssize_t n = receive(client);
		char *end;

		if (n < 0 && errno == EAGAIN) {
			set_why(client, "dualpathd is there, but did not answer within %d seconds", client->patience_s);
			return NULL;
		}
		if (n <= 0) {
			client->hung_up = client->len == 0;
			set_why(client, "dualpathd hung up without an answer; 'journalctl -u dualpath' may tell why");
			return NULL;
		}
		client->len += (size_t)n;
		end = memchr(client->in + seen, '\n', client->len - seen);
		if (end)
			return end;
		seen = client->len;
	}
	set_why(client, "the answer of dualpathd has no end");
	return NULL;
}

static json_t *take_answer(struct client *client, const char *end)
{
	json_t *answer = json_loadb(client->in, (size_t)(end - client->in), JSON_REJECT_DUPLICATES, NULL);

	client->len = 0; /* one question, one line: nothing of a next answer can be there */
	if (json_is_integer(json_object_get(answer, "exit")))
		return answer;
	json_decref(answer);
	set_why(client, "the answer of dualpathd cannot be read; do it and dualpathctl have the same version?");
	return NULL;
}

/* NULL with *stale: the connection was kept from an earlier question, and was dead before this one. */
static json_t *ask_once(struct client *client, char *line, size_t length, bool *stale)
{
	bool kept = client->fd >= 0;
	const char *end;
	json_t *answer = NULL;

	*stale = false;
	client->hung_up = false;
	client->connected = get_connected(client);
	if (!client->connected)
		return NULL;
	/* Whoever is sent away at the door cannot send, and finds an answer all the same. */
	send_line(client, line, length);
	end = receive_line(client);
	answer = end ? take_answer(client, end) : NULL;
	*stale = kept && client->hung_up;
	if (!answer)
		hang_up(client);
	return answer;
}

json_t *client_ask(struct client *client, const json_t *request)
{
	char *line = json_dumps(request, JSON_COMPACT);
	size_t length;
	json_t *answer;
	bool stale;

	client->forbidden = false;
	if (!line || strlen(line) >= CTL_REQUEST_MAX) {
		set_why(client, "the request is longer than %d bytes", CTL_REQUEST_MAX);
		free(line);
		return NULL;
	}
	length = strlen(line) + 1;
	line[length - 1] = '\n'; /* in place of the end of the string */
	answer = ask_once(client, line, length, &stale);
	if (!answer && stale)
		answer = ask_once(client, line, length, &stale);
	free(line);
	if (answer) {
		free(client->why);
		client->why = NULL;
	}
	return answer;
}
