/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon/ppp_sock.c on a real socket, with a plugin played by this process: the
 * secret is answered, nonsense is ignored, strangers are turned away, running out of
 * files is survived.  Needs root (only root is listened to), no PPP in the kernel.
 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/ppp_sock.h"
#include "tests/unit/unit.h"

static struct ev_loop *loop;
static struct ppp_sock *sock;
static char path[64];
static bool welcome;
static int secret_result;
static unsigned reports;
static struct ppp_report last;

static bool on_is_ours(void *arg, pid_t pid)
{
	(void)arg;
	return welcome && pid == getpid();
}

static int on_secret(void *arg, const struct ppp_report *hello, struct ppp_secret *secret)
{
	(void)arg;
	(void)hello;
	snprintf(secret->user, sizeof(secret->user), "someone");
	snprintf(secret->password, sizeof(secret->password), "a \"b\" \\ #");
	return secret_result;
}

static void on_report(void *arg, const struct ppp_report *report)
{
	(void)arg;
	reports++;
	last = *report;
}

/* What only root gets is not to be seen by others. */
static bool is_root(void)
{
	if (geteuid() != 0)
		puts("skip: only root is listened to");
	return geteuid() == 0;
}

static void begin(void)
{
	static const struct ppp_sock_callbacks callbacks = { on_is_ours, on_secret, on_report };

	welcome = true;
	secret_result = 0;
	reports = 0;
	loop = ev_loop_new(EVFLAG_AUTO);
	snprintf(path, sizeof(path), "/tmp/test_ppp_sock.%d", getpid());
	CHECK_INT(ppp_sock_new(loop, path, &callbacks, NULL, &sock), 0);
}

static void end(void)
{
	ppp_sock_free(sock);
	ev_loop_destroy(loop);
	unlink(path);
}

