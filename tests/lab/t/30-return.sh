#!/bin/bash
# What becomes of connections that fell back, when their path returns: they stay, are cut, or are cut later, as their rule
# says; what was there by its first choice stays, and new ones go back at once. SPEC.md, "What the traffic does", 5.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

DRAINED_PORT=7790 CHOSEN_PORT=7791

one_udp() { # each time the same connection
	seen_udp pc "$WEB:$ECHO_PORT,sourceport=5555"
}

line_up
dns_aftr "$AFTR1" # the other one would not know the connections
serve_stream inet $DRAINED_PORT
serve_stream inet $CHOSEN_PORT
fault strangers # so that a reset is ours
cfg 'on-return = cut' <<-EOT
	[host nas]
	address = $NAS
	path = dslite, pppoe
	on-return = keep
	[rule drained]
	protocol = tcp
	port = $DRAINED_PORT
	path = dslite, pppoe
	on-return = drain 6s
	[rule chosen]
	protocol = tcp
	port = $CHOSEN_PORT
	path = pppoe, dslite
EOT
both_up
assert "failover" ctl failover dslite
stream_start kept nas "$WEB"
stream_start cut pc "$WEB"
stream_start chosen pc "$WEB" $CHOSEN_PORT
stream_start drained pc "$WEB" $DRAINED_PORT
assert_eq "$(one_udp)" "$STATIC" "a UDP connection"

assert "failback" ctl failback dslite
returned=$(now_ms)
assert_eq "$(seen nas)" "$AFTR1_PUBLIC" "new connections, at once"
assert_within 5 "what is to be cut is reset" stream_is_reset cut
[ $(($(now_ms) - returned)) -gt 5000 ] || assert "what is to be drained runs on" stream_lives drained
stream_flows kept chosen
assert_eq "$(one_udp)" "$AFTR1_PUBLIC" "the UDP connection went back"
assert_within 10 "and is reset in the end" stream_is_reset drained
[ $(($(now_ms) - returned)) -ge 6000 ] || fail "drained too soon"
assert_match "$(ctl events -n 20)" "pppoe.*had fallen back" "events"
stream_start again pc "$WEB" $DRAINED_PORT
stream_flows kept chosen again
