# shellcheck shell=bash
# line.sh: a DS-Lite and PPPoE line out of network namespaces, with home, pc and nas behind it.
#
# Owns: the namespaces inet out ngn aftr1 aftr2 bras home pc nas, /etc/netns of the same names, and $LAB_STATE.
# Sourced by lib.sh (tests), by ./demo and by hand, inside `vm` or `direct` only: it writes to /etc and ends every
# process of its namespaces. README.md has the picture and the list of functions.

[ -e /run/dualpath-lab.throwaway ] || {
	echo "line.sh: only inside tests/lab/vm or tests/lab/direct, where nothing lasts" >&2
	exit 125
}
LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_STATE=${LAB_STATE:-/var/tmp/dualpath-lab} # not in /run: the BRAS has one of its own
LAB_NAMESPACES="inet out ngn aftr1 aftr2 bras home pc nas"
mkdir -p "$LAB_STATE"

# ---- what can be another line: set any of these before sourcing, or in LAB_LINE ("WAN=eth1 LAN=lan0"), or give it to line_up
# shellcheck disable=SC2163 # NAME=VALUE
for parameter in ${LAB_LINE:-}; do declare "$parameter"; done
: "${WAN:=wan0}" "${LAN:=br-lan}"
: "${PREFIX:=2409:10:1234:5600}" "${PREFIX2:=2409:10:9876:5400}"
: "${LINE_DNS:=2404:1a8::1}"
: "${AFTR_NAME:=gw.transix.jp}" "${AFTR1:=2404:8e00::feed:100}" "${AFTR2:=2404:8e01::feed:101}"
: "${AFTR1_PUBLIC:=198.51.100.101}" "${AFTR2_PUBLIC:=198.51.100.102}"
: "${AFTR_TTL:=5}"                      # seconds that the AFTR's addresses may be remembered
: "${PROVISIONING:=v=v6mig-1 url=https://prov.example.jp/ t=b}" # TXT of 4over6.info
: "${DELEGATED:=2409:10:8000::}"           # /48 out of which DHCPv6 delegates /56
: "${STATIC:=203.0.113.10}" "${STATIC2:=203.0.113.20}" "${STATIC_WRONG:=203.0.113.99}"
: "${STATIC_NET:=203.0.113.0/24}" "${BRAS_ADDRESS:=203.0.113.1}"
: "${STATIC_IPIP:=203.0.113.30}" "${BR:=2404:8e02::1}" "${BR_NAME:=br.example.jp}" # of a fixed-IP tunnel: br_up
: "${UPDATE_NAME:=update.example.jp}" "${UPDATE_PORT:=8099}"
lab_password='aw kw"ard#;%s\$'\''=1' # what INI files, shells, pppd's files and printf each stumble over
: "${PPP_USER:=user1@example.jp}" "${PPP_USER2:=user2@example.jp}" "${PPP_USER_WRONG:=moved@example.jp}"
: "${PPP_PASSWORD:=$lab_password}" "${PPP_PASSWORD2:=second}" "${PPP_PASSWORD_WRONG:=third}"
: "${PPP_AUTH:=chap}" "${PPP_MTU:=1454}"
: "${BRAS_ECHO:=3}"                     # seconds between the BRAS' LCP echoes; three lost end a session
: "${PPP_DNS:=198.51.100.80}"
: "${LAN_ADDRESS:=192.168.1.1}" "${LAN_LENGTH:=24}" "${PC:=192.168.1.20}" "${NAS:=192.168.1.10}"
: "${WEB:=198.51.100.80}" "${OUTSIDE:=198.51.100.50}" "${PROBE_TARGETS:=1.1.1.1 8.8.8.8 9.9.9.9}"
: "${ECHO_PORT:=7777}" "${STREAM_PORT:=7778}"
LINE_PARAMETERS=(WAN LAN PREFIX PREFIX2 LINE_DNS AFTR_NAME AFTR1 AFTR2 DELEGATED AFTR1_PUBLIC AFTR2_PUBLIC AFTR_TTL PROVISIONING
	STATIC STATIC2 STATIC_WRONG STATIC_NET BRAS_ADDRESS STATIC_IPIP BR BR_NAME UPDATE_NAME UPDATE_PORT
	PPP_USER PPP_USER2 PPP_USER_WRONG PPP_PASSWORD PPP_PASSWORD2
	PPP_PASSWORD_WRONG PPP_AUTH PPP_MTU BRAS_ECHO PPP_DNS LAN_ADDRESS LAN_LENGTH PC NAS WEB OUTSIDE PROBE_TARGETS ECHO_PORT
	STREAM_PORT line_ra line_dhcp6 line_dns line_bras line_mtu line_ramtu line_rdnss line_wait)

