#!/bin/bash
# A line on which nothing is called or numbered as elsewhere in these tests: PPPoE on an interface of its own, two homes
# without a bridge, a tunnel whose end is an address of the home, other devices, tables, marks, folders and passwords.
# limit: 150
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up WAN=enp1s0.100 LAN=lan+home~15char LAN_ADDRESS=10.200.17.1 LAN_LENGTH=20 PC=10.200.31.254 NAS=10.200.16.2 \
	PREFIX=2400:4050:abcd:ef00 LINE_DNS=2001:260::53 AFTR_NAME=dslite.example.net AFTR1=2001:260:700::1:275 AFTR2=2a00:1450::2 \
	STATIC=198.18.5.6 STATIC2=198.19.255.254 STATIC_NET=198.18.0.0/15 BRAS_ADDRESS=198.18.0.1 PPP_MTU=1400 PROBE_TARGETS=192.88.99.7 \
	PPP_AUTH=pap PPP_USER='  a b;#"c@x.jp ' PPP_USER2=-x "PPP_PASSWORD= $(printf 'x#;\\"%%s $1`%.0s' {1..13}) " wait=no

# ---- the line: Ethernet for PPPoE alone, called as a session would be; the server on a LAN of two addresses ----
ip -n ngn -batch - <<-X
	link add seg2 type bridge mcast_snooping 0
	link set seg2 up
	link set bras master seg2
	link add home2 type veth peer name ppp0 netns home
	link set home2 master seg2 up
X
own_end=$PREFIX:8000::1 NAS=100.64.5.1
ip -n home -batch - <<-X
	link set ppp0 up
	link set nas nomaster
	link set nas down
	link set nas name guest.7
	link set guest.7 up
	addr add 100.64.5.0/31 dev guest.7
	addr add $own_end/128 dev guest.7 nodad
X
ip -n nas -batch - <<-X
	addr flush dev eth0
	addr add $NAS/31 dev eth0
	route add default via 100.64.5.0
X
ip -n ngn route add "$own_end" via fe80::5eff:fe00:1001 dev seg
in_ns home sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding; echo 2 > "/proc/sys/net/ipv6/conf/$0/accept_ra"' "$WAN"

# ---- the files, as an editor of Windows leaves them ----
CONF_DIR="/srv/my files" RUN=/run/other/place
CONF="$CONF_DIR/the config" PASSWORD_FILE="$CONF_DIR/pass word"
ctl() { dualpathctl -s "$RUN/control.sock" "$@"; }
sed 's/$/\r/' <<-X | cfg_write
	[ Router ]
	LAN	=	$LAN,guest.7	; two
	mark-mask = 0xf0
	rule-priority = 500
	table = 300
	route-protocol = 200
	[DSLite]
	Interface = $WAN
	AFTR = $AFTR_NAME
	dns = $LINE_DNS
	local = $own_end
	mtu = 1420
	device = ds.tunnel-15chr
	[PPPoE]
	interface = ppp0
	user = '$PPP_USER'
	password-file = $PASSWORD_FILE
	mtu = $PPP_MTU
	device = p~1
	[pppoe Second.One]
	interface = ppp0
	user = $PPP_USER2
	password-file = $CONF_DIR/second
	mtu = 1300
	device = ppp7
	[rule -]
	from = !10.200.16.0/21, 192.168.0.0/16
	protocol = udp
	port = 1-$((ECHO_PORT - 1)), $ECHO_PORT
	path = SECOND.one
	[Host NAS-1]
	address = $NAS
	path = PPPoE
	[forward Web_1]
	protocol = both
	port = 80, $ECHO_PORT, 8000-8010
	to = nas-1
	[forward moved]
	protocol = udp
	path = second.ONE
	port = 30000-30010
	to = NAS-1:$((ECHO_PORT - 5))-$((ECHO_PORT + 5))
X
printf '%s\r\n\r\n' "$PPP_PASSWORD" > "$PASSWORD_FILE"
printf '%s' "$PPP_PASSWORD2" | install -m 600 /dev/stdin "$CONF_DIR/second"

start() {
	daemon_start --run-dir "$RUN" --state-dir /srv/kept
	wait_status dslite up 40
	wait_status pppoe up 40
	wait_status second.one up 40
}
start

# ---- what it does ----
assert_match "$(ip -n home -d link show ds.tunnel-15chr)" "mtu 1420 .*remote $AFTR1 local $own_end" "the tunnel"
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "the PC's address outside"
assert_eq "$(seen nas)" "$STATIC" "the server's"
assert_eq "$(seen_udp pc "$WEB:$ECHO_PORT")" "$STATIC2" "the PC's by UDP, which a rule sends over the second session"
assert_eq "$(outside_caller)" "$OUTSIDE" "whom the server sees of a client outside"
assert_eq "$(seen_udp out "$STATIC:$ECHO_PORT")" "$OUTSIDE" "the same by UDP"
assert_eq "$(seen_udp out "$STATIC2:30005")" "$OUTSIDE" "the same at a moved port of the second session"
assert_eq "$(web_page pc "http://$STATIC/")" "this is nas" "the static address, called from home"
assert_match "$(ctl explain in udp 30005)" "to +$NAS port $ECHO_PORT.*second\.one" "explain"
assert "doctor finds nothing" ctl doctor

# ---- what becomes of it ----
stream_start dslite pc "$WEB"
stream_start pppoe nas "$WEB"
daemon_kill9
start
stream_flows dslite pppoe
stream_end dslite
stream_end pppoe
assert "diff after a crash" grep -q "would change nothing" <(ctl diff)
fault dslite
wait_status dslite down 20
assert_eq "$(seen pc)" "$STATIC" "the PC's address outside while DS-Lite is down"
heal dslite
wait_status dslite up 30
ctl teardown > /dev/null || fail "teardown gave $?"
left=$(ip -n home rule; ip -n home route show table all proto 200; ip -n home -br link; in_ns home nft list tables)
for word in 'lookup 3' 'table 3' fwmark 'proto 200' ds.tunnel p~1 ppp7 dualpath; do refute "$word after the teardown" grep -q "$word" <<< "$left"; done
