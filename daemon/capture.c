/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See capture.h. */
#include "daemon/capture.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/xalloc.h"
#include "daemon/log.h"
#include "daemon/pcap_lib.h"

/* Not "inbound and pppoed": libpcap runs the filter itself over the first frames, and cannot do that part. */
#define FILTER "pppoed"
#define FRAME_MAX 1514           /* a tag that matters may be the last one */
#define RING_BYTES (64 * 1024)   /* some 30 frames; libpcap's own 2 MiB would be most of our memory */
#define FRAMES_AT_ONCE 32        /* then let others have their turn */
#define LOOK_FIRST_S 0.01
#define LOOK_MOST_S 5.0

struct capture {
	struct ev_loop *loop;
	const struct capture_callbacks *callbacks;
	void *arg;
	const struct pcap_lib *lib;
	pcap_t *pcap;
	ev_io io;
	ev_timer look_again;
	double look_after_s;
	bool busy;           /* libpcap is on the stack: it must not be closed there */
	bool closed;
	char interface[IFNAMSIZ]; /* for messages */
};

/* ---- what comes in ---- */

static void on_frame(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct capture *c = (struct capture *)user;
	struct pppoe_disc disc;
	const char *wrong;

	if (c->closed)
		return;
	wrong = pppoe_disc_parse(bytes, header->caplen, &disc);
	if (wrong)
		log_trace("%s: a PPPoE discovery frame is ignored: %s", c->interface, wrong);
	else
		c->callbacks->pppoe(c->arg, &disc);
}

static void stop_watching(struct capture *c)
{
	ev_io_stop(c->loop, &c->io);
	ev_timer_stop(c->loop, &c->look_again);
}

static void destroy(struct capture *c)
{
	stop_watching(c);
	if (c->pcap)
		c->lib->close(c->pcap);
	pcap_lib_give_back();
	free(c);
}

/*
 * The kernel says "down" once, and nothing more when an interface that is down goes away.
 * So libpcap wants to be called every millisecond from there on until the next frame; we do so
 * less and less often, since what is down mostly comes up again.
 */
static void look_again_if_asked(struct capture *c)
{
	ev_timer_stop(c->loop, &c->look_again);
	if (!c->lib->get_required_select_timeout(c->pcap)) {
		c->look_after_s = LOOK_FIRST_S;
		return;
	}
	ev_timer_set(&c->look_again, c->look_after_s, 0);
	ev_timer_start(c->loop, &c->look_again);
	c->look_after_s = c->look_after_s * 2 < LOOK_MOST_S ? c->look_after_s * 2 : LOOK_MOST_S;
}

static void tell_gone(struct capture *c)
{
	stop_watching(c);
	c->callbacks->gone(c->arg, c->lib->geterr(c->pcap));
}

static void read_frames(struct capture *c)
{
	int r;

	c->busy = true;
	r = c->lib->dispatch(c->pcap, FRAMES_AT_ONCE, on_frame, (u_char *)c);
	if (!c->closed && r < 0 && r != PCAP_ERROR_BREAK)
		tell_gone(c);
	else if (!c->closed)
		look_again_if_asked(c);
	c->busy = false;
	if (c->closed)
		destroy(c);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)loop;
	(void)revents;
	read_frames(io->data);
}

static void on_look_again(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	read_frames(timer->data);
}

/* ---- open and close ---- */

static int error_of(int status)
{
	switch (status) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return -ENODEV;
	case PCAP_ERROR_PERM_DENIED:
		return -EPERM;
	case PCAP_ERROR_IFACE_NOT_UP:
		return -ENETDOWN;
	default:
		return -EIO;
	}
}

/* Immediate mode: otherwise frames are handed over by the full block. */
static int activate(struct capture *c)
{
	int r;

	c->lib->set_snaplen(c->pcap, FRAME_MAX);
	c->lib->set_promisc(c->pcap, 0);
	c->lib->set_immediate_mode(c->pcap, 1);
	c->lib->set_buffer_size(c->pcap, RING_BYTES);
	r = c->lib->activate(c->pcap);
	return r < 0 ? error_of(r) : 0;
}

static int set_filter(struct capture *c)
{
	struct bpf_program program;
	int r;

	if (c->lib->compile(c->pcap, &program, FILTER, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return -EIO;
	r = c->lib->setfilter(c->pcap, &program);
	c->lib->freecode(&program);
	return r < 0 ? -EIO : 0;
}

/* libpcap drops what goes out only after it has woken us; the kernel (4.20) does not even copy it. */
static int set_inbound(struct capture *c)
{
	int on = 1;

	if (setsockopt(c->lib->fileno(c->pcap), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0)
		log_debug("outgoing frames are not ignored by the kernel: %s", strerror(errno));
	return c->lib->setdirection(c->pcap, PCAP_D_IN) < 0 ? -EIO : 0;
}

static int prepare(struct capture *c)
{
	char error[PCAP_ERRBUF_SIZE];
	int r = activate(c);

	if (r < 0)
		return r;
	if (c->lib->datalink(c->pcap) != DLT_EN10MB)
		return -EPFNOSUPPORT;
	r = set_filter(c);
	if (r == 0)
		r = set_inbound(c);
	if (r < 0)
		return r;
	if (c->lib->setnonblock(c->pcap, 1, error) < 0 || c->lib->get_selectable_fd(c->pcap) < 0)
		return -EIO;
	return 0;
}

static char *explain(struct capture *c, int error)
{
	const char *said = c->lib->geterr(c->pcap);
	char text[PCAP_ERRBUF_SIZE + 128];

	if (error == -EPFNOSUPPORT)
		said = "it is not an Ethernet interface";
	else if (error == -ENODEV || !*said)
		said = strerror(-error);
	snprintf(text, sizeof(text), "cannot listen on %s: %s", c->interface, said);
	return xstrdup(text);
}

int capture_pppoe_open(struct ev_loop *loop, const char *interface, const struct capture_callbacks *callbacks,
                       void *arg, struct capture **out, char **why)
{
	char error[PCAP_ERRBUF_SIZE];
	struct capture *c = xcalloc(1, sizeof(*c));
	const char *missing;
	int r;

	c->loop = loop;
	c->callbacks = callbacks;
	c->arg = arg;
	c->look_after_s = LOOK_FIRST_S;
	snprintf(c->interface, sizeof(c->interface), "%s", interface);
	ev_timer_init(&c->look_again, on_look_again, 0, 0);
	c->io.data = c->look_again.data = c;
	c->lib = pcap_lib_take(&missing);
	if (!c->lib) {
		*why = xstrdup(missing);
		free(c);
		return -ENOSYS;
	}
	c->pcap = c->lib->create(interface, error);
	if (!c->pcap)
		abort(); /* it only allocates */
	r = prepare(c);
	if (r < 0) {
		*why = explain(c, r);
		destroy(c);
		return r;
	}
	ev_io_init(&c->io, on_readable, c->lib->get_selectable_fd(c->pcap), EV_READ);
	c->io.data = c;
	ev_io_start(loop, &c->io);
	*out = c;
	return 0;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	c->closed = true;
	if (c->busy)
		stop_watching(c); /* freed when libpcap has returned */
	else
		destroy(c);
}
