/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon/ctl_server, over real sockets in one process: requests however they are cut,
 * who may do what, and clients that misbehave.  The clock that libev sees is ours.
 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/ctl_proto.h"
#include "common/xalloc.h"
#include "daemon/ctl_server.h"
#include "daemon/log.h"
#include "tests/unit/unit.h"

#define ROUNDS 50
#define NOBODY 65534
#define ANSWER_ROOM 4096

static char folder[] = "/tmp/test_ctl_server.XXXXXX", socket_path[64];
static struct ev_loop *loop;
static struct ctl_server *server;
static unsigned done; /* calls of do_change */

/* ---- time ---- */

static time_t skipped_s;

/* In place of libc's, for this program and its libraries. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	now->tv_sec += skipped_s;
	return result;
}

static void turn(void)
{
	for (int i = 0; i < ROUNDS; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static void skip_s(time_t seconds)
{
	skipped_s += seconds;
	ev_now_update(loop);
	turn();
}

/* ---- the server ---- */

static json_t *do_echo(void *arg, const struct ctl_request *request)
{
	(void)arg;
	return ctl_answer(CTL_EXIT_GOOD, json_pack("{s:s, s:O}", "verb", request->verb, "args", request->args));
}

static json_t *do_since(void *arg, const struct ctl_request *request)
{
	(void)arg;
	return ctl_answer(CTL_EXIT_BAD_NEWS, json_integer(json_integer_value(json_object_get(request->whole, "since"))));
}

static json_t *do_change(void *arg, const struct ctl_request *request)
{
	(void)arg;
	(void)request;
	done++;
	return ctl_answer(CTL_EXIT_GOOD, json_object());
}

/* As many bytes as the first word says. */
static json_t *do_big(void *arg, const struct ctl_request *request)
{
	size_t size = strtoul(json_string_value(json_array_get(request->args, 0)), NULL, 10);
	char *text = xmalloc(size + 1);
	json_t *data;

	(void)arg;
	memset(text, 'x', size);
	text[size] = '\0';
	data = json_string(text);
	free(text);
	return ctl_answer(CTL_EXIT_GOOD, data);
}

static json_t *do_broken(void *arg, const struct ctl_request *request)
{
	(void)arg;
	(void)request;
	return ctl_answer(CTL_EXIT_GOOD, json_string("\xff"));
}

/* The bytes of the file that came along, or -1. */
static json_t *do_file(void *arg, const struct ctl_request *request)
{
	struct stat st;

	(void)arg;
	return ctl_answer(CTL_EXIT_GOOD, json_integer(fstat(request->file, &st) == 0 ? st.st_size : -1));
}

static struct ctl_later *owed[8]; /* answers to do_later */
static unsigned owing;

static json_t *do_later(void *arg, const struct ctl_request *request)
{
	(void)arg;
	owed[owing++] = ctl_later(request);
	return NULL;
}

static void answer_later(unsigned which)
{
	ctl_later_answer(owed[which], ctl_answer(CTL_EXIT_GOOD, json_integer(which)));
}

static const struct ctl_verb verbs[] = {
	{ "echo", false, do_echo },  { "since", false, do_since },     { "change", true, do_change },
	{ "big", false, do_big },    { "broken", false, do_broken },   { "later", false, do_later },
	{ "file", false, do_file },
	{ NULL, false, NULL },
};

static void remove_folder(void)
{
	ev_loop_destroy(loop);
	rmdir(folder);
}

static void prepare(void)
{
	CHECK(mkdtemp(folder) != NULL && chmod(folder, 0755) == 0);
	snprintf(socket_path, sizeof(socket_path), "%s/s", folder);
	log_set_level(LOG_LEVEL_ERROR);
	loop = ev_loop_new(EVFLAG_AUTO);
	atexit(remove_folder);
}

static void start(void)
{
	if (!loop)
		prepare();
	done = owing = 0;
	CHECK_INT(ctl_server_new(loop, socket_path, verbs, NULL, &server), 0);
}

static void stop(void)
{
	ctl_server_free(server);
	server = NULL;
	turn();
}

/* ---- clients ---- */

static int call_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
	CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0);
	return fd;
}

static int call(void)
{
	return call_at(socket_path);
}

static void say(int fd, const char *text)
{
	CHECK(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text));
	turn();
}

