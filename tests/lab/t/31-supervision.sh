#!/bin/bash
# PPPoE under supervision, at a concentrator with one session for each home: pppd killed, pppd hanging, a crash of the machine, the
# line down under a session, a concentrator that is silent and comes back, one that is full, an account refused and then corrected.
# Each with its reason, back without help, and no wrong source meanwhile.
# limit: 200
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
bras_stop
bras_start -x 1
cfg < /dev/null
both_up
LEFT=/var/lib/dualpath/pppoe-pppoe
capture_start all
ping_start pc pc "$WEB"

pppd_in_home() { comm -12 <(ns_pids home | sort) <(pgrep -x pppd | sort); }
written() { grep -q " $(status_of pppoe session)\$" "$LEFT"; }
says() { status_of pppoe reason | grep -qE "$1"; }
event() { ctl events -n 100 | grep -qE "pppoe.*($1)"; }
session_up() { [ -n "$(ip -n home -4 -o addr show up to "$STATIC")" ]; } # "up" is damped after so many losses
moved() { session_up && [ "$(status_of pppoe session)" != "$session" ] && seen_is "$STATIC" home "bind=$STATIC"; }
took() { note "$1: $((($(now_ms) - since))) ms"; } # since: set before the thing was done

# ---- what pppd cannot end itself is ended for it: the concentrator's own echoes would free the place after 18 s and more ----
assert "the session is on disk" written
session=$(status_of pppoe session)
since=$(now_ms)
kill -KILL "$(pppd_in_home)"
assert_within 40 "pppd killed: a new session" moved
took "pppd killed, to a connection over it"
assert "told" event "session $session was left behind"
assert "the new session is on disk" written

session=$(status_of pppoe session)
daemon_kill9
kill -KILL "$(pppd_in_home)"
since=$(now_ms)
daemon_start
assert_within 40 "a crash: a new session" moved
took "start after a crash, to a connection over it"
assert "told" event "session $session was left behind"

session=$(status_of pppoe session)
since=$(now_ms)
kill -STOP "$(pppd_in_home)"
assert_within 40 "pppd hangs: a new session" moved
took "pppd hanging, to a connection over it"
assert "told" event "pppd hung"

# ---- a concentrator that is silent ----
since=$(now_ms)
bras_kill
assert_within 40 "the concentrator died: pppoe is down" status_is pppoe down
took "concentrator dead, to the path being down"
assert_within 40 "told" says 'does not answer.*asking on'
nap 3
bras_start -x 1
since=$(now_ms)
assert_within 40 "the concentrator is back: so is the session" session_up
took "concentrator back, to the session being up"

# ---- one that is full, and one that refuses the account ----
fault pppoe-full
assert_within 40 "a full session table is told so" says 'no more sessions.*every few seconds'
refute "one sentence about it, not two by turns" daemon_log 'gives no session'
heal pppoe-full
assert_within 40 "there is room again" session_up
printf wrong > "$PASSWORD_FILE"
ctl reconnect pppoe > /dev/null
assert_within 40 "a refused account is told so" says 'refused user and password.*password file'
printf '%s\n' "$PPP_PASSWORD" > "$PASSWORD_FILE"
assert_within 40 "the password file is corrected: up again" session_up
assert "it carries" seen_is "$STATIC" home "bind=$STATIC"

ping_all_answered pc

# ---- the line goes down under it: pppd can tell nobody, and the concentrator goes on believing in the session ----
padts() { capture_count all 'pppoed and ether[15] = 0xa7'; }
for time in first second third; do
	before=$(padts)
	ip -n home link set "$WAN" down
	assert_within 5 "the line is down, the $time time: told so" says "waiting for interface $WAN to be set up"
	refute "so is the session" session_up
	since=$(now_ms)
	ip -n home link set "$WAN" up
	assert_within 40 "the line is back: a new session" session_up
	took "line back, to a new session"
	assert "the concentrator was told of the old one" test "$(padts)" -gt "$before"
done
assert "it carries" seen_is "$STATIC" home "bind=$STATIC"

assert "the capture is whole" capture_stop all
sent=$(capture_show all 'pppoed and ether[15] = 0xa7')
assert_match "$sent" "ses 0x" "PADTs on the line"
assert_clean all
