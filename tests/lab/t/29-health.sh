#!/bin/bash
# How a path is judged with the default profile: silent loss with and without traffic, loss that announces itself (inside the
# tunnel, on its way, carrier), a spoofed announcement, a late answer, and flapping. After each the right state, its reason, and
# recovery without help; in all of it no packet with a wrong source. How long things took is noted, not judged.
# limit: 240
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
cfg_five
printf '[host nas]\naddress = %s\npath = pppoe\n' "$NAS" >> "$CONF"
both_up
capture_start health
ping_start stays nas "$WEB"

took() { # WHAT PATH STATE SINCE
	note "$1: $(($(last_change_ms "$2" "$3") - $4)) ms"
}
changes() { ctl --json events -n 1000 | jq --arg path "$1" '[.events[] | select(.path == $path and .from != "")] | length'; }
lose_and_return() { # WHAT FAULT REGEX
	local since
	since=$(date +%s%3N)
	fault "$2"
	wait_status dslite down 6
	took "$1" dslite down "$since"
	assert_match "$(status_of dslite reason)" "$3" "the reason"
	assert_within 5 "new connections go over PPPoE" seen_is "$STATIC" pc
	ctl failback dslite > /dev/null # a loss of before does not count here
	since=$(date +%s%3N)
	heal "$2"
	wait_status dslite up 20
	took "$1, back" dslite up "$since"
}

# ---- with traffic, and without ----
ping_start busy pc 1.1.1.1
nap 2
sent() { status_of dslite probe.sent; }
before=$(sent)
nap 3
note "probes in 3 s of traffic: $(($(sent) - before))"
[ "$(($(sent) - before))" -le 12 ] || fail "what comes in does not spare probes"
lose_and_return "silent loss with traffic" dslite 'answer'
kill "${ping_pid[busy]}"
# An error for each packet is no life: as much comes in as goes out, and nothing is answered.
ping_start refused pc 1.1.1.1 # what fell back stays where it is
nap 3
for ns in aftr1 aftr2; do in_ns "$ns" sysctl -q -w net.ipv4.icmp_ratelimit=0; done
lose_and_return "the AFTR's own network says so, with traffic" dslite-core-reject 'answer'
for ns in aftr1 aftr2; do in_ns "$ns" sysctl -q -w net.ipv4.icmp_ratelimit=1000; done
kill "${ping_pid[refused]}"
nap 3
lose_and_return "silent loss of an idle line" dslite 'answer'

# ---- it announces itself ----
lose_and_return "the AFTR's own network says so" dslite-core-reject 'answer'
lose_and_return "the line says so" dslite-reject 'answer'
ping_all_answered stays
since=$(date +%s%3N)
fault carrier
wait_status pppoe down 5
took "PPPoE without carrier" pppoe down "$since"
took "DS-Lite without carrier" dslite down "$since"
assert_match "$(status_of pppoe reason) $(status_of dslite reason)" 'carrier.*carrier' "the reasons"
heal carrier
wait_status pppoe up 30
wait_status dslite up 30

# ---- whoever says so alone is not believed ----
nap 2
before=$(changes dslite)
bytes_of() { # ADDRESS: its sixteen bytes, for printf
	local left right=() group
	IFS=: read -ra left <<< "${1%%::*}"
	[[ $1 != *::* ]] || IFS=: read -ra right <<< "${1#*::}"
	while [ $((${#left[@]} + ${#right[@]})) -lt 8 ]; do left+=(0); done
	for group in "${left[@]}" "${right[@]}"; do
		printf -v group %04x "0x$group"
		printf '\\x%s\\x%s' "${group:0:2}" "${group:2}"
	done
}
# An ICMPv6 error (type 1) that quotes a packet of the tunnel, but nothing that we ever sent: 88 bytes.
printf -v zeros '\\x00%.0s' {1..39}
for aftr in "$AFTR1" "$AFTR2"; do
	error="\x01\x00\x00\x00\x00\x00\x00\x00\x60\x00\x00\x00\x00\x28\x04\x40$(bytes_of "$(b4_address)")$(bytes_of "$aftr")\x45$zeros"
	for ((i = 0; i < 50; i++)); do printf %b "$error"; done | in_ns ngn socat -b88 -u - "IP6-SENDTO:[$(b4_address)]:58"
done
nap 2
assert_eq "$(changes dslite)" "$before" "changes of DS-Lite after a hundred spoofed errors"
# ---- half a second more, at once: slow, not lost ----
fault netem dslite delay 500ms
nap 4
assert_eq "$(changes dslite)" "$before" "changes of DS-Lite after a delay of half a second"
heal netem dslite

# ---- it comes and goes ----
for _ in 1 2 3; do
	fault dslite
	wait_status dslite down 15
	heal dslite
	wait_status dslite up 40
done
fault dslite
wait_status dslite down 15
heal dslite
is_held() { [[ $(status_of dslite reason) == *"of late"* ]]; }
assert_within 15 "DS-Lite answers again" is_held
assert_match "$(status_of dslite reason)" 'lost [2-9] times of late' "the reason while it has to stand"
assert_eq "$(seen pc)" "$STATIC" "new connections stay on PPPoE"
assert "failback" ctl failback dslite
wait_status dslite up 10
assert_within 10 "PPPoE is up" status_is pppoe up
assert_clean health