/* What there is to be read now; the rest of earlier tests' answers is theirs. */
static const char *hear(int fd)
{
	static char heard[ANSWER_ROOM];
	ssize_t n;

	turn();
	n = recv(fd, heard, sizeof(heard) - 1, 0);
	heard[n > 0 ? n : 0] = '\0';
	return heard;
}

static bool hung_up(int fd)
{
	char byte;

	turn();
	return recv(fd, &byte, 1, 0) == 0 || errno == ECONNRESET;
}

/* One request on a connection of its own. */
static const char *ask(const char *request)
{
	static char answer[ANSWER_ROOM];
	int fd = call();

	say(fd, request);
	snprintf(answer, sizeof(answer), "%s", hear(fd));
	close(fd);
	turn();
	return answer;
}

/* ---- requests ---- */

TEST(answers_a_line_with_a_line)
{
	start();
	CHECK_STR(ask("{\"verb\":\"echo\",\"args\":[\"a\",\"b\"]}\n"),
	          "{\"exit\":0,\"data\":{\"verb\":\"echo\",\"args\":[\"a\",\"b\"]}}\n");
	CHECK_STR(ask("{\"verb\":\"echo\"}\n"), "{\"exit\":0,\"data\":{\"verb\":\"echo\",\"args\":[]}}\n");
	CHECK_STR(ask("{\"verb\":\"since\",\"since\":12}\n"), "{\"exit\":1,\"data\":12}\n");
	stop();
}

TEST(several_in_one_write_are_answered_in_order)
{
	int fd;

	start();
	fd = call();
	say(fd, "{\"verb\":\"since\",\"since\":1}\n{\"verb\":\"since\",\"since\":2}\n{\"verb\":\"since\",\"since\":3}\n{\"ve");
	CHECK_STR(hear(fd), "{\"exit\":1,\"data\":1}\n{\"exit\":1,\"data\":2}\n{\"exit\":1,\"data\":3}\n");
	say(fd, "rb\":\"since\",\"since\":4}\n");
	CHECK_STR(hear(fd), "{\"exit\":1,\"data\":4}\n");
	close(fd);
	stop();
}

TEST(a_request_may_come_byte_by_byte)
{
	const char *request = "{\"verb\":\"since\",\"since\":5}\n";
	int fd;

	start();
	fd = call();
	for (; *request; request++) {
		CHECK_STR(hear(fd), "");
		CHECK(send(fd, request, 1, MSG_NOSIGNAL) == 1);
	}
	CHECK_STR(hear(fd), "{\"exit\":1,\"data\":5}\n");
	close(fd);
	stop();
}

TEST(half_closed_still_hears_all)
{
	int fd;

	start();
	fd = call();
	CHECK(send(fd, "{\"verb\":\"since\"}\n{\"verb\":\"since\"}\n{\"cut", 38, MSG_NOSIGNAL) == 38);
	CHECK(shutdown(fd, SHUT_WR) == 0);
	CHECK_STR(hear(fd), "{\"exit\":1,\"data\":0}\n{\"exit\":1,\"data\":0}\n");
	CHECK(hung_up(fd));
	close(fd);
	stop();
}

TEST(nonsense_is_refused_and_the_line_stays)
{
	static const char *const nonsense[] = {
		"\n", "x\n", "[]\n", "5\n", "null\n", "{}\n", "{\"verb\":5}\n", "{\"verb\":\"echo\",\"args\":\"a\"}\n",
		"{\"verb\":\"echo\",\"args\":[1]}\n", "{\"verb\":\"echo\",\"verb\":\"change\"}\n",
		"{\"verb\":\"echo\"} x\n", "{\"verb\":\"ec\\u0000ho\"}\n", "{\"verb\":\"\xff\"}\n",
	};
	int fd;

	start();
	fd = call();
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		say(fd, nonsense[i]);
		CHECK(strncmp(hear(fd), "{\"exit\":2,\"error\":\"", 19) == 0);
	}
	say(fd, "{\"verb\":\"since\"}\n");
	CHECK_STR(hear(fd), "{\"exit\":1,\"data\":0}\n");
	CHECK_INT(done, 0);
	close(fd);
	stop();
}

