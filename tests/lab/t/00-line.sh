#!/bin/bash
# The line itself, without dualpath: a recipe by hand uses both paths, and each fault cuts and heals what it says. Faults whose
# effect a test of the daemon asserts in pppd's own words (wrong password, full table, no discovery) are left to that.
# limit: 600
. "${0%/*}/../lib.sh"

line_up BRAS_ECHO=5 # a short cut must not end the session, however slow the machine is

# ---- what the line hands out ----
hex() { printf '%s' "$1" | od -An -tx1 | tr -d ' \n'; }

# RFC 8415 Information-request (11) with elapsed time (8) and an option request (6) for 23 and 64.
dhcp6_ask() {
	printf '\x0b\x12\x34\x56\x00\x08\x00\x02\x00\x00\x00\x06\x00\x04\x00\x17\x00\x40' |
		in_ns home socat -T2 - "UDP6-DATAGRAM:[ff02::1:2%$WAN]:547,bind=[::]:546" | od -An -tx1 -v | tr -d ' \n'
}
answer=$(dhcp6_ask)
label=${AFTR_NAME%%.*}
assert_match "$answer" "0040....$(printf '%02x' ${#label})$(hex "$label")" "DHCPv6 option 64"
assert_match "$answer" 001700102404 "DHCPv6 option 23"
names=$(in_ns home getent ahostsv6 "$AFTR_NAME")
assert_match "$names" "$AFTR1" "the AFTR's name"
assert_match "$names" "$AFTR2" "the AFTR's name"
dns_aftr "$AFTR2"
aftr_moved() { [[ $(in_ns home getent ahostsv6 "$AFTR_NAME") != *"$AFTR1"* ]]; }
assert_within 15 "the AFTR's name can move" aftr_moved

# ---- both paths by hand ----
dslite_by_hand() {
	ip -n home -batch - <<-X
		link add dslite0 type ip6tnl mode ipip6 local $(b4_address) remote ${1:-$AFTR1} encaplimit none
		addr add 192.0.0.2/32 dev dslite0
		link set dslite0 up
		route add default dev dslite0
	X
}

pppd_by_hand() { # USER
	ns_spawn home pppd pppd plugin rp-pppoe.so "nic-$WAN" user "$1" noauth nodetach nodefaultroute noipdefault noipv6 \
		ifname pppoe0 mtu "$PPP_MTU" mru "$PPP_MTU" lcp-restart 1 ipcp-restart 1 lcp-echo-interval 5 lcp-echo-failure 3
}

policy_by_hand() {
	in_ns home sh -eu <<-X
		echo 1 > /proc/sys/net/ipv4/ip_forward
		ip rule add pref 1000 lookup main suppress_prefixlength 0
		ip rule add pref 1001 fwmark 1 lookup 100
		ip rule add pref 1002 from $STATIC lookup 100
		nft -f - <<-N
			table ip byhand {
				chain pre { type filter hook prerouting priority -151; iifname "pppoe0" ct mark set 1; iifname "$LAN" meta mark set ct mark; }
				chain inbound { type nat hook prerouting priority -100; iifname "pppoe0" tcp dport { 80, $ECHO_PORT } dnat to $NAS; }
				chain outbound { type nat hook postrouting priority 100; oifname "pppoe0" snat to $STATIC; }
			}
		N
	X
}

ppp_has() { [ -n "$(ip -n home -4 -o addr show dev pppoe0 to "$1" 2> /dev/null)" ]; }
ppp_gone() { ! ip -n home link show dev pppoe0 > /dev/null 2>&1; }
ppp_route() { ip -n home route replace default dev pppoe0 table 100; }
# To work, one answer of two will do: on a busy machine one may take longer than it is waited for.
asks() { in_ns "$1" ping -n -q -c "$3" -i 0.2 -W 1 "$2" > /dev/null; } # NAMESPACE ADDRESS TIMES
dslite_works() { asks pc "$WEB" 2; }
dslite_silent() { ! asks pc "$WEB" 1; }
aftr_answers() { asks home 192.0.0.1 2; }
ppp_works() { asks out "$STATIC" 2; }
ppp_silent() { ! asks out "$STATIC" 1; }

