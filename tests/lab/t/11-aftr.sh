#!/bin/bash
# Which AFTR: by name, by address, two in order of preference, another when the name moves; mtu and device as the owner says.
# limit: 150
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
only_dslite() { # LINE of [dslite]...
	{
		printf '[router]\nlan = %s\n' "$LAN"
		printf '[dslite]\ninterface = %s\n' "$WAN"
		printf '%s\n' "$@" '[probe]' 'targets = icmp:1.1.1.1' 'down-after = 2' 'up-after = 2'
	} | cfg_write
}
remote_is() { [ "$(status_of dslite remote)" = "$1" ] && status_is dslite up; }

only_dslite "aftr = $AFTR_NAME"
daemon_start
wait_status dslite up 20
assert_eq "$(status_of dslite aftr)" "$AFTR_NAME" "the AFTR's name"
assert_eq "$(public_address pc)" "$AFTR1_PUBLIC" "by name: the PC's address"

index=$(in_ns home cat /sys/class/net/dslite0/ifindex)
only_dslite "aftr = $AFTR2"
reload
assert_within 10 "by address: the tunnel moves to AFTR2" remote_is "$AFTR2"
assert_within 5 "by address: the PC's address" public_is pc "$AFTR2_PUBLIC"
assert_eq "$(in_ns home cat /sys/class/net/dslite0/ifindex)" "$index" "the tunnel's index (it was moved, not made anew)"
assert_match "$(ip -n home -d link show dev dslite0)" "mtu 1460.*remote $AFTR2.*encaplimit none" "the moved tunnel"

only_dslite "aftr = $AFTR1, $AFTR2"
reload
assert_within 10 "two in order: the first" remote_is "$AFTR1"
fault dslite aftr1
assert_within 30 "the first is silent: the second" remote_is "$AFTR2"
assert_within 5 "and the PC goes by it" public_is pc "$AFTR2_PUBLIC"
heal dslite aftr1

only_dslite "aftr = $AFTR_NAME" "mtu = 1400"
reload
assert_within 10 "mtu = 1400" remote_is "$AFTR1"
assert_match "$(ip -n home link show dev dslite0)" "mtu 1400" "the tunnel"
assert_eq "$(status_of dslite mtu)" 1400 "mtu in status"
dns_aftr "$AFTR2"
assert_within 25 "the name moves (TTL $AFTR_TTL s), the tunnel follows" remote_is "$AFTR2"
assert_match "$(ip -n home link show dev dslite0)" "mtu 1400" "the tunnel after it followed"
dns_aftr "$AFTR1" "$AFTR2"

only_dslite "aftr = $AFTR1" "device = outside6"
reload
assert_within 15 "device = outside6" remote_is "$AFTR1"
assert_eq "$(status_of dslite interface)" outside6 "the device in status"
assert_within 5 "and the PC goes by it" public_is pc "$AFTR1_PUBLIC"
refute "the old device is gone" ip -n home link show dev dslite0
assert "teardown" ctl teardown
refute "the device is gone" ip -n home link show dev outside6
