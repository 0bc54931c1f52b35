#!/bin/bash
# kill -9 of the daemon and a new start, then a clean stop and a new start: no packet of running pings is lost on either path,
# nothing is redialled or made anew, and the kernel's objects are the same, to the letter. SPEC.md, "What the traffic does", 9.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
cfg <<EOT
[host nas]
address = $NAS
path = pppoe
[forward stream]
protocol = tcp
port = $STREAM_PORT
to = nas
EOT
both_up
ping_start pc pc "$WEB"
ping_start nas nas "$WEB"
stream_start in out "$STATIC"
stream_start pc pc "$WEB"
before=$(our_objects)
session=$(status_of pppoe session)
index=$(pppoe_ifindex)

unchanged() { # WHEN: both paths are up again in the daemon's eyes, and nothing moved
	wait_status dslite up 10
	wait_status pppoe up 10
	nap 1 # what it would do now, it has done
	same_objects "$before" "$(our_objects)" "$1: the kernel's objects are the same"
	assert_eq "$(status_of pppoe session)" "$session" "$1: the session"
	assert_eq "$(pppoe_ifindex)" "$index" "$1: pppoe0's index"
	stream_flows in pc
}

daemon_kill9
nap 1
same_objects "$before" "$(our_objects)" "killed: the kernel's objects are the same"
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "killed: new connections of the PC"
assert_eq "$(seen nas)" "$STATIC" "killed: new connections of the server"
ctl status > /dev/null 2>&1
assert_eq $? 3 "exit code of status without a daemon"
daemon_start
unchanged "after kill -9"
assert_match "$(status_of dslite reason)" "taken over|answer" "why the adopted tunnel is up"
assert "reload" ctl reload
unchanged "after a reload of the same"
daemon_stop
assert_eq "$DAEMON_STATUS" 0 "exit code after SIGTERM"
nap 1
same_objects "$before" "$(our_objects)" "stopped: the kernel's objects are the same"
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "stopped: new connections of the PC"
assert_eq "$(seen nas)" "$STATIC" "stopped: new connections of the server"
daemon_start
unchanged "after a stop"
ping_all_answered pc nas

# ---- it is supervised again: what was adopted is noticed when it ends ----
pppd_in_home() { comm -12 <(ns_pids home | sort) <(pgrep -x pppd | sort); }
pid=$(pppd_in_home)
kill -KILL "$pid"
redialled() { status_is pppoe up && [ "$(status_of pppoe session)" != "$session" ]; }
assert_within 25 "an adopted pppd that is killed: a new session" redialled

# ---- a session that the next start's configuration has under another name ends, and is not in the way ----
daemon_stop
sed -i 's/^\[pppoe\]/[pppoe second]/; s/^path = pppoe/path = second/' "$CONF"
daemon_start
wait_status second up 40
assert_eq "$(pppd_in_home | grep -c .)" 1 "sessions"
assert_eq "$(seen nas)" "$STATIC" "the server's address"

# ---- teardown without a daemon, and without the file: it was not the daemon's to lose ----
daemon_kill9
rm "$CONF" "$PASSWORD_FILE"
assert "teardown" in_ns home dualpathctl teardown
assert_eq "$(in_ns home sh -c 'nft list tables; ip rule | grep dualpath; ip -br link | grep -E "dslite|pppoe"')$(pppd_in_home)" "" "what is left"