umask 077
{
	echo "$(secret_quote "$PPP_USER") * $(secret_quote "$PPP_PASSWORD")"
	echo "$(secret_quote "$PPP_USER_WRONG") * $(secret_quote "$PPP_PASSWORD_WRONG")"
} > /etc/ppp/chap-secrets
umask 022

capture_start whole
assert "the recipe's policy" policy_by_hand
refute "before: no DS-Lite" dslite_works
assert "DS-Lite by hand" dslite_by_hand
assert_eq "$(public_address pc)" "$AFTR1_PUBLIC" "the PC's address on the internet"
assert "ping through the AFTR, from its first packet" dslite_works
assert "the AFTR's own address answers" aftr_answers
assert_eq "$(web_page pc "http://$WEB/cgi-bin/ip")" "$AFTR1_PUBLIC" "the web's answer"
assert_eq "$(in_ns pc getent ahostsv4 www.example.com | cut -d' ' -f1 | head -n 1)" "$WEB" "a name on the internet"
for target in $PROBE_TARGETS; do
	assert "$target answers a ping" in_ns pc ping -q -c 1 -W 2 "$target"
	assert "$target takes TCP 443" in_ns pc socat -u OPEN:/dev/null "TCP4:$target:443,connect-timeout=3"
done

start=$(now_ms)
pppd_by_hand "$PPP_USER"
assert_within 20 "PPPoE gives $STATIC" ppp_has "$STATIC"
note "session up after $(($(now_ms) - start)) ms"
assert_within 15 "a route over PPPoE" ppp_route
assert_within 15 "an outside client reaches the static address" ppp_works
assert_eq "$(outside_get)" "this is nas" "the home server from outside"
assert_eq "$(outside_caller)" "$OUTSIDE" "whom the home server sees"
refute "a port that nobody forwards" outside_get 8099
assert_eq "$(bras_sessions)" 1 "sessions at the BRAS"
assert_eq "$(ip -n home -o link show dslite0 | sed 's/.* mtu \([0-9]*\).*/\1/')" 1460 "the tunnel's MTU"

# ---- the capture tells right from wrong ----
assert_clean whole
capture_start leak
in_ns home sh -u <<-X > /dev/null 2>&1
	nft add rule ip byhand outbound oifname dslite0 snat to $STATIC
	ip netns exec pc ping -c 1 -W 1 $WEB
	nft flush chain ip byhand outbound
	ip rule add pref 900 from $PC lookup 100
	ip netns exec pc ping -c 1 -W 1 $WEB
	ip rule del pref 900
	nft add rule ip byhand outbound oifname pppoe0 snat to $STATIC
	ip route add 198.51.100.77 dev $WAN
	ip neigh add 198.51.100.77 lladdr 02:00:00:00:00:77 dev $WAN
	ping -I $STATIC -c 1 -W 1 198.51.100.77
	ip route del 198.51.100.77 dev $WAN
X
assert "the capture of leaks lost nothing" capture_stop leak
leaks=$(capture_wrong_source leak)
assert_match "$leaks" "dslite: [^
]*$STATIC" "the static address on DS-Lite is seen"
assert_match "$leaks" "pppoe: [^
]*$PC" "a private address on PPPoE is seen"
assert_match "$leaks" "bare IPv4: [^
]*$STATIC" "IPv4 beside both is seen"
in_ns home conntrack -F > /dev/null 2>&1

