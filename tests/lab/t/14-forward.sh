#!/bin/bash
# Inbound on PPPoE: lists, ranges, another port, both protocols, from =, the router itself; every answer goes back over PPPoE
# although the server's own rule says DS-Lite; what nobody opened is closed. SPEC.md, "What the traffic does", 2 and 3.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
forwards() { # LINE of [router]...
	cfg "$@" <<-EOT
		[host nas]
		address = $NAS
		path = dslite
		[forward web]
		protocol = tcp
		port = 80, 8000-8010
		to = nas
		[forward echo]
		protocol = both
		port = $ECHO_PORT
		to = $NAS
		[forward stream]
		protocol = tcp
		port = $STREAM_PORT
		to = nas
		[forward moved]
		protocol = both
		port = 2222
		to = nas:$ECHO_PORT
		[forward moved-range]
		protocol = both
		port = 2300-2302
		to = nas:$((ECHO_PORT - 1))-$((ECHO_PORT + 1))
		[forward router-range]
		protocol = both
		port = 2400-2401
		to = router:8999-9000
		[forward router]
		protocol = both
		port = 9000
		to = router
		[forward router-moved]
		protocol = both
		port = 9001
		to = router:9000
		[forward friends]
		protocol = tcp
		port = 7070
		to = nas:$ECHO_PORT
		from = 192.0.2.0/24, $OUTSIDE/32
		[forward strangers]
		protocol = tcp
		port = 7071
		to = nas:$ECHO_PORT
		from = 192.0.2.0/24
	EOT
}
forwards
serve nas 8005
serve nas 8099
serve home 9000
serve home 9000 udp # bound to no address
serve home 9999
both_up
in_at() { seen out '' "$STATIC:$1"; } # PORT: whom the server sees of the outside client; nothing: closed

capture_start pinned
assert_eq "$(seen nas)" "$AFTR1_PUBLIC" "what the server starts goes by DS-Lite"
assert_eq "$(outside_get)" "this is nas" "the web server from outside"
assert_eq "$(in_at 8005)" "$OUTSIDE" "a port of a range: the caller's own address"
assert_eq "$(in_at "$ECHO_PORT")" "$OUTSIDE" "a number for an address, tcp"
assert_eq "$(seen_udp out "$STATIC:$ECHO_PORT")" "$OUTSIDE" "the same forward, udp"
assert_eq "$(in_at 2222)" "$OUTSIDE" "moved to another port, tcp"
assert_eq "$(seen_udp out "$STATIC:2222")" "$OUTSIDE" "moved to another port, udp"
assert_eq "$(in_at 2301)" "$OUTSIDE" "a range moved as a whole, tcp"
assert_eq "$(seen_udp out "$STATIC:2301")" "$OUTSIDE" "a range moved as a whole, udp"
assert_eq "$(in_at 2300)" "" "its first port, where nobody listens"
assert_eq "$(ctl --json explain in tcp 2301 | jq -r .to)" "$NAS:$ECHO_PORT" "explain of it"
assert_eq "$(in_at 2401)" "$OUTSIDE" "a range of the router, moved"
assert_eq "$(in_at 9000)" "$OUTSIDE" "a service of the router"
assert_eq "$(in_at 9001)" "$OUTSIDE" "a service of the router, moved to another port"
assert_eq "$(seen_udp out "$STATIC:9000")" "$OUTSIDE" "a service of the router, udp"
assert_eq "$(seen_udp out "$STATIC:9001")" "$OUTSIDE" "a service of the router, moved to another port, udp"
assert_eq "$(in_at 7070)" "$OUTSIDE" "from = : a friend"
stream_start in out "$STATIC"

# ---- what is closed ----
assert_eq "$(in_at 7071)" "" "from = : a stranger"
assert_eq "$(in_at 8099)" "" "a port that nobody opened, at home"
assert_eq "$(in_at 9999)" "" "a port that nobody opened, on the router"
ip -n bras route add 192.168.1.0/24 dev ppp0
ip -n out route add 192.168.1.0/24 via 198.51.100.20
assert_eq "$(seen out '' "$NAS:80")" "" "a private address, called from the provider's side"
assert_eq "$(web_page out "http://$NAS/")" "" "a private address, by HTTP"

stream_flows in
assert_clean pinned
assert_eq "$(capture_show pinned "ip6 proto 4 and ip6[52:4] = 0xc0a8010a and ip6[56:4] = 0xc6336432")" "" \
	"answers to the outside client that took DS-Lite"
assert_eq "$(status_json '[.forwards[] | select(.state != "up" or .path != "pppoe" or .reason != "")] | length')" 0 "forwards not up"
assert_eq "$(status_json '.forwards[] | select(.name == "web") | "\(.to) \(.packets > 0) \(.bytes > 0)"')" "$NAS true true" "a forward in status"

# ---- without the firewall ----
forwards 'firewall = no'
reload
assert_eq "$(in_at 9999)" "$OUTSIDE" "firewall = no: the router's own port"
assert_eq "$(outside_get)" "this is nas" "firewall = no: the forward"
stream_flows in

# ---- a forward never moves to the carrier's NAT: it is down, and says why ----
assert "failover pppoe" ctl failover pppoe
assert_eq "$(status_json '[.forwards[] | select(.state == "down" and (.reason | test("pppoe")))] | length')" 10 "forwards down with why"
assert "failback" ctl failback
web_open() { [ "$(outside_get)" = "this is nas" ]; }
assert_within 5 "and up again" web_open
