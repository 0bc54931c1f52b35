/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See pppd_command.h.  Options are those that pppd 2.4.9 and 2.5.2 both know; pppd takes
 * each word of its command line as it is, so nothing is quoted.  They come after
 * /etc/ppp/options and override it.  No password here, ever: the plugin asks for it.
 */
#include "daemon/pppd_command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef PPPD_FILE /* configure says it */
#define PPPD_FILE "/usr/sbin/pppd"
#endif
#ifndef PLUGIN_FILE
#define PLUGIN_FILE "dualpath.so"
#endif
/*
 * When a session is over, not when its path is lost: the probes tell that sooner, and take it back, while
 * an ended session is gone with its connections.  Many echoes in quick succession tell a dead peer from
 * a bad line better than few slow ones: five of 1 s are all lost on a line that loses 10 % each way
 * once in 80 minutes, four of 2 s in 30, and only after 8 s.  (pppd 2.4.9's lcp-echo-adaptive would be silent under
 * traffic, but adds up the misses of hours and ends good sessions.)
 */
#define ECHO_INTERVAL 1
#define ECHO_FAILURE 5

static const char *or_default(const char *value, const char *otherwise)
{
	return value ? value : otherwise;
}

/* Too many words or bytes leave words at PPPD_COMMAND_WORDS, which _make() sees. */
static void add(struct pppd_command *command, const char *word)
{
	size_t size = strlen(word) + 1;

	if (command->words + 1 >= PPPD_COMMAND_WORDS || size > sizeof(command->text) - command->bytes) {
		command->words = PPPD_COMMAND_WORDS;
		return;
	}
	command->argv[command->words++] = memcpy(command->text + command->bytes, word, size);
	command->bytes += size;
}

static void add_value(struct pppd_command *command, const char *name, const char *value)
{
	add(command, name);
	add(command, value);
}

static void add_number(struct pppd_command *command, const char *name, unsigned value)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%u", value);
	add_value(command, name, digits);
}

/* How pppd behaves as a process: in the foreground, one dial, then it ends and says why. */
static void add_manners(struct pppd_command *command)
{
	add(command, "nodetach");
	add(command, "nopersist");
	add_value(command, "logfd", "1");   /* whatever /etc/ppp/options says of log files */
	add_number(command, "child-timeout", 1); /* how long scripts may hold up the end */
	add(command, "hide-password");
	add_number(command, "idle", 0);       /* it stands for as long as we want it, */
	add_number(command, "maxconnect", 0); /* whatever an owner's dial-up of long ago left there */
}

/* What it must leave alone: routes, ARP and DNS are the daemon's. */
static void add_restraint(struct pppd_command *command)
{
	add(command, "noauth"); /* providers do not prove who they are */
	add(command, "nodefaultroute");
	add(command, "noproxyarp");
	add(command, "noipdefault"); /* the address is the provider's to give */
	/*
	 * The home's IPv6 is the line's own.  IPV6CP would make a second IPv6 uplink whose
	 * router advertisements compete with the one that carries the tunnel, and it may
	 * come up, and pppd be "running", before IPv4 is.
	 */
	add(command, "noipv6");
	add(command, "noccp");
	add(command, "novj");
	add(command, "nobsdcomp");
	add(command, "nodeflate");
}

/* LCP: how fast it comes up, sees a dead peer, and goes away. */
static void add_timing(struct pppd_command *command, const struct pppd_options *options)
{
	add_number(command, "lcp-echo-interval",
	           options->lcp_echo_interval ? options->lcp_echo_interval : ECHO_INTERVAL);
	add_number(command, "lcp-echo-failure", options->lcp_echo_failure ? options->lcp_echo_failure : ECHO_FAILURE);
	/* The first Configure-Request is often lost (a concentrator that starts its end late): 1 s, not 3. */
	add_number(command, "lcp-restart", 1);
	add_number(command, "ipcp-restart", 1);
	/*
	 * A dead peer answers no Terminate-Request: one, of 1 s, instead of two of 3 s,
	 * before pppd ends and we can dial again.
	 */
	add_number(command, "lcp-max-terminate", 1);
}

static void add_session(struct pppd_command *command, const struct pppd_options *options)
{
	add_value(command, "user", options->user);
	add_value(command, "ifname", options->device);
	add_value(command, "ipparam", options->path_name); /* tells ip-up scripts whose session it is */
	if (options->mtu > 0) {
		add_number(command, "mtu", options->mtu);
		add_number(command, "mru", options->mtu);
	}
}

/* PPPoE's options stand before its interface: 2.4.9 reads the PADI ones when it meets that. */
static void add_pppoe(struct pppd_command *command, const struct pppd_options *options)
{
	char nic[64];

	add_value(command, "plugin", "pppoe.so");
	if (options->service_name)
		add_value(command, "pppoe-service", options->service_name);
	if (options->access_concentrator)
		add_value(command, "pppoe-ac", options->access_concentrator);
	/*
	 * PADI after 0 and 1 s, the end after 3 s; then the daemon asks, in its own time, and starts pppd when
	 * somebody answers.  The plugin doubles its wait (RFC 2516, 8) and is deaf to everything else meanwhile.
	 */
	add_number(command, "pppoe-padi-timeout", 1);
	add_number(command, "pppoe-padi-attempts", 2);
	/* The prefix keeps an interface named like an option apart from it. */
	snprintf(nic, sizeof(nic), "nic-%s", options->interface);
	add(command, nic);
}

static void add_plugin(struct pppd_command *command, const struct pppd_options *options)
{
	add_value(command, "plugin", or_default(options->plugin_file, PLUGIN_FILE));
	add_value(command, "dualpath-socket", options->socket_path);
	add_value(command, "dualpath-path", options->path_name);
}

const char *pppd_command_name(const struct pppd_options *options)
{
	const char *file = or_default(options->pppd_file, PPPD_FILE);
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

int pppd_command_make(struct pppd_command *command, const struct pppd_options *options)
{
	if (!options->path_name || !options->interface || !options->device || !options->user || !options->socket_path ||
	    !options->run_dir)
		return -EINVAL;
	memset(command, 0, sizeof(*command));
	command->file = or_default(options->pppd_file, PPPD_FILE);
	add(command, pppd_command_name(options));
	add_manners(command);
	add_restraint(command);
	add_timing(command, options);
	add_session(command, options);
	add_pppoe(command, options);
	add_plugin(command, options);
	return command->words < PPPD_COMMAND_WORDS ? 0 : -E2BIG;
}

int pppd_command_read(struct pppd_command *command, pid_t pid)
{
	char path[64];
	ssize_t count = 0;
	int fd;

	memset(command, 0, sizeof(*command));
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (command->bytes < sizeof(command->text) &&
	       (count = read(fd, command->text + command->bytes, sizeof(command->text) - command->bytes)) > 0)
		command->bytes += (size_t)count;
	close(fd);
	return count < 0 ? -EIO : command->bytes < sizeof(command->text) ? 0 : -E2BIG;
}

bool pppd_command_equal(const struct pppd_command *a, const struct pppd_command *b)
{
	return a->bytes == b->bytes && memcmp(a->text, b->text, a->bytes) == 0;
}
