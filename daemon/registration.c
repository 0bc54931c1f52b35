/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See registration.h.  A round: ask() -> on_answer() -> done(), which sets the time of the next. */
#include "daemon/registration.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ppp_proto.h"
#include "common/xalloc.h"
#include "daemon/aftr.h"
#include "daemon/clock.h"
#include "daemon/http.h"
#include "daemon/log.h"
#include "daemon/random.h"
#include "daemon/secret.h"
#include "policy/utf8.h"

#define LIMIT_S 15
#define BODY_MAX 4096
#define LATELY_MS 60000

struct registration {
	struct path *path;
	struct url server; /* of update-url; its text with samples for what is secret */
	struct aftr_finder *finder; /* of the server's address; NULL: that stands in the URL */
	struct in6_addr address[HTTP_ADDRESSES_MAX];
	unsigned addresses;
	struct in6_addr local;
	bool has_local;
	struct http_get *get;
	char secret[PPP_SECRET_MAX]; /* while get runs */
	ev_timer next;
	ev_stat password;
	struct backoff backoff;
	struct registration_info info;
	uint64_t ended_ms;     /* the last round did, monotonic; 0: there was none */
	uint64_t good_ms;      /* and the last good one */
	struct in6_addr known; /* the end of the last good answer */
	char reason[REGISTRATION_REASON_MAX + DNAME_TEXT_MAX + 16];
};

static const struct ipip_config *config_of(const struct registration *reg)
{
	return &reg->path->config->ipip;
}

const char *registration_state_name(enum registration_state state)
{
	static const char *const name[] = { "waiting", "ok", "refused", "failed" };

	return name[state];
}

static const char *server_name(const struct registration *reg, char buf[INET6_ADDRSTRLEN])
{
	return *reg->server.host ? reg->server.host : inet_ntop(AF_INET6, &reg->server.address, buf, INET6_ADDRSTRLEN);
}

/* ---- the end of a round ---- */

/* What is as it was the owner has heard already. */
static void tell(struct registration *reg, enum registration_state state, const char *reason)
{
	bool news = state != reg->info.state || strcmp(reason, reg->reason) != 0 ||
	            (state == REGISTRATION_OK && !IN6_ARE_ADDR_EQUAL(&reg->known, &reg->local));
	const struct path *path = reg->path;
	char server[INET6_ADDRSTRLEN], local[INET6_ADDRSTRLEN];

	reg->info.state = state;
	reg->info.at_ms = clock_utc_ms();
	reg->ended_ms = clock_monotonic_ms();
	if (reason != reg->reason)
		snprintf(reg->reason, sizeof(reg->reason), "%s", reason);
	if (!news)
		return;
	inet_ntop(AF_INET6, &reg->local, local, sizeof(local));
	if (state == REGISTRATION_OK)
		events_add(path->env->events, path->config->name, "", "", "our end %s is registered with %s", local,
		           server_name(reg, server));
	else
		events_add(path->env->events, path->config->name, "", "", "our end %s is not registered: %s", local, reason);
}

static void ask_in(struct registration *reg, uint32_t ms)
{
	ev_timer_stop(reg->path->env->loop, &reg->next);
	ev_timer_set(&reg->next, ms / 1000.0, 0);
	ev_timer_start(reg->path->env->loop, &reg->next);
}

/* A new password is worth a try at once. */
static void watch_password(struct registration *reg)
{
	ev_stat_stop(reg->path->env->loop, &reg->password);
	if (!config_of(reg)->password_file)
		return;
	ev_stat_set(&reg->password, config_of(reg)->password_file, 0);
	ev_stat_start(reg->path->env->loop, &reg->password);
}

static void done(struct registration *reg, enum registration_verdict verdict, const char *reason)
{
	static const enum registration_state state[] = { REGISTRATION_OK, REGISTRATION_IS_REFUSED, REGISTRATION_HAS_FAILED };
	uint32_t ms = registration_wait_ms(&reg->backoff, verdict, config_of(reg)->update_interval_ms, random_number());

	explicit_bzero(reg->secret, sizeof(reg->secret));
	ev_stat_stop(reg->path->env->loop, &reg->password);
	if (verdict != REGISTRATION_GOOD)
		watch_password(reg);
	tell(reg, state[verdict], reason);
	if (verdict == REGISTRATION_GOOD) {
		reg->known = reg->local;
		reg->good_ms = reg->ended_ms;
	}
	log_debug("%s: registration: %s; again in %u ms", reg->path->config->name, *reason ? reason : "good", ms);
	ask_in(reg, ms);
}

