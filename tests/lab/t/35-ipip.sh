#!/bin/bash
# [ipip NAME]: a fixed IPv4 address over a tunnel takes inbound as PPPoE does; the provider tells of it (HB46PP), and is told where our
# end is, over https, also when the line is renumbered. SPEC.md, "Also", and "What the traffic does", 2 to 4.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up "PROVISIONING=v=v6mig-1 url=https://$UPDATE_NAME:$UPDATE_PORT/provisioning t=b"
br_up
auto='remote = auto' twin=
configured="remote = $BR_NAME"$'\n'"interface-id = ::feed:1"$'\n'"address = $STATIC_IPIP"
registration() { # LINE of [ipip fixed]...
	cfg_write <<-EOT
		[router]
		lan = $LAN
		[dslite]
		interface = $WAN
		[ipip fixed]
		interface = $WAN
		password-file = $PASSWORD_FILE
		$(printf '%s\n' "$@")
		$twin
		[host nas]
		address = $NAS
		path = fixed
		[forward echo]
		port = $ECHO_PORT
		to = nas
		[forward stream]
		port = $STREAM_PORT
		to = nas
		[probe]
		targets = icmp:1.1.1.1, icmp:8.8.8.8
		interval = 1s
		timeout = 1s
		down-after = 2
		up-after = 2
	EOT
}
url="https://$UPDATE_NAME:$UPDATE_PORT"
encoded='aw%20kw%22ard%23%3B%25s%5C%24%27%3D1'
echo "username=user1%40example.jp&password=$encoded" > "$LAB_STATE/update-query"
registration "$auto" "update-url = $url/request?username={user}&password={password}" "update-user = $PPP_USER" "update-answer = OK"
cat > "$LAB_STATE/provisioning" <<-EOT
	{"enabler_name":"lab","ttl":86400,"order":["dslite","ipip"],"dslite":{"aftr":"$AFTR2"},
	 "ipip":[{"ipv6_local":"@PREFIX@::feed:1","ipv6_remote":"$BR","ipv4":"$STATIC_IPIP/32"}]}
EOT
ip -n home addr add "$PREFIX::77/128" dev "$WAN" nodad noprefixroute preferred_lft 0 # somebody else's, much as ours
daemon_start
wait_status dslite up 20
wait_status fixed up 30
capture_start fixed
registered() { [ "$(status_json '.paths[] | select(.name == "fixed") | .registration.state')" = "$1" ]; }
assert "status says so" registered ok
assert_eq "$(cat "$LAB_STATE/update.log")" "$PREFIX::feed:1 $(cat "$LAB_STATE/update-query")" "what the provider's server was asked, and from where"
told() { status_json '.paths[] | select(.name == "fixed") | "\(.kind) \(.local) \(.local_source) \(.remote) \(.aftr) \(.aftr_source) \(.address) \(.address_source) \(.mtu)"'; }
assert_eq "$(told)" "ipip $PREFIX::feed:1 hb46pp $BR  hb46pp $STATIC_IPIP hb46pp 1460" "status"
assert_eq "$(status_json '.paths[] | select(.name == "dslite") | .aftr_source')" dhcpv6 "DS-Lite has its AFTR from DHCPv6"
assert_match "$(cat "$LAB_STATE/provisioning.log")" "^$PREFIX:[^ ]* .*capability=dslite,ipip$" "the provider was asked, once"

metric() { ctl metrics | grep -q "^dualpath_path_$1{name=.fixed.} $2"; }
assert_within 10 "metrics: the line was measured" metric line_carries_bytes 1500
assert "metrics: the registration" metric registered 1

# ---- our end on the line is for the tunnel alone ----
assert_match "$(ip -n home -6 addr show dev "$WAN" to "$PREFIX::feed:1")" "$PREFIX::feed:1/128 .*deprecated" "our end on the line"
refute "nothing else begins there" grep -q "src $PREFIX::feed:1" <<< "$(ip -n home -6 route get 2001:db8:80::80)"
assert_eq "$(status_of dslite local)" "$(b4_address)" "DS-Lite has an end of its own"

# ---- traffic ----
assert_eq "$(public_address pc)" "$AFTR1_PUBLIC" "what no rule names goes by DS-Lite"
assert_eq "$(public_address nas)" "$STATIC_IPIP" "a host with path = fixed"
assert_eq "$(seen out '' "$STATIC_IPIP:$ECHO_PORT")" "$OUTSIDE" "inbound, tcp: the server sees the caller"
assert_eq "$(seen pc '' "$STATIC_IPIP:$ECHO_PORT")" "$STATIC_IPIP" "hairpin"
stream_start in out "$STATIC_IPIP"
assert_match "$(ctl explain in tcp "$ECHO_PORT" 2>&1)" "fixed" "explain in"
ctl test inbound stream > "$RESULTS/inbound.out" 2>&1 || fail "test inbound: $(cat "$RESULTS/inbound.out")"
note "ok: $(cat "$RESULTS/inbound.out")"

