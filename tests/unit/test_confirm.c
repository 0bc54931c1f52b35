/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daemon/confirm: how long a trial still lasts, whatever becomes of the machine's clock.  The clock is ours. */
#include "daemon/confirm.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static time_t jumped_s;
static char folder[] = "/tmp/test_confirm.XXXXXX";
static unsigned failed;

/* In place of libc's, for this program and its libraries. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_REALTIME)
		now->tv_sec += jumped_s;
	return result;
}

static void on_failed(void *arg)
{
	(void)arg;
	failed++;
}

TEST(a_clock_that_is_set_changes_nothing)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct config config = { 0 };
	struct confirm *confirm;

	CHECK(mkdtemp(folder) != NULL);
	confirm = confirm_new(loop, folder, on_failed, NULL);
	CHECK_INT(confirm_left_ms(confirm), 0);
	CHECK_INT(confirm_begin(confirm, &config, &config, 60000), 0);
	for (int hours = -1; hours <= 1; hours++) {
		jumped_s = hours * 3600;
		ev_run(loop, EVRUN_NOWAIT);
		CHECK(confirm_left_ms(confirm) > 50000 && confirm_left_ms(confirm) <= 60001);
	}
	CHECK_INT(failed, 0);
	CHECK(confirm_keep(confirm));
	CHECK_INT(confirm_left_ms(confirm), 0);
	confirm_free(confirm);
	ev_loop_destroy(loop);
	CHECK(rmdir(folder) == 0);
}
