#!/bin/bash
# The home's names resolve whatever is lost: /run/dualpath/resolv.conf has the servers of the paths that work, dnsmasq as
# shipped reads it, and the provider's servers are asked over its session. RFC 6333, 5.5.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

LONGEST=4000 # ms that a lookup may take while a path is lost; the PC's resolver asks again after one second

line_up
cfg < /dev/null
both_up

servers() { # what the file names, in order
	sed -n 's/^nameserver //p' /run/dualpath/resolv.conf | tr '\n' ' '
}
servers_are() { [ "$(servers)" = "$1 " ]; }
assert_within 3 "both paths' servers, those of the path in use first" servers_are "$LINE_DNS $PPP_DNS"

# ---- dnsmasq as shipped, and a PC that looks up another name again and again ----
ip netns exec home dnsmasq -k -x "" -C /usr/share/doc/dualpath/examples/dnsmasq-dualpath.conf -u root --log-facility=- \
	> "$RESULTS/dnsmasq.log" 2>&1 &
printf 'nameserver %s\noptions timeout:1 attempts:5\n' "$LAN_ADDRESS" > /etc/netns/pc/resolv.conf
wait_for 5 listening home u 53 || fail "dnsmasq does not start: $(cat "$RESULTS/dnsmasq.log")"
cat > "$RESULTS/lookups.sh" <<'SH'
for ((i = 1; i < 1000; i++)); do
	from=$EPOCHREALTIME
	if getent ahostsv4 "n$i.example" > /dev/null; then word=ok; else word=FAILED; fi
	echo "$word $(((${EPOCHREALTIME/./} - ${from/./}) / 1000)) n$i.example"
	sleep 0.2
done
SH
ip netns exec pc bash "$RESULTS/lookups.sh" > "$RESULTS/lookups" 2>&1 &
looking=$!
looked_up() { # HOW MANY MORE
	local n
	n=$(($(grep -c . "$RESULTS/lookups") + $1))
	past() { [ "$(grep -c '^ok' "$RESULTS/lookups")" -ge "$n" ]; }
	assert_within 15 "the PC goes on finding names" past
}
looked_up 3

# The provider's server is asked over its session though DS-Lite is the default: it would see the AFTR's address otherwise.
nsenter --net=/run/netns/inet tcpdump -i core -Q in -nlU -Z root "udp and dst port 53 and dst $PPP_DNS" \
	> "$RESULTS/dns-inet" 2> "$RESULTS/dns-inet.err" &
wait_for 10 grep -q 'listening on' "$RESULTS/dns-inet.err" || fail "tcpdump does not start"

# ---- the line's servers alone are dead: the session's are asked, over the session ----
fault dns
looked_up 4
assert_match "$(cat "$RESULTS/dns-inet")" "IP $STATIC\.[0-9]+ > $PPP_DNS\.53" "the provider's server sees the session's address"
refute "and no other address" grep -q "IP $AFTR1_PUBLIC" "$RESULTS/dns-inet"
heal dns

# ---- each path lost in turn ----
fault dslite
wait_status dslite down 15
assert_within 3 "DS-Lite is lost: the session's servers" servers_are "$PPP_DNS"
looked_up 3
heal dslite
wait_status dslite up 20
assert_within 10 "it is back: the line's first" servers_are "$LINE_DNS $PPP_DNS"
fault ipv6
wait_status dslite down 15
assert_within 3 "IPv6 is gone: the session's servers" servers_are "$PPP_DNS"
looked_up 3
heal ipv6
wait_status dslite up 20
fault pppoe
wait_status pppoe down 15
assert_within 3 "PPPoE is lost: the line's servers" servers_are "$LINE_DNS"
looked_up 3
heal pppoe
wait_status pppoe up 30
assert_within 30 "it is back" servers_are "$LINE_DNS $PPP_DNS"
looked_up 2

kill "$looking"
refute "no lookup failed" grep -v '^ok' "$RESULTS/lookups"
longest=$(sort -k2n "$RESULTS/lookups" | tail -n 1)
assert "of $(grep -c . "$RESULTS/lookups") lookups none failed, and the longest ($longest) took less than $LONGEST ms" \
	test "$(cut -d' ' -f2 <<< "$longest")" -lt "$LONGEST"

# ---- a home with PPPoE alone ----
sed -i '/^\[dslite\]/,/^interface/d' "$CONF"
reload
assert_within 5 "PPPoE alone: its servers" servers_are "$PPP_DNS"

# ---- an AFTR by its address: nobody need be asked for it, and still the home wants the line's servers ----
daemon_stop
rm /run/dualpath/resolv.conf
cfg < /dev/null
sed -i "s/^\[dslite\]/&\naftr = $AFTR1/" "$CONF"
daemon_start
wait_status dslite up 20
assert_within 10 "an AFTR by its address: the line's servers all the same" grep -q "$LINE_DNS" /run/dualpath/resolv.conf