TEST(unknown_verb_names_the_nearest)
{
	start();
	CHECK_STR(ask("{\"verb\":\"chagne\"}\n"),
	          "{\"exit\":2,\"error\":\"unknown verb 'chagne'; did you mean 'change'?\"}\n");
	CHECK_STR(ask("{\"verb\":\"zzzzzz\"}\n"), "{\"exit\":2,\"error\":\"unknown verb 'zzzzzz'\"}\n");
	stop();
}

TEST(an_answer_that_cannot_be_written)
{
	json_t *error = ctl_error(CTL_EXIT_BAD_NEWS, "file %s", "\xff\xfe \xc3\xa9");

	CHECK_STR(json_string_value(json_object_get(error, "error")), "file ?? \xc3\xa9");
	json_decref(error);
	start();
	CHECK(strncmp(ask("{\"verb\":\"broken\"}\n"), "{\"exit\":1,\"error\":\"", 19) == 0);
	stop();
}

/* ---- answers that come later ---- */

TEST(a_later_answer_keeps_the_order_and_others_go_on)
{
	int fd, other;

	start();
	fd = call();
	other = call();
	say(fd, "{\"verb\":\"later\"}\n{\"verb\":\"since\",\"since\":7}\n");
	say(other, "{\"verb\":\"since\",\"since\":8}\n");
	CHECK_STR(hear(other), "{\"exit\":1,\"data\":8}\n");
	CHECK_STR(hear(fd), "");
	skip_s(CTL_IDLE_S * 3); /* it is not the client who is idle */
	CHECK_INT(owing, 1);
	answer_later(0);
	CHECK_STR(hear(fd), "{\"exit\":0,\"data\":0}\n{\"exit\":1,\"data\":7}\n");
	skip_s(CTL_IDLE_S * 3); /* now it is */
	CHECK(hung_up(fd));
	close(fd);
	close(other);
	stop();
}

TEST(a_later_answer_finds_the_half_closed_and_not_the_gone)
{
	int fd, gone;

	start();
	fd = call();
	gone = call();
	say(fd, "{\"verb\":\"later\"}\n");
	say(gone, "{\"verb\":\"later\"}\n");
	CHECK(shutdown(fd, SHUT_WR) == 0);
	close(gone);
	turn();
	answer_later(0);
	answer_later(1);
	CHECK_STR(hear(fd), "{\"exit\":0,\"data\":0}\n");
	CHECK(hung_up(fd));
	close(fd);
	stop();
}

TEST(a_later_answer_may_outlive_the_server)
{
	int fd;

	start();
	fd = call();
	say(fd, "{\"verb\":\"later\"}\n");
	stop();
	answer_later(0);
	CHECK(hung_up(fd));
	close(fd);
}

/* ---- limits ---- */