# shellcheck source=tests/lab/faults.sh
. "$LAB_DIR/faults.sh"
# shellcheck source=tests/lab/capture.sh
. "$LAB_DIR/capture.sh"
# shellcheck source=tests/lab/provider.sh
. "$LAB_DIR/provider.sh"

# ---- small tools ----------------------------------------------------------------------------------------------------
exec {LAB_NAP}<> <(:) # reading it with a time limit sleeps without starting a program

nap() { # SECONDS (0.1)
	read -rt "${1:-0.1}" -u "$LAB_NAP" || :
}

now_ms() {
	local t=${EPOCHREALTIME/[.,]/}
	echo "${t%???}"
}

# It asks ever less often: under emulation a question is dear, and takes from whoever shall get the answer ready.
wait_for() { # SECONDS COMMAND...: until COMMAND succeeds; 1 when it did not in that time
	local end pause=1
	end=$(($(now_ms) + $1 * 1000))
	shift
	until "$@" > /dev/null 2>&1; do
		[ "$(now_ms)" -lt "$end" ] || return 1
		nap "0.$((pause < 5 ? pause++ : pause))"
	done
}

in_ns() { # NAME COMMAND...
	local ns=$1
	shift
	ip netns exec "$ns" "$@"
}

line_log() { echo "line: $*" >&2; }

# What tests call most is one static program: one that has twenty libraries, as socat and curl have, takes a seventh of a second to start
# under emulation. Names are not looked up: /etc/netns is not for these.
ns_box() { # NAMESPACE APPLET...
	busybox nsenter --net="/run/netns/$1" busybox "${@:2}"
}

tcp_text() { # NAMESPACE ADDRESS PORT: what a server says by itself to a new connection
	ns_box "$1" timeout 6 busybox nc -w 3 "$2" "$3" < /dev/null 2> /dev/null
}

web_page() { # NAMESPACE URL
	ns_box "$1" timeout 5 busybox wget -q -O - "$2" 2> /dev/null
}

first_word() { echo "${1%% *}"; }

# A shell in a namespace for many commands at once: each start of a program is dear under emulation.
ns_shell() { # NAME, script on stdin
	ip netns exec "$1" sh -eu
}

# Starts a server that stays: in the namespace, out of our session, logging to $LAB_STATE/LOG.log.
ns_spawn() { # NAME LOG COMMAND...
	local ns=$1 log=$2
	shift 2
	setsid ip netns exec "$ns" "$@" < /dev/null >> "$LAB_STATE/$log.log" 2>&1 {LAB_NAP}>&- &
	disown
}

ns_pids() { ip netns pids "$1" 2> /dev/null; }

ns_kill() { # NAME: every process of it, now
	local pids tries=50
	while pids=$(ns_pids "$1") && [ -n "$pids" ]; do
		# shellcheck disable=SC2086 # a list
		kill -KILL $pids 2> /dev/null || :
		[ $((tries -= 1)) -gt 0 ] || { line_log "processes of $1 do not die: $pids"; return 1; }
		nap 0.05
	done
}

