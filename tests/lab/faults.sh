# shellcheck shell=bash
# faults.sh: what goes wrong on a line, each with its cure.
#
# Owns: nftables tables called fault_*, the queueing disciplines and carrier states that it sets, the BRAS' secrets
# while a fault changes them, and the list of faults that are on ($LAB_STATE/faults). Sourced by line.sh.

# A fault is on until it is healed; healing one that is not on does nothing.
fault() { # NAME [ARGS]
	local name=$1
	declare -F "fault_on_${name//-/_}" > /dev/null || { line_log "no such fault: $name"; return 2; }
	mkdir -p "$LAB_STATE/faults"
	echo "$*" > "$LAB_STATE/faults/${name}${2:+.$2}"
	shift
	"fault_on_${name//-/_}" "$@" || fault_fails "fault $name"
}

# What a test believes to be so and is not would be told as another failure, later.
fault_fails() { # WHAT
	line_log "$1: it did not come about"
	! declare -F fail > /dev/null || fail "$1: it did not come about"
	return 1
}

heal() { # NAME [ARGS]
	local name=$1
	declare -F "fault_off_${name//-/_}" > /dev/null || { line_log "no such fault: $name"; return 2; }
	[ -e "$LAB_STATE/faults/${name}${2:+.$2}" ] || return 0
	rm -f "$LAB_STATE/faults/${name}${2:+.$2}"
	shift
	"fault_off_${name//-/_}" "$@" || fault_fails "heal $name"
}

