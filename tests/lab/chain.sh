# shellcheck shell=bash
# chain.sh: a line on which one link of the chain that finds the AFTR (aftr = auto) is the first that knows it.
#
# Owns: what kea, dnsmasq and the provider's server say of the AFTR while a test has it; heal_all undoes it.
# Sourced after lib.sh, by t/34-auto.sh and tests/bench/carrier.sh.

# Of a provider whose AFTR's name is known by the prefix: that of AFTR_NAME.
CHAIN_PREFIX=2404:8e00:1234:5600

chain_line_up() {
	line_up "PREFIX=$CHAIN_PREFIX" "PROVISIONING=v=v6mig-1 url=https://$UPDATE_NAME:$UPDATE_PORT/provisioning t=b" || return
	provider_up || return
	{
		printf '[router]\nlan = %s\n[dslite]\ninterface = %s\n' "$LAN" "$WAN"
		printf '%s\n' '[probe]' 'targets = icmp:1.1.1.1, icmp:8.8.8.8'
	} | cfg_write
}

provider_offers() { # ADDRESS
	printf '{"enabler_name":"lab","service_name":"lab","ttl":86400,"order":["dslite"],"dslite":{"aftr":"%s"}}\n' "$1" \
		> "$LAB_STATE/provisioning"
}

# Each has the second AFTR's address where it can, so that it is seen whose word counts.
chain_first() { # dhcpv6|hb46pp|known|remembered: the first link that knows (the last: it must have worked before)
	heal_all
	case $1 in
	dhcpv6) provider_offers "$AFTR2" ;;
	hb46pp) dhcp_aftr && provider_offers "$AFTR2" ;;
	known) dhcp_aftr ;;
	remembered) dhcp_aftr && fault dns ;;
	esac
}

# The daemon is up before the line is: no carrier, and nothing of the line in the kernel.  The cable is left out.
chain_boot() { # [forget]: what was kept of earlier answers
	daemon_stop
	in_ns home dualpathd -c "$CONF" --teardown || return
	[ $# -eq 0 ] || rm -rf /var/lib/dualpath
	fault carrier
	ip -n home -6 addr flush dev "$WAN" scope global
	daemon_start
	wait_status dslite starting 10
}

# From the cable to the first answer that the home gets, in ms.
chain_plug() {
	local begin answered
	begin=${EPOCHREALTIME/[.,]/}
	heal carrier
	answered=$(first_answer pc)
	[ -n "$answered" ] || return
	echo $(((answered - begin) / 1000))
}
