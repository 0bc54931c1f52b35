#!/bin/bash
# Teardown takes away all that is ours, and nothing of anybody else's: tables, rules, routes, tunnels and settings of others are
# the same before, during and after. SPEC.md, "Kernel objects", 9.
# limit: 90
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
in_ns home sh -eu <<EOT
nft 'table inet foreign { chain c { type filter hook forward priority 5; ct state invalid counter drop; }; }'
nft 'table ip nat { chain p { type nat hook postrouting priority 100; ip saddr 10.9.0.0/16 masquerade; }; }'
ip rule add pref 50 fwmark 0x1 lookup 77
ip rule add pref 30000 from 10.9.0.0/16 lookup 78
ip route add 10.99.0.0/16 dev $LAN table 77
ip route add default dev $LAN table 78
ip route add 10.98.0.0/16 via 192.168.1.254
ip link add other6 type ip6tnl mode ipip6 local $PREFIX::77 remote 2001:db8::1
ip addr add 10.97.0.1/24 dev other6
ip link set other6 up
EOT
foreign() { # all that is not ours
	in_ns home sh -c 'nft -s list ruleset; ip rule; ip route show table all; ip -o -d link; ip -o -4 addr' |
		sed -E "$TICKING; s/_timer +[0-9.]+//g; s/ prefix_len_.*//"
}
others_kept() { # WHEN: each line from before is there still
	local missing
	missing=$(grep -vxFf <(foreign) <<< "$before")
	assert_eq "$missing" "" "$1: of others' objects, missing"
}
before=$(foreign)
cfg <<EOT
[host nas]
address = $NAS
path = pppoe
EOT
both_up
others_kept "running"
reload
ctl failover dslite > /dev/null
ctl failback > /dev/null
others_kept "after reload and failover"

assert "teardown" ctl teardown
assert_within 10 "the daemon ends" daemon_ended
daemon_reap
assert_eq "$DAEMON_STATUS" 0 "its exit code"
no_pppd() { [ -z "$(comm -12 <(ns_pids home | sort) <(pgrep -x pppd | sort))" ] && [ "$(bras_sessions)" = 0 ]; }
assert_within 10 "pppd has ended, and said so to the BRAS" no_pppd
same_objects "$before" "$(foreign)" "the kernel is as it was before us"
assert_eq "$(in_ns home conntrack -L 2> /dev/null | grep -E 'mark=[1-9]' | head -n 3)" "" "connections with our mark"
refute "no socket left" test -S /run/dualpath/control.sock

# ---- also where a daemon was killed: the next one takes over and tears down; and without any daemon ----
daemon_start
wait_status dslite up 20
daemon_kill9
assert "dualpathd --teardown" in_ns home dualpathd -c "$CONF" --teardown
assert_within 10 "pppd has ended" no_pppd
same_objects "$before" "$(foreign)" "the kernel is as it was before us"