/* A request of size bytes, newline included: the verb, and blanks. */
static void say_padded(int fd, size_t size)
{
	static const char request[] = "{\"verb\":\"since\"}";
	char *text = xmalloc(size);
	size_t sent = 0;

	memset(text, ' ', size);
	memcpy(text, request, strlen(request));
	text[size - 1] = '\n';
	while (sent < size) {
		ssize_t n = send(fd, text + sent, size - sent, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			break;
		sent += n > 0 ? (size_t)n : 0;
		turn();
	}
	free(text);
}

TEST(the_longest_request)
{
	int fd;

	start();
	fd = call();
	say_padded(fd, CTL_REQUEST_MAX);
	CHECK_STR(hear(fd), "{\"exit\":1,\"data\":0}\n");
	say_padded(fd, CTL_REQUEST_MAX + 1);
	CHECK(strncmp(hear(fd), "{\"exit\":2,\"error\":\"a request has at most", 39) == 0);
	CHECK(hung_up(fd));
	close(fd);
	stop();
}

static size_t drain(int fd)
{
	static char buf[65536];
	size_t all = 0;
	ssize_t n;

	while (ev_run(loop, EVRUN_NOWAIT), (n = recv(fd, buf, sizeof(buf), 0)) > 0)
		all += (size_t)n;
	return all;
}

TEST(a_slow_reader_holds_up_nobody)
{
	int slow;

	start();
	slow = call();
	say(slow, "{\"verb\":\"big\",\"args\":[\"5000000\"]}\n{\"verb\":\"since\",\"since\":9}\n");
	CHECK_STR(ask("{\"verb\":\"since\",\"since\":8}\n"), "{\"exit\":1,\"data\":8}\n");
	CHECK_INT(drain(slow), strlen("{\"exit\":0,\"data\":\"\"}\n") + 5000000 + strlen("{\"exit\":1,\"data\":9}\n"));
	close(slow);
	stop();
}

TEST(an_answer_too_big_is_told)
{
	start();
	CHECK_STR(ask("{\"verb\":\"big\",\"args\":[\"16777216\"]}\n"), "{\"exit\":1,\"error\":\"the answer is too big\"}\n");
	stop();
}

TEST(idle_clients_are_sent_away)
{
	int silent, deaf, cut;

	start();
	silent = call();
	deaf = call();
	cut = call();
	say(deaf, "{\"verb\":\"big\",\"args\":[\"5000000\"]}\n");
	skip_s(CTL_IDLE_S - 2);
	say(cut, "{\"verb\"");
	say(silent, "{\"verb\":\"since\"}\n");
	CHECK_STR(hear(silent), "{\"exit\":1,\"data\":0}\n");
	skip_s(3);
	CHECK(hung_up(cut)); /* a part of a request is no sign of life */
	CHECK(drain(deaf) < 5000000);
	CHECK(hung_up(deaf));
	say(silent, "{\"verb\":\"since\"}\n");
	CHECK_STR(hear(silent), "{\"exit\":1,\"data\":0}\n");
	skip_s(CTL_IDLE_S + 1);
	CHECK(hung_up(silent));
	close(silent);
	close(deaf);
	close(cut);
	stop();
}

TEST(clients_are_bounded)
{
	int fd[32], more;

	start();
	for (int i = 0; i < 32; i++) {
		fd[i] = call();
		turn();
	}
	more = call();
	CHECK(strstr(hear(more), "too many") || geteuid() != 0);
	CHECK(hung_up(more));
	close(more);
	for (int i = 0; i < 32; i++)
		close(fd[i]);
	turn();
	CHECK_STR(ask("{\"verb\":\"since\"}\n"), "{\"exit\":1,\"data\":0}\n");
	stop();
}

TEST(out_of_descriptors)
{
	struct rlimit old, few;
	int fd;

	start();
	fd = call();
	CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
	few = old;
	few.rlim_cur = (rlim_t)fd + 1;
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	turn();
	CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
	say(fd, "{\"verb\":\"since\"}\n");
	CHECK_STR(hear(fd), ""); /* it pauses, rather than to try again and again */
	skip_s(2);
	CHECK_STR(hear(fd), "{\"exit\":1,\"data\":0}\n");
	close(fd);
	stop();
}

/* ---- who ---- */

TEST(root_changes_the_others_look)
{
	start();
	if (geteuid() == 0) {
		CHECK_STR(ask("{\"verb\":\"change\"}\n"), "{\"exit\":0,\"data\":{}}\n");
		CHECK_INT(done, 1);
		CHECK(chmod(socket_path, 0666) == 0 && seteuid(NOBODY) == 0);
	}
	done = 0;
	CHECK_STR(ask("{\"verb\":\"change\"}\n"), "{\"exit\":1,\"error\":\"only root may change\"}\n");
	CHECK_STR(ask("{\"verb\":\"since\"}\n"), "{\"exit\":1,\"data\":0}\n");
	CHECK_INT(done, 0);
	CHECK(getuid() != 0 || seteuid(0) == 0);
	stop();
}

TEST(root_finds_a_place)
{
	int fd[28], more;

	if (geteuid() != 0)
		return;
	start();
	CHECK(chmod(socket_path, 0666) == 0 && seteuid(NOBODY) == 0);
	for (int i = 0; i < 28; i++) {
		fd[i] = call();
		turn();
	}
	more = call();
	CHECK(strstr(hear(more), "too many") != NULL);
	close(more);
	CHECK(seteuid(0) == 0);
	CHECK_STR(ask("{\"verb\":\"change\"}\n"), "{\"exit\":0,\"data\":{}}\n");
	for (int i = 0; i < 28; i++)
		close(fd[i]);
	stop();
}

/* ---- files that come along ---- */

/* Several times the same, which is as many descriptors for whoever gets them. */
static void say_with_files(int fd, const char *text, int file, unsigned files)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control = { .head = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(files * sizeof(int)) } };
	struct iovec bytes = { .iov_base = xstrdup(text), .iov_len = strlen(text) };
	const struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control,
	                                .msg_controllen = CMSG_SPACE(files * sizeof(int)) };

	for (unsigned i = 0; i < files; i++)
		memcpy(CMSG_DATA(&control.head) + i * sizeof(int), &file, sizeof(file));
	CHECK(sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)bytes.iov_len);
	free(bytes.iov_base);
	turn();
}

