#!/bin/bash
# What a user gets wrong: no or an open password file, an interface that is not there yet, a second daemon, wrong words on the
# command line. Each is told in plain words, with the exit code of SPEC.md.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
refuses() { # WHAT REGEX [OPTIONS]: dualpathd does not start, and says why
	local status=0
	timeout 10 ip netns exec home dualpathd -f -c "$CONF" "${@:3}" > "$RESULTS/refused" 2>&1 < /dev/null || status=$?
	cat "$RESULTS/refused"
	assert_eq "$status" 1 "$1: exit code"
	assert "$1: it says so" grep -qE -- "$2" "$RESULTS/refused"
	assert_eq "$(in_ns home nft list tables)" "" "$1: nft tables made"
}

# ---- the password file ----
cfg < /dev/null
rm "$PASSWORD_FILE"
refuses "no password file" "$CONF:[0-9]+.*$PASSWORD_FILE.*([Nn]o such file|does not exist)"
cfg < /dev/null
chmod 640 "$PASSWORD_FILE"
refuses "a password file that a group may read" "$PASSWORD_FILE.*(0600|chmod|too open)"
cfg < /dev/null
chown nobody "$PASSWORD_FILE"
refuses "another's password file" "$PASSWORD_FILE.*(root|owner)"
chown root "$PASSWORD_FILE"
: > "$PASSWORD_FILE"
chmod 600 "$PASSWORD_FILE"
refuses "an empty password file" "$PASSWORD_FILE.*empty"
refuses "no such config" "nowhere.conf" -c /etc/dualpath/nowhere.conf
echo 'lan = br-lan' > "$CONF"
refuses "a key outside of any section" "$CONF:1"
: > "$CONF"
refuses "an empty config" "lan|router"

# ---- an interface that comes later ----
cfg < /dev/null
mv "$CONF" "$CONF_DIR/one.conf"
ln -s one.conf "$CONF"
ip -n home -batch - <<EOT
link set $WAN down
link set $WAN name later0
EOT
daemon_launch --state-dir /proc/nowhere # where nothing can be kept
assert_within 10 "it begins" daemon_log "dualpathd .* with $CONF"
kill -HUP "$DAEMON_PID" # not yet ready for it
assert_within 20 "it answers, though it was asked to reload while it started" daemon_answers
assert "what cannot be kept is told" daemon_log "warn.*/proc/nowhere"
waits() { [[ $(status_of "$1" reason) == *"$WAN"* ]] && ! status_is "$1" up; }
assert_within 10 "DS-Lite waits for $WAN and says so" waits dslite
assert_within 10 "PPPoE waits for $WAN and says so" waits pppoe

# ---- a second daemon; wrong words ----
before=$(cat /run/dualpath/dualpathd.pid 2> /dev/null)
timeout 10 ip netns exec home dualpathd -f -c "$CONF" > "$RESULTS/second" 2>&1 < /dev/null
assert_eq $? 1 "a second daemon: exit code"
assert_match "$(cat "$RESULTS/second")" "already running" "a second daemon"
assert_eq "$(cat /run/dualpath/dualpathd.pid 2> /dev/null)" "$before" "whose pid file it is"
assert "the first one goes on" daemon_answers
sed s/8.8.8.8/9.9.9.9/ "$CONF" > "$CONF_DIR/two.conf"
ln -sfn two.conf "$CONF"
reload
assert_match "$(cat /run/dualpath/running.conf)" "icmp:9.9.9.9" "the link leads elsewhere: what runs after a reload"
code() { # WANTED WORDS...
	local status=0
	ctl "${@:2}" > "$RESULTS/code" 2>&1 || status=$?
	assert_eq "$status" "$1" "exit code of 'dualpathctl ${*:2}'"
}
code 2 frobnicate
code 2
code 2 failover
code 2 failover nowhere
code 0 failback PPPoE # names are the same in either case, as in the file
assert_match "$(ctl failover ppoe 2>&1)" "pppoe" "a suggestion"
code 2 failover dslite --for eternity
code 2 status pppoe
code 2 events -n
code 2 --wrong status
code 1 check /etc/dualpath/nowhere.conf
code 0 check
code 3 -s /run/nowhere.sock status
code 2 -s /run/nowhere.sock failover
in_ns home setpriv --reuid 65534 --regid 65534 --clear-groups dualpathctl failover dslite > "$RESULTS/code" 2>&1
assert_match "$?" "^[123]$" "exit code for a user who may not"
assert_eq "$(status_of dslite forced)" false "what a user who may not has moved: forced"
assert_eq "$(in_ns home dualpathd --wrong > /dev/null 2>&1; echo $?)" 2 "exit code of dualpathd with a wrong option"

# ---- the interface comes ----
ip -n home -batch - <<EOT
link set later0 name $WAN
link set $WAN up
EOT
wait_status dslite up 20
wait_status pppoe up 30
code 0 status
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "the PC's address"
# ... and goes and comes as cables do
fault carrier
wait_status dslite down 10
assert_match "$(status_of dslite reason)" "$WAN" "the reason"
heal carrier
wait_status dslite up 20
wait_status pppoe up 40

# ---- in the background it holds on to nobody's output ----
daemon_stop
said=$(timeout 30 ip netns exec home dualpathd -c "$CONF" 2>&1)
assert_eq $? 0 "into the background: exit code"
assert_match "$said" "dualpathd .* with $CONF" "what it said until then"
assert "it answers" daemon_answers
assert "teardown" ctl teardown
