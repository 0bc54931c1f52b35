#!/bin/bash
# Rules by the name of a destination, through dnsmasq as owners run it: the set fills from what the PC asks, and outlives reload,
# failover and kill -9; a rule for one user of the router. doc/dualpath.conf.5, "to" and "user".
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

NAMED=www.video.example OTHER=www.other.example # both in inet, by two addresses that it has
OTHER_ADDRESS=1.1.1.1
SET=dom_video.example

line_up
rules() { # LINE of a further rule...
	{
		cat <<-EOT
			[rule video]
			from = $PC
			to = *.video.example
			path = pppoe, dslite
			[rule own]
			user = daemon
			protocol = tcp
			path = pppoe
		EOT
		printf '%s\n' "$@"
	} | cfg
}
rules
both_up

# By the shipped example; who answers upstream is given here.
ip netns exec inet dnsmasq -k -x "" -C /dev/null -u root -p 5353 --no-resolv --no-hosts --local-ttl=5 --listen-address="$WEB" --bind-interfaces \
	--address="/$NAMED/$WEB" --address="/$OTHER/$OTHER_ADDRESS" > "$RESULTS/upstream.log" 2>&1 &
ip netns exec home dnsmasq -k -x "" -C /usr/share/doc/dualpath/examples/dnsmasq-dualpath.conf -u dnsmasq --no-resolv --no-hosts \
	--server="$WEB#5353" > "$RESULTS/dnsmasq.log" 2>&1 &
asked() { # NAME WANTED: dnsmasq answers the PC
	[ "$(in_ns pc busybox nslookup "$1" "$LAN_ADDRESS" 2> /dev/null | awk '/^Address.*[0-9]$/ { a = $NF } END { print a }')" = "$2" ]
}
holds() { in_ns home nft get element inet dualpath "$SET" "{ $1 }" > /dev/null 2>&1; } # ADDRESS
of() { ctl --json explain "${@:2}" | jq -r "$1"; }                                     # FILTER WORDS...

assert_eq "$(status_json '.rules[0].sets[0] | "\(.domain) \(.set)"' -r)" "*.video.example $SET" "status names the set"
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "before anybody asked, the address is one as any other"
assert_within 10 "the PC asks for the name" asked "$NAMED" "$WEB"
assert_within 5 "dnsmasq fills the set" holds "$WEB"
assert_within 10 "the PC asks for another" asked "$OTHER" "$OTHER_ADDRESS"
refute "the other is not in the set" holds "$OTHER_ADDRESS"

both_ways() {
	assert_eq "$(seen pc)" "$STATIC" "to the name: by PPPoE"
	assert_eq "$(of '"\(.rule) \(.path) \(.names[0])"' tcp "$PC" "$WEB:$ECHO_PORT")" "video pppoe *.video.example" "and explain says so"
	assert_eq "$(public_address pc "$OTHER_ADDRESS")" "$AFTR1_PUBLIC" "to the other: by DS-Lite"
	assert_eq "$(of '"\(.rule) \(.path)"' tcp "$PC" "$OTHER_ADDRESS:443")" "default dslite" "explain: the other by DS-Lite"
}
both_ways

daemon_kill9
daemon_start
both_ways
rules '[rule more]' 'to = *.more.example' 'path = dslite'
reload
assert "the log says what is to be done" daemon_log 'start dnsmasq anew'
assert "the file has the new name" grep -qx 'nftset=/more.example/4#inet#dualpath#dom_more.example' /run/dualpath/dnsmasq.conf
ctl failover pppoe > /dev/null
assert_within 3 "PPPoE is lost: to the name by DS-Lite" seen_is "$AFTR1_PUBLIC" pc
ctl failback > /dev/null
assert_within 3 "and back" seen_is "$STATIC" pc

# ---- a user ----
as() { # USER: the address that a server sees of what it starts on the router
	in_ns home setpriv --reuid="$1" --clear-groups socat -t3 -T3 - "TCP4:$WEB:$ECHO_PORT,connect-timeout=3" < /dev/null 2> /dev/null | cut -d' ' -f1
}
assert_eq "$(as daemon)" "$STATIC" "what daemon runs goes by PPPoE"
assert_eq "$(as nobody)" "$AFTR1_PUBLIC" "what nobody runs goes by DS-Lite"
assert_eq "$(of '"\(.rule) \(.path)"' tcp router@daemon "$WEB:$ECHO_PORT")" "own pppoe" "explain for daemon"
assert_eq "$(of '"\(.rule) \(.near[] | select(.rule == "own").misses)"' tcp router "$WEB:$ECHO_PORT")" "default user" "explain for nobody in particular"