# ---- nothing leaves there with another source: here one that no NAT touches ----
in_ns home nft 'table ip untracked { chain c { type filter hook output priority -300; ip saddr 192.0.2.77 notrack; }; }'
ip -n home addr add 192.0.2.77/32 dev lo
in_ns home ping -c 1 -W 0.3 -I 192.0.2.77 -I ipip0 1.1.1.1 > "$RESULTS/guard.out" 2>&1
assert_match "$(in_ns home nft list counter inet dualpath guard_fixed)" "packets [1-9]" "the guard dropped them"

# ---- while it is down nobody else takes its place ----
assert "failover fixed" ctl failover fixed
assert_eq "$(public_address nas)" "" "path = fixed while it is not used"
assert "failback" ctl failback
assert_within 5 "and back" public_is nas "$STATIC_IPIP"

# ---- another prefix: our end moves in it, the tunnel with it, and the provider hears of it ----
index=$(in_ns home cat /sys/class/net/ipip0/ifindex)
ra_renumber
local_is() { [ "$(status_of fixed local)" = "$1" ]; }
assert_within 20 "renumbered: our end moves" local_is "$PREFIX2::feed:1"
asked_from() { tail -n 1 "$LAB_STATE/update.log" | grep -qxF "$1 $(cat "$LAB_STATE/update-query")"; }
assert "a drain is at the end of before" drain_there
assert_within 10 "and is registered" asked_from "$PREFIX2::feed:1"
stream_flows in
assert_eq "$(in_ns home cat /sys/class/net/ipip0/ifindex)" "$index" "the tunnel's index (it was moved, not made anew)"
end_of_before() { [ -n "$(ip -n home -6 -o addr show dev "$WAN" to "$PREFIX::feed:1")" ]; }
gone() { no_drain && ! end_of_before; }
assert_within 5 "the drain is gone, and the end of before" gone
assert_within 10 "the provider is asked anew" grep -q "^$PREFIX2:" "$LAB_STATE/provisioning.log"
capture_stop fixed
assert_eq "$(capture_show fixed "ip6 proto 4 and dst host $BR and ip6[52:4] != 0xcb00711e")" "" "packets to the relay with another source"

# ---- refused, told apart, and mended by a new password; by basic authentication ----
twin="[ipip twin]"$'\n'"interface = $WAN"$'\n'"remote = $AFTR1"$'\n'"address = 192.0.2.88" # with DS-Lite's two ends
registration "$configured" "update-url = $url/request?username={user}&password={password}" "update-user = nobody" "update-answer = OK"
reload
twin=
assert_within 15 "another user is refused" registered refused
assert_match "$(ctl doctor)" "registration.*does not answer .OK." "doctor names it"
assert_match "$(status_of twin reason)" 'the tunnel of "dslite" is between .* already' "two tunnels with the same ends: why the later one is not there"
assert_eq "$(status_of dslite)" up "and the earlier one"
echo "username=nobody&password=$encoded" > "$LAB_STATE/update-query"
touch "$PASSWORD_FILE"
assert_within 10 "the password's file was touched: asked at once" registered ok
echo > "$LAB_STATE/update-query"
registration "$auto" "update-url = $url/basic" "update-user = $PPP_USER2" "basic-auth = yes"
reload
assert_within 15 "basic authentication, with a wrong password" registered refused
assert_match "$(ctl --json events -n 3)" "code 401" "an event says why"
printf '%s\n' "$PPP_PASSWORD2" > "$PASSWORD_FILE"
assert_within 10 "with the right one" registered ok
for secret in "$PPP_PASSWORD" "$encoded"; do
	refute "no secret is told" grep -qF "$secret" "$DAEMON_LOG" <(ctl --json events -n 100) <(ctl --json status) <(in_ns home dualpathd -n -c "$CONF")
done

# ---- a crash, and the end; and nobody of the provider answers any more ----
daemon_kill9
fault dns
daemon_start
wait_status fixed up 20
assert_eq "$(in_ns home cat /sys/class/net/ipip0/ifindex)" "$index" "adopted: the tunnel's index"
stream_flows in
assert "teardown" ctl teardown
assert_within 10 "the daemon ends" daemon_ended
daemon_reap
refute "the tunnel is gone" ip -n home link show dev ipip0
assert_eq "$(ip -n home -6 -o addr show dev "$WAN" | grep feed:1)" "" "our end is gone from the line"
assert_match "$(ip -n home -6 addr show dev "$WAN")" "$PREFIX::77/128" "and somebody else's address is not"

# ---- started anew by what was told before ----
daemon_start
wait_status fixed up 30
assert_eq "$(told)" "ipip $PREFIX2::feed:1 hb46pp $BR  hb46pp $STATIC_IPIP hb46pp 1460" "what the provider told, from disk"
ra_original
