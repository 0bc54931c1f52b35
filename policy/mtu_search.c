/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mtu_search.h. */
#include "policy/mtu_search.h"

#define FULL_TIMES 3
#define LEAST_TIMES 4
#define NO_TIMES 5
#define TIMES_MAX 40 /* of one question: the line loses too much to tell */

/* What lines are known to carry, falling: Ethernet, PPPoE, the NGN's tunnels, tunnels in tunnels, mobile lines. */
static const unsigned usual[] = { 1500, 1492, 1484, 1480, 1476, 1472, 1460, 1454, 1452, 1448, 1446, 1442, 1440, 1438, 1432,
	                          1428, 1420, 1414, 1412, 1406, 1400, 1380, 1360, 1340, 1320, 1300, 1280 };
#define USUAL (sizeof(usual) / sizeof(usual[0]))

static void ask(struct mtu_search *s, unsigned big, unsigned small, unsigned set)
{
	s->question = (struct mtu_question){ big, small, set };
	s->big = s->small = s->times = 0;
	for (unsigned i = 0; i < MTU_SEARCH_TARGETS; i++)
		s->no[i] = s->lost[i] = 0;
}

/* Of all machines the first is asked alone at first: one packet is what it costs where all is well. */
void mtu_search_begin(struct mtu_search *s, unsigned full, unsigned hint, unsigned all)
{
	*s = (struct mtu_search){ .phase = MTU_FULL, .full = full, .hint = hint, .all = all, .failed = full };
	ask(s, full, 0, all & -all);
}

void mtu_search_hint(struct mtu_search *s, unsigned size)
{
	if (size >= MTU_SEARCH_LEAST && size < s->full)
		s->hint = size;
}

bool mtu_search_answer(struct mtu_search *s, unsigned target, bool big)
{
	unsigned bit = 1u << target;

	if (!(s->question.set & bit))
		return false;
	if (big)
		s->big |= bit;
	else
		s->small |= bit;
	return s->phase == MTU_LEAST ? s->big == s->question.set : s->big != 0;
}

static unsigned usual_between(unsigned low, unsigned high)
{
	unsigned first = 0, n = 0;

	for (unsigned i = 0; i < USUAL; i++)
		if (usual[i] < high && usual[i] > low && n++ == 0)
			first = i;
	return n ? usual[first + n / 2] : 0;
}

static bool is_usual(unsigned size)
{
	unsigned i = 0;

	while (i < USUAL && usual[i] != size)
		i++;
	return i < USUAL;
}

/* The next size, or 0: found.  What is likely to be the answer is held against the size of one byte more. */
static unsigned choose(const struct mtu_search *s)
{
	unsigned between = usual_between(s->passed, s->failed);

	if (s->passed + 1 == s->failed)
		return s->failed_surely ? 0 : s->failed;
	if (s->hint > s->passed && s->hint < s->failed)
		return s->hint;
	if (s->passed == s->hint)
		return s->passed + 1;
	if (between)
		return between;
	return is_usual(s->passed) ? s->passed + 1 : (s->passed + s->failed) / 2;
}

static enum mtu_verdict go_on(struct mtu_search *s)
{
	unsigned size = choose(s);

	if (!size)
		return MTU_CARRIES;
	ask(s, size, s->passed, s->live);
	return MTU_GOES_ON;
}

static enum mtu_verdict passes(struct mtu_search *s)
{
	s->passed = s->question.big;
	return s->passed == s->full ? MTU_CARRIES : go_on(s);
}

static enum mtu_verdict after_full(struct mtu_search *s)
{
	if (s->big)
		return passes(s);
	s->question.set = s->all;
	if (s->times < FULL_TIMES)
		return MTU_GOES_ON;
	if (s->full <= MTU_SEARCH_LEAST)
		return MTU_UNKNOWN;
	s->phase = MTU_LEAST;
	ask(s, MTU_SEARCH_LEAST, 0, s->all);
	return MTU_GOES_ON;
}

/* Whoever was merely unlucky is asked again. */
static enum mtu_verdict after_least(struct mtu_search *s)
{
	s->live = s->big;
	if (s->big != s->all && s->times < LEAST_TIMES)
		return MTU_GOES_ON;
	if (!s->live)
		return MTU_UNKNOWN;
	s->phase = MTU_BETWEEN;
	return passes(s);
}

/* 1: says no; 0: has no word; -1: has yet to speak. */
static int word_of(const struct mtu_search *s, unsigned target)
{
	if (s->no[target] >= NO_TIMES + s->lost[target])
		return 1;
	return s->lost[target] >= NO_TIMES + s->no[target] ? 0 : -1;
}

static enum mtu_verdict after_between(struct mtu_search *s)
{
	bool all_spoke = true, any_no = false;

	if (s->big)
		return passes(s);
	for (unsigned i = 0; i < MTU_SEARCH_TARGETS; i++) {
		if (!(s->live >> i & 1))
			continue;
		if (s->small >> i & 1)
			s->no[i]++;
		else
			s->lost[i]++;
		all_spoke &= word_of(s, i) >= 0;
		any_no |= word_of(s, i) > 0;
	}
	s->small = 0;
	if (!all_spoke)
		return s->times < TIMES_MAX ? MTU_GOES_ON : MTU_UNKNOWN;
	if (!any_no)
		return MTU_UNKNOWN;
	s->failed = s->question.big;
	s->failed_surely = true;
	return go_on(s);
}

enum mtu_verdict mtu_search_next(struct mtu_search *s)
{
	s->times++;
	if (s->phase == MTU_FULL)
		return after_full(s);
	return s->phase == MTU_LEAST ? after_least(s) : after_between(s);
}
