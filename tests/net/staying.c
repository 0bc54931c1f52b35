/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In place of a pppd that takes its time to end: whatever it is called with, it stays until it is killed.  For tests/net/restart. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
	signal(SIGTERM, SIG_IGN);
	for (;;)
		pause();
}
