/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers as packets have them, in network order at any address, and the internet's checksum.  For the files of
 * policy/ that read and write packets; whoever calls has looked at the length.
 */
#ifndef DUALPATH_POLICY_WIRE_H
#define DUALPATH_POLICY_WIRE_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t wire_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t wire_get32(const uint8_t *at)
{
	return (uint32_t)wire_get16(at) << 16 | wire_get16(at + 2);
}

/* Returns what comes behind it. */
static inline uint8_t *wire_put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static inline uint8_t *wire_put32(uint8_t *at, uint32_t value)
{
	return wire_put16(wire_put16(at, value >> 16), value);
}

/* RFC 1071: words of 16 bits added to sum.  Of one packet, no more than 64 KiB, 32 bits cannot overflow. */
static inline uint32_t wire_sum(uint32_t sum, const uint8_t *bytes, size_t len)
{
	for (; len > 1; bytes += 2, len -= 2)
		sum += wire_get16(bytes);
	return len ? sum + ((uint32_t)*bytes << 8) : sum;
}

/* What is written into a packet whose words add up to sum; 0 where the right one is among them. */
static inline uint16_t wire_checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

#endif
