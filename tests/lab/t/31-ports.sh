#!/bin/bash
# The ports that the carrier's NAT has for the home are counted: an event, the status and the metrics tell when they are nearly
# used up, what may spill goes over the other path meanwhile and nothing else does, and it is back when there are enough again.
# limit: 90
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

PORTS=20 USED=18

spills_to() { # PATH: where new connections of the PC go
	[ "$(status_json '.rules[] | select(.name == "pc") | .active')" = "$1" ]
}

line_up
dns_aftr "$AFTR1"
cfg <<-EOT
	[host pc]
	address = $PC
	path = dslite, pppoe
	spill = yes
	[web]
	listen = $LAN_ADDRESS:8080
EOT
sed -i "s/^\[dslite\]/&\nports = $PORTS/" "$CONF"
in_ns home sysctl -qw net.netfilter.nf_conntrack_udp_timeout=12
both_up
assert "new connections of the PC go over DS-Lite" spills_to dslite

in_ns nas bash -c "for ((i = 0; i < $USED; i++)); do echo > /dev/udp/$WEB/$ECHO_PORT; done"
assert_within 10 "the PC's new connections spill" spills_to pppoe
assert_eq "$(seen pc)" "$STATIC" "the PC's address"
assert_eq "$(seen nas)" "$AFTR1_PUBLIC" "the server's address, who was not asked to spill"
assert_eq "$(status_json ".paths[] | select(.name == \"dslite\") | \"\(.ports) \(.connections.udp >= $USED)\"")" \
	"$PORTS true" "what the status tells"
assert_match "$(status_json '.rules[0].reason')" "few ports" "the rule's reason"
assert_match "$(ctl explain tcp "$PC" "$WEB:80")" "spill.*dslite has few" "explain says why"
assert_match "$(ctl doctor)" "ports.*$USED of the carrier's $PORTS" "doctor"
assert_match "$(ctl metrics)" "dualpath_path_connections_udp.name=\"dslite\". $USED" "the metrics"
assert_match "$(in_ns pc curl -s -m 3 "http://$LAN_ADDRESS:8080/")" "<td>tcp [0-9]+, udp (1[89]|2[0-9]), icmp [0-9]+ of $PORTS</td>" "the page"
assert_match "$(ctl events -n 5)" "dslite.*$USED of the carrier's $PORTS ports" "the event"

assert_within 25 "there are enough again: the PC's new connections go over DS-Lite" spills_to dslite
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "the PC's address"
assert_match "$(ctl events -n 5)" "dslite.*free again" "the event"
