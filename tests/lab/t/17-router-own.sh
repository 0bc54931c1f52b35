#!/bin/bash
# The router's own traffic follows the default, and can be bound to either path by address or device; bound is bound: it
# leaves by no other path. SPEC.md, "What the traffic does", 8.
# limit: 90
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
cfg < /dev/null
both_up
capture_start own
assert_eq "$(seen home)" "$AFTR1_PUBLIC" "the router's address on the internet"
assert_eq "$(seen home "bind=$STATIC")" "$STATIC" "bound to the static address"
assert_eq "$(seen home bind=192.0.0.2)" "$AFTR1_PUBLIC" "bound to DS-Lite's address"
assert_eq "$(seen home so-bindtodevice=pppoe0)" "$STATIC" "bound to pppoe0"
assert_eq "$(seen home so-bindtodevice=dslite0)" "$AFTR1_PUBLIC" "bound to dslite0"
assert "ping" in_ns home ping -q -n -c 1 -W 2 "$WEB"
assert "ping from the static address" in_ns home ping -q -n -c 1 -W 2 -I "$STATIC" "$WEB"
assert "the router reaches the home" in_ns home ping -q -n -c 1 -W 2 "$NAS"
stream_start bound home "$WEB" "$STREAM_PORT,bind=$STATIC"

ctl failover dslite > /dev/null
assert_within 3 "DS-Lite is lost: the router's own traffic follows" seen_is "$STATIC" home
refute "bound to DS-Lite's address: never by the other path" seen_is "$STATIC" home bind=192.0.0.2
assert_eq "$(seen home "bind=$STATIC")" "$STATIC" "bound to the static address: works"
ctl failback > /dev/null
assert_within 3 "and back" seen_is "$AFTR1_PUBLIC" home
ctl failover pppoe > /dev/null
assert_eq "$(seen home)" "$AFTR1_PUBLIC" "PPPoE is lost: the default goes on"
ctl failback > /dev/null
stream_flows bound
assert_clean own
