#!/bin/bash
# A kernel without a module that is needed: the daemon names it, and works when it comes. The line is taken down for it, so
# that the modules can be unloaded; where the machine's own kernel is used, they stay, and are only hidden where they were not loaded.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_down
hide() { echo "install $1 /bin/false" > "/etc/modprobe.d/lab-$1.conf"; }
show() { rm -f "/etc/modprobe.d/lab-$1.conf"; }
unload() { # MODULE...
	modprobe -r "$@"
	! grep -qE "^($(echo "$*" | tr ' ' '|')) " /proc/modules
}

# A home without carriers: only what the daemon can find out by itself is asked here.
home_alone() {
	make_namespaces home
	ip -n home -batch - <<-EOT
		link add $WAN type veth peer name far
		link set $WAN up
		link set far up
		addr add $PREFIX::10/64 dev $WAN nodad
		route add default dev $WAN
		link add $LAN type bridge
		addr add $LAN_ADDRESS/24 dev $LAN
		link set $LAN up
	EOT
}
home_alone
cfg <<< ''
sed -i "/^\[dslite\]/a aftr = $AFTR1" "$CONF"
says() { [[ $(status_of "$1" reason) == *"$2"* ]]; }

# A namespace is gone some time after its name.
assert_within 15 "ip6_tunnel and pppoe can be unloaded here" unload ip6_tunnel pppoe
hide ip6_tunnel
hide pppoe
daemon_start
assert_within 10 "no ip6_tunnel: DS-Lite says so" says dslite ip6_tunnel
assert_within 10 "no pppoe: PPPoE says so" says pppoe pppoe
ctl status > /dev/null
assert_eq $? 1 "exit code of status"
show ip6_tunnel
show pppoe
tunnel_there() { ip -n home link show dev dslite0; }
assert_within 40 "ip6_tunnel comes: the tunnel is made" tunnel_there
assert "teardown" ctl teardown

# ---- nftables: without it nothing can be done ----
mapfile -t nft < <(lsmod | awk '$1 ~ /^nf_tables$|^nft_|^nf_flow_table/ { print $1 }')
home_down
[ ${#nft[@]} -eq 0 ] || assert_within 15 "nf_tables can be unloaded here" unload "${nft[@]}"
home_alone
cfg <<< ''
hide nf_tables
timeout 10 ip netns exec home dualpathd -f -c "$CONF" > "$RESULTS/no-nft" 2>&1 < /dev/null
assert_eq $? 1 "no nf_tables: exit code"
assert_match "$(cat "$RESULTS/no-nft")" "nf_tables" "no nf_tables"
show nf_tables
line_down
