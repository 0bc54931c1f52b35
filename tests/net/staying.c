/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In place of a pppd that takes its time to end: once it has got user and password it stays until it is killed, whatever else it is
 * called with.  Without them it ends as the plugin has pppd end.  For tests/net/restart.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/ppp_proto.h"

static const char *value_of(char **argv, const char *option)
{
	while (*argv && strcmp(*argv, option) != 0)
		argv++;
	return *argv && argv[1] ? argv[1] : "";
}

static struct ppp_report hello = { .magic = PPP_PROTO_MAGIC, .type = PPP_MSG_HELLO };
static int fd;

/* As the plugin says that its pppd does not hang. */
static void say_alive(void)
{
	hello.type = PPP_MSG_ALIVE;
	send(fd, &hello, sizeof(hello), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* NULL, or what pppd says. */
static const char *log_in(char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_usec = 300000 };
	struct ppp_secret secret;

	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	hello.pid = getpid();
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", value_of(argv, "dualpath-socket"));
	snprintf(hello.path, sizeof(hello.path), "%s", value_of(argv, "dualpath-path"));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return "dualpath: cannot reach dualpathd";
	if (send(fd, &hello, sizeof(hello), 0) < 0 || recv(fd, &secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
		return "dualpath: dualpathd gave no user and password";
	return NULL;
}

int main(int argc, char **argv)
{
	const char *fault;

	(void)argc;
	signal(SIGTERM, SIG_IGN);
	fault = log_in(argv);
	if (fault) {
		puts(fault);
		return 1;
	}
	for (;; sleep(1))
		say_alive();
}