# ---- every fault cuts what it says, that alone, and heals ----
cuts() { # WORKS SILENT OTHER FAULT...: OTHER must go on
	local works=$1 silent=$2 other=$3
	shift 3
	assert "before $*" "$works"
	fault "$@"
	assert_within 15 "fault $* cuts" "$silent"
	[ "$other" = : ] || assert "fault $* leaves $other" "$other"
	heal "$@"
	assert_within 15 "heal $*" "$works"
}
cuts dslite_works dslite_silent ppp_works dslite
cuts dslite_works dslite_silent ppp_works dslite aftr1
cuts dslite_works dslite_silent ppp_works dslite-to-b4
cuts dslite_works dslite_silent aftr_answers dslite-core
cuts dslite_works dslite_silent aftr_answers dslite-core-reject
fault dslite aftr2
assert "a dead AFTR2 is not AFTR1" dslite_works
heal dslite aftr2
cuts ppp_works ppp_silent dslite_works pppoe
cuts ppp_works ppp_silent dslite_works pppoe-core
cuts ppp_works ppp_silent dslite_works pppoe-up
cuts ppp_works ppp_silent dslite_works pppoe-down
dns_works() { in_ns home getent ahostsv6 "$AFTR_NAME" > /dev/null; }
dns_silent() { ! in_ns home timeout 2 getent ahostsv6 "$AFTR_NAME"; }
cuts dns_works dns_silent dslite_works dns
line_pings() { in_ns home ping -6 -c 1 -W 1 fe80::1%"$WAN" > /dev/null; }
line_silent() { ! line_pings; }
cuts line_pings line_silent ppp_works ipv6
fault netem dslite delay 300ms
assert_match "$(in_ns pc ping -c 2 -W 2 "$WEB")" "min/avg.* [34][0-9][0-9]\." "netem delays DS-Lite"
assert_match "$(in_ns out ping -c 2 -W 2 "$STATIC")" "min/avg.* = [0-9]{1,2}\." "netem leaves PPPoE"
heal netem dslite
fault netem pppoe loss 100%
assert_within 15 "netem loses PPPoE" ppp_silent
heal netem pppoe

# ---- the session's own faults ----
redial() { # USER ADDRESS
	assert_within 15 "the session ends" ppp_gone
	pppd_by_hand "$1"
	assert_within 20 "a new session has $2" ppp_has "$2"
	assert_within 15 "a route over PPPoE" ppp_route
	assert_within 15 "and carries" ppp_works
}
# shellcheck disable=SC2016 # for the inner shell
ppp_hangup() { ns_pids home | xargs -r -n 1 sh -c 'grep -qx pppd "/proc/$0/comm" && kill -TERM "$0"'; }
ppp_log_has() { grep -q "$1" "$LAB_STATE/pppd.log"; }

bras_restart
redial "$PPP_USER" "$STATIC"

refuses() { # FAULT REGEX
	ppp_hangup
	assert_within 15 "the session ends" ppp_gone
	: > "$LAB_STATE/pppd.log"
	fault "$1"
	pppd_by_hand "$PPP_USER"
	assert_within 30 "fault $1: pppd says '$2'" ppp_log_has "$2"
	refute "fault $1: no address" ppp_has "$STATIC"
	ppp_hangup
	heal "$1"
}
refuses pppoe-refused 'Not authorized\|terminated by peer\|Peer refused\|remote address'

fault carrier
carrier_lost() { ip -n home -o link show "$WAN" | grep -q NO-CARRIER; }
assert_within 15 "fault carrier" carrier_lost
heal carrier
carrier_back() { ! carrier_lost; }
assert_within 15 "heal carrier" carrier_back

assert_within 15 "nothing of pppd is left" ppp_gone
pppd_by_hand "$PPP_USER_WRONG"
assert_within 20 "the other user has another address" ppp_has "$STATIC_WRONG"

# ---- renumbering ----
ra_renumber
renumbered() { [[ $(b4_address) == "$PREFIX2":* ]]; }
assert_within 15 "a new prefix, the old one deprecated" renumbered
assert_match "$(ip -n home -6 addr show dev "$WAN" deprecated)" "$PREFIX:" "the old address"
ip -n home link set dslite0 type ip6tnl mode ipip6 local "$(b4_address)" remote "$AFTR2" encaplimit none
assert_within 15 "the AFTRs follow: AFTR2 takes the new address" public_is pc "$AFTR2_PUBLIC"
ip -n home link set dslite0 type ip6tnl mode ipip6 local "$(b4_address)" remote "$AFTR1" encaplimit none
assert_within 15 "and AFTR1" public_is pc "$AFTR1_PUBLIC"

# ---- coming up again is as new, and going down leaves nothing ----
fault dslite
line_up
refute "the home is new" ip -n home link show dslite0
assert "DS-Lite by hand" dslite_by_hand
in_ns home sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
assert_eq "$(public_address pc)" "$AFTR1_PUBLIC" "what was cut is healed, the PC's address"
line_down
assert_eq "$(ip netns)" "" "namespaces left"
rm -f /etc/ppp/chap-secrets
