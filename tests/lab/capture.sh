# shellcheck shell=bash
# capture.sh: what left the home, as the carrier's side sees it.
#
# Owns: the tcpdumps that it starts and $RESULTS/NAME-*.pcap. Sourced by line.sh.
# `line` is the proof: all that home sends, taken at the segment's port before anything of the carrier can drop it.
# `aftr1`, `aftr2` (inside the tunnel) and `bras` (both directions) are for who asks for them, as somebody who looks for a fault.

RESULTS=${RESULTS:-$LAB_STATE}
: "${PPP_SOURCES:=$STATIC}" # the addresses that may leave on PPPoE

capture_start() { # NAME [POINT beside line]...
	local point
	mkdir -p "$LAB_STATE/capture"
	rm -f "$RESULTS/$1"-{line,aftr1,aftr2,bras}.{pcap,log}
	capture_one "$1" line ngn home -Q in
	for point in "${@:2}"; do
		case $point in
		aftr[12]) capture_one "$1" "$point" "$point" tun ;;
		bras) capture_one "$1" bras bras seg ;;
		esac
	done
	for point in line "${@:2}"; do
		wait_for 15 grep -q 'listening on' "$RESULTS/$1-$point.log" || { line_log "tcpdump ($point) does not start"; return 1; }
	done
}

capture_one() { # NAME POINT NAMESPACE DEVICE [OPTIONS]
	local log=$RESULTS/$1-$2.log file=$RESULTS/$1-$2.pcap ns=$3 device=$4
	shift 4
	nsenter --net="/run/netns/$ns" tcpdump --immediate-mode -i "$device" "$@" -n -p -U -s 256 -B 8192 -Z root -w "$file" \
		< /dev/null 2> "$log" {LAB_NAP}>&- &
	echo $! > "$LAB_STATE/capture/$(basename "$log" .log)"
	disown
}

capture_stop() { # NAME: 1 where the kernel lost packets, so that nothing is proved
	local file pid
	for file in "$LAB_STATE/capture/$1"-{line,aftr1,aftr2,bras}; do
		[ -s "$file" ] || continue
		pid=$(cat "$file")
		kill -INT "$pid" 2> /dev/null || :
		wait_for 5 test ! -e "/proc/$pid" || :
		rm -f "$file"
	done
	grep -q '^0 packets dropped by kernel' "$RESULTS/$1-line.log"
}

captures_end() { # of a test that did not stop them
	cat "$LAB_STATE"/capture/* 2> /dev/null | xargs -r kill -KILL 2> /dev/null
	rm -rf "$LAB_STATE/capture"
}

capture_show() { # NAME [FILTER]
	tcpdump -nr "$RESULTS/$1-line.pcap" "${2:-}" 2> /dev/null
}

capture_count() { # NAME [FILTER]: how many packets; tcpdump spells none of them
	local count
	count=$(tcpdump --count -nr "$RESULTS/$1-line.pcap" "${2:-}" 2> /dev/null)
	echo "${count%% *}"
}

# On PPPoE (last in the expression: "pppoes" moves all offsets behind it) only the session's addresses, on DS-Lite only private ones and the
# B4's, and no IPv4 by itself. ip6[52:4] is the inner source where the tunnel's header has no extension; a packet with one (next header
# 60) is wrong as well, since the tunnel is made without the encapsulation limit.
capture_wrong_source() { # NAME
	local address mine='' inner='ip6[52:4]'
	for address in $PPP_SOURCES; do mine+="${mine:+ or }src host $address"; done
	capture_show "$1" "ether proto 0x0800 or ip6 proto 60 or (ip6 proto 4 and not (($inner & 0xff000000) = 0x0a000000 or
		($inner & 0xfff00000) = 0xac100000 or ($inner & 0xffff0000) = 0xc0a80000 or ($inner & 0xffc00000) = 0x64400000 or
		$inner = 0xc0000002)) or (pppoes and ip and not ($mine))" |
		sed -E 's/^[0-9:.]+ PPPoE /pppoe: &/; s/^[0-9:.]+ IP6 /dslite: &/; s/^[0-9:.]+ IP /bare IPv4: &/'
}