listening() { # NAME PROTO(t|u) PORT
	[ -n "$(ip netns exec "$1" ss -Hln"$2" "sport = :$3")" ]
}

# ---- namespaces and the links between them --------------------------------------------------------------------------
make_namespaces() { # NAME...
	local ns
	for ns in "$@"; do
		ip netns add "$ns"
		mkdir -p "/etc/netns/$ns"
	done
	for ns in "$@"; do ip -n "$ns" link set lo up; done
}

# Ours and the carriers' machines: duplicate addresses do not happen, so nobody waits for their detection.
carrier_sysctls='
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
echo 0 > /proc/sys/net/ipv6/conf/default/accept_ra
echo 0 > /proc/sys/net/ipv6/conf/all/accept_ra
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
echo 1 > /proc/sys/net/ipv4/ip_forward
'

core_up() { # inet: the bridge between everyone with a public address
	ns_shell inet <<-EOF
		$carrier_sysctls
		ip -batch - <<-X
			link add core type bridge
			link set core up
			addr add $WEB/24 dev core
			addr add 2001:db8:80::80/64 dev core nodad
			link add out type veth peer name core netns out
			link add ngn type veth peer name core netns ngn
			link add aftr1 type veth peer name core netns aftr1
			link add aftr2 type veth peer name core netns aftr2
			link add bras type veth peer name core netns bras
			link set out master core up
			link set ngn master core up
			link set aftr1 master core up
			link set aftr2 master core up
			link set bras master core up
			route add $STATIC_NET via 198.51.100.20
			route add 2000::/3 via 2001:db8:80::1
		X
		for a in $PROBE_TARGETS; do ip addr add \$a/32 dev lo; done
	EOF
	ns_shell out <<-EOF
		ip -batch - <<-X
			link set core up
			addr add $OUTSIDE/24 dev core
			route add default via $WEB
		X
	EOF
}

# The dummy port gives the bridge a carrier from the start: kea and radvd use no interface without one.
ngn_up() { # the segment of the line, its router, the links to the AFTRs and the BRAS
	ns_shell ngn <<-EOF
		$carrier_sysctls
		ip -batch - <<-X
			link set core up
			addr add 2001:db8:80::1/64 dev core nodad
			route add default via 2001:db8:80::80
			addr add $LINE_DNS/128 dev lo
			link add seg mtu $line_mtu type bridge mcast_snooping 0
			link add still type dummy
			link set still master seg up
			link set seg up
			addr add fe80::1/64 dev seg nodad
			addr add $PREFIX::1/64 dev seg nodad
			addr add $PREFIX2::1/64 dev seg nodad
			link add bras type veth peer name seg netns bras
			link set bras mtu $line_mtu master seg up
			link add aftr1 type veth peer name ngn netns aftr1
			link add aftr2 type veth peer name ngn netns aftr2
			link set aftr1 up
			link set aftr2 up
			addr add fd00:a1::1/64 dev aftr1 nodad
			addr add fd00:a2::1/64 dev aftr2 nodad
			route add $DELEGATED/48 via fe80::5eff:fe00:1001 dev seg
			route add $AFTR1 via fd00:a1::2
			route add $AFTR2 via fd00:a2::2
		X
	EOF
}