heal_all() {
	local file words
	for file in "$LAB_STATE"/faults/*; do
		[ -e "$file" ] || continue
		read -ra words < "$file"
		heal "${words[@]}" || return
	done
	rm -f "$LAB_STATE/dropped" "$LAB_STATE/provisioning"
	if [ -s "$LAB_STATE/radvd.pid" ] && [ -e /run/netns/ngn ] && grep -q 'Lifetime 0;' "$LAB_STATE/radvd.conf"; then ra_original; fi
	if [ -s "$LAB_STATE/kea.conf" ] && [ -e /run/netns/ngn ] && ! grep -qsF "\"$AFTR_NAME\"" "$LAB_STATE/kea.conf"; then dhcp_aftr "$AFTR_NAME"; fi
	if [ -s "$LAB_STATE/dnsmasq.pid" ] && [ -e /run/netns/ngn ]; then dns_aftr "$AFTR1" "$AFTR2"; fi
}

drop_rules() { # NAMESPACE FAMILY NAME HOOK RULE [HOOK RULE]
	local ns=$1 family=$2 name=$3 n=0 text=
	shift 3
	while [ $# -gt 0 ]; do
		n=$((n + 1))
		text+="chain c$n { type filter hook $1; policy accept; $2; }; "
		shift 2
	done
	nsenter --net="/run/netns/$ns" nft "table $family fault_$name { $text}"
}

drop_end() { # NAMESPACE FAMILY NAME
	nsenter --net="/run/netns/$1" nft delete table "$2" "fault_$3"
}

each_aftr() { # FUNCTION [AFTR...]
	local function=$1 aftr
	shift
	[ $# -gt 0 ] || set -- aftr1 aftr2
	for aftr in "$@"; do "$function" "$aftr" || return; done
}

# ---- the internet ---------------------------------------------------------------------------------------------------
# A firewall before the servers that does not answer what it does not know, as most of those of large sites do not.
fault_on_strangers() {
	drop_rules inet ip strangers 'input priority 0' 'ct state new tcp flags & (syn | ack) == ack drop'
}
fault_off_strangers() { drop_end inet ip strangers; }

# ---- DS-Lite --------------------------------------------------------------------------------------------------------
# Before and behind everything else of the AFTR: nothing is answered, nothing is counted as seen.
in_raw='prerouting priority -500'
out_last='postrouting priority 500'

aftr_cut() { drop_rules "$1" ip6 dslite "$in_raw" 'meta l4proto { 4, 60 } drop' "$out_last" 'meta l4proto { 4, 60 } drop'; }
aftr_mend() { drop_end "$1" ip6 dslite; }
fault_on_dslite() { each_aftr aftr_cut "$@"; }
fault_off_dslite() { each_aftr aftr_mend "$@"; }

b4_cut() { drop_rules "$1" ip6 to_b4 "$out_last" 'meta l4proto 4 drop'; }
b4_mend() { drop_end "$1" ip6 to_b4; }
fault_on_dslite_to_b4() { each_aftr b4_cut "$@"; }
fault_off_dslite_to_b4() { each_aftr b4_mend "$@"; }

from_b4_cut() { drop_rules "$1" ip6 from_b4 "$in_raw" 'meta l4proto 4 drop'; }
from_b4_mend() { drop_end "$1" ip6 from_b4; }
fault_on_dslite_from_b4() { each_aftr from_b4_cut "$@"; }
fault_off_dslite_from_b4() { each_aftr from_b4_mend "$@"; }

core_cut() { drop_rules "$1" ip core 'forward priority -500' 'drop'; }
core_mend() { drop_end "$1" ip core; }
fault_on_dslite_core() { each_aftr core_cut "$@"; }
fault_off_dslite_core() { each_aftr core_mend "$@"; }

core_reject() { drop_rules "$1" ip core_reject 'forward priority -500' 'iifname "tun" reject with icmp type net-unreachable'; }
core_reject_end() { drop_end "$1" ip core_reject; }
fault_on_dslite_core_reject() { each_aftr core_reject "$@"; }
fault_off_dslite_core_reject() { each_aftr core_reject_end "$@"; }

# The line's router says that it knows no way to the AFTRs. By its routes: nft's reject checks a sum that protocol 4 does not
# have, and is silent about whatever no device vouches for, the router's own pings among it.
fault_on_dslite_reject() { printf 'route add unreachable %s metric 1\n' "$AFTR1" "$AFTR2" | ip -n ngn -6 -batch -; }
fault_off_dslite_reject() { printf 'route del unreachable %s metric 1\n' "$AFTR1" "$AFTR2" | ip -n ngn -6 -batch -; }

# ---- PPPoE ----------------------------------------------------------------------------------------------------------
# On the segment's bridge, so neither end notices anything by itself.
bridge_hook='forward priority 0'

fault_on_pppoe() { drop_rules ngn bridge pppoe "$bridge_hook" 'ether type 0x8864 drop'; }
fault_off_pppoe() { drop_end ngn bridge pppoe; }
fault_on_pppoe_up() { drop_rules ngn bridge pppoe_up "$bridge_hook" 'iifname "home" ether type 0x8864 drop'; }
fault_off_pppoe_up() { drop_end ngn bridge pppoe_up; }
fault_on_pppoe_down() { drop_rules ngn bridge pppoe_down "$bridge_hook" 'oifname "home" ether type 0x8864 drop'; }
fault_off_pppoe_down() { drop_end ngn bridge pppoe_down; }
fault_on_pppoe_discovery() { drop_rules ngn bridge discovery "$bridge_hook" 'ether type 0x8863 drop'; }
fault_off_pppoe_discovery() { drop_end ngn bridge discovery; }
fault_on_pppoe_core() { drop_rules bras ip core 'forward priority -500' 'drop'; }
fault_off_pppoe_core() { drop_end bras ip core; }

fault_on_pppoe_password() { bras_secrets 'not what you have'; }
fault_off_pppoe_password() { bras_secrets; }
fault_on_pppoe_refused() { bras_secrets '' -; } # column 4 is "-": no address may be used
fault_off_pppoe_refused() { bras_secrets; }

# A neighbour has the only session. Everyone loses theirs: it is another server. The home is kept from asking until the
# neighbour has been served: it asks every second, and would be first.
fault_on_pppoe_full() {
	bras_kill
	drop_rules ngn bridge home_asks "$bridge_hook" 'iifname "home" ether type 0x8863 drop'
	bras_start -N 1 && neighbour_dials
	local status=$?
	drop_end ngn bridge home_asks
	return $status
}

neighbour_dials() {
	mkdir -p /etc/netns/ngn/ppp
	: > /etc/netns/ngn/ppp/options
	echo 'neighbour * neighbour' > /etc/netns/ngn/ppp/chap-secrets
	ns_spawn ngn neighbour unshare -m sh -c 'mount -t tmpfs -o mode=755 run /run && exec "$@"' sh \
		pppd plugin rp-pppoe.so nic-seg user neighbour noauth nodetach nodefaultroute lcp-restart 1 linkname neighbour
	wait_for 20 neighbour_is_up || { line_log "the neighbour gets no session"; return 1; }
}
fault_off_pppoe_full() {
	bras_stop
	bras_start
}
neighbour_is_up() { [ -n "$(ip -n ngn -4 -o addr show to 203.0.113.250)" ]; }

# ---- the line -------------------------------------------------------------------------------------------------------
fault_on_carrier() { ip -n ngn link set home down; }
fault_off_carrier() { ip -n ngn link set home up; }

fault_on_netem() { # PLACE ARGS...
	local place=$1 pair
	shift
	for pair in $(netem_devices "$place"); do
		tc -n "${pair%:*}" qdisc replace dev "${pair#*:}" root netem limit 10000 "$@" || return
	done
}
fault_off_netem() { # PLACE
	local pair
	for pair in $(netem_devices "$1"); do tc -n "${pair%:*}" qdisc del dev "${pair#*:}" root || :; done
}
netem_devices() {
	case $1 in
	dslite) echo aftr1:ngn aftr2:ngn ;;
	pppoe) echo bras:seg ;;
	line) echo ngn:home ;;
	*) line_log "netem: no such place: $1"; return 2 ;;
	esac
}

# One machine of the internet answers nothing any more.
fault_on_target() { drop_rules inet ip target "$in_raw" "ip daddr $1 drop"; } # ADDRESS
fault_off_target() { drop_end inet ip target; }

fault_on_dns() { drop_rules ngn inet dns 'input priority -500' 'meta l4proto { tcp, udp } th dport 53 drop'; }
fault_off_dns() { drop_end ngn inet dns; }

# radvd itself would announce its end; here nothing is said any more.
fault_on_ra() { drop_rules ngn ip6 ra 'output priority -500' 'icmpv6 type nd-router-advert drop'; }
fault_off_ra() { drop_end ngn ip6 ra; }

fault_on_ra_mtu() { line_ramtu=$1 ra_original; } # BYTES: that router advertisements tell
fault_off_ra_mtu() { ra_original; }

fault_on_ipv6() {
	drop_rules ngn bridge ipv6 "$bridge_hook" 'ether type ip6 drop' 'input priority 0' 'ether type ip6 drop' \
		'output priority 0' 'ether type ip6 drop'
}
fault_off_ipv6() { drop_end ngn bridge ipv6; }

# What is larger than so many bytes is lost silently, both ways, whatever its interfaces say. The bridge's frames: the line's
# router itself would say that a packet is too big.
fault_on_narrow() { # BYTES
	drop_rules ngn bridge narrow 'input priority 0' "ether type ip6 meta length > $1 drop" \
		'output priority 0' "ether type ip6 meta length > $1 drop"
}
fault_off_narrow() { drop_end ngn bridge narrow; }
