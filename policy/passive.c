/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See passive.h. */
#include "policy/passive.h"

static uint64_t grown(uint64_t from, uint64_t to)
{
	return to > from ? to - from : 0;
}

/* Without our own; late answers may make that look like more than there was. */
static uint64_t of_home(uint64_t all, uint64_t own)
{
	return all > own ? all - own : 0;
}

static void begin(struct passive *p, uint64_t now_us, const struct passive_counts *counts)
{
	*p = (struct passive){ .look_us = p->look_us, .begun = true, .last = *counts, .last_us = now_us, .window_us = now_us,
	                       .told_us = p->told_us, .told = p->told };
}

void passive_init(struct passive *p, uint32_t interval_ms)
{
	uint64_t look_us = (uint64_t)interval_ms * 1000 / 2;

	if (look_us < PASSIVE_LOOK_LEAST_US)
		look_us = PASSIVE_LOOK_LEAST_US;
	if (look_us > PASSIVE_LOOK_US)
		look_us = PASSIVE_LOOK_US;
	*p = (struct passive){ .look_us = (uint32_t)look_us };
}

/* Enough each way within a window, and a probe answered within the time of trust. */
static bool is_alive(struct passive *p, uint64_t now_us, bool own_answer)
{
	bool enough = p->in >= PASSIVE_ALIVE_PACKETS && p->out >= PASSIVE_ALIVE_PACKETS;

	if (own_answer || !p->trusted_us)
		p->trusted_us = now_us;
	if (enough || now_us - p->window_us >= PASSIVE_WINDOW_US) {
		p->in = p->out = 0;
		p->window_us = now_us;
	}
	return enough && now_us - p->trusted_us < PASSIVE_TRUST_US;
}

#define ALARM_AGAIN_US 2000000u
#define ALARMS_MAX 5

/* One look in which something was sent and nothing came may be a question whose answer is on its way; two are not. */
static bool is_silent(struct passive *p, uint64_t before_us, uint64_t in, uint64_t out)
{
	uint64_t look_us = p->last_us - p->look_us;

	if (in) {
		p->silent_us = 0;
		return false;
	}
	if (p->silent_us)
		return p->last_us >= p->again_us;
	if (out)
		p->silent_us = before_us > look_us ? before_us : look_us;
	return false;
}

static uint64_t alarm(struct passive *p)
{
	uint64_t since = p->silent_us;

	p->again_us = p->last_us + ((uint64_t)ALARM_AGAIN_US << p->alarms);
	if (p->alarms < ALARMS_MAX)
		p->alarms++;
	p->silent_us = 0;
	return since;
}

enum passive_verdict passive_look(struct passive *p, uint64_t now_us, const struct passive_counts *counts,
                                  uint64_t *since_us)
{
	uint64_t own_in = grown(p->last.own_received, counts->own_received), before_us = p->last_us;
	uint64_t refused = grown(p->last.refused, counts->refused);
	uint64_t all_in = of_home(grown(p->last.received, counts->received), refused), in = of_home(all_in, own_in);
	uint64_t out = of_home(grown(p->last.sent, counts->sent), grown(p->last.own_sent, counts->own_sent));

	if (!p->begun || counts->received < p->last.received || counts->sent < p->last.sent) {
		begin(p, now_us, counts); /* or another device by the same name */
		return PASSIVE_NOTHING;
	}
	p->last = *counts;
	p->last_us = now_us;
	p->in += in;
	p->out += out;
	if (in || out)
		p->traffic_us = now_us;
	p->heard = in > 0;
	if (p->heard)
		p->alarms = 0;
	if (is_silent(p, before_us, all_in, out)) {
		*since_us = alarm(p);
		return PASSIVE_SUSPECT;
	}
	return is_alive(p, now_us, own_in > 0) ? PASSIVE_ALIVE : PASSIVE_NOTHING;
}

#define TOLD_AGAIN_US 2000000u
#define TOLD_MAX 5
#define TOLD_FORGOTTEN_US 60000000u

bool passive_told(struct passive *p, uint64_t now_us)
{
	if (now_us < p->told_us)
		return false;
	if (now_us - p->told_us >= TOLD_FORGOTTEN_US)
		p->told = 0;
	p->told_us = now_us + ((uint64_t)TOLD_AGAIN_US << p->told);
	if (p->told < TOLD_MAX)
		p->told++;
	return true;
}

uint64_t passive_wait_us(const struct passive *p)
{
	bool traffic = p->traffic_us && p->last_us - p->traffic_us < PASSIVE_QUIET_US;

	return traffic ? p->look_us : PASSIVE_IDLE_US - p->last_us % PASSIVE_IDLE_US;
}
