#!/bin/bash
# What becomes of running TCP connections: one that is bound to a lost path survives a short loss and is reset towards the home
# after a long one, one that could move is reset at once, and nothing else is. SPEC.md, "What the traffic does", 5.
# limit: 150
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

BOUND_PORT=7790 # bound to PPPoE

config() { # [LINE of [router]...]
	cfg "$@" <<-EOT
		[host nas]
		address = $NAS
		path = dslite
		[rule bound]
		to = $WEB
		protocol = tcp
		port = $BOUND_PORT
		path = pppoe
	EOT
}
line_up
dns_aftr "$AFTR1" # the other one would not know the connections
serve_stream inet $BOUND_PORT
fault strangers
config
both_up
stream_start bound nas "$WEB"
stream_start moved pc "$WEB"
stream_start session pc "$WEB" $BOUND_PORT

# ---- a short loss: what may move knows at once, what may not lives on ----
fault dslite
assert_within 15 "what could go elsewhere is reset" stream_is_reset moved
assert "what cannot is not, yet" stream_lives bound
stream_start instead pc "$WEB"
heal dslite
wait_status dslite up 20
stream_flows bound instead session

# ---- a long one ----
config 'reset-after = 2s'
fault dslite
reload
wait_status dslite down 15
assert_within 10 "what is bound to it is reset" stream_is_reset bound
assert_match "$(ctl events -n 20)" "dslite.*lost for 2 s" "events"
stream_flows instead session
heal dslite
wait_status dslite up 20
stream_start bound nas "$WEB"
assert_eq "$(seen nas)" "$AFTR1_PUBLIC" "the server's way, up again"

# ---- a session that is over: there is no device any more ----
bras_stop
assert_within 15 "what is bound to it is reset" stream_is_reset session
bras_start
wait_status pppoe up 30
stream_start session pc "$WEB" $BOUND_PORT
stream_flows bound session