# ---- AFTR -----------------------------------------------------------------------------------------------------------
# It serves any B4, from its first packet, without being told of it. The tunnel device is in external mode, so it takes
# from anyone. The mark of a packet that comes out of it is a number for its B4 (a hash of the address, noted in the
# map b4); conntrack keeps that number; what goes back is sent to fd00::b4 with the number as its mark, and that
# destination is replaced by the B4's on the way out.
aftr_up() { # NAME NUMBER ADDRESS PUBLIC
	ns_shell "$1" <<-EOF
		$carrier_sysctls
		ip -batch - <<-X
			link set core up
			addr add $4/24 dev core
			route add default via $WEB
			link set ngn up
			addr add fd00:a$2::2/64 dev ngn nodad
			addr add $3/128 dev ngn nodad
			route add default via fd00:a$2::1
			link add tun mtu 1460 type ip6tnl external
			link set tun up
			addr add 192.0.0.1/32 dev tun
			route add 10.0.0.0/8 encap ip6 dst fd00::b4 src $3 hoplimit 64 dev tun
			route add 100.64.0.0/10 encap ip6 dst fd00::b4 src $3 hoplimit 64 dev tun
			route add 172.16.0.0/12 encap ip6 dst fd00::b4 src $3 hoplimit 64 dev tun
			route add 192.0.0.0/29 encap ip6 dst fd00::b4 src $3 hoplimit 64 dev tun
			route add 192.168.0.0/16 encap ip6 dst fd00::b4 src $3 hoplimit 64 dev tun
		X
		nft -f - <<-X
			table ip6 softwire {
				map b4 { type mark : ipv6_addr; flags timeout; timeout 1h; size 65536; }
				chain learn {
					type filter hook prerouting priority raw;
					ip6 daddr $3 ip6 nexthdr { 4, 44, 60 } meta mark set jhash ip6 saddr mod 65536 offset 1 update @b4 { meta mark : ip6 saddr }
				}
				chain answer {
					type route hook output priority mangle;
					ip6 daddr fd00::b4 ip6 daddr set meta mark map @b4
				}
			}
			table ip nat44 {
				chain keep {
					type filter hook prerouting priority mangle;
					iifname "tun" ct mark set meta mark
					iifname "core" meta mark set ct mark
				}
				chain own {
					type route hook output priority mangle;
					meta mark set ct mark
				}
				chain subscribers {
					type filter hook forward priority filter;
					iifname "tun" ip saddr != { 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.0.0.0/29, 192.168.0.0/16 } counter drop
				}
				chain post {
					type nat hook postrouting priority srcnat;
					oifname "core" snat to $4
				}
			}
		X
	EOF
}