static int plugin_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	CHECK_INT(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static struct ppp_report good_report(uint32_t type)
{
	struct ppp_report report = { .magic = PPP_PROTO_MAGIC, .type = type, .pid = getpid(), .mtu = 1454 };

	snprintf(report.path, sizeof(report.path), "pppoe");
	snprintf(report.ifname, sizeof(report.ifname), "pppoe0");
	return report;
}

static void turn(void)
{
	for (int i = 0; i < 4; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

/* 1 hung up, 0 still there. */
static int hung_up(int fd)
{
	struct ppp_secret secret;

	return recv(fd, &secret, sizeof(secret), MSG_DONTWAIT) == 0;
}

TEST(hello_gets_the_secret)
{
	struct ppp_report hello = good_report(PPP_MSG_HELLO), up = good_report(PPP_MSG_IP_UP);
	struct ppp_secret secret;
	struct stat status;
	int fd;

	if (!is_root())
		return;
	begin();
	CHECK_INT(stat(path, &status), 0);
	CHECK_INT(status.st_mode & 0777, 0600);
	fd = plugin_connect();
	send(fd, &hello, sizeof(hello), 0);
	send(fd, &up, sizeof(up), 0);
	turn();
	CHECK_INT(recv(fd, &secret, sizeof(secret), 0), sizeof(secret));
	CHECK_INT(secret.magic, PPP_PROTO_MAGIC);
	CHECK_INT(secret.type, PPP_MSG_SECRET);
	CHECK_STR(secret.user, "someone");
	CHECK_STR(secret.password, "a \"b\" \\ #");
	CHECK_INT(reports, 2);
	CHECK_INT(last.type, PPP_MSG_IP_UP);
	CHECK_STR(last.ifname, "pppoe0");
	close(fd);
	end();
}

/* An end with the secret unread is a reset to us, which must not swallow what was said before. */
TEST(last_words_over_an_unread_secret)
{
	struct ppp_report hello = good_report(PPP_MSG_HELLO), leave = good_report(PPP_MSG_EXIT);
	int fd;

	if (!is_root())
		return;
	begin();
	fd = plugin_connect();
	send(fd, &hello, sizeof(hello), 0);
	turn();
	leave.exit_status = 5;
	send(fd, &leave, sizeof(leave), 0);
	close(fd);
	turn();
	CHECK_INT(reports, 2);
	CHECK_INT(last.type, PPP_MSG_EXIT);
	CHECK_INT(last.exit_status, 5);
	end();
}

/* No secret is not the session's fault: the connection stays, or a running session would call for ever. */
TEST(no_secret_keeps_the_line)
{
	struct ppp_report hello = good_report(PPP_MSG_HELLO);
	int fd;

	if (!is_root())
		return;
	begin();
	secret_result = -EACCES;
	fd = plugin_connect();
	send(fd, &hello, sizeof(hello), 0);
	turn();
	CHECK_INT(hung_up(fd), 0);
	CHECK_INT(reports, 1);
	close(fd);
	end();
}

/* Not hung up on: a plugin of another version would call again and again. */
TEST(nonsense_is_ignored)
{
	struct ppp_report report = good_report(PPP_MSG_PHASE), hello = good_report(PPP_MSG_HELLO);
	int fd;

	if (!is_root())
		return;
	begin();
	fd = plugin_connect();
	send(fd, &report, sizeof(report), 0); /* HELLO must come first */
	send(fd, &hello, sizeof(hello), 0);
	turn();
	CHECK_INT(hung_up(fd), 0);
	CHECK_INT(reports, 0);
	close(fd);
	fd = plugin_connect();
	send(fd, "what", 4, 0);
	send(fd, &hello, sizeof(hello), 0);
	turn();
	CHECK_INT(hung_up(fd), 0);
	CHECK_INT(reports, 0);
	close(fd);
	end();
}

/* A plugin that found its connection full left news there that are older than its new HELLO. */
TEST(a_new_hello_ends_the_old_connection)
{
	struct ppp_report hello = good_report(PPP_MSG_HELLO), old = good_report(PPP_MSG_IP_DOWN);
	int first, second;

	if (!is_root())
		return;
	begin();
	first = plugin_connect();
	send(first, &hello, sizeof(hello), 0);
	turn();
	second = plugin_connect();
	turn();
	send(first, &old, sizeof(old), 0);
	close(first);
	hello.ip_up = 1;
	send(second, &hello, sizeof(hello), 0);
	turn();
	CHECK_INT(last.type, PPP_MSG_HELLO);
	CHECK_INT(last.ip_up, 1);
	CHECK_INT(hung_up(second), 0);
	close(second);
	end();
}

TEST(strangers_are_turned_away)
{
	int fd;

	begin();
	welcome = false;
	fd = plugin_connect();
	turn();
	CHECK_INT(hung_up(fd), 1);
	close(fd);
	end();
}

TEST(only_so_many)
{
	int fd[PPP_SOCK_CLIENTS_MAX + 1];

	if (!is_root())
		return;
	begin();
	for (unsigned i = 0; i <= PPP_SOCK_CLIENTS_MAX; i++) {
		fd[i] = plugin_connect();
		turn();
	}
	CHECK_INT(hung_up(fd[0]), 0);
	CHECK_INT(hung_up(fd[PPP_SOCK_CLIENTS_MAX]), 1);
	close(fd[0]);
	turn();
	fd[0] = plugin_connect();
	turn();
	CHECK_INT(hung_up(fd[0]), 0);
	for (unsigned i = 0; i <= PPP_SOCK_CLIENTS_MAX; i++)
		close(fd[i]);
	end();
}

TEST(out_of_files)
{
	struct ppp_report hello = good_report(PPP_MSG_HELLO);
	struct rlimit before, none;
	int fd, highest;

	if (!is_root())
		return;
	begin();
	fd = plugin_connect();
	send(fd, &hello, sizeof(hello), 0);
	getrlimit(RLIMIT_NOFILE, &before);
	highest = dup(fd);
	close(highest);
	none = (struct rlimit){ .rlim_cur = (rlim_t)highest, .rlim_max = before.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	turn();
	setrlimit(RLIMIT_NOFILE, &before);
	CHECK_INT(reports, 0);
	turn();
	CHECK_INT(reports, 0); /* it pauses, and does not spin */
	ev_sleep(1.05);
	turn();
	CHECK_INT(reports, 1);
	close(fd);
	end();
}

/* Each field that can be wrong, one at a time. */
TEST(what_is_believed)
{
	struct ppp_report good = good_report(PPP_MSG_IP_UP), bad;
	pid_t me = getpid();

	CHECK(ppp_report_is_sound(&good, sizeof(good), me));
	CHECK(!ppp_report_is_sound(&good, sizeof(good), me + 1));
	CHECK(!ppp_report_is_sound(&good, sizeof(good) - 1, me));
	CHECK(!ppp_report_is_sound(&good, sizeof(good) + 1, me));
#define WRONG(change)                                                                                                  \
	do {                                                                                                           \
		bad = good;                                                                                            \
		change;                                                                                                \
		CHECK(!ppp_report_is_sound(&bad, sizeof(bad), me));                                                    \
	} while (0)
	WRONG(bad.magic ^= 1);
	WRONG(bad.type = 0);
	WRONG(bad.type = PPP_MSG_SECRET);
	WRONG(bad.type = PPP_MSG_ALIVE + 1);
	WRONG(bad.phase = PPP_PHASE_MASTER + 1);
	WRONG(bad.ip_up = 2);
	WRONG(bad.mtu = 65536);
	WRONG(bad.exit_status = 256);
	WRONG(memset(bad.ifname, 'x', sizeof(bad.ifname)));
	WRONG(bad.ifname[2] = '\n');
	WRONG(bad.ifname[2] = '/');
	WRONG(bad.path[0] = 0);
	WRONG(memset(bad.path, 'x', sizeof(bad.path)));
	WRONG(bad.path[1] = '\x80');
#undef WRONG
	bad = good;
	bad.ifname[0] = 0; /* before there is an interface */
	CHECK(ppp_report_is_sound(&bad, sizeof(bad), me));
}

TEST(path_too_long)
{
	static const struct ppp_sock_callbacks callbacks = { on_is_ours, on_secret, on_report };
	struct ev_loop *own = ev_loop_new(EVFLAG_AUTO);
	struct ppp_sock *none = NULL;
	char long_path[200];

	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = 0;
	CHECK_INT(ppp_sock_new(own, long_path, &callbacks, NULL, &none), -ENAMETOOLONG);
	CHECK(none == NULL);
	ev_loop_destroy(own);
}
