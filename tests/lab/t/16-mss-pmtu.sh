#!/bin/bash
# The MSS is clamped to each path's MTU in both directions, and a packet too big gets ICMP with the right MTU; a line that
# changes its MTU is followed. SPEC.md, "What the traffic does", 7.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
cfg <<EOT
[host nas]
address = $NAS
path = pppoe
[forward web]
protocol = tcp
port = 80
to = nas
EOT
both_up

# What each end gets to see of the other's SYN.
watch_syn() { # NAMESPACE DEVICE
	nsenter --net="/run/netns/$1" tcpdump -i "$2" -Q in -nlU -Z root 'tcp[tcpflags] & tcp-syn != 0' \
		> "$RESULTS/syn-$1" 2> "$RESULTS/syn-$1.err" &
	wait_for 10 grep -q 'listening on' "$RESULTS/syn-$1.err" || fail "tcpdump does not start in $1"
}
got_mss() { # NAMESPACE WHAT MSS: the last SYN that it got
	local name=$1
	last() { [[ $(tail -n 1 "$RESULTS/syn-$name") == *"mss $1,"* ]]; }
	wait_for 3 last "$3" || fail "$2: $(tail -n 1 "$RESULTS/syn-$1")"
	note "ok: $2 is $3"
}
watch_syn pc eth0
watch_syn nas eth0
watch_syn inet core
watch_syn out core
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "a connection by DS-Lite"
got_mss inet "DS-Lite, the way out: MSS" 1420
got_mss pc "DS-Lite, the way in: MSS" 1420
assert_eq "$(seen nas)" "$STATIC" "a connection by PPPoE"
got_mss inet "PPPoE, the way out: MSS" 1414
got_mss nas "PPPoE, the way in: MSS" 1414
assert_eq "$(outside_get)" "this is nas" "a connection from outside"
got_mss nas "inbound, the caller's MSS" 1414
got_mss out "inbound, the answer's MSS" 1414

too_big() { # NAMESPACE MTU
	local answer
	in_ns "$1" ip route flush cache
	assert "$1: a packet of $2 bytes passes" in_ns "$1" ping -q -n -c 1 -W 2 -M "do" -s $(($2 - 28)) "$WEB"
	answer=$(in_ns "$1" ping -n -c 1 -W 2 -M "do" -s $(($2 - 27)) "$WEB" 2>&1)
	assert_match "$answer" "From $LAN_ADDRESS .*mtu ?= ?$2" "$1: one of a byte more"
	in_ns "$1" ip route flush cache
}
too_big pc 1460
too_big nas 1454
assert "without DF a big packet passes in fragments" in_ns pc ping -q -n -c 1 -W 2 -M dont -s 3000 "$WEB"
assert_eq "$(in_ns pc curl -s -m 20 -o /dev/null -w '%{size_download}' -r 0-3999999 "http://$WEB/big")" 4000000 "a big file by DS-Lite, bytes"
assert_eq "$(in_ns nas curl -s -m 20 -o /dev/null -w '%{size_download}' -r 0-3999999 "http://$WEB/big")" 4000000 "a big file by PPPoE, bytes"

# ---- the line shrinks ----
mtu_is() { [[ $(ip -n home link show dev dslite0) == *"mtu $1 "* ]]; }
ip -n home link set "$WAN" mtu 1480
assert_within 5 "the line has 1480: the tunnel follows" mtu_is 1440
assert_eq "$(status_of dslite mtu)" 1440 "mtu in status"
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "a connection by DS-Lite"
got_mss inet "then the way out: MSS" 1400
ip -n home link set "$WAN" mtu 1500
assert_within 5 "the line has 1500 again" mtu_is 1460