/* About the server, which is named. */
static void done_server(struct registration *reg, enum registration_verdict verdict, const char *why)
{
	char server[INET6_ADDRSTRLEN], reason[sizeof(reg->reason)];

	snprintf(reason, sizeof(reason), "the provider's server %s: %s", server_name(reg, server), why);
	done(reg, verdict, reason);
}

static void on_answer(void *arg, const struct http_answer *answer, const char *why)
{
	struct registration *reg = arg;
	char reason[REGISTRATION_REASON_MAX];
	enum registration_verdict verdict;

	reg->get = NULL;
	if (!answer) {
		done_server(reg, REGISTRATION_FAILED, why);
		return;
	}
	verdict = registration_judge(answer->code, answer->body, answer->len, config_of(reg)->update_answer, reg->secret, reason);
	if (verdict == REGISTRATION_GOOD)
		done(reg, verdict, "");
	else
		done_server(reg, verdict, reason);
}

/* ---- a round ---- */

/* url and login (or "") hold the secret: the caller wipes them. */
static int send_request(struct registration *reg, const char *url, const char *login)
{
	struct http_request request = { .url = url,
		                        .interface = reg->path->config->interface,
		                        .host = *reg->server.host ? reg->server.host : NULL,
		                        .port = reg->server.port,
		                        .address = reg->address,
		                        .addresses = reg->addresses,
		                        .verify = true,
		                        .source = &reg->local,
		                        .login = *login ? login : NULL,
		                        .limit_s = LIMIT_S,
		                        .body_max = BODY_MAX };

	return http_get(reg->path->env->loop, &request, on_answer, reg, &reg->get);
}

static void print_login(const struct ipip_config *c, const char *password, char *buf, size_t size)
{
	buf[0] = '\0';
	if (c->basic_auth)
		snprintf(buf, size, "%s:%s", c->update_user, password);
}

static void ask_with_password(struct registration *reg)
{
	const struct ipip_config *c = config_of(reg);
	char url[URL_TEXT_MAX], login[2 * PPP_SECRET_MAX], local[INET6_ADDRSTRLEN], address[INET_ADDRSTRLEN];
	struct registration_values values = { .user = c->update_user ? c->update_user : "", .password = reg->secret,
		                              .local = local, .address = address };
	const char *fault;
	int r = 0;

	ipv4_print(compile_path_address(reg->path->config, &reg->path->facts), address);
	inet_ntop(AF_INET6, &reg->local, local, sizeof(local));
	print_login(c, reg->secret, login, sizeof(login));
	fault = registration_url(c->update_url, &values, url);
	if (!fault)
		r = send_request(reg, url, login);
	explicit_bzero(url, sizeof(url));
	explicit_bzero(login, sizeof(login));
	if (fault || r < 0)
		done_server(reg, REGISTRATION_FAILED, fault ? fault : strerror(-r));
}

static void ask(struct registration *reg)
{
	const char *file = config_of(reg)->password_file;
	char *why = NULL;

	ev_timer_stop(reg->path->env->loop, &reg->next);
	if (!reg->has_local || reg->get || (*reg->server.host && !reg->addresses))
		return;
	if (file && secret_read(file, reg->secret, sizeof(reg->secret), &why) < 0) {
		char reason[sizeof(reg->reason)];

		snprintf(reason, sizeof(reason), "password-file: %s", why);
		utf8_mend(reason);
		done(reg, REGISTRATION_FAILED, reason);
	} else {
		ask_with_password(reg);
	}
	free(why);
}

static void cancel(struct registration *reg)
{
	http_cancel(reg->get);
	reg->get = NULL;
	explicit_bzero(reg->secret, sizeof(reg->secret));
	ev_timer_stop(reg->path->env->loop, &reg->next);
	ev_stat_stop(reg->path->env->loop, &reg->password);
}

