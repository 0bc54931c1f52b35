#!/bin/bash
# Somebody else takes our objects away: they come back by themselves, at once, and what is not ours is left alone.
# limit: 90
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
before=$(our_objects)
healed() { [ "$(our_objects 2>&1)" = "$before" ]; }
heals() { # WHAT COMMAND...
	assert "$1" in_ns home "${@:2}"
	wait_for 5 healed || same_objects "$before" "$(our_objects)" "$1: not healed within 5 s"
	note "ok: $1: healed"
}
rules=$(in_ns home ip rule | sed -n 's/^\([0-9]*\):.*/\1/p' | grep -vx -e 0 -e 32766 -e 32767)
table=$(in_ns home ip route show table all | sed -n 's/^default dev pppoe0 table \([0-9]*\).*/\1/p' | head -n 1)

heals "the ruleset flushed" nft flush ruleset
heals "our table deleted" nft delete table inet dualpath
heals "a chain of ours flushed" sh -c 'chain=$(nft -a list table inet dualpath | sed -n "s/.*chain \([^ ]*\) {.*/\1/p" | tail -n 1); nft flush chain inet dualpath $chain'
heals "a rule of ours replaced by one" sh -c 'h=$(nft -a list chain inet dualpath SNAT | sed -n "s/.*# handle \([0-9]*\)$/\1/p" | tail -n 1); nft replace rule inet dualpath SNAT handle $h accept'
heals "all our rules deleted (as systemd-networkd does)" sh -c "for p in ${rules//$'\n'/ }; do ip rule del pref \$p || :; done"
heals "a routing table flushed" ip route flush table "$table"
assert_match "$(ctl events -n 50)" "deleted rules \([1-9]" "events tell of deleted rules"
assert_match "$(ctl events -n 50)" "changed nftables rules of ours" "and of changes in our table"
assert_match "$(ctl doctor)" "warning.*deletions:.*ManageForeignRoutingPolicyRules=no" "doctor says what to do"
heals "the tunnel's address deleted" ip addr del 192.0.0.2/32 dev dslite0
heals "the tunnel's mtu changed" ip link set dslite0 mtu 1300
heals "the tunnel set down" ip link set dslite0 down
assert "the tunnel deleted" ip -n home link del dslite0
tunnel_back() { [ "$(seen pc)" = "$AFTR1_PUBLIC" ] && status_is dslite up; }
assert_within 10 "the tunnel deleted: healed" tunnel_back
assert_eq "$(ctl events -n 50 | grep -c 'another program deleted dslite0, set it down or took its address')" 3 "events of it"
assert "pppoe0 set down" ip -n home link set pppoe0 down
pppoe_back() { [ "$(outside_get)" = "this is nas" ] && status_is pppoe up; }
assert_within 30 "pppoe0 set down: healed" pppoe_back
session=$(status_of pppoe session)
assert "the address of pppoe0 deleted" ip -n home addr flush dev pppoe0
redialled() { [ "$(status_of pppoe session)" != "$session" ] && pppoe_back; }
assert_within 40 "the address of pppoe0 deleted: a new session" redialled
sysctl_is() { [ "$(in_ns home cat "/proc/sys/net/ipv4/$1")" = "$2" ]; }
assert "forwarding turned off" in_ns home sh -c "echo 0 > /proc/sys/net/ipv4/ip_forward"
assert_within 15 "forwarding turned off: healed" sysctl_is ip_forward 1
assert "strict reverse paths" in_ns home sh -c "echo 1 | tee /proc/sys/net/ipv4/conf/all/rp_filter > /proc/sys/net/ipv4/conf/dslite0/rp_filter"
assert_within 15 "strict reverse paths: healed" sysctl_is conf/dslite0/rp_filter 2

# ---- others' objects ----
in_ns home sh -eu <<EOT
nft 'table inet foreign { chain c { type filter hook forward priority 5; }; }'
ip rule add pref 40 fwmark 0x7 lookup 77
ip route add default dev $LAN table 77
EOT
nap 2
assert_match "$(in_ns home nft list tables)" "table inet foreign" "a table of others"
assert_match "$(in_ns home ip rule)" "40:.*fwmark 0x7 lookup 77" "a rule of others"
assert_match "$(in_ns home ip route show table 77)" "default dev $LAN" "a route of others"
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "the PC's address"
assert_eq "$(seen nas)" "$STATIC" "the server's address"
