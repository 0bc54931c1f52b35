#!/bin/bash
# [dslite] interface = alone finds its AFTR on every kind of line: each link of the chain in turn is the first that knows, and the PC's
# packets go through what it told.  The daemon is there before the line each time: the cable comes last.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"
# shellcheck source=tests/lab/chain.sh
. "${0%/*}/../chain.sh"

by() { # LINK PUBLIC AFTR REMOTE WORDS
	local ms
	ms=$(chain_plug)
	assert "$1: $ms ms from the cable to the first answer that the PC got" test "${ms:-99999}" -lt 20000
	wait_status dslite up 10
	assert_eq "$(public_address pc)" "$2" "$1: the PC's address"
	assert_eq "$(status_json '.paths[0] | "\(.aftr_source) \(.aftr) \(.remote)"')" "$1 $3 $4" "$1: what status says"
	assert_match "$(ctl status)" "AFTR .*$4.*, $5" "$1: status for people"
	assert "$1: an event says who told it" event_says "the AFTR is ${3:-$4} \($1\)"
}
event_says() { ctl events -n 20 | grep -qE "$1"; }

chain_line_up
chain_first dhcpv6
chain_boot
assert_match "$(status_of dslite reason)" "no carrier: is the cable in" "without a line, status"
by dhcpv6 "$AFTR1_PUBLIC" "$AFTR_NAME" "$AFTR1" 'told by DHCPv6'

chain_first hb46pp
chain_boot forget
by hb46pp "$AFTR2_PUBLIC" '' "$AFTR2" 'told by the provider \(HB46PP\)'

chain_first known
chain_boot forget
by known "$AFTR1_PUBLIC" "$AFTR_NAME" "$AFTR1" "known by the line's prefix"

chain_first remembered
chain_boot
by remembered "$AFTR1_PUBLIC" "$AFTR_NAME" "$AFTR1" 'the last that worked'
