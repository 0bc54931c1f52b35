#!/bin/bash
# IPv6 for the home beside dualpath, by the examples as shipped: a delegated prefix, and a /64 that the home shares with the line.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

EXAMPLES=/usr/share/doc/dualpath/examples
OUTSIDE6=2001:db8:80::80

address6() { # PREFIX: the PC's global address that begins so
	ip -n pc -6 -o addr show dev eth0 scope global -tentative | awk -v p="$1" 'index($4, p) == 1 { sub("/.*", "", $4); print $4; exit }'
}
has_address6() { [ -n "$(address6 "$1")" ]; }
reaches6() { # the PC the internet, and the internet the PC; but nobody opens a connection to it
	local pc6
	pc6=$(address6 "$1")
	assert_within 5 "the PC ($pc6) reaches the internet over IPv6" in_ns pc ping -q -n -c 1 -W 1 "$OUTSIDE6"
	assert_within 5 "and is reached from there" in_ns inet ping -q -n -c 1 -W 1 "$pc6"
	assert_eq "$(web_page pc "http://[$OUTSIDE6]/")" "this is inet" "a page over IPv6"
	in_ns pc busybox httpd -p "[::]:8080" -h /
	refute "nobody opens a connection to the PC" in_ns inet curl -gs -m 1 "http://[$pc6]:8080/"
}
both_go_on() {
	assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "beside it: IPv4 by DS-Lite"
	assert_eq "$(seen nas)" "$STATIC" "and by PPPoE"
}
# Which of two comes first depends on the addresses that the home has just then.
line_with_one_aftr() {
	line_up
	dns_aftr "$AFTR1"
}
with_nas() {
	cfg <<-EOT
		[host nas]
		address = $NAS
		path = pppoe
	EOT
}

# ---- a line that delegates a prefix ----
line_with_one_aftr
in_ns home sysctl -qp "$EXAMPLES/ipv6-pd-sysctl.conf"
in_ns home nft -f "$EXAMPLES/ipv6-pd.nft"
ip netns exec home dhcpcd -B -d -f "$EXAMPLES/ipv6-pd-dhcpcd.conf" > "$RESULTS/dhcpcd.log" 2>&1 &
dhcpcd=$!
ip netns exec home dnsmasq -k -x "" -p 0 -u root -C "$EXAMPLES/ipv6-pd-dnsmasq.conf" --log-facility=- > "$RESULTS/dnsmasq.log" 2>&1 &
with_nas
both_up
assert_within 40 "the PC has an address of the delegated prefix" has_address6 "${DELEGATED%::}"
reaches6 "${DELEGATED%::}"
both_go_on
kill "$dhcpcd"

# ---- a line that gives a /64 ----
line_with_one_aftr
in_ns home sh "$EXAMPLES/ipv6-passthrough.sh"
# What is not IPv6 stays on its side.
nsenter --net=/run/netns/pc tcpdump -c 1 -i eth0 -nlU -Z root 'ether proto 0x8863 or ether proto 0x8864' > "$RESULTS/leak" 2> "$RESULTS/leak.err" &
wait_for 10 grep -q 'listening on' "$RESULTS/leak.err" || fail "tcpdump does not start"
with_nas
sed -i "s/^interface = $WAN/interface = br-wan/" "$CONF"
both_up
assert_within 20 "the PC has an address of the line's own prefix" has_address6 "$PREFIX"
reaches6 "$PREFIX"
both_go_on
refute "no frame of PPPoE comes to the PC" test -s "$RESULTS/leak"
