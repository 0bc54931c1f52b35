/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See http.h. */
#include "daemon/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/spawn.h"

#define HEAD_MAX 2304     /* a code, a URL, and two ends of lines */
#define GRACE_S 2.0       /* the program keeps the limit itself; if it does not, it is killed */
#define SOCKET_THERE 3    /* what a connection is called in the program */
#define WAY_MAX (64 + INET6_ADDRSTRLEN)
#define RESOLVE_MAX (256 + 8 + HTTP_ADDRESSES_MAX * (INET6_ADDRSTRLEN + 3))

struct http_get {
	struct ev_loop *loop;
	http_fn *fn;
	void *arg;
	pid_t pid;
	ev_io out;
	ev_timer limit;
	char *data;
	size_t len, size; /* size: without the end */
};

static const char *program = FETCH_FILE;

/* ---- its end ---- */

/* It has closed its output, or is killed: it ends at once.  True where it did so by itself and was content. */
static bool reap(struct http_get *get, bool finished)
{
	int status = -1;

	if (!finished)
		kill(get->pid, SIGKILL);
	while (waitpid(get->pid, &status, 0) < 0 && errno == EINTR)
		;
	return finished && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void get_free(struct http_get *get)
{
	ev_io_stop(get->loop, &get->out);
	ev_timer_stop(get->loop, &get->limit);
	close(get->out.fd);
	free(get->data);
	free(get);
}

/* "200", where to, the body. */
static bool read_answer(struct http_get *get, struct http_answer *answer)
{
	char *line = memchr(get->data, '\n', get->len), *end;

	end = line ? memchr(line + 1, '\n', get->len - (size_t)(line + 1 - get->data)) : NULL;
	if (!end)
		return false;
	*line = *end = '\0';
	answer->code = (unsigned)strtoul(get->data, NULL, 10);
	answer->location = line + 1;
	answer->body = end + 1;
	answer->len = get->len - (size_t)(end + 1 - get->data);
	return answer->code >= 100 && answer->code <= 999;
}

/* What a server sent may be in it. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static void end(struct http_get *get, const char *why)
{
	struct http_answer answer;
	bool good = reap(get, why == NULL);

	ev_io_stop(get->loop, &get->out);
	ev_timer_stop(get->loop, &get->limit);
	get->data[get->len] = '\0';
	if (good && read_answer(get, &answer)) {
		get->fn(get->arg, &answer, NULL);
	} else {
		if (!why) {
			make_printable(get->data);
			why = *get->data ? get->data : "the program that asks it failed";
		}
		get->fn(get->arg, NULL, why);
	}
	get_free(get);
}

static void on_output(struct ev_loop *loop, ev_io *w, int revents)
{
	struct http_get *get = w->data;
	ssize_t got;

	(void)loop;
	(void)revents;
	if (get->len == get->size) {
		end(get, "its answer is too long");
		return;
	}
	got = read(w->fd, get->data + get->len, get->size - get->len);
	if (got > 0)
		get->len += (size_t)got;
	else if (got == 0)
		end(get, NULL);
	else if (errno != EAGAIN && errno != EINTR)
		end(get, strerror(errno));
}

static void on_limit(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	end(w->data, "it does not come to an end in time");
}

/* ---- its start ---- */

static void print_resolve(const struct http_request *request, char *buf, size_t size)
{
	size_t used = (size_t)snprintf(buf, size, "%s:%u:", request->host, request->port);
	char text[INET6_ADDRSTRLEN];

	for (unsigned i = 0; i < request->addresses && used < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s[%s]", i ? "," : "",
		                         inet_ntop(AF_INET6, &request->address[i], text, sizeof(text)));
}

/* The pipes first: one of them may have the number that the connection gets. */
static int spawn(char *const *argv, int in, int out, int socket, pid_t *pid)
{
	static char path[] = "PATH=/usr/bin:/bin";
	char *environment[] = { path, NULL };
	posix_spawn_file_actions_t files;
	int r;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	if (socket)
		posix_spawn_file_actions_adddup2(&files, socket, SOCKET_THERE);
	posix_spawn_file_actions_addclosefrom_np(&files, socket ? SOCKET_THERE + 1 : STDERR_FILENO + 1);
	r = spawn_program(program, argv, environment, &files, false, pid);
	posix_spawn_file_actions_destroy(&files);
	return r;
}

/* What can have a secret in it goes through a pipe, into which it fits: never on the command line. */
static int write_secrets(const struct http_request *request, int in)
{
	char text[HEAD_MAX];
	int len = snprintf(text, sizeof(text), "%s\n%s", request->url, request->login ? request->login : "");
	ssize_t sent = len < (int)sizeof(text) ? write(in, text, (size_t)len) : -1;

	explicit_bzero(text, sizeof(text));
	return sent == len ? 0 : -EIO;
}

/* "wan0", or "wan0!2001:db8::1"; "fd/3" is no interface. */
static void print_way(const struct http_request *request, char *buf, size_t size)
{
	char source[INET6_ADDRSTRLEN] = "";

	if (request->socket) {
		snprintf(buf, size, "fd/%d", SOCKET_THERE);
		return;
	}
	if (request->source)
		inet_ntop(AF_INET6, request->source, source, sizeof(source));
	snprintf(buf, size, "%s%s%s", request->interface, *source ? "!" : "", source);
}

static int start(const struct http_request *request, int in[2], int out[2], pid_t *pid)
{
	char limit[32], size[24], resolve[RESOLVE_MAX], way[WAY_MAX], *name = strdup(program);
	char verify[] = "verify", trust[] = "trust";
	char *argv[] = { name, way, request->verify ? verify : trust, limit, size, request->host ? resolve : NULL, NULL };
	int r;

	snprintf(limit, sizeof(limit), "%.3f", request->limit_s);
	snprintf(size, sizeof(size), "%zu", request->body_max);
	print_way(request, way, sizeof(way));
	if (request->host)
		print_resolve(request, resolve, sizeof(resolve));
	r = write_secrets(request, in[1]);
	if (r == 0)
		r = spawn(argv, in[0], out[1], request->socket, pid);
	free(name);
	return r;
}

static int start_with_pipes(const struct http_request *request, int *read_end, pid_t *pid)
{
	int in[2], out[2], r;

	if (pipe2(in, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(out, O_CLOEXEC) < 0) {
		r = -errno;
		close(in[0]);
		close(in[1]);
		return r;
	}
	r = start(request, in, out, pid);
	close(in[0]);
	close(in[1]);
	close(out[1]);
	if (r < 0)
		close(out[0]);
	else
		*read_end = out[0];
	return r;
}

int http_get(struct ev_loop *loop, const struct http_request *request, http_fn *fn, void *arg, struct http_get **out)
{
	struct http_get *get;
	int fd, r;
	pid_t pid;

	if (request->addresses > HTTP_ADDRESSES_MAX || strlen(request->url) >= HEAD_MAX - 256)
		return -EINVAL;
	r = start_with_pipes(request, &fd, &pid);
	if (r < 0)
		return r;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	get = xcalloc(1, sizeof(*get));
	*get = (struct http_get){ .loop = loop, .fn = fn, .arg = arg, .pid = pid, .size = HEAD_MAX + request->body_max };
	get->data = xcalloc(1, get->size + 1);
	ev_io_init(&get->out, on_output, fd, EV_READ);
	ev_set_priority(&get->out, 1); /* what it has said is not late because the daemon was */
	ev_timer_init(&get->limit, on_limit, request->limit_s + (request->socket ? 0 : GRACE_S), 0);
	get->out.data = get->limit.data = get;
	ev_io_start(loop, &get->out);
	ev_now_update(loop); /* a delay counts from the loop's idea of now, and to start a program takes its time */
	ev_timer_start(loop, &get->limit);
	*out = get;
	return 0;
}

void http_cancel(struct http_get *get)
{
	if (!get)
		return;
	reap(get, false);
	get_free(get);
}

void http_use_program(const char *file)
{
	program = file;
}
