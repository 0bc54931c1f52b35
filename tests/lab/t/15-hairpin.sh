#!/bin/bash
# A machine of the home that calls the static address reaches the forward at home, also while PPPoE is down; so do the server
# itself and the router. SPEC.md, "What the traffic does", 4.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
cfg <<EOT
[forward web]
protocol = tcp
port = 80
to = $NAS
[forward echo]
protocol = both
port = 7000
to = $NAS:$ECHO_PORT
[forward stream]
protocol = tcp
port = $STREAM_PORT
to = $NAS
[forward friends]
protocol = tcp
port = 7070
to = $NAS:$ECHO_PORT
from = 192.0.2.0/24
EOT
get() { web_page "$1" "http://$STATIC/"; } # NAMESPACE

hairpins() { # WHEN
	assert_eq "$(get pc)" "this is nas" "$1: the PC calls the static address"
	assert_eq "$(seen pc '' "$STATIC:7000")" "$STATIC" "$1: on a moved port; whom the server sees"
	assert_eq "$(seen_udp pc "$STATIC:7000")" "$STATIC" "$1: by UDP"
	assert_eq "$(get nas)" "this is nas" "$1: the server calls itself"
	assert_eq "$(seen pc '' "$STATIC:7070")" "$STATIC" "$1: from = is about the outside"
	refute "$1: a port that is not forwarded" in_ns pc socat -u OPEN:/dev/null "TCP4:$STATIC:8099,connect-timeout=2"
}

daemon_start
wait_status pppoe up 30
wait_status dslite up 20
capture_start hairpin
hairpins "PPPoE up"
assert_eq "$(get home)" "this is nas" "the router calls the static address"
stream_start pc pc "$STATIC"
bras_stop
wait_status pppoe down 20
hairpins "PPPoE down"
stream_flows pc
assert_clean hairpin
assert_eq "$(capture_show hairpin "ip6 proto 4 and (ip6[56:4] = 0xcb00710a or ip6[52:4] = 0xcb00710a)")" "" \
	"packets from or to the static address that left by DS-Lite"
bras_start
