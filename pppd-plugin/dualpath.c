/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dualpath.so: pppd's end of the talk with dualpathd.  A translator: pppd's
 * notifications become messages (common/ppp_proto.h), the daemon's secret
 * becomes pppd's.  It decides nothing, and after the link has begun it never
 * waits: what cannot be sent at once closes the socket, and a timer connects
 * again and tells everything from the start.
 *
 * Loaded by pppd, started by daemon/pppd_proc.c:
 *     plugin dualpath.so dualpath-socket PATH dualpath-path NAME
 */
#include "pppd-plugin/pppd_compat.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/ppp_proto.h"

#define SECRET_WAIT_MS 2000 /* how long the start of pppd may wait for the secret */
/* pppd has no callback for a descriptor, so the socket is looked at by a timer. */
#define LOOK_MS 500
#define RECONNECT_MIN_MS 250
#define RECONNECT_STEP_MS 50
#define RECONNECT_MAX_MS 1000

static struct {
	char *socket_path; /* option dualpath-socket */
	char *path_name;   /* option dualpath-path */
	int fd;            /* to the daemon; -1: none */
	unsigned reconnect_ms;
	int started; /* the first connection was made */
	struct ppp_secret *secret; /* in a locked page of its own; NULL: none yet */
	uint32_t phase;
	uint32_t ip_up;
	unsigned looks; /* since PPP_MSG_ALIVE */
} state = { .fd = -1, .reconnect_ms = RECONNECT_MIN_MS };

/* OPT_PRIV: only root may say who gets told, and where secrets come from. */
static option_t options[] = {
	{ .name = "dualpath-socket",
	  .type = o_string,
	  .addr = &state.socket_path,
	  .description = "Socket of dualpathd",
	  .flags = OPT_PRIV },
	{ .name = "dualpath-path",
	  .type = o_string,
	  .addr = &state.path_name,
	  .description = "Name of the path that this session is",
	  .flags = OPT_PRIV },
	{ .name = NULL },
};

/* ---- what is told ---- */

static void fill_mac(uint8_t mac[6])
{
	unsigned byte[6];

	if (sscanf(compat_remote_number(), "%2x:%2x:%2x:%2x:%2x:%2x", &byte[0], &byte[1], &byte[2], &byte[3], &byte[4],
	           &byte[5]) != 6)
		return;
	for (int i = 0; i < 6; i++)
		mac[i] = (uint8_t)byte[i];
}

static void fill_report(struct ppp_report *report, enum ppp_msg_type type)
{
	memset(report, 0, sizeof(*report));
	report->magic = PPP_PROTO_MAGIC;
	report->type = type;
	report->pid = getpid();
	report->phase = state.phase;
	report->ip_up = state.ip_up;
	report->session = (uint16_t)compat_session();
	fill_mac(report->ac_mac);
	snprintf(report->ifname, sizeof(report->ifname), "%s", compat_ifname());
	snprintf(report->path, sizeof(report->path), "%s", state.path_name);
	if (!state.ip_up)
		return;
	report->local = compat_local_address();
	report->peer = compat_peer_address();
	report->mtu = (uint32_t)compat_mtu();
	report->dns[0] = compat_dns(0);
	report->dns[1] = compat_dns(1);
}

/* Closed over something unread, the daemon would get a reset before our last words. */
static void disconnect(void)
{
	struct ppp_secret unread;

	if (state.fd < 0)
		return;
	while (recv(state.fd, &unread, sizeof(unread), MSG_DONTWAIT) > 0)
		explicit_bzero(&unread, sizeof(unread));
	close(state.fd);
	state.fd = -1;
}

/* A daemon that does not take its mail at once is as good as gone: the next HELLO tells it all. */
static void tell_status(enum ppp_msg_type type, int exit_status)
{
	struct ppp_report report;

	if (state.fd < 0)
		return;
	fill_report(&report, type);
	report.exit_status = (uint32_t)exit_status;
	if (send(state.fd, &report, sizeof(report), MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)sizeof(report))
		disconnect();
}

