#!/bin/bash
# The router calls its own forwards from outside, out over DS-Lite and in over PPPoE, and tells apart who answers, refuses, is
# silent, and what never comes in; nothing leaves with a wrong source. A failover on request is measured. The status is there over HTTP.
# limit: 200
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
cfg 'inbound-check = 10s' <<-EOT
	[host nas]
	address = $NAS
	path = dslite
	[forward web]
	protocol = tcp
	port = 80
	to = nas
	[forward echo]
	protocol = both
	port = $ECHO_PORT
	to = nas
	[forward self]
	protocol = tcp
	port = 9000
	to = router
	[forward mute]
	protocol = udp
	port = 5000
	to = nas
	[forward wordy]
	protocol = udp
	port = 5001
	to = nas
	[forward friends]
	protocol = tcp
	port = 7070
	to = nas:80
	from = $OUTSIDE
	[forward nobody]
	protocol = both
	port = 81
	to = nas
	[forward off]
	protocol = tcp
	port = 82
	to = 192.168.1.77
	[forward dark]
	protocol = tcp
	port = 83
	to = 192.168.1.78
	[forward mail]
	protocol = tcp
	port = 25
	to = nas:80
	[metrics]
	listen = $LAN_ADDRESS:9478
	[web]
	listen = 0.0.0.0:9480
EOT
serve home 9000
ip netns exec nas socat -u UDP4-RECV:5000 /dev/null &
ip netns exec nas socat UDP4-RECVFROM:5001,fork SYSTEM:'head -c 1000 /dev/zero' &
provider_blocks() { # PORT: as many do
	ip netns exec bras nft "add table ip provider; add chain ip provider block { type filter hook prerouting priority -300; }
		add rule ip provider block ip daddr $STATIC tcp dport $1 drop"
}
provider_blocks 25
both_up

# ---- what there is to tell ----
capture_start call
ctl test inbound > "$RESULTS/said" 2>&1
assert_eq $? 1 "some do not answer: exit code"
cat "$RESULTS/said"
told() { # VERDICT FORWARD PROTOCOL PORT
	grep -qE "^$1 +$2: $3 $4 over pppoe: " "$RESULTS/said"
}
assert "a web server at home" told answers web tcp 80
assert "an echo, tcp" told answers echo tcp "$ECHO_PORT"
assert "an echo, udp" told answers echo udp "$ECHO_PORT"
assert "the router's own service" told answers self tcp 9000
assert "a server that keeps silent, udp" told arrives mute udp 5000
assert "a server that says a lot, udp" told answers wordy udp 5001
assert "nobody listens, tcp" told refused nobody tcp 81
assert "nobody listens, udp" told refused nobody udp 81
assert "a machine that is off" told silent off tcp 82
assert "a port that the provider blocks" told blocked mail tcp 25
assert "it says that many do" grep -q 'many providers block' "$RESULTS/said"
assert "friends alone are let in" grep -qE '^limited +friends: ' "$RESULTS/said"
assert_clean call
assert_eq "$(in_ns nas ss -Htn state syn-recv)" "" "connections left half open at the server"

assert "one that answers: exit code" ctl test inbound web
assert_match "$(ctl --json test inbound web)" '"verdict":"answers".*"ms":[0-9.]+' "as JSON"
ctl test inbound wbe > "$RESULTS/said" 2>&1
assert_eq $? 2 "a forward that is none: exit code"
assert "the nearest one" grep -q "did you mean 'web'" "$RESULTS/said"
assert_eq "$(status_json '.forwards[] | select(.name == "mail") | .inbound.verdict')" blocked "in status"
assert "in doctor" bash -c 'ip netns exec home dualpathctl doctor | grep -A1 "bad .*inbound: forward mail" | grep -q "ask the provider"'

# ---- a reload comes in between ----
called() { in_ns home conntrack -L -p tcp --orig-port-dst "$1" 2> /dev/null | grep -q SYN_SENT; }
ask_of() { # FORWARD PORT: whose machine is off, so that it takes its time
	in_ns home conntrack -D -p tcp --orig-port-dst "$2" > /dev/null 2>&1
	ctl test inbound "$1" > "$RESULTS/said" 2>&1 &
	asker=$!
	assert_within 3 "$1 is being called" called "$2"
}
ask_of off 82
sed -i 's/^to = 192.168.1.77/to = nas:80/' "$CONF"
reload
wait $asker
assert "who asked is told of what he asked about" told silent off tcp 82
assert_eq "$(status_json '.forwards[] | select(.name == "off") | .inbound.verdict == "silent"')" false "it is another one now"

