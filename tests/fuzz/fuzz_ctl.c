/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon/ctl_server: whatever a client writes, in pieces whose lengths are in the input as
 * well.  The server must answer in lines of JSON with an "exit", and be there for the next one.
 */
#include <ev.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/ctl_server.h"
#include "daemon/log.h"

#define ROUNDS 8

static char folder[] = "/tmp/fuzz_ctl.XXXXXX";
static struct ev_loop *loop;
static struct ctl_server *server;
static struct sockaddr_un addr = { .sun_family = AF_UNIX };

static json_t *do_echo(void *arg, const struct ctl_request *request)
{
	size_t i;
	json_t *word;

	(void)arg;
	json_array_foreach(request->args, i, word)
		if (!json_string_value(word))
			abort();
	return ctl_answer(0, json_deep_copy(request->whole));
}

static const struct ctl_verb verbs[] = {
	{ "status", false, do_echo }, { "events", false, do_echo }, { "reload", true, do_echo }, { NULL, false, NULL },
};

static void stop(void)
{
	ctl_server_free(server);
	rmdir(folder);
}

static void start(void)
{
	if (!mkdtemp(folder))
		abort();
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/s", folder);
	log_set_level(LOG_LEVEL_ERROR);
	loop = ev_loop_new(EVFLAG_AUTO);
	if (!loop || ctl_server_new(loop, addr.sun_path, verbs, NULL, &server) < 0)
		abort();
	atexit(stop);
}

static void check_line(const char *line, size_t length)
{
	json_t *answer = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_integer(json_object_get(answer, "exit")))
		abort();
	json_decref(answer);
}

/* All that is there to be read; answers are shorter than buf, for requests are. */
static void hear(int fd, char *buf, size_t size, size_t *kept)
{
	ssize_t n;

	while ((n = recv(fd, buf + *kept, size - *kept, MSG_DONTWAIT)) > 0) {
		char *line = buf, *end;

		*kept += (size_t)n;
		while ((end = memchr(line, '\n', *kept - (size_t)(line - buf)))) {
			check_line(line, (size_t)(end - line));
			line = end + 1;
		}
		*kept -= (size_t)(line - buf);
		memmove(buf, line, *kept);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char buf[1 << 20];
	size_t kept = 0;
	int fd;

	if (!loop)
		start();
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		abort();
	while (size > 0) {
		size_t piece = data[0] < size ? data[0] : size - 1;

		if (send(fd, data + 1, piece, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
		data += piece + 1;
		size -= piece + 1;
		ev_run(loop, EVRUN_NOWAIT);
		hear(fd, buf, sizeof(buf), &kept);
	}
	shutdown(fd, SHUT_WR);
	for (int i = 0; i < ROUNDS; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		hear(fd, buf, sizeof(buf), &kept);
	}
	close(fd);
	ev_run(loop, EVRUN_NOWAIT);
	return 0;
}