# ---- router advertisements, DHCPv6 and DNS of the line --------------------------------------------------------------
radvd_conf() { # [renumbered]
	echo "interface seg {"
	echo "	AdvSendAdvert on; AdvOtherConfigFlag on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;"
	[ -z "$line_ramtu" ] || echo "	AdvLinkMTU $line_ramtu;"
	if [ $# -gt 0 ]; then
		echo "	prefix $PREFIX2::/64 { AdvValidLifetime 2592000; AdvPreferredLifetime 604800; };"
		echo "	prefix $PREFIX::/64 { AdvValidLifetime 7200; AdvPreferredLifetime 0; };"
	else
		echo "	prefix $PREFIX::/64 { AdvValidLifetime 2592000; AdvPreferredLifetime 604800; };"
	fi
	[ "$line_rdnss" != yes ] || echo "	RDNSS $LINE_DNS { AdvRDNSSLifetime 600; };"
	echo "};"
}

radvd_up() {
	[ "$line_ra" = yes ] || return 0
	radvd_conf > "$LAB_STATE/radvd.conf"
	ns_spawn ngn radvd radvd -n -m stderr -u root -p "$LAB_STATE/radvd.pid" -C "$LAB_STATE/radvd.conf"
}

ra_renumber() {
	radvd_conf renumbered > "$LAB_STATE/radvd.conf"
	kill -HUP "$(cat "$LAB_STATE/radvd.pid")"
}

ra_original() {
	radvd_conf > "$LAB_STATE/radvd.conf"
	kill -HUP "$(cat "$LAB_STATE/radvd.pid")"
}

kea_conf() { # [NAME of the AFTR]
	local aftr=''
	[ -z "${1-}" ] || aftr=", { \"code\": 64, \"space\": \"dhcp6\", \"csv-format\": true, \"name\": \"aftr-name\", \"data\": \"$1\" }"
	cat <<-EOF
		{ "Dhcp6": {
		  "interfaces-config": { "interfaces": [ "seg" ] },
		  "lease-database": { "type": "memfile", "persist": false },
		  "server-id": { "type": "LL", "persist": false },
		  "subnet6": [ { "subnet": "$PREFIX::/64", "interface": "seg",
		    "pd-pools": [ { "prefix": "$DELEGATED", "prefix-len": 48, "delegated-len": 56 } ] } ],
		  "option-data": [
		    { "name": "dns-servers", "data": "$LINE_DNS" }$aftr ],
		  "loggers": [ { "name": "kea-dhcp6", "severity": "INFO", "output_options": [ { "output": "stdout" } ] } ]
		} }
	EOF
}

kea_up() {
	[ "$line_dhcp6" = yes ] || return 0
	kea_conf "$AFTR_NAME" > "$LAB_STATE/kea.conf"
	mkdir -p "$LAB_STATE/kea"
	KEA_PIDFILE_DIR=$LAB_STATE/kea KEA_LOCKFILE_DIR=none ns_spawn ngn kea kea-dhcp6 -c "$LAB_STATE/kea.conf"
}

kea_configured() { # TIMES
	[ "$(grep -c DHCP6_CONFIG_COMPLETE "$LAB_STATE/kea.log")" -gt "$1" ] && listening ngn u 547
}

dhcp_aftr() { # [NAME]: what DHCPv6 tells of the AFTR from now on (without a name: nothing)
	local times
	times=$(grep -c DHCP6_CONFIG_COMPLETE "$LAB_STATE/kea.log")
	kea_conf "$@" > "$LAB_STATE/kea.conf"
	kill -HUP "$(cat "$LAB_STATE"/kea/*.pid)"
	wait_for 20 kea_configured "$times" || { line_log "kea does not take its new file"; return 1; }
}

line_dns_up() {
	[ "$line_dns" = yes ] || return 0
	dns_hosts "$AFTR1" "$AFTR2"
	ns_spawn ngn dnsmasq-line dnsmasq -k -x "$LAB_STATE/dnsmasq.pid" -C /dev/null -u root --no-resolv --no-hosts --log-queries \
		--log-facility=- --addn-hosts="$LAB_STATE/aftr.hosts" --local-ttl="$AFTR_TTL" --local="/$AFTR_NAME/" \
		--txt-record="4over6.info,$PROVISIONING" --server=2001:db8:80::80
}

dns_hosts() { # ADDRESS...
	local a
	{
		for a in "$@"; do echo "$a $AFTR_NAME"; done
		printf '%s\n' "$BR $BR_NAME" "2001:db8:80::80 $UPDATE_NAME"
	} > "$LAB_STATE/aftr.hosts"
}

dns_aftr() { # ADDRESS...: what the AFTR's name means from now on
	dns_hosts "$@"
	kill -HUP "$(cat "$LAB_STATE/dnsmasq.pid")"
}

# ---- BRAS -----------------------------------------------------------------------------------------------------------
secret_quote() { printf '"%s"' "$(printf '%s' "$1" | sed 's/["\\]/\\&/g')"; }

# shellcheck disable=SC2120 # faults.sh gives it arguments
bras_secrets() { # [PASSWORD [ADDRESS]]: of all users, instead of their own
	local address=${2:-}
	{
		echo "neighbour * neighbour 203.0.113.250" # first: pppd does not start where the first may have no address
		echo "$(secret_quote "$PPP_USER") * $(secret_quote "${1:-$PPP_PASSWORD}") ${address:-$STATIC}"
		echo "$(secret_quote "$PPP_USER2") * $(secret_quote "${1:-$PPP_PASSWORD2}") ${address:-$STATIC2}"
		echo "$(secret_quote "$PPP_USER_WRONG") * $(secret_quote "${1:-$PPP_PASSWORD_WRONG}") ${address:-$STATIC_WRONG}"
	} > /etc/netns/bras/ppp/chap-secrets
	cp /etc/netns/bras/ppp/chap-secrets /etc/netns/bras/ppp/pap-secrets
}

bras_files() {
	mkdir -p /etc/netns/bras/ppp
	: > /etc/netns/bras/ppp/options
	cat > /etc/netns/bras/ppp/server <<-EOF
		require-$PPP_AUTH
		name bras
		noipdefault
		nodefaultroute
		noproxyarp
		noipv6
		noccp
		novj
		lcp-restart 1
		ipcp-restart 1
		lcp-max-terminate 1
		lcp-echo-interval $BRAS_ECHO
		lcp-echo-failure 3
		ms-dns $PPP_DNS
		debug
		logfile $LAB_STATE/bras-pppd.log
	EOF
	# pppoe-server gives its own MTU last, so ours must come after it.
	printf '#!/bin/sh\nexec pppd "$@" mtu %s mru %s\n' "$PPP_MTU" "$PPP_MTU" > "$LAB_STATE/bras-pppd"
	chmod 755 "$LAB_STATE/bras-pppd"
	(umask 077 && bras_secrets)
}

bras_up() {
	ns_shell bras <<-EOF
		$carrier_sysctls
		ip -batch - <<-X
			link set core up
			link set seg mtu $line_mtu up
			addr add 198.51.100.20/24 dev core
			route add default via $WEB
			route add unreachable $STATIC_NET
		X
	EOF
	bras_files
	[ "$line_bras" = yes ] || return 0
	bras_start
}

# /run of its own: pppd's files there are named by interface, and the home has a pppd too.
# shellcheck disable=SC2120
bras_start() { # [OPTIONS of pppoe-server]
	ip netns exec bras unshare -m sh -c 'mount -t tmpfs -o mode=755 run /run && exec "$@"' sh \
		pppoe-server -q "$LAB_STATE/bras-pppd" -I seg -C BRAS -L "$BRAS_ADDRESS" -R 0.0.0.0 -O /etc/ppp/server -X /run/pppoe-server.pid "$@" \
		< /dev/null > "$LAB_STATE/pppoe-server.log" 2>&1 {LAB_NAP}>&-
	wait_for 10 bras_listens || { line_log "pppoe-server does not start"; return 1; }
}

bras_listens() { in_ns bras grep -qs ' 8863 ' /proc/net/packet; }

bras_stop() { # every client gets a PADT
	local pids
	pids=$(comm -12 <(ns_pids bras | sort) <(pgrep -x pppoe-server | sort))
	# shellcheck disable=SC2086 # a list
	[ -z "$pids" ] || kill -TERM $pids
	wait_for 5 bras_silent || :
	ns_kill bras
}

bras_silent() { [ -z "$(ns_pids bras)" ]; }

bras_kill() { ns_kill bras; } # nobody is told anything

bras_restart() {
	bras_stop
	bras_start
}

bras_sessions() { ip -n bras -br link show type ppp | grep -c . || :; }

# ---- a fixed IPv4 address over a tunnel -----------------------------------------------------------------------------
# The border relay is the BRAS' machine, which has the static addresses. Where the home's end is it learns from the server that
# takes registrations alone, as at the providers: before that the tunnel leads nowhere.
br_up() { # once the line is up; for tests that want it
	ip -n bras link del br0 2> /dev/null || :
	ns_shell bras <<-EOF
		ip -batch - <<-X
			addr replace 2001:db8:80::20/64 dev core nodad
			addr replace $BR/128 dev lo nodad
			route replace 2409::/16 via 2001:db8:80::1
			link add br0 mtu 1460 type ip6tnl mode ipip6 local $BR remote 2409::dead encaplimit none
			link set br0 up
			route replace $STATIC_IPIP/32 dev br0
		X
	EOF
	ip -n ngn route replace "$BR" via 2001:db8:80::20
	provider_up
}

# ---- servers --------------------------------------------------------------------------------------------------------
www_files() { # NAME
	local dir=$LAB_STATE/www-$1
	mkdir -p "$dir/cgi-bin"
	echo "this is $1" > "$dir/index.html"
	# shellcheck disable=SC2016 # expanded by the server
	printf '#!/bin/sh\na=${REMOTE_ADDR##*:}\nprintf "Content-Type: text/plain\\r\\n\\r\\n%%s\\n" "${a%%]}"\n' > "$dir/cgi-bin/ip"
	chmod 755 "$dir/cgi-bin/ip"
	truncate -s 64M "$dir/big"
	echo "$dir"
}

web_up() { # NAME PORT...
	local ns=$1 dir port
	dir=$(www_files "$ns")
	shift
	for port in "$@"; do ip netns exec "$ns" busybox httpd -p "$port" -h "$dir"; done
}

# shellcheck disable=SC2016 # expanded by socat's shell
serve() { # NAME PORT [tcp|udp]: answers with the caller's address and port
	local answer='SYSTEM:echo $SOCAT_PEERADDR $SOCAT_PEERPORT'
	if [ "${3:-tcp}" = tcp ]; then
		ns_spawn "$1" "echo-$1" socat -t10 "TCP4-LISTEN:$2,fork,reuseaddr,backlog=128" "$answer"
	else
		ns_spawn "$1" "echo-$1" socat -t10 "UDP4-RECVFROM:$2,fork,reuseaddr" "$answer"
	fi
}

serve_stream() { # NAME PORT: gives back what it gets, as long as the connection lasts
	ns_spawn "$1" "stream-$1" socat "TCP4-LISTEN:$2,fork,reuseaddr" EXEC:cat
}

servers_up() { # NAME
	serve "$1" "$ECHO_PORT" tcp
	serve "$1" "$ECHO_PORT" udp
	serve_stream "$1" "$STREAM_PORT"
	ns_spawn "$1" "iperf3-$1" iperf3 -s
}

inet_servers_up() {
	web_up inet 80 443
	servers_up inet
	ns_spawn inet dnsmasq-inet dnsmasq -k -x "" -C /dev/null -u root --no-resolv --no-hosts --local-ttl=5 \
		--log-facility=- --address="/#/$WEB"
}

# ---- the home -------------------------------------------------------------------------------------------------------
home_up() { # home, pc and nas made anew
	home_down
	make_namespaces home pc nas
	echo "nameserver $LINE_DNS" > /etc/netns/home/resolv.conf
	echo "nameserver 9.9.9.9" | tee /etc/netns/pc/resolv.conf > /etc/netns/nas/resolv.conf
	ip -n ngn -batch - <<-X
		link add home type veth peer name $WAN netns home
		link set home mtu $line_mtu master seg up
	X
	ip -n home -batch - <<-X
		link set $WAN address 02:00:5e:00:10:01 mtu $line_mtu up
		link add $LAN type bridge
		addr add $LAN_ADDRESS/$LAN_LENGTH dev $LAN
		link set $LAN up
		link add pc type veth peer name eth0 netns pc
		link add nas type veth peer name eth0 netns nas
		link set pc master $LAN up
		link set nas master $LAN up
	X
	lan_host_up pc "$PC"
	lan_host_up nas "$NAS"
	web_up nas 80
	servers_up nas
}

lan_host_up() { # NAME ADDRESS
	ip -n "$1" -batch - <<-X
		link set eth0 up
		addr add $2/$LAN_LENGTH dev eth0
		route add default via $LAN_ADDRESS
	X
}

home_down() {
	local ns
	for ns in home pc nas; do
		[ -e "/run/netns/$ns" ] || continue
		ns_kill "$ns"
		[ "$ns" != home ] || ip -n ngn link del home 2> /dev/null || :
		ip netns del "$ns"
	done
	home_forgets
}

home_forgets() { # also what the owner asked for: a failover by hand outlives the daemon
	rm -rf /run/dualpath /var/lib/dualpath /etc/dualpath
}

b4_address() { # the home's global address on the line (the newest that is neither deprecated nor tentative)
	ip -n home -6 -o addr show dev "$WAN" scope global -tentative -deprecated |
		awk '{ sub("/.*", "", $4); print $4; found = 1; exit } END { exit !found }'
}

# ---- all of it ------------------------------------------------------------------------------------------------------
line_options() { # NAME=VALUE...
	local pair
	line_ra=yes line_dhcp6=yes line_dns=yes line_bras=yes line_mtu=1500 line_ramtu='' line_rdnss=no line_wait=yes
	for pair in "$@"; do
		case $pair in
		[a-z]*=*) pair=line_$pair ;;
		esac
		case " ${LINE_PARAMETERS[*]} " in
		*" ${pair%%=*} "*) printf -v "${pair%%=*}" '%s' "${pair#*=}" ;;
		*) line_log "unknown option: $pair"; return 2 ;;
		esac
	done
}

