#!/bin/bash
# Not one packet leaves on a path with an address that is not that path's: not at start, reload, failover, failback, crash, restart,
# redial, the loss of the session, nor teardown, with traffic of every kind running all the time. SPEC.md, 6.
# limit: 180
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
config() { # PATH of the server
	cfg <<-EOT
		[host nas]
		address = $NAS
		path = $1
		[host kid]
		address = 192.168.1.21
		path = pppoe, dslite
		[forward web]
		protocol = both
		port = 80, 5001, $STREAM_PORT
		to = nas
	EOT
}
config pppoe

# ---- traffic, from before the daemon is there ----
in_background() { # NAMESPACE SCRIPT WORD...
	ip netns exec "$1" bash -c "exec 9<> <(:); $2" "${@:2}" > /dev/null 2>&1 &
}
ip -n pc addr add 192.168.1.21/24 dev eth0
# Scripts for bash -c: $1 is the address, $2 the port, $3 a source port. Reading descriptor 9 sleeps.
calls='while :; do busybox nc -w 1 "$1" "$2" < /dev/null; read -rt0.5 -u9; done'
holds='while :; do while echo x; do read -rt0.2 -u9; done | socat -T5 - "TCP4:$1:$2"; read -rt0.5 -u9; done'
says='while :; do while echo x; do read -rt0.1 -u9; done | socat -u - "UDP4:$1:$2,sourceport=$3"; read -rt0.5 -u9; done'
pings='while :; do ping -n -i 0.2 -c 50 "$@"; read -rt0.5 -u9; done'
SINK=5001 # takes UDP, answers nothing
for ns in inet nas; do ns_spawn $ns sink socat -u UDP4-RECV:$SINK OPEN:/dev/null; done
in_background pc "$pings" "$WEB"
in_background pc "$pings" -I 192.168.1.21 1.1.1.1
in_background nas "$pings" "$WEB"
in_background home "$pings" "$WEB"
in_background home "$pings" -I "$STATIC" "$WEB"
in_background home "$pings" -I 192.0.0.2 "$WEB"
for ns in pc nas home; do
	in_background $ns "$calls" "$WEB" 80
	in_background $ns "$holds" "$WEB" "$STREAM_PORT"
	in_background $ns "$says" "$WEB" $SINK 4001
done
in_background out "$calls" "$STATIC" 80
in_background out "$holds" "$STATIC" "$STREAM_PORT"
in_background out "$says" "$STATIC" $SINK 4001

capture_start all
settle() { nap 1.5; } # what runs goes on for a while in the new state
both_up
settle
config dslite
reload
settle
config pppoe
reload
settle
for path in dslite pppoe; do
	assert "failover $path" ctl failover $path
	settle
	assert "failback $path" ctl failback $path
	settle
done
fault dslite
wait_status dslite down 15
settle
heal dslite
wait_status dslite up 20
daemon_kill9
settle
daemon_start
settle
daemon_stop
settle
daemon_start
for _ in 1 2 3; do # somebody else's firewall, which empties everything first
	assert "all of nftables flushed" in_ns home nft flush ruleset
	settle
done
assert "reconnect dslite" ctl reconnect dslite
wait_status dslite up 20
assert "reconnect pppoe" ctl reconnect pppoe
nap 1
wait_status pppoe up 30
settle
bras_restart
wait_status pppoe down 15
wait_status pppoe up 40
settle
assert "teardown" ctl teardown
settle
assert_clean all
for what in "ip6 proto 4" pppoes; do
	assert "there was traffic: $what" test "$(capture_count all "$what")" -ge 400
done