static void on_next(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	ask(w->data);
}

static void on_password(struct ev_loop *loop, ev_stat *w, int revents)
{
	struct registration *reg = w->data;

	(void)revents;
	ev_stat_stop(loop, w);
	reg->backoff = (struct backoff){ 0 };
	ask(reg);
}

/* ---- the server's address ---- */

static void on_found(void *arg, const struct aftr_result *result)
{
	struct registration *reg = arg;
	bool first = !reg->addresses;

	reg->addresses = result->addresses < HTTP_ADDRESSES_MAX ? result->addresses : HTTP_ADDRESSES_MAX;
	memcpy(reg->address, result->address, reg->addresses * sizeof(*reg->address));
	if (first)
		ask(reg);
}

static void on_progress(void *arg, const char *text)
{
	struct registration *reg = arg;

	if (reg->info.state == REGISTRATION_WAITING)
		snprintf(reg->reason, sizeof(reg->reason), "%s", text);
}

/* ---- from outside ---- */

/* Whatever came of it. */
static bool was_lately(const struct registration *reg)
{
	return reg->ended_ms && clock_monotonic_ms() - reg->ended_ms < LATELY_MS;
}

void registration_end(struct registration *reg, const struct in6_addr *local)
{
	bool same = reg->has_local && local && IN6_ARE_ADDR_EQUAL(&reg->local, local);

	if (same || (!local && !reg->has_local))
		return;
	cancel(reg);
	reg->has_local = local != NULL;
	if (!local)
		return;
	reg->local = *local;
	reg->backoff = (struct backoff){ 0 };
	if (IN6_ARE_ADDR_EQUAL(&reg->known, local) && was_lately(reg))
		ask_in(reg, LATELY_MS);
	else
		ask_in(reg, 0);
}

void registration_line_changed(struct registration *reg)
{
	if (reg->finder)
		aftr_finder_restart(reg->finder);
}

void registration_silent(struct registration *reg)
{
	if (reg->info.state != REGISTRATION_IS_REFUSED && !was_lately(reg))
		ask(reg);
}

void registration_again(struct registration *reg)
{
	if (ev_is_active(&reg->password))
		watch_password(reg); /* of the configuration that counts now: the name in that of before goes with it */
	reg->backoff = (struct backoff){ 0 };
	ask(reg);
}

void registration_info(const struct registration *reg, struct registration_info *info)
{
	*info = reg->info;
	info->reason = reg->reason;
	info->good_ago_ms = reg->good_ms ? (int64_t)(clock_monotonic_ms() - reg->good_ms) : -1;
	if (info->state == REGISTRATION_WAITING && !*reg->reason)
		info->reason = reg->has_local ? "asking the provider's server" : "our end of the tunnel is not there yet";
}

static void start_finder(struct registration *reg)
{
	static const struct aftr_callbacks callbacks = { on_found, on_progress, NULL, NULL };
	char *name = reg->server.host;
	struct dslite_config config = { .aftr = &name, .aftrs = 1, .dns_auto = true };

	reg->finder = aftr_finder_new(reg->path->env->loop, &config, reg->path->config->interface, reg->path->env->state_dir,
	                              &callbacks, reg);
}

struct registration *registration_new(struct path *path)
{
	static const struct registration_values sample = { "u", "p", "2001:db8::1", "192.0.2.1" };
	struct registration *reg = xcalloc(1, sizeof(*reg));
	char text[URL_TEXT_MAX];

	reg->path = path;
	ev_init(&reg->next, on_next);
	ev_stat_init(&reg->password, on_password, "", 0);
	reg->next.data = reg->password.data = reg;
	if (registration_url(config_of(reg)->update_url, &sample, text) || url_parse(text, &reg->server))
		abort(); /* the config's check lets no such in */
	if (*reg->server.host)
		start_finder(reg);
	return reg;
}

void registration_free(struct registration *reg)
{
	if (!reg)
		return;
	cancel(reg);
	aftr_finder_free(reg->finder);
	free(reg);
}