line_signature() {
	local name
	for name in "${LINE_PARAMETERS[@]}"; do printf '%s=%q\n' "$name" "${!name}"; done
}

line_up() { # [NAME=VALUE...]
	line_options "$@" || return
	if [ -f "$LAB_STATE/signature" ] && [ "$(cat "$LAB_STATE/signature")" = "$(line_signature)" ]; then
		line_again || line_new # a test may have ended more than line_again mends
	else
		line_new
	fi || { line_log "the line does not come up"; return 1; }
	[ "$line_ra$line_wait" != yesyes ] || wait_for 20 b4_address || { line_log "no address from the RA"; return 1; }
}

# What the carriers' side will ask for anyway, read while the first namespaces are made: loading is slow from 9p.
line_modules="ip6_tunnel nf_tables nft_ct nft_chain_nat nft_hash nf_conntrack pppox bridge"

line_new() {
	line_down
	# shellcheck disable=SC2086 # a list
	modprobe -qa $line_modules 2> /dev/null &
	# shellcheck disable=SC2086 # a list
	make_namespaces ${LAB_NAMESPACES% home pc nas}
	core_up && ngn_up || return
	kea_up # the slowest to start, so first
	radvd_up
	line_dns_up
	aftr_up aftr1 1 "$AFTR1" "$AFTR1_PUBLIC" && aftr_up aftr2 2 "$AFTR2" "$AFTR2_PUBLIC" || return
	bras_up || return
	inet_servers_up
	home_up || return
	line_ready || return
	line_signature > "$LAB_STATE/signature"
}

