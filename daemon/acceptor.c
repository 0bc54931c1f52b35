/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See acceptor.h. */
#include "daemon/acceptor.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/log.h"

#define PAUSE_S 1.0

static bool is_out_of_room(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void pause_a_while(struct acceptor *a, int error)
{
	if (!a->told)
		log_warn("%s: nobody can be let in: %s; trying again each second", a->where, strerror(error));
	a->told = true;
	ev_io_stop(a->loop, &a->door);
	ev_timer_set(&a->pause, PAUSE_S, 0);
	ev_timer_start(a->loop, &a->pause);
}

static void on_caller(struct ev_loop *loop, ev_io *w, int revents)
{
	struct acceptor *a = w->data;
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)loop;
	(void)revents;
	if (fd >= 0) {
		a->told = false;
		a->fn(a->arg, fd);
	} else if (is_out_of_room(errno)) {
		pause_a_while(a, errno);
	}
}

static void on_pause_over(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct acceptor *a = w->data;

	(void)revents;
	ev_io_start(loop, &a->door);
}

void acceptor_start(struct acceptor *a, struct ev_loop *loop, int fd, const char *where, acceptor_fn *fn, void *arg)
{
	*a = (struct acceptor){ .loop = loop, .where = where, .fn = fn, .arg = arg };
	ev_io_init(&a->door, on_caller, fd, EV_READ);
	ev_timer_init(&a->pause, on_pause_over, 0, 0);
	a->door.data = a->pause.data = a;
	ev_io_start(loop, &a->door);
}

void acceptor_move(struct acceptor *a, int fd)
{
	acceptor_stop(a);
	ev_io_set(&a->door, fd, EV_READ);
	ev_io_start(a->loop, &a->door);
}

void acceptor_stop(struct acceptor *a)
{
	ev_io_stop(a->loop, &a->door);
	ev_timer_stop(a->loop, &a->pause);
}
