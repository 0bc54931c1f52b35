#!/bin/bash
# offload = yes: connections of the home take the kernel's short way, and everything that they are promised holds there: failover
# moves them, a redial and a new tunnel put the device back, no source is another path's. SPEC.md, [router] offload.
# limit: 150
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
cfg "offload = yes" <<EOT
[host nas]
address = $NAS
path = pppoe
EOT
UDP_PORT=7790
ns_spawn inet udp-stream socat "UDP4-LISTEN:$UDP_PORT,fork,reuseaddr" EXEC:cat

# ---- a kernel without flowtables, for now ----
hide=/etc/modprobe.d/lab-offload.conf
if grep -q '^nf_flow_table_inet ' /proc/modules; then
	note "nf_flow_table_inet is loaded already, and cannot be hidden"
else
	echo "install nf_flow_table_inet /bin/false" > $hide
fi
both_up
if [ -e $hide ]; then
	rm $hide
	assert_match "$(ctl status)" "Nothing is offloaded: this kernel has no flowtables" "status"
	assert_match "$(ctl doctor)" "modprobe nft_flow_offload" "doctor"
	assert_match "$(ctl events)" "no offload.*no flowtables" "events"
	reload
fi
assert_eq "$(status_json .offload.active)" true "status: offload"

# FROM PORT SEEN: its connection is on the short way, and the server sees it with this address.
offloaded() { in_ns home conntrack -L -s "$1" 2> /dev/null | grep -q "dport=$2 .*dst=$3 .*\[OFFLOAD\]"; }
devices_are() { [ "$(in_ns home nft list flowtable inet dualpath ft 2> /dev/null | sed -n 's/.*devices = { \(.*\) }.*/\1/p')" = "$1" ]; }
ALL="$LAN, dslite0, pppoe0"
assert "the flowtable has the home and both paths" devices_are "$ALL"

capture_start all
stream_start pc pc "$WEB"
stream_start nas nas "$WEB"
numbers 2> /dev/null | ip netns exec pc socat -T 60 - "UDP4:$WEB:$UDP_PORT" > "$RESULTS/udp.stream" 2> /dev/null &
udp_flows() { assert_within 10 "UDP flows on" stream_past udp "$(grep -c . "$RESULTS/udp.stream")"; }
assert_within 10 "the PC over DS-Lite: TCP" offloaded "$PC" "$STREAM_PORT" "$PC"
assert_within 10 "the PC over DS-Lite: UDP" offloaded "$PC" "$UDP_PORT" "$PC"
assert_within 10 "the server over PPPoE" offloaded "$NAS" "$STREAM_PORT" "$STATIC"
sent() { in_ns home cat /sys/class/net/pppoe0/statistics/tx_packets; }
before=$(sent)
stream_flows pc nas
udp_flows
assert "the device counts what is offloaded" test $(($(sent) - before)) -gt 5

# ---- DS-Lite is lost ----
fault dslite
wait_status dslite down 20
assert_within 10 "a running flow goes over PPPoE, and is offloaded there" offloaded "$PC" "$UDP_PORT" "$STATIC"
refute "and no more over DS-Lite" offloaded "$PC" "$UDP_PORT" "$PC"
refute "nor is another" offloaded "$PC" "$STREAM_PORT" "$PC"
capture_start lost
udp_flows
stream_flows nas
assert_within 10 "new connections" seen_is "$STATIC" pc
assert_clean lost
assert_eq "$(capture_show lost 'ip6 proto 4 and ip6[52:4] = 0xc0a80114')" "" "what of the PC still goes the dead way"
heal dslite
wait_status dslite up 30
assert_within 10 "DS-Lite is back: new connections" seen_is "$AFTR1_PUBLIC" pc
assert "what runs stays" offloaded "$PC" "$UDP_PORT" "$STATIC"

# ---- devices that go and come ----
index=$(pppoe_ifindex)
assert "redial" ctl reconnect pppoe
redialled() { [ "$(pppoe_ifindex 2> /dev/null)" != "$index" ] && status_is pppoe up; }
assert_within 25 "another pppoe0" redialled
assert_within 10 "the flowtable has it" devices_are "$ALL"
stream_flows nas
assert_within 10 "the server's connection is offloaded again" offloaded "$NAS" "$STREAM_PORT" "$STATIC"
ip -n home link delete dslite0
assert_within 10 "the tunnel is made again, and in the flowtable" devices_are "$ALL"

# ---- and without ----
sed -i '/^offload/d' "$CONF"
reload
refute "offload = no: no flowtable" devices_are "$ALL"
stream_flows nas
refute "nothing is offloaded" offloaded "$NAS" "$STREAM_PORT" "$STATIC"
assert_clean all