# The carriers' side is still up: what a test did to it is undone, and the home is new.
line_again() {
	heal_all
	if [ "$line_bras" = yes ] && { [ "$(bras_sessions)" != 0 ] || ! bras_listens; }; then
		bras_kill
		bras_start || return
	fi
	home_up && line_ready
}

line_ready() {
	[ "$line_dhcp6" != yes ] || wait_for 20 listening ngn u 547 || { line_log "kea does not answer"; return 1; }
	[ "$line_dns" != yes ] || wait_for 10 listening ngn u 53 || { line_log "the line's dnsmasq does not answer"; return 1; }
	wait_for 10 listening inet u 53 || { line_log "the internet's dnsmasq does not answer"; return 1; }
	wait_for 10 listening inet t "$STREAM_PORT" || { line_log "the internet's servers do not answer"; return 1; }
	wait_for 10 listening nas t "$STREAM_PORT" || { line_log "the home's server does not answer"; return 1; }
}

line_down() {
	local ns
	rm -f "$LAB_STATE/signature"
	for ns in $LAB_NAMESPACES; do
		[ -e "/run/netns/$ns" ] || continue
		ns_kill "$ns"
		ip netns del "$ns"
	done
	rm -rf "${LAB_STATE:?}"/faults
	home_forgets
}
