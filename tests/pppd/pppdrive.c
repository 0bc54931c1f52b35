/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A daemon in miniature around daemon/pppd_proc.c and daemon/ppp_sock.c, for
 * tests/pppd/run: adopts the session of an earlier pppdrive or dials one, prints
 * every report and line, and ends when pppd has ended.
 *
 *     pppdrive RUN_DIR INTERFACE DEVICE USER PASSWORD_FILE PLUGIN [SERVICE [CONCENTRATOR]]
 *
 * SIGTERM stops pppd; SIGHUP leaves it and ends.  The password file is read at
 * every HELLO.  Exit status: 0, or 1 where it could not even begin.
 */
#include <errno.h>
#include <ev.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ppp_sock.h"
#include "daemon/pppd_proc.h"
#include "policy/ppp_exit.h"

#define NAME "pppoe"

struct drive {
	struct ev_loop *loop;
	struct pppd_proc *proc;
	struct ppp_sock *sock;
	struct pppd_options options;
	const char *password_file;
};

static const char *message_name(uint32_t type)
{
	static const char *const name[] = { "?", "hello", "secret", "phase", "auth-up", "ip-up", "ip-down", "exit" };

	return name[type];
}

static void on_report(void *arg, const struct ppp_report *r)
{
	struct drive *drive = arg;
	struct in_addr local = { r->local }, peer = { r->peer };
	char local_text[INET_ADDRSTRLEN], peer_text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &local, local_text, sizeof(local_text));
	inet_ntop(AF_INET, &peer, peer_text, sizeof(peer_text));
	printf("report %s path=%s pid=%d phase=%u up=%u local=%s peer=%s mtu=%u session=%u "
	       "mac=%02x:%02x:%02x:%02x:%02x:%02x if=%s index=%u status=%u\n",
	       message_name(r->type), r->path, r->pid, r->phase, r->ip_up, local_text, peer_text, r->mtu, r->session,
	       r->ac_mac[0], r->ac_mac[1], r->ac_mac[2], r->ac_mac[3], r->ac_mac[4], r->ac_mac[5], r->ifname,
	       if_nametoindex(r->ifname), r->exit_status);
	if (r->type == PPP_MSG_EXIT)
		pppd_proc_note_exit(drive->proc, (int)r->exit_status);
}

static bool on_is_ours(void *arg, pid_t pid)
{
	struct drive *drive = arg;

	return pid == pppd_proc_pid(drive->proc);
}

/* The file's first line is the password, whatever stands in it. */
static int on_secret(void *arg, const struct ppp_report *hello, struct ppp_secret *secret)
{
	struct drive *drive = arg;
	FILE *file = fopen(drive->password_file, "re");

	(void)hello;
	if (!file)
		return -errno;
	setvbuf(file, NULL, _IONBF, 0); /* no copy of it stays in a buffer */
	if (!fgets(secret->password, sizeof(secret->password), file))
		secret->password[0] = 0;
	fclose(file);
	secret->password[strcspn(secret->password, "\n")] = 0;
	snprintf(secret->user, sizeof(secret->user), "%s", drive->options.user);
	return 0;
}

static void on_exited(void *arg, int status, bool asked, const char *line)
{
	struct drive *drive = arg;
	struct ppp_exit end = { .status = status,
		                .asked = asked,
		                .line = line,
		                .interface = drive->options.interface,
		                .device = drive->options.device };
	char text[256];

	ppp_exit_text(&end, text, sizeof(text));
	printf("exited status=%d class=%s line=\"%s\"\n  = %s\n", status, ppp_end_name(ppp_exit_class(&end)), line,
	       text);
	ev_break(drive->loop, EVBREAK_ALL);
}

static void on_line(void *arg, const char *line)
{
	(void)arg;
	printf("pppd: %s\n", line);
}

static void on_signal(struct ev_loop *loop, ev_signal *watcher, int events)
{
	struct drive *drive = watcher->data;

	(void)events;
	if (watcher->signum == SIGTERM)
		pppd_proc_stop(drive->proc);
	else
		ev_break(loop, EVBREAK_ALL);
}

static int begin(struct drive *drive)
{
	int result = pppd_proc_adopt(drive->proc, &drive->options);

	if (result == 0) {
		printf("adopted pid=%d current=%d\n", pppd_proc_pid(drive->proc),
		       pppd_proc_is_current(drive->proc, &drive->options));
		return 0;
	}
	result = pppd_proc_start(drive->proc, &drive->options);
	printf("started pid=%d result=%s current=%d\n", pppd_proc_pid(drive->proc), strerror(-result),
	       pppd_proc_is_current(drive->proc, &drive->options));
	return result;
}

static int open_both(struct drive *drive)
{
	static const struct pppd_callbacks proc_callbacks = { on_exited, on_line };
	static const struct ppp_sock_callbacks sock_callbacks = { on_is_ours, on_secret, on_report };

	drive->proc = pppd_proc_new(drive->loop, &proc_callbacks, drive);
	if (!drive->proc)
		return -ENOMEM;
	return ppp_sock_new(drive->loop, drive->options.socket_path, &sock_callbacks, drive, &drive->sock);
}

int main(int argc, char **argv)
{
	struct drive drive = { .loop = ev_loop_new(EVFLAG_AUTO) };
	ev_signal term, hup;
	char socket_path[256];
	int result;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 7)
		return 2;
	snprintf(socket_path, sizeof(socket_path), "%s/ppp.sock", argv[1]);
	drive.password_file = argv[5];
	drive.options = (struct pppd_options){ .path_name = NAME,
		                               .run_dir = argv[1],
		                               .interface = argv[2],
		                               .device = argv[3],
		                               .user = argv[4],
		                               .plugin_file = argv[6],
		                               .socket_path = socket_path,
		                               .mtu = 1454,
		                               .lcp_echo_interval = 1,
		                               .lcp_echo_failure = 3,
		                               .service_name = argc > 7 && argv[7][0] ? argv[7] : NULL,
		                               .access_concentrator = argc > 8 ? argv[8] : NULL };
	ev_signal_init(&term, on_signal, SIGTERM);
	ev_signal_init(&hup, on_signal, SIGHUP);
	term.data = hup.data = &drive;
	ev_signal_start(drive.loop, &term);
	ev_signal_start(drive.loop, &hup);
	result = open_both(&drive);
	if (result == 0)
		result = begin(&drive);
	if (result == 0)
		ev_run(drive.loop, 0);
	else
		fprintf(stderr, "pppdrive: %s\n", strerror(-result));
	ppp_sock_free(drive.sock);
	pppd_proc_free(drive.proc);
	ev_loop_destroy(drive.loop);
	return result == 0 ? 0 : 1;
}
