#!/bin/bash
# Two PPPoE sessions at once, and a block that is routed over the first: a machine that holds an address of it, one that has one
# by one-to-one NAT, the router's own; forwards to each, hairpin, addresses that nobody holds, and sources over failover among all.
# limit: 200
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

BLOCK=203.0.113.32/29 OWN=203.0.113.33 MACHINE=203.0.113.34 PUBLIC=203.0.113.35 NOBODY=203.0.113.38 KID=192.168.1.21
PPP_SOURCES="$STATIC $STATIC2 $OWN $MACHINE $PUBLIC" # which session each may leave on is looked at below
line_up
cfg_write <<EOT
[router]
lan = $LAN
[dslite]
interface = $WAN
[pppoe]
interface = $WAN
user = $PPP_USER
password-file = $PASSWORD_FILE
address = $STATIC
block = $BLOCK
[pppoe second]
interface = $WAN
user = $PPP_USER2
password-file = $CONF_DIR/second.password
address = $STATIC2
[probe]
targets = icmp:1.1.1.1, icmp:8.8.8.8
interval = 1s
timeout = 1s
down-after = 2
up-after = 2
[host machine]
address = $MACHINE
[host nas]
address = $NAS
path = pppoe, dslite
public = $PUBLIC
[host kid]
address = $KID
path = second, pppoe, dslite
[forward machine]
protocol = both
port = $ECHO_PORT
to = machine
[forward nas]
port = 80, $STREAM_PORT
to = nas
[forward first]
port = 7001
to = $PC:$ECHO_PORT
[forward second]
port = 7001
to = $PC:$ECHO_PORT
path = second
[forward router]
port = 9000
to = $OWN
EOT
printf '%s\n' "$PPP_PASSWORD2" | install -m 600 /dev/stdin "$CONF_DIR/second.password"
ip -n pc addr add $KID/24 dev eth0
ip -n pc addr add $MACHINE/32 dev eth0
serve pc "$ECHO_PORT"
serve pc "$ECHO_PORT,bind=$MACHINE" udp
serve pc 8081
serve home 9000
capture_start block
both_up
wait_status second up 30

# ---- before the home has any of it: what the provider sends there goes nowhere ----
session_device() { ip -n bras -o -4 addr show | awk -v peer="$1/32" '$6 == peer { print $2 }'; } # ADDRESS: the BRAS' end
first=$(session_device "$STATIC") second=$(session_device "$STATIC2")
ip -n bras route add $BLOCK dev "$first"
refute "an address that nobody holds" in_ns out ping -n -q -c 3 -i 0.2 -W 1 $NOBODY
ip -n home addr add $OWN/29 dev "$LAN"

# ---- outbound: each with its own source ----
from() { seen "$1" "bind=$2"; } # NAMESPACE ADDRESS
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "whom no rule names"
assert_eq "$(from pc $MACHINE)" "$MACHINE" "a machine of the block"
assert_eq "$(from home $OWN)" "$OWN" "the router, from its address of the block"
assert_eq "$(seen nas)" "$PUBLIC" "one-to-one NAT"
assert_eq "$(from pc $KID)" "$STATIC2" "the second session"
assert_match "$(ctl explain tcp $MACHINE "$WEB:80")" "block of pppoe.*source +$MACHINE" "explain: the machine"
assert_eq "$(status_of pppoe block)" "$BLOCK" "the block in status"