/* The lowest free descriptor tells whether one was left open below. */
static int next_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

static int three_bytes(void)
{
	int file = memfd_create("three", MFD_CLOEXEC);

	CHECK(write(file, "abc", 3) == 3);
	return file;
}

TEST(a_file_comes_along_with_one_request)
{
	int fd, file = three_bytes(), before;

	start();
	fd = call();
	turn();
	before = next_descriptor();
	say_with_files(fd, "{\"verb\":\"file\"}\n", file, 1);
	CHECK_STR(hear(fd), geteuid() == 0 ? "{\"exit\":0,\"data\":3}\n" : "{\"exit\":0,\"data\":-1}\n");
	say(fd, "{\"verb\":\"file\"}\n");
	CHECK_STR(hear(fd), "{\"exit\":0,\"data\":-1}\n");
	CHECK_INT(next_descriptor(), before);
	close(fd);
	close(file);
	stop();
}

TEST(files_are_not_kept)
{
	int fd, file = three_bytes(), before;

	start();
	before = next_descriptor();
	fd = call();
	turn();
	for (unsigned files = 1; files <= 4; files++)
		say_with_files(fd, "{\"verb\":\"fi", file, files);
	close(fd);
	turn();
	CHECK_INT(next_descriptor(), before);
	close(file);
	stop();
}

TEST(nobody_else_has_a_file_read)
{
	int fd, file = three_bytes();

	if (geteuid() != 0)
		return;
	start();
	CHECK(chmod(socket_path, 0666) == 0 && seteuid(NOBODY) == 0);
	fd = call();
	say_with_files(fd, "{\"verb\":\"file\"}\n", file, 1);
	CHECK_STR(hear(fd), "{\"exit\":0,\"data\":-1}\n");
	CHECK(seteuid(0) == 0);
	close(fd);
	close(file);
	stop();
}

/* ---- the socket ---- */

TEST(mode_and_end)
{
	struct stat st;

	start();
	CHECK(stat(socket_path, &st) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0660);
	stop();
	CHECK(stat(socket_path, &st) < 0 && errno == ENOENT);
	ctl_server_free(NULL);
}

TEST(what_stands_in_its_place)
{
	struct ctl_server *second = NULL;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char path[200];
	int fd;

	start();
	CHECK_INT(ctl_server_new(loop, socket_path, verbs, NULL, &second), -EADDRINUSE);
	CHECK(second == NULL);
	stop();

	/* What a kill -9 leaves. */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(addr.sun_path, socket_path, sizeof(socket_path));
	CHECK(bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0);
	close(fd);
	start();
	CHECK_STR(ask("{\"verb\":\"since\"}\n"), "{\"exit\":1,\"data\":0}\n");
	stop();

	fd = open(socket_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK_INT(ctl_server_new(loop, socket_path, verbs, NULL, &second), -EADDRINUSE);
	close(fd);
	CHECK(unlink(socket_path) == 0);

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	CHECK_INT(ctl_server_new(loop, path, verbs, NULL, &second), -ENAMETOOLONG);
	CHECK_INT(ctl_server_new(loop, "", verbs, NULL, &second), -EINVAL);
	CHECK_INT(ctl_server_new(loop, "/nowhere/at/all", verbs, NULL, &second), -ENOENT);
}

TEST(another_ones_socket_is_left)
{
	struct ctl_server *first;
	struct stat st;

	start();
	first = server;
	CHECK(unlink(socket_path) == 0);
	start();
	ctl_server_free(first);
	CHECK(stat(socket_path, &st) == 0);
	CHECK_STR(ask("{\"verb\":\"since\"}\n"), "{\"exit\":1,\"data\":0}\n");
	stop();
}

TEST(freed_with_clients)
{
	int silent, deaf;

	start();
	silent = call();
	deaf = call();
	say(deaf, "{\"verb\":\"big\",\"args\":[\"5000000\"]}\n");
	say(silent, "{\"verb\":\"echo\"");
	stop();
	CHECK(hung_up(silent));
	close(silent);
	close(deaf);
}
