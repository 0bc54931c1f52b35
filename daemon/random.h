/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers that nobody can guess (getrandom(2)): for transaction numbers, and to spread
 * what many homes would otherwise do in the same moment. */
#ifndef DUALPATH_DAEMON_RANDOM_H
#define DUALPATH_DAEMON_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* At most 256 bytes: so many the kernel gives in one go. */
void random_bytes(void *out, size_t len);
uint32_t random_number(void);

#endif