# ---- inbound ----
closed() { refute "$2" in_ns out socat -u OPEN:/dev/null "TCP4:$1,connect-timeout=1"; } # ADDRESS:PORT WHAT
assert_eq "$(seen out '' "$MACHINE:$ECHO_PORT")" "$OUTSIDE" "a port of the machine"
assert_eq "$(seen_udp out "$MACHINE:$ECHO_PORT")" "$OUTSIDE" "the same by UDP"
closed "$MACHINE:8081" "a port of it that nobody opened"
assert_eq "$(web_page out "http://$PUBLIC/")" "this is nas" "a port of the public address"
closed "$PUBLIC:$ECHO_PORT" "a port of it that nobody opened"
assert_eq "$(seen out '' "$OWN:9000")" "$OUTSIDE" "a port of the router's own address of the block"
assert_eq "$(seen out '' "$STATIC:7001")" "$OUTSIDE" "a forward of the first session"
assert_eq "$(seen out '' "$STATIC2:7001")" "$OUTSIDE" "a forward of the second"
closed "$STATIC:80" "the static address has not what the public one has"
assert_match "$(ctl explain in tcp $PUBLIC:80)" "forward nas.*from $PUBLIC" "explain in: the address"
assert_eq "$(status_json '[.forwards[] | select(.packets > 0)] | length')" 5 "forwards that counted"

told() { # TTL: what the outside is told of a datagram to the machine
	local answer
	answer=$(in_ns out ping -n -c 1 -W 2 -t "$1" "$MACHINE")
	[[ $answer == *"From $STATIC "*"exceeded"* ]]
}
assert "a way that ends at the router is told by its own address" eval 'told 2 || told 3'

# ---- at home ----
assert_eq "$(web_page pc "http://$PUBLIC/")" "this is nas" "the PC calls the public address"
assert_eq "$(seen pc '' "$PUBLIC:$ECHO_PORT")" "$STATIC" "any port of it; whom the server sees"
assert_eq "$(seen nas '' "$PUBLIC:$ECHO_PORT")" "$PUBLIC" "the server calls itself"
assert_eq "$(seen home '' "$PUBLIC:$ECHO_PORT")" "$OWN" "the router calls it"
assert_eq "$(seen nas '' "$MACHINE:8081")" "$NAS" "the server calls the machine"

# ---- failover: the block's own path or none, the others by their lists ----
stream_start machine pc "$WEB" "$STREAM_PORT,bind=$MACHINE"
stream_start in out $PUBLIC
stream_start kid pc "$WEB" "$STREAM_PORT,bind=$KID"
assert "failover pppoe" ctl failover pppoe
assert_eq "$(from pc $MACHINE)" "" "the machine waits"
assert_eq "$(seen nas)" "$AFTR1_PUBLIC" "the server falls back"
assert_eq "$(from pc $KID)" "$STATIC2" "the second session goes on"
assert "failback" ctl failback
assert_eq "$(seen nas)" "$PUBLIC" "the server is back"
stream_flows machine in kid
in_ns bras nft "table ip hole { chain c { type filter hook forward priority 0; iifname $second drop; oifname $second drop; }; }"
wait_status second down 15
assert_within 5 "second, pppoe, dslite: the next" seen_is "$STATIC" pc "bind=$KID"
assert "the first is untouched" status_is pppoe up
stream_flows machine in
assert "failover pppoe" ctl failover pppoe
assert_eq "$(from pc $KID)" "$AFTR1_PUBLIC" "and the last"
assert "failback" ctl failback
in_ns bras nft delete table ip hole
wait_status second up 15
assert_within 5 "and the first again" seen_is "$STATIC2" pc "bind=$KID"
assert_eq "$(from pc $MACHINE)" "$MACHINE" "the machine goes out again"

# ---- what left ----
assert_clean block
sid() { status_of "$1" session; }
assert_eq "$(capture_show block "pppoes $(sid pppoe) and ip and not (src host $STATIC or src net $BLOCK)")" "" \
	"wrong sources on the first session"
assert_eq "$(capture_show block "pppoes $(sid second) and ip and not src host $STATIC2")" "" "wrong sources on the second"
assert_eq "$(capture_show block "pppoes and ip and dst net $BLOCK")" "" "packets of the block that went round"
for session in pppoe second; do
	assert "there was traffic: $session" \
		test "$(capture_count block "pppoes $(sid $session) and ip")" -ge 20
done
