#!/bin/bash
# Our own end moves: a new prefix with the old one deprecated, an address withdrawn, no address but a deprecated one, a bounce of the
# link, IPv6 away for some seconds.  The tunnel follows in place, with its MTU, routes and the PC's connection, and what is
# lost of a ping 50 times a second is counted: nothing where the old end still works, as a drain takes in what is under way to it,
# and lets in nothing else.  A new daemon takes away the drain of one that was killed.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
printf '[router]\nlan = %s\n[dslite]\ninterface = %s\n[probe]\ntargets = icmp:1.1.1.1, icmp:8.8.8.8\n' "$LAN" "$WAN" | cfg_write
daemon_start
wait_status dslite up 20
index=$(in_ns home cat /sys/class/net/dslite0/ifindex)

local_in() { [[ $(ctl --json status) == *"\"local\":\"$1:"* ]] && status_is dslite up; }
kernel_local_in() { [[ $(ip -n home -d link show dev dslite0) == *" local $1:"* ]]; }
home_has() { [ -n "$(ip -n home -6 -o addr show dev "$WAN" to "$1::/64" -tentative)" ]; }
lost_before=0
so_far() { # WHAT MOST: since the last time
	local lost
	assert_within 10 "$1: the ping goes on" ping_past all "$(($(ping_answers all) + 10))"
	lost=$(ping_lost all)
	assert "$1: of 50 pings a second $((lost - lost_before)) lost" test $((lost - lost_before)) -le "$2"
	lost_before=$lost
	assert_eq "$(in_ns home cat /sys/class/net/dslite0/ifindex) $(in_ns home cat /sys/class/net/dslite0/mtu)" "$index 1460" \
		"$1: the tunnel's index and MTU"
	stream_flows all
}

echos_at_pc() { in_ns pc awk '/^Icmp: [0-9]/ { print $10 }' /proc/net/snmp; }
# 198.51.100.50 asks 192.168.1.20 for an echo, made by hand, since a tunnel of the AFTR's own would take what home sends it.
strangers() { while printf '\x45\0\0\x1c\0\0\0\0\x40\x01\x8e\xbf\xc6\x33\x64\x32\xc0\xa8\x01\x14\x08\0\xf7\xff\0\0\0\0'; do nap; done; }
strangers_come() { # ADDRESS: ten a second, out of the AFTR, to that end of ours
	strangers 2> /dev/null | ip netns exec aftr1 socat -u - "IP6-SENDTO:[$1]:4,bind=[$AFTR1]" 2> /dev/null &
	strangers_pid=$!
}

capture_start moves
ping_start all pc 1.1.1.1 -i 0.02
stream_start all pc "$WEB"

# ---- a new prefix, on a line with something under way at any moment ----
fault netem line delay 40ms
heard=$(echos_at_pc)
strangers_come "$(b4_address)"
nap 0.2
lost_before=$(ping_lost all) # the delay may have taken one that was just on the wire
ra_renumber
assert_within 15 "a new prefix is there" home_has "$PREFIX2"
assert_within 2 "the tunnel goes from it" kernel_local_in "$PREFIX2"
took=$(drain_took)
assert "the drain has taken in $took packets" test "$took" -gt 0
so_far "renumbered" 0
assert_within 5 "the drain goes" no_drain
kill "$strangers_pid"
assert_eq "$(echos_at_pc)" "$heard" "echo requests that came to the PC, before and after"
heal netem line
refute "the path was never lost" daemon_log "up -> down"

# ---- an address withdrawn: the new one, so that a deprecated one is all there is, until the next advertisement ----
ip -n home addr del "$(b4_address)/64" dev "$WAN"
assert_within 2 "the tunnel goes from what is left" kernel_local_in "$PREFIX"
assert_within 15 "the advertisement brings the new prefix's back, and the tunnel follows" local_in "$PREFIX2"
assert "a drain for the deprecated one" drain_there
daemon_kill9
assert "the daemon is killed: the drain is left" drain_there
daemon_start
assert_within 3 "the next takes it away" no_drain
so_far "withdrawn" 100

# ---- a bounce of the link, as of a radio ----
fault carrier
nap 0.5
heal carrier
wait_status dslite up 10
so_far "bounced" 250

# ---- IPv6 away ----
fault ipv6
assert_within 10 "IPv6 is away: seen" status_is dslite down
nap 2
heal ipv6
wait_status dslite up 15
so_far "IPv6 away for some seconds" 900

kill -INT "${ping_pid[all]}"
assert_clean moves
asked=$(capture_show moves 'udp dst port 547' | grep -c 'inf-req')
assert "DHCPv6 was asked anew for the new prefix, and after each return of the line ($asked times)" test "$asked" -ge 2
stale=$(capture_show moves "ip6 proto 4 and not (src net $PREFIX::/64 or src net $PREFIX2::/64)")
assert_eq "$stale" '' "packets of the tunnel from anywhere else"
