#!/bin/bash
# MTU truth: a line that carries less than its interface says is found out by measuring, silent or not; the tunnel, the MSS
# and what is told follow, and go back when it is mended. SPEC.md, "What the traffic does", 7.
# limit: 150
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
cfg < /dev/null

mtu_is() { [[ $(ip -n home link show dev dslite0) == *"mtu $1 "* ]]; }
measured_is() { [ "$(status_of dslite line_carries)" = "$1" ]; }
passes() { # MTU: of a packet with DF, from the PC; a byte more is told of, by the router and with the right MTU
	local answer
	assert "a packet of $1 bytes passes" in_ns pc ping -q -n -c 1 -W 2 -M "do" -s $(($1 - 28)) "$WEB"
	answer=$(in_ns pc ping -n -c 1 -W 2 -M "do" -s $(($1 - 27)) "$WEB" 2>&1)
	assert_match "$answer" "From $LAN_ADDRESS .*mtu ?= ?$1" "one of a byte more"
	in_ns pc ip route flush cache
}
downloads() { # WHAT
	assert_eq "$(in_ns pc curl -s -m 20 -o /dev/null -w '%{size_download}' -r 0-999999 "http://$WEB/big")" 1000000 "$1: a big file, bytes"
}
server_mss() { # MSS: of the last SYN that the server got
	assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "a connection by DS-Lite"
	got() { [[ $(tail -n 1 "$RESULTS/syn-inet") == *"mss $1,"* ]]; }
	wait_for 3 got "$1" || fail "MSS $1 at the server: $(tail -n 1 "$RESULTS/syn-inet")"
	note "ok: the server sees MSS $1"
}
nsenter --net=/run/netns/inet tcpdump -i core -Q in -nlU -Z root 'tcp[tcpflags] & tcp-syn != 0' \
	> "$RESULTS/syn-inet" 2> "$RESULTS/syn-inet.err" &

# ---- a line that is as it says ----
daemon_start
wait_status dslite up 20
assert_within 5 "a line of 1500 is measured" measured_is 1500
assert "and the tunnel has 1460" mtu_is 1460

# ---- it carries less from now on, and says nothing ----
fault narrow 1454
ctl reconnect dslite > /dev/null
assert_within 20 "a line that swallows what is larger than 1454: the tunnel follows" mtu_is 1414
assert "it was measured" measured_is 1454
server_mss 1374
passes 1414
downloads "over it"
assert_match "$(ctl events -n 20)" 'the line carries only 1454 bytes, not the 1500 that wan0 promises: the tunnel.s MTU is 1414' "an event"
assert_match "$(ctl doctor)" 'promises 1500 bytes, but packets of more than 1454 are lost' "doctor says it"

# ---- another daemon goes on with what was found ----
daemon_kill9
sed -i "s/^\[dslite\]/&\nmtu = 1460/" "$CONF"
daemon_start
wait_status dslite degraded 20
assert "a new daemon tries nothing larger on the home, though more is asked for now" mtu_is 1414
assert_match "$(status_of dslite reason)" "carries only 1454 bytes: the tunnel.s MTU is 1414, not the 1460" "why it is degraded"
assert_within 20 "and measures for itself" measured_is 1454
assert "the tunnel has still 1414" mtu_is 1414
sed -i "/^mtu = 1460/d" "$CONF"
reload
assert "no more is asked for: it is as it should be" status_is dslite up

# ---- mended ----
heal narrow 1454
ctl reconnect dslite > /dev/null
assert_within 20 "mended: the tunnel goes back" mtu_is 1460
assert_match "$(ctl events -n 20)" 'the line carries 1500 bytes again' "an event"
server_mss 1420

# ---- a router that says so ----
ip -n ngn link set aftr1 mtu 1440
in_ns pc ping -q -n -c 2 -i 0.2 -W 1 -M "do" -s 1432 "$WEB" > /dev/null
assert_within 20 "the line's router says 1440: the tunnel follows without being asked" mtu_is 1400
server_mss 1360
downloads "then"
ip -n ngn link set aftr1 mtu 1500

# ---- a line that says so itself ----
fault ra-mtu 1454
assert_within 20 "router advertisements say 1454: the tunnel has 1414" mtu_is 1414
assert_within 10 "and that is measured" measured_is 1454
assert_match "$(ctl doctor)" "has an IPv6 MTU of 1454" "doctor says it"