static void tell(enum ppp_msg_type type)
{
	tell_status(type, 0);
}

/* ---- the secret ---- */

/* A page of its own: locked, so that it reaches no swap, and in no core dump. */
static struct ppp_secret *secret_page(void)
{
	void *page = mmap(NULL, sizeof(struct ppp_secret), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	/* Both are best effort: without them the secret is no worse off than pppd's own copies. */
	(void)mlock(page, sizeof(struct ppp_secret));
	(void)madvise(page, sizeof(struct ppp_secret), MADV_DONTDUMP);
	return page;
}

static int secret_is_sound(const struct ppp_secret *secret, ssize_t size)
{
	return size == (ssize_t)sizeof(*secret) && secret->magic == PPP_PROTO_MAGIC && secret->type == PPP_MSG_SECRET &&
	       memchr(secret->user, 0, sizeof(secret->user)) && memchr(secret->password, 0, sizeof(secret->password));
}

/* Take what the daemon has sent.  0, or -errno (-EAGAIN: nothing there); the daemon's end is -EPIPE. */
static int receive_secret(void)
{
	struct ppp_secret secret;
	ssize_t size = recv(state.fd, &secret, sizeof(secret), MSG_DONTWAIT | MSG_TRUNC);
	int result = 0;

	if (size < 0)
		return -errno;
	if (size == 0)
		return -EPIPE;
	if (!secret_is_sound(&secret, size))
		result = -EBADMSG;
	else if (!state.secret && !(state.secret = secret_page()))
		result = -ENOMEM;
	else
		*state.secret = secret;
	explicit_bzero(&secret, sizeof(secret));
	return result;
}

static void forget_secret(void)
{
	if (!state.secret)
		return;
	explicit_bzero(state.secret, sizeof(*state.secret));
	munmap(state.secret, sizeof(*state.secret));
	state.secret = NULL;
}

static int have_secret(void)
{
	return state.secret != NULL;
}

/* The pointer is pppd's own buffer for the name, which it reads only after this. */
static void give_user(char *user_name)
{
	snprintf(user_name, COMPAT_USER_MAX, "%s", state.secret->user);
}

/* PAP: 1 means "I have it"; pppd asks with a NULL password first, to know whether to agree to PAP. */
static int pap_secret(char *user_name, char *password)
{
	if (!state.secret)
		return 0;
	if (password) {
		give_user(user_name);
		memcpy(password, state.secret->password, sizeof(state.secret->password));
	}
	return 1;
}

/* CHAP and EAP, at every challenge: 0 means "I have it", negative that I have not. */
static int chap_secret(char *user_name, char *password)
{
	if (!state.secret)
		return -1;
	give_user(user_name);
	memcpy(password, state.secret->password, sizeof(state.secret->password));
	return 0;
}

/* ---- the connection ---- */

/* Connect and say HELLO, waiting for nothing.  0 or -errno. */
static int reach_daemon(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, result;

	memcpy(address.sun_path, state.socket_path, strlen(state.socket_path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		result = -errno;
		close(fd);
		return result;
	}
	state.fd = fd;
	tell(PPP_MSG_HELLO);
	return state.fd < 0 ? -EPIPE : 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The one wait of this plugin, before there is a link to disturb.  0 or -errno. */
static int await_secret(void)
{
	int64_t end = now_ms() + SECRET_WAIT_MS;
	int64_t left;
	int result;

	while ((result = receive_secret()) == -EAGAIN || result == -EINTR) {
		struct pollfd ready = { .fd = state.fd, .events = POLLIN };

		left = end - now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		poll(&ready, 1, (int)left);
	}
	return result;
}

/* A pppd that hangs does not end, and its session looks well: the daemon misses this. */
static void tell_alive(void)
{
	if (++state.looks < PPP_ALIVE_MS / LOOK_MS)
		return;
	state.looks = 0;
	tell(PPP_MSG_ALIVE);
}

/*
 * Called by pppd's timer for as long as it runs.  Only a secret shows that the daemon
 * understands us: until then each attempt waits longer than the one before.
 */
static void look(void *unused)
{
	int result;

	(void)unused;
	if (state.fd >= 0) {
		result = receive_secret();
		if (result == 0)
			state.reconnect_ms = RECONNECT_MIN_MS;
		else if (result != -EAGAIN && result != -EINTR)
			disconnect();
		tell_alive();
	} else {
		if (state.reconnect_ms < RECONNECT_MAX_MS)
			state.reconnect_ms += RECONNECT_STEP_MS;
		reach_daemon();
	}
	compat_timeout(look, state.fd < 0 ? state.reconnect_ms : LOOK_MS);
}

/* Both options are there and fit where they go, or pppd ends here. */
static void check_options_given(void)
{
	struct sockaddr_un address;

	if (!state.socket_path || !state.path_name)
		fatal("dualpath: the options dualpath-socket and dualpath-path are both needed");
	if (strlen(state.socket_path) >= sizeof(address.sun_path))
		fatal("dualpath: the path of dualpath-socket is too long");
	if (strlen(state.path_name) >= sizeof(((struct ppp_report *)0)->path))
		fatal("dualpath: the name of dualpath-path is too long");
}

/*
 * Once, at the first phase of the first dial: all options have been read, in
 * whatever order, and no frame has been sent yet.  (At option time it is too
 * early, as the second option may be missing; and `pppd dryrun` never gets here.)
 */
static void start(void)
{
	int result;

	state.started = 1;
	check_options_given();
	result = reach_daemon();
	if (result < 0)
		fatal("dualpath: cannot reach dualpathd at %s: %s", state.socket_path, strerror(-result));
	result = await_secret();
	if (result < 0)
		fatal("dualpath: dualpathd gave no user and password: %s", strerror(-result));
	compat_timeout(look, LOOK_MS);
}

/* ---- pppd's notifications ---- */

static void on_phase(void *unused, int new_phase_number)
{
	(void)unused;
	state.phase = (uint32_t)new_phase_number;
	if (!state.started && state.phase == PPP_PHASE_SERIALCONN)
		start();
	else if (state.started)
		tell(PPP_MSG_PHASE);
}

/* IPCP is about to begin.  The peer's address is left as it is. */
static void on_ip_choose(u_int32_t *address)
{
	(void)address;
	compat_ask_dns();
}

static void on_auth_up(void *unused, int argument)
{
	(void)unused;
	(void)argument;
	tell(PPP_MSG_AUTH_UP);
}

static void on_ip_up(void *unused, int argument)
{
	(void)unused;
	(void)argument;
	state.ip_up = 1;
	tell(PPP_MSG_IP_UP);
}

static void on_ip_down(void *unused, int argument)
{
	(void)unused;
	(void)argument;
	state.ip_up = 0;
	tell(PPP_MSG_IP_DOWN);
}

static void on_exit_status(void *unused, int status_code)
{
	(void)unused;
	tell_status(PPP_MSG_EXIT, status_code);
	disconnect();
	forget_secret();
}

/* What pppd looks up in us, and nothing else is exported: pppd loads plugins into one common name space. */
#define EXPORT __attribute__((visibility("default")))

EXPORT extern char pppd_version[];
EXPORT void plugin_init(void);

char pppd_version[] = COMPAT_STAMP;

void plugin_init(void)
{
	compat_add_options(options);
	compat_notify(on_phase, on_auth_up, on_ip_up, on_ip_down, on_exit_status);
	ip_choose_hook = on_ip_choose;
	pap_check_hook = have_secret;
	pap_passwd_hook = pap_secret;
	chap_check_hook = have_secret;
	chap_passwd_hook = chap_secret;
}