# ---- on a schedule ----
provider_blocks 80
event_of() { ctl events -n 50 | grep -qE "forward web, called from outside: .*$1"; }
assert_within 20 "a change is an event" event_of 'never comes in'
ip netns exec bras nft delete table ip provider
assert_within 20 "and so is the way back" event_of 'answers'

# ---- while the way does not work nothing is said about the forward ----
assert "failover dslite" ctl failover dslite
ctl test inbound web > "$RESULTS/said" 2>&1
assert_eq $? 1 "DS-Lite is away: exit code"
assert "it says why" grep -qE '^untested +web: .*DS-Lite' "$RESULTS/said"
assert "failback" ctl failback

# ---- a failover that is measured ----
moved() { jq -e "$1" "$RESULTS/drill.json" > "$RESULTS/drill.out" || fail "$1: $(cat "$RESULTS/drill.json")"; }
stream_start pc pc "$WEB"
ctl --json test failover dslite --for 2s > "$RESULTS/drill.json" 2>&1
assert_eq $? 0 "test failover: exit code"
cat "$RESULTS/drill.json"
moved '.away | .over == "pppoe" and .commit_ms > 0 and .works_ms >= .commit_ms'
moved '.back | .over == "dslite" and .commit_ms > 0 and .works_ms >= .commit_ms'
moved '.connections >= 1 and .forgotten >= 1 and .trouble == null'
assert_eq "$(status_of dslite) $(status_of dslite forced)" "up false" "and it is back"
assert "failover pppoe" ctl failover pppoe
ctl test failover dslite > "$RESULTS/said" 2>&1
assert_eq $? 1 "nowhere else to go: exit code"
assert "it says so" grep -q 'would be offline' "$RESULTS/said"

# ---- the status over HTTP ----
get() { in_ns pc curl -s -m 3 "$@"; }
http='http://'$LAN_ADDRESS
assert_match "$(get "$http:9478/metrics")" 'dualpath_path_up.name="pppoe".' "what Prometheus reads"
assert_match "$(get "$http:9480/")" '<h1>dualpath</h1>.*class="down"' "the page"
assert_eq "$(get "$http:9480/status.json" | jq -r '.paths[0].name')" dslite "the page's JSON"
assert_eq "$(get -o /dev/null -w '%{http_code}' "$http:9478/x")" 404 "no such page"
assert_eq "$(in_ns out curl -s -m 2 "http://$STATIC:9480/")" "" "from the internet"
sed -i 's/:9480/:9481/; /^inbound-check/d' "$CONF"
reload
assert_match "$(get "$http:9481/")" '<h1>dualpath</h1>' "moved by a reload"
assert_eq "$(get "$http:9480/")" "" "and gone from where it was"

# ---- a failover is tried, and the path that stands in is lost ----
drill_start() {
	ctl test failover dslite --for 60s > "$RESULTS/drill" 2>&1 &
	drill=$!
	assert_within 5 "a failover is being measured" forced
}
forced() { [ "$(status_of dslite forced)" = true ]; }
drill_ended() { ! kill -0 $drill 2> /dev/null; }
assert "failback" ctl failback
wait_status pppoe up 10
drill_start
fault pppoe-core
assert_within 15 "it is ended early" drill_ended
refute "the other path is used again" forced
assert "and it is told why" grep -q 'Not gone through with: the path that stood in was lost' "$RESULTS/drill"
heal pppoe-core
wait_status pppoe up 20

# ---- taken away in the middle of it all ----
ask_of dark 83
drill_start
assert "teardown" ctl teardown
wait $drill
assert "the failover: it is told why it ended" grep -q 'Not gone through with: everything of dualpath is being taken away' "$RESULTS/drill"
wait $asker
# Or what was found, where the calls ended before pppd had said goodbye; but not that the daemon hung up.
assert "the calls: they are told, too" grep -qE 'test: the daemon ends|^silent +dark' "$RESULTS/said"
assert_eq "$(echo /run/dualpath/*.forced)" '/run/dualpath/*.forced' "no failover waits for the next daemon"
