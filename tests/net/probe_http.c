/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon/http_server.c on a real kernel, in a network namespace of its own, from the side of who calls there.  Needs CAP_NET_ADMIN
 * and ip.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "daemon/http_server.h"
#include "tests/net/probe_ns.h"
#include "tests/unit/unit.h"

#define AT "127.0.0.1:8080"

static struct ev_loop *loop;
static struct http_server *server;

static char *page(void *arg, const char *path, const char **type)
{
	(void)arg;
	(void)type;
	return strcmp(path, "/") == 0 ? xstrdup("here\n") : NULL;
}

static void on_end(struct ev_loop *l, ev_timer *w, int revents)
{
	(void)w;
	(void)revents;
	ev_break(l, EVBREAK_ALL);
}

/* Returns how often the loop woke up. */
static unsigned run_s(double seconds)
{
	unsigned before = ev_iteration(loop);
	ev_timer end;

	ev_timer_init(&end, on_end, seconds, 0);
	ev_now_update(loop);
	ev_timer_start(loop, &end);
	ev_run(loop, 0);
	return ev_iteration(loop) - before;
}

static void start(void)
{
	if (!loop) {
		ns_enter();
		ns_sh("ip link set lo up");
		loop = ev_loop_new(EVFLAG_AUTO);
	}
	CHECK_INT(http_server_new(loop, AT, page, NULL, &server), 0);
	run_s(0);
}

/* A connection that has asked for this. */
static int call(const char *request)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(8080), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	CHECK(send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request));
	return fd;
}

/* What has come so far. */
static const char *heard(int fd)
{
	static char answer[4096];
	ssize_t n = recv(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT);

	answer[n > 0 ? n : 0] = '\0';
	return answer;
}

TEST(a_page_and_none)
{
	int here, away;

	start();
	here = call("GET / HTTP/1.0\r\n\r\n");
	away = call("GET /x HTTP/1.0\r\n\r\n");
	run_s(0.1);
	CHECK(strncmp(heard(here), "HTTP/1.0 200 OK\r\n", 17) == 0);
	CHECK(strncmp(heard(away), "HTTP/1.0 404 ", 13) == 0);
	close(here);
	close(away);
	http_server_free(server);
}

/* What it logs goes there instead. */
static int catch_log(int *real)
{
	int fd = memfd_create("log", MFD_CLOEXEC);

	*real = dup(STDERR_FILENO);
	CHECK(fd >= 0 && dup2(fd, STDERR_FILENO) == STDERR_FILENO);
	return fd;
}

static unsigned lines_of(int fd)
{
	char text[4096];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	unsigned lines = 0;

	for (ssize_t i = 0; i < n; i++)
		lines += text[i] == '\n';
	return lines;
}

TEST(out_of_descriptors_it_waits_and_says_so_once)
{
	struct rlimit old, few;
	int fd, said, real;

	start();
	said = catch_log(&real);
	fd = call("GET / HTTP/1.0\r\n\r\n");
	CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
	few = old;
	few.rlim_cur = (rlim_t)fd + 1;
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	CHECK(run_s(2.5) < 20);
	CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
	CHECK_STR(heard(fd), "");
	CHECK_INT(lines_of(said), 1);
	run_s(1.2);
	CHECK(strncmp(heard(fd), "HTTP/1.0 200 OK\r\n", 17) == 0);
	CHECK(dup2(real, STDERR_FILENO) == STDERR_FILENO);
	close(real);
	close(said);
	close(fd);
	http_server_free(server);
}
