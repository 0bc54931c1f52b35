/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See path_judge.h. */
#include "daemon/path_judge.h"

#include "daemon/clock.h"
#include "daemon/conntrack.h"
#include "daemon/link.h"

/* Loss and latency of fewer rounds say nothing yet. */
#define QUALITY_ROUNDS 10

/* What the path's own other end says to it, as far as it is known to speak at all. */
static const char *word_of_other_end(const struct path *path, const struct health_round *round)
{
	return prober_other_end_is_known(path->prober) ? link_word_of_end(path, round->fallback_answered) : "";
}

/* No target but the other end: what that answers is all there is to judge by. */
static bool asks_other_end_alone(const struct path *path)
{
	const struct probe_config *probe = &path->config->probe;

	return probe->targets == 1 && probe_is_other_end(probe->target[0].kind);
}

/* Where no question leaves, the line has not been asked. */
static const char *word_of_kernel(void)
{
	return conntrack_is_full() ? ": they cannot leave, as the kernel's table of connections is full (net.netfilter.nf_conntrack_max)"
	                           : ": they cannot leave, as a firewall of this machine drops them";
}

/* Said again with each bad round while it lasts. */
static void went_silent(struct path *path, const struct health_round *round)
{
	const char *word = prober_is_withheld(path->prober) ? word_of_kernel() : word_of_other_end(path, round);
	bool news = path->state == PATH_UP && !round->fallback_answered;

	if (round->burst)
		path_event(path, PATH_EV_BAD, "no probe target answers, however often it is asked%s", word);
	else
		path_event(path, PATH_EV_BAD, "no probe target answered in %u rounds in a row%s", path->health.bad_in_row, word);
	prober_quick(path->prober, false);
	link_silent(path, news);
}

/* A quarter below the limit ends what above it began, so that a line on the edge does not flap. */
static bool exceeds(double value, double limit, bool already)
{
	return limit > 0 && value > (already ? limit * 0.75 : limit);
}

static void judge_quality(struct path *path)
{
	const struct probe_config *c = &path->config->probe;
	bool already = *path->flaw[PATH_FLAW_QUALITY];

	if (path->health.rounds < QUALITY_ROUNDS)
		return;
	if (exceeds(health_loss_percent(&path->health), c->max_loss_percent, already))
		path_set_flaw(path, PATH_FLAW_QUALITY, "more than %u %% of the probes are lost (max-loss)",
		              c->max_loss_percent);
	else if (exceeds(health_rtt_ms(&path->health), c->max_rtt_ms, already))
		path_set_flaw(path, PATH_FLAW_QUALITY, "answers take longer than %u ms (max-rtt)", c->max_rtt_ms);
	else
		path_set_flaw(path, PATH_FLAW_QUALITY, NULL);
}

/* True: it answers, but has come and gone of late, and there is another path that works. */
static bool must_stand_longer(struct path *path)
{
	uint32_t proof = damping_proof_ms(&path->damping, path->good_since_ms);

	if (clock_monotonic_ms() - path->good_since_ms >= proof || !path->env->others_work(path->env->arg, path))
		return false;
	path->standing = true;
	prober_quick(path->prober, false);
	path_explain(path, "works again, but was lost %u times of late: used again once it has stood for %u s",
	             path->damping.losses, proof / 1000);
	return true;
}

/* What a path that is not up yet has shown is worth the more, the sooner the next rounds come. */
static void pace_of_return(struct path *path)
{
	if (path->state != PATH_SILENT)
		return;
	if (path->health.good_in_row == 1)
		prober_quick(path->prober, true);
	else if (path->health.bad_in_row == 1)
		prober_quick(path->prober, false);
	if (path->standing && path->health.bad_in_row) {
		damping_lost(&path->damping, clock_monotonic_ms());
		path_explain(path, "answered for a while, and fell silent again");
	}
	path->standing &= !path->health.bad_in_row;
}

void path_judge_round(struct path *path, const struct health_round *result)
{
	struct health_round round = *result;
	enum health_verdict verdict;

	/* A session that stands is what a PPPoE path is judged by where no target is known to answer: not every
	 * concentrator can be asked by LCP. */
	if (link_stands_for_answer(path) && !asks_other_end_alone(path))
		round.fallback_answered = true;
	if (round.late) {
		health_round(&path->health, &path->config->probe, &round, path->state == PATH_UP, false);
		return;
	}
	/* What was lost must prove itself for up-after rounds, also where that is over another AFTR. */
	verdict = health_round(&path->health, &path->config->probe, &round, path->state == PATH_UP,
	                       !path->proven && path->state != PATH_SILENT);
	if (path->health.good_in_row == 1)
		path->good_since_ms = clock_monotonic_ms();
	if (path->health.good_in_row)
		link_answered(path);
	judge_quality(path);
	pace_of_return(path);
	if (verdict == HEALTH_UP && path->state == PATH_SILENT && link_reconsiders(path))
		return;
	if (verdict == HEALTH_UP && path->state != PATH_UP && must_stand_longer(path))
		return;
	if (verdict == HEALTH_UP)
		path_event(path, PATH_EV_GOOD, "%s",
		           round.credible ? "probes are answered" : link_up_by_end(path, asks_other_end_alone(path)));
	else if (verdict == HEALTH_DOWN)
		went_silent(path, result);
}
