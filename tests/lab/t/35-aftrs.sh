#!/bin/bash
# Several AFTRs in the owner's order: the first dead from the start, dead later, and back: the next carries the home soon, and the
# tunnel returns gently, by proof that the first carries again, when nobody has a connection or the time is over.  What is under way
# from the other then is not lost.  Teardown takes away what takes that in, too.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
config() { # AFTR-RETURN
	{
		printf '[router]\nlan = %s\n[dslite]\ninterface = %s\n' "$LAN" "$WAN"
		printf '%s\n' "aftr = $AFTR1, $AFTR2" "aftr-return = $1" '[probe]' 'targets = icmp:1.1.1.1, icmp:8.8.8.8'
	} | cfg_write
}
remote_is() { [[ $(ctl --json status) == *"\"remote\":\"$1\""* ]] && status_is dslite up; }
event_says() { ctl events -n 20 | grep -qE "$1"; }
no_connections() { in_ns home conntrack -F 2> /dev/null; }
index() { in_ns home cat /sys/class/net/dslite0/ifindex; }

# ---- dead from the start ----
config 10s
fault dslite aftr1
daemon_start
begin=${EPOCHREALTIME/[.,]/}
answered=$(first_answer pc)
assert_eq "$(public_address pc)" "$AFTR2_PUBLIC" "the first is dead from the start: the PC's address"
ms=$(((answered - begin) / 1000))
assert "from the daemon's first word to the PC's first answer: $ms ms" test "$ms" -lt 10000
index=$(index)

# ---- back, with nobody but a ping on it ----
fault netem line delay 40ms
ping_start quiet pc 1.1.1.1 -i 0.02
heal dslite aftr1
no_connections
nap 0.2
lost_before=$(ping_lost quiet) # an answer that was under way just then belongs to nothing any more
assert_within 30 "nobody has a connection: the tunnel returns before its time" remote_is "$AFTR1"
assert "an event says why" event_says "back to the preferred AFTR $AFTR1: it has answered for [5-9] s, and no connection goes by the other"
assert_within 5 "the PC's address" public_is pc "$AFTR1_PUBLIC"
assert_eq "$(index)" "$index" "the tunnel's index (it was moved, not made anew)"
kill -INT "${ping_pid[quiet]}"
wait "${ping_pid[quiet]}"
assert_eq "$(($(ping_lost quiet) - lost_before))" 0 "of $(ping_answers quiet) pings every 20 ms, lost"
heal netem line

# ---- dies ----
ping_start all pc 1.1.1.1
fault dslite aftr1
assert_within 10 "the first dies: the second" remote_is "$AFTR2"
assert_within 5 "the PC's address" public_is pc "$AFTR2_PUBLIC"
kill -INT "${ping_pid[all]}"
note "of pings every 50 ms, $(ping_lost all) lost"

# ---- what answers pings of its own address and carries nothing is not returned to ----
config 4s
reload
no_connections
assert "the first's own address answers" in_ns home ping -q -c 1 -W 2 "$AFTR1"
nap 5
assert "the tunnel stays" remote_is "$AFTR2"

# ---- back, with a connection that lives: it is kept until the time is over (and the proof is longer, after that relapse) ----
config 8s
reload
stream_start stays pc "$WEB"
heal dslite aftr1
nap 5
assert "it answers, but a connection goes by the second: the tunnel stays" remote_is "$AFTR2"
stream_flows stays
assert_within 10 "the time is over: the tunnel returns" remote_is "$AFTR1"
assert "an event says why" event_says "it has answered for ([89]|1[0-9]) s, and the time of aftr-return is over"
assert_within 5 "the PC's address" public_is pc "$AFTR1_PUBLIC"

# ---- the other order: the tunnel moves at once, and teardown finds its drain ----
printf '%s\n' '[router]' "lan = $LAN" '[dslite]' "interface = $WAN" "aftr = $AFTR2, $AFTR1" | cfg_write
reload
assert_within 3 "the other order: a drain" drain_there
assert "teardown" ctl teardown
assert_eq "$(ip -n home -o link show type ip6tnl | grep -v ' ip6tnl0@')" '' "tunnels that are left"
