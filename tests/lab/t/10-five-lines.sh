#!/bin/bash
# Five lines of configuration are a working router: both paths up, the home goes out by DS-Lite without NAT of ours,
# the tunnel is as RFC 6333 wants it, and status says so in the members of SPEC.md.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
# Tempting addresses that must not be the tunnel's end: a deprecated one, and (from the next RA on) a temporary one.
stable=$(b4_address)
ip -n home addr add "$PREFIX::dead/64" dev "$WAN" nodad valid_lft 3600 preferred_lft 0
in_ns home sh -c "echo 2 > /proc/sys/net/ipv6/conf/$WAN/use_tempaddr"
has_temporary() { [ -n "$(ip -n home -6 addr show dev "$WAN" temporary -tentative)" ]; }
assert_within 15 "the line's interface has a temporary address" has_temporary

cfg_five
both_up

# ---- the PC ----
capture_start first aftr1
assert_eq "$(public_address pc)" "$AFTR1_PUBLIC" "the PC's address on the internet"
assert_eq "$(public_address nas)" "$AFTR1_PUBLIC" "the server's, which no rule names"
assert "names resolve at home" in_ns pc getent ahostsv4 www.example.com
assert_clean first
inside=$(tcpdump -nr "$RESULTS/first-aftr1.pcap" "tcp dst port $ECHO_PORT" 2> /dev/null)
assert_match "$inside" "IP $PC\.[0-9]+ > $WEB\.$ECHO_PORT" "no NAT on the tunnel: its inside, at the AFTR,"

# ---- the tunnel ----
tunnel=$(ip -n home -d link show dev dslite0)
assert_match "$tunnel" "mtu 1460" "the tunnel"
assert_match "$tunnel" "ip6tnl ipip6 remote $AFTR1 local $stable" "the tunnel (a stable address of ours)"
assert_match "$tunnel" "encaplimit none" "the tunnel"
assert_match "$tunnel" "<.*UP" "the tunnel"
assert_match "$(ip -n home -4 -o addr show dev dslite0)" "inet 192\.0\.0\.2/32" "the tunnel's address"
assert_eq "$(ip -n home route show default table main)" "" "default routes in the main table (ours have their own)"

# ---- what it says ----
want='
	(.version | type == "string" and length > 0) and (.uptime_s | type == "number") and
	.default == {"order": ["dslite", "pppoe"], "active": "dslite"} and
	(.paths | length == 2) and .forwards == [] and .rules == [] and
	all(.paths[]; .state == "up" and (.reason | length > 0) and .forced == false and
		(.since | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$")) and .transitions >= 1 and
		(.probe | .sent >= 0 and .lost >= 0 and .loss_percent >= 0 and has("rtt_ms")) and .rx_bytes >= 0 and .tx_bytes >= 0) and
	(.paths[] | select(.name == "dslite") | .kind == "dslite" and .interface == "dslite0" and .local == $local and
		.remote == $remote and .aftr == $aftr and .address == "192.0.0.2" and .mtu == 1460 and .rx_bytes > 0 and
		.tx_bytes > 0 and .probe.sent > 0 and .probe.rtt_ms > 0) and
	(.paths[] | select(.name == "pppoe") | .kind == "pppoe" and .interface == "pppoe0" and .address == $static and .mtu == 1454)'
ctl --json status > "$RESULTS/status.json"
assert_eq $? 0 "exit code of status"
jq -e --arg local "$stable" --arg remote "$AFTR1" --arg aftr "$AFTR_NAME" --arg static "$STATIC" "$want" \
	"$RESULTS/status.json" > /dev/null || fail "status --json is not as SPEC.md has it: $(cat "$RESULTS/status.json")"
note "ok: status --json has every member of SPEC.md, with the right values"
text=$(ctl status)
for word in dslite pppoe up "$AFTR_NAME" "$STATIC" 1460 1454; do assert_match "$text" "$word" "status for people"; done
assert "the log says that DS-Lite is up" daemon_log 'dslite.*up'
assert_match "$(cat /run/dualpath/resolv.conf)" "nameserver $LINE_DNS" "resolv.conf for the home's DNS proxy"
daemon_stop
assert_eq "$DAEMON_STATUS" 0 "exit code of the daemon"
