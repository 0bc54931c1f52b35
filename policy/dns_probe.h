/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest of DNS: a question for an IPv4 address, and whether what came back answers
 * it (RFC 1035 section 4).  What the answer says does not matter to a probe, an error of the server's is
 * one, too: it came back.  Names that the daemon itself wants are c-ares' business.  Called by
 * daemon/probe_conn.c.  Pure.
 */
#ifndef DUALPATH_POLICY_DNS_PROBE_H
#define DUALPATH_POLICY_DNS_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_PROBE_MAX 300 /* the longest question: header, a name of 255 bytes, type and class */

/* The question into buf (DNS_PROBE_MAX).  Its length; 0: name is none. */
size_t dns_probe_question(uint8_t *buf, const char *name, uint16_t id);
/* Is it a response to this question: its id, its one question? */
bool dns_probe_answers(const uint8_t *question, size_t question_len, const uint8_t *answer, size_t answer_len);

#endif
