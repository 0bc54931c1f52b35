#!/bin/bash
# Fifty reloads that add, move and remove rules, while flows run on both paths, in from outside and by hairpin: none loses
# a packet, and the kernel's objects are in the end what they were.
# limit: 300
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

RELOADS=50
UDP_PORT=7779 # the hairpin flow's: datagrams, as nobody sends those again

line_up
base() { # PATH of the server
	cfg <<-EOT
		[host nas]
		address = $NAS
		path = $1
		[forward stream]
		protocol = tcp
		port = $STREAM_PORT
		to = nas
		[forward datagrams]
		protocol = udp
		port = $UDP_PORT
		to = nas
	EOT
}

rule() { # NAME PORT PATH
	printf '[rule %s]\nfrom = 192.168.1.0/24\nprotocol = udp\nport = %s\npath = %s\n' "$@"
}

# What the reloads go through, over and over: a rule, a forward; two rules; the other way round; a map; the first again.
variants() {
	local i
	base 'pppoe, dslite'
	{ cat "$CONF"; rule more 5060 'pppoe, dslite'; printf '[forward web]\nport = 80\nto = nas\n'; } > "$CONF.1"
	{ cat "$CONF"; rule more 5060-5080 dslite; rule other 5070 pppoe; } > "$CONF.2"
	base dslite
	{ cat "$CONF"; rule other 5070 pppoe; rule more 5060-5080 dslite; } > "$CONF.3"
	{ cat "$CONF"; for i in {100..130}; do printf '[host h%d]\naddress = 192.168.1.%d\npath = pppoe\n' "$i" "$i"; done; } > "$CONF.4"
	base pppoe
	cp "$CONF" "$CONF.0"
}

datagrams_start() { # numbered, every 100 ms, from the PC to the static address and back from the server at home
	ip netns exec nas socat -T 100 "UDP4-LISTEN:$UDP_PORT" PIPE 2> /dev/null &
	assert_within 5 "the server listens" udp_listens
	numbers 2> /dev/null | ip netns exec pc socat -T 60 - "UDP4:$STATIC:$UDP_PORT" > "$RESULTS/hairpin.stream" 2> "$RESULTS/hairpin.err" &
	assert_within 6 "hairpin flows" stream_past hairpin 2
}

udp_listens() { [ -n "$(in_ns nas ss -Hlun "sport = :$UDP_PORT")" ]; }

variants
both_up
ping_start pc pc "$WEB"
ping_start nas nas "$WEB"
stream_start in out "$STATIC"
datagrams_start
before=$(our_objects)
begun=$(now_ms)
for ((i = 1; i <= RELOADS; i++)); do
	cp "$CONF.$((i % 5))" "$CONF"
	ctl reload > "$RESULTS/reload.out" 2>&1 || fail "reload $i gave $?: $(cat "$RESULTS/reload.out")"
	! grep -q 'nothing had to change' "$RESULTS/reload.out" || fail "reload $i changed nothing"
done
note "ok: $RELOADS reloads in $(($(now_ms) - begun)) ms"
same_objects "$before" "$(our_objects)" "the first config again: the kernel's objects are as then"
stream_flows in hairpin
ping_all_answered pc nas
