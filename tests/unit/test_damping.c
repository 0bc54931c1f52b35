/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/damping: what each loss costs, that it is forgotten, and that there is a bound. */
#include "policy/damping.h"
#include "tests/unit/unit.h"

#define S 1000ull
#define BEGUN (1000 * S)

/* Proof after so many losses in one moment, `later` milliseconds after them. */
static uint32_t proof_after(unsigned losses, uint64_t later)
{
	struct damping d = { 0 };

	for (unsigned i = 0; i < losses; i++)
		damping_lost(&d, BEGUN);
	return damping_proof_ms(&d, BEGUN + later);
}

TEST(every_cell_of_the_table)
{
	static const unsigned seconds[] = { 0, 0, 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 60, 60 };

	for (unsigned n = 0; n < sizeof(seconds) / sizeof(seconds[0]); n++)
		CHECK_INT(proof_after(n, 0), seconds[n] * 1000);
}

TEST(debt_halves)
{
	CHECK_INT(proof_after(6, DAMPING_HALF_LIFE_MS), 5 * S);        /* 6000 -> 3000 */
	CHECK_INT(proof_after(6, DAMPING_HALF_LIFE_MS / 2), 12500);    /* 4500, on the straight line */
	CHECK_INT(proof_after(4, DAMPING_HALF_LIFE_MS), 0);            /* 2000: two losses are free */
	CHECK_INT(proof_after(1000, 3 * DAMPING_HALF_LIFE_MS), 0);
}

TEST(never_more_with_time)
{
	for (unsigned n = 1; n < 16; n++)
		for (uint64_t later = 0; later < 20 * 60 * S; later += 700)
			CHECK(proof_after(n, later + 700) <= proof_after(n, later));
}

TEST(one_loss_an_hour_costs_nothing)
{
	struct damping d = { 0 };

	for (unsigned hour = 1; hour < 100; hour++) {
		damping_lost(&d, hour * 3600 * S);
		CHECK_INT(damping_proof_ms(&d, hour * 3600 * S), 0);
		CHECK_INT(d.losses, 1);
	}
}

/* Five seconds up, five down: after the fourth loss it does not come back before it stands. */
TEST(flapping_every_five_seconds)
{
	struct damping d = { 0 };

	for (unsigned i = 0; i < 3; i++)
		damping_lost(&d, BEGUN + i * 10 * S);
	CHECK(damping_proof_ms(&d, BEGUN + 25 * S) < 5 * S);
	damping_lost(&d, BEGUN + 30 * S);
	CHECK(damping_proof_ms(&d, BEGUN + 35 * S) > 5 * S);
	CHECK_INT(d.losses, 4);
}

/* Half a minute apart, as somebody who pulls cables to see what happens. */
TEST(outages_apart_cost_seconds)
{
	struct damping d = { 0 };

	for (unsigned i = 0; i < 100; i++)
		damping_lost(&d, BEGUN + i * 30 * S);
	CHECK(damping_proof_ms(&d, d.when_ms) <= 10 * S);
}

TEST(flapping_for_a_day_is_bounded)
{
	struct damping d = { 0 };

	for (unsigned i = 0; i < 86400 / 5; i++)
		damping_lost(&d, BEGUN + i * 5 * S);
	CHECK_INT(damping_proof_ms(&d, d.when_ms), DAMPING_PROOF_MAX_MS);
	CHECK_INT(damping_proof_ms(&d, d.when_ms + 15 * 60 * S), 0);
	CHECK_INT(damping_proof_ms(&d, UINT64_MAX), 0);
}

TEST(a_clock_that_stands_still)
{
	struct damping d = { 0 };

	for (unsigned i = 0; i < 4; i++)
		damping_lost(&d, 0);
	CHECK_INT(damping_proof_ms(&d, 0), 10 * S);
}
